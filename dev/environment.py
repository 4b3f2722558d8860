"""The development environment: Python packages, Odoo, the addon under its name, formatter and browser.

Only the standard library is imported here: this runs before anything is installed.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import console
import odoo_source
import postgres
from layout import CONFIG, DATA, DEV, HERE, LINK, LOGS, NODE, PYTHON, ROOT, VENV, once

SUPPORTED = ("3.13", "3.12", "3.11", "3.10")
NOT_OURS = {DEV.name, "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # as Odoo looks for them


def prepare(tests=False):
    """Make what is missing of the environment; two commands started at once take turns."""
    _check_folder()
    with (DEV / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.say("Another dev command is preparing .dev/: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        _packages(tests)
        odoo_source.ensure()
        _show_odoo_to_python()
        _link_addon()


def variables():
    """Return the variables under which Odoo, pytest and PostgreSQL's programs run here."""
    folders = (VENV / "bin", postgres.programs(), os.environ.get("PATH", os.defpath))
    path = os.pathsep.join(map(str, folders))
    return {**os.environ, **postgres.variables(), "PATH": path, "ODOO_RC": str(CONFIG)}


def _check_folder():
    if "," in str(DEV):
        raise console.Failure(f"Odoo takes the comma in {DEV} for the end of a folder's name: move the checkout")
    with contextlib.suppress(FileExistsError):
        DEV.mkdir()
    if not os.access(DEV, os.W_OK):
        raise console.Failure(f"{DEV} belongs to another user: remove it, or be that user")


def _packages(tests):
    interpreter = _interpreter()
    wanted = (HERE / "requirements.txt").read_text()
    base = (interpreter, VENV, wanted)
    once("packages", "Python packages", lambda: _make_venv(interpreter), *base)
    if tests:
        more = (HERE / "requirements-test.txt").read_text()
        once("packages-test", "Python packages for tests", lambda: _pip("requirements-test.txt"), *base, more)


def _interpreter():
    """Return a Python that Odoo 19 supports, this one if it is."""
    if "{}.{}".format(*sys.version_info) in SUPPORTED:
        # A virtual environment may be deleted or changed under ours: build on what it is built on.
        return os.path.realpath(sys.executable)
    for version in SUPPORTED:
        if path := shutil.which(f"python{version}"):
            return os.path.realpath(path)
    raise console.Failure(f"Odoo 19 runs on Python {SUPPORTED[-1]} to {SUPPORTED[0]}: install one of them")


def _make_venv(interpreter):
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        console.run([interpreter, "-m", "venv", VENV], LOGS / "venv.log")
    except console.Failure as failure:
        raise console.Failure(f"{failure}\nOn Debian: apt-get install python3-venv") from failure
    _pip("requirements.txt")


def _pip(requirements):
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Wheels need no compiler; only packages published without any are built.
    command = [*pip, "--prefer-binary", "-r", HERE / requirements]
    console.run(command, LOGS / "pip.log", on_line=lambda line: console.detail(line.strip()))


def _show_odoo_to_python():
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    (packages / "odoo_source.pth").write_text(f"{odoo_source.root()}\n")


def _link_addon():
    """Odoo takes an addon's name from its folder; a checkout may be called anything."""
    LINK.parent.mkdir(exist_ok=True)
    if not LINK.is_symlink():
        LINK.symlink_to(os.path.relpath(ROOT, LINK.parent))
    CONFIG.write_text(
        "[options]\n"
        f"addons_path = {LINK.parent}\n"
        f"data_dir = {DATA}\n"
        "http_interface = 127.0.0.1\n"
        "list_db = False\n"
        f"screenshots = {DEV / 'screenshots'}\n"
    )


def ensure_node():
    """Install the formatter of XML, SCSS and JavaScript."""
    wanted = (HERE / "package.json").read_text()
    once("node", "Formatter (npm)", lambda: _npm(wanted), wanted, NODE)


def _npm(wanted):
    npm = console.tool("npm")
    shutil.rmtree(NODE, ignore_errors=True)
    NODE.mkdir()
    (NODE / "package.json").write_text(wanted)
    console.run([npm, "install", "--no-audit", "--no-fund"], LOGS / "npm.log", cwd=NODE)


def ensure_chromium():
    """Return whether tours can run: install Chromium where we may."""
    if any(map(shutil.which, BROWSERS)):
        return True
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    console.say("Chromium")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    console.run(["apt-get", "update"], LOGS / "chromium.log", env=quiet)
    command = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    console.run(command, LOGS / "chromium.log", env=quiet)
    return True


def files():
    """Return the addon's files as git sees them: tracked, or new and not ignored."""
    if (ROOT / ".git").exists():
        paths = map(Path, filter(None, sorted(set(_git_files()))))
    else:  # an archive, which has nothing else in it but what running it left
        tops = (top for top in ROOT.iterdir() if top.name not in NOT_OURS)
        paths = sorted(path.relative_to(ROOT) for top in tops for path in (top, *top.rglob("*")))
    return [path for path in paths if (ROOT / path).is_file() and not NOT_OURS.intersection(path.parts)]


def _git_files():
    # The checkout may belong to another user, which git takes for an attack.
    command = [console.tool("git"), "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        raise console.Failure(f"git cannot list the files of {ROOT}: {listed.stderr}")
    return listed.stdout.split("\0")
