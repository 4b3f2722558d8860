"""Runs of pytest: a part of the tests as the arguments say, or whole suites with one closing line for all."""

import json
import subprocess
from collections import Counter

import console
import databases
import environment
from layout import HERE, LINK, LOGS, NODE, PYTHON

GOOD = ("passed", "subtests passed", "xfailed", "warnings", "deselected")


def some(arguments, kind=None):
    """Run a part of the tests and return pytest's exit code.

    :param kind: of the database that the tests need; None: they need none
    """
    if not kind:
        return _run(_command("none", arguments), MARKETING_CONSENT_TESTS="without database").returncode
    template, log = databases.template(kind)
    for line in databases.problems(log):
        console.say(f"The installation says: {line}")
    environment.ensure_node()
    console.say("Tests")
    command = _command(template, ["--odoo-http", *arguments])
    return _run(command, kind=kind, MARKETING_CONSENT_TEST_DB=template).returncode


def suite(name, kind, arguments, workers=0, **variables):
    """Run tests of which none may be skipped, and return how many passed, failed …

    :param name: a word for the log; output goes there, and to the terminal what failed
    :param workers: processes that share the tests, each with a database of its own
    :param variables: for pytest's environment
    """
    template, _log = databases.template(kind)
    databases.make_assets(template)
    counts, log = counted_in(name), LOGS / f"tests-{name}.log"
    counts.unlink(missing_ok=True)
    # Without the closing line: there is one for all suites.
    options = ["--odoo-http", "-qq", "-rN", *(["-n", str(workers), "--dist", "loadscope"] if workers else [])]
    console.say(f"Tests: {name}")
    with log.open("w") as out:
        done = _run(
            _command(template, [*options, *arguments]),
            stdout=out,
            kind=kind,
            MARKETING_CONSENT_TEST_DB=template,
            MARKETING_CONSENT_TESTS="everything",
            MARKETING_CONSENT_COUNTS=str(counts),
            **variables,
        )
    if done.returncode:
        console.say(f"Tests: {name} failed\n{log.read_text(errors='replace')}")
    if not counts.exists():
        raise console.Failure(f"the tests {name} ended with code {done.returncode} before all had run; see {log}")
    counted = read(name)
    return counted if not done.returncode or _bad(counted) else counted + Counter(errors=1)


def counted_in(name):
    """Return the file with the numbers of a suite."""
    return LOGS / f"tests-{name}.json"


def read(name):
    """Return how many tests of a suite passed, failed … in its last run."""
    return Counter(json.loads(counted_in(name).read_text()))


def close(counted):
    """Print one closing line for several suites as pytest prints it, and return the exit code."""
    total = sum(counted, Counter())
    bad = _bad(total)
    parts = [f"{total['passed']} passed", f"{total['failed']} failed", *(f"{number} {kind}" for kind, number in bad)]
    print(f"===== {', '.join(dict.fromkeys(parts))} in {console.elapsed()} =====", flush=True)
    return 1 if bad else 0


def _bad(counted):
    return [(kind, number) for kind, number in counted.items() if kind not in GOOD and number]


def _command(database, arguments):
    # From the folder of the link, pytest names the files by the addon's name.
    return [PYTHON, "-m", "pytest", "-p", "pytest_rules", f"--odoo-database={database}", *arguments]


def _run(command, stdout=None, kind=databases.TEST, **variables):
    named = {"MARKETING_CONSENT_NODE": str(NODE / "node_modules"), "PYTHONPATH": str(HERE)}
    everything = {**named, **databases.variables(kind), **variables}
    stderr = subprocess.STDOUT if stdout else None
    return subprocess.run(command, env=everything, cwd=LINK.parent, stdout=stdout, stderr=stderr, check=False)
