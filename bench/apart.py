"""Measure in a process of its own, on a copy of the addon's database that is dropped in the end."""

import json
import subprocess

import console
import databases
import environment
import postgres
from layout import PYTHON, ROOT


def measured(script, argv) -> dict:
    """Return what `script` prints as JSON in its last line, called with `argv` and the copy's name as --database.

    :param script: path of the measuring program, which calls this where no database is named
    """
    database = f"bench_{script.stem}"
    environment.prepare()
    with postgres.serving():
        addon, _log = databases.template()
        with databases.copied(addon, database):
            command = [PYTHON, script, "--database", database, *argv]
            done = subprocess.run(command, env=environment.variables(), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode:
        raise console.Failure(f"{script.name} failed: see above")
    return json.loads(done.stdout.strip().rpartition("\n")[2])
