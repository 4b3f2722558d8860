"""What the dev commands print, and how they run other programs."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

STARTED = time.monotonic()
TAIL = 25
RUNNING = set()  # processes

FIXES = {
    "apt-get": "it belongs to Debian; elsewhere set ODOO_SOURCE to a checkout of Odoo 19.0",
    "dpkg-deb": "install the package dpkg",
    "git": "install git (Debian: apt-get install git)",
    "npm": "install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)",
}


class Failure(Exception):
    """Something that the person at the keyboard can mend; the text says how."""


def say(text):
    """Print one line, with the time since the command began in front."""
    print(f"[{elapsed()}] {text}", flush=True)


def elapsed():
    """Return the time since the command began."""
    minutes, seconds = divmod(int(time.monotonic() - STARTED), 60)
    return f"{minutes}:{seconds:02}"


def detail(text):
    """Show how far the current step is, on a line that the next one overwrites; a log file is spared it."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\033[K       {text}"[: width + 4], end="\r", flush=True)


def tool(name):
    """Return where a program is, or fail with the way to get it."""
    path = shutil.which(name)
    if not path:
        raise Failure(f"{name} is missing: {FIXES[name]}")
    return path


def run(command, log, on_line=None, **options):
    """Run a program with its output in `log`; its last lines explain a failure."""
    log.parent.mkdir(parents=True, exist_ok=True)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(command, text=True, errors="replace", **streams, **options)
        with _ended(process):
            for line in process.stdout:
                out.write(line)
                if on_line:
                    on_line(line)
    if process.returncode:
        raise Failure(f"{' '.join(map(str, command[:6]))} … failed. {log} ends:\n{end_of(log)}")


def end_of(log):
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])


@contextlib.contextmanager
def _ended(process):
    """Wait for a process, or end it when we are interrupted ourselves."""
    RUNNING.add(process)
    try:
        yield
        process.wait()
    except BaseException:
        stop(process)
        raise
    finally:
        RUNNING.discard(process)


def stop_all():
    """End what `run` has started in any thread."""
    for process in tuple(RUNNING):
        stop(process)


def stop(process, patience=15):
    """End a process: ask first, insist after some seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupt(signum, _frame):
    raise KeyboardInterrupt(signum)


def main(command):
    """Run a command's function as the program: failures in words, and Ctrl-C, SIGTERM and hang-up as one."""
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)
    try:
        sys.exit(command(sys.argv[1:]))
    except Failure as failure:
        print(f"\n{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
