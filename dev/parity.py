"""Opt-out mode parity: with nothing recorded, Odoo's own tests give the same results with our addon as without it.

Each wanted difference stands in stock_differences.toml; any other one, and one that is no longer there, is a failure.
"""

import json
import os
import subprocess

import console
import databases
import environment
import postgres
from layout import HERE, LOGS, PYTHON

WANTED = HERE / "stock_differences.toml"
OPT_OUT = """
    UPDATE res_company SET consent_mode = 'opt_out';
    INSERT INTO ir_default (field_id, json_value)
    SELECT id, '"opt_out"' FROM ir_model_fields WHERE model = 'res.company' AND name = 'consent_mode'
"""


def check(template):
    """Fail unless Odoo's suites differ between stock and the addon's `template` exactly as wanted."""
    console.say("Odoo's own tests, without the addon and with it in opt-out mode")
    suffix = f"parity{os.getpid()}"
    stock = databases.stock()
    with (
        databases.copied(stock, f"{stock}_{suffix}") as without,
        databases.copied(template, f"{template}_{suffix}") as ours,
    ):
        postgres.psql(OPT_OUT, ours)
        runs = [_start(without), _start(ours)]  # one for each core
        for process, _report in runs:
            process.wait()
    before, after = (json.loads(report.read_text()) for _process, report in runs)
    _compare(before, after)


def _start(database):
    report = LOGS / f"parity-{database}.json"
    report.unlink(missing_ok=True)
    command = [PYTHON, HERE / "parity_run.py", database, report, WANTED]
    with report.with_suffix(".log").open("w") as log:
        process = subprocess.Popen(
            list(map(str, command)), env=environment.variables(), cwd=HERE, stdout=log, stderr=subprocess.STDOUT
        )
    return process, report


def _compare(before, after):
    found = set(before["failed"]) ^ set(after["failed"])
    wanted = set(after["wanted"])
    if before["run"] != after["run"] or found != wanted or not before["run"]:
        raise console.Failure(
            "\n".join(
                [
                    f"parity with stock Odoo: {before['run']} tests without us, {after['run']} with us",
                    *(f"unwanted difference: {test}" for test in sorted(found - wanted)),
                    *(f"no longer different: {test}" for test in sorted(wanted - found)),
                ]
            )
        )
    console.say(f"{after['run']} of Odoo's own tests, {len(found)} wanted differences")
