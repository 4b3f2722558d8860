#!/usr/bin/env python3
"""Kill an import again and again (SIGKILL) and compare what it leaves with one clean run, by content.

bench/kills.py                            50,000 lines, ten kills
bench/kills.py --lines 200000 --kills 30
"""

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

WORKER = Path(__file__).resolve().parent.parent / "tests" / "cases" / "importer.py"
#: All that an import says, in the order of the ledger; what is random or names this very import left out.
SAID = """
    SELECT count(*), md5(string_agg(concat_ws('|', address, type, fact, resulting_state, occurred_at, legal_basis,
                                              source, evidence_grade, statement_id, payload), '' ORDER BY event.id))
      FROM consent_event event JOIN consent_contact_point point ON point.id = contact_point_id
      JOIN consent_evidence evidence ON evidence.id = event.id
     WHERE batch = %s
"""
LEFT_OUT = "SELECT count(*), md5(string_agg(concat_ws('|', line, outcome, why), '' ORDER BY line, outcome)) FROM {}"


def bench(argv):
    """Do both, and say where it was killed and whether the ledgers are the same."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
        return 0
    import apart

    clean, killed = apart.measured(Path(__file__), argv)
    print(f"\n{arguments.lines} lines, killed after {', '.join(map(str, killed.pop('killed')))} of them")
    clean.pop("killed")
    for name, said in clean.items():
        print(f"{name:10}{said}, killed {'the same' if said == killed[name] else killed[name]}")
    return int(clean != killed)


def measure(arguments):
    """Return what a clean and a killed import left."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    registry, left, seconds = Registry(arguments.database), [], 0
    for kills in (0, arguments.kills):
        with registry.cursor() as cr:
            batch_id = _checked(api.Environment(cr, SUPERUSER_ID, {}), arguments.lines, f"kills{kills}").id
        start, killed = time.perf_counter(), []
        for _kill in range(kills):
            # Most of them before it is done, which needs as long as the clean run; none counts that came too late.
            _work(arguments.database, kill_after=random.uniform(0, 2 * seconds / kills))
            with registry.cursor() as cr:
                killed.append(api.Environment(cr, SUPERUSER_ID, {})["consent.import"].browse(batch_id).position)
        _work(arguments.database)
        seconds = time.perf_counter() - start
        with registry.cursor() as cr:
            left.append(_left(api.Environment(cr, SUPERUSER_ID, {})["consent.import"].browse(batch_id), killed))
    return left


def _checked(env, lines, code):
    """Return an import of people, one in ten of them twice, with noes and errors among them."""
    answers = (
        f"person{number % (lines * 9 // 10)}{'@lumen.example' if number % 50 else ''},2026-01-{number % 28 + 1:02},"
        f"{'no' if number % 7 == 3 else 'yes'}"
        for number in range(lines)
    )
    topic = env["consent.purpose"].create({"name": "News", "code": code}).topic_ids
    values = {"topic_id": topic.id, "wording": "Send me news.", "place": "Light fair", "note": "Binder 12"}
    file = base64.b64encode("\n".join(["email,when,answer", *answers]).encode())
    batch = env["consent.import"].create({**values, "kind": "answer", "file": file})
    while batch.state == "reading":
        batch._advance()
    batch.action_use_proposals()
    batch._start("checking")
    batch._advance()
    batch._start("running")
    return batch


def _work(database, kill_after=None):
    worker = subprocess.Popen([sys.executable, WORKER, database], stdout=subprocess.PIPE)
    worker.stdout.readline()  # it is ready
    if kill_after is not None:
        time.sleep(kill_after)
        worker.kill()
    worker.communicate()


def _left(batch, killed):
    cr, left = batch.env.cr, {"killed": killed}
    left["import"] = [batch.state, batch.yes_count, batch.no_count, batch.skipped_count, batch.error_count]
    cr.execute(SAID, [batch.reference])
    left["ledger"] = list(cr.fetchone())
    cr.execute(LEFT_OUT.format("consent_import_line WHERE import_id = %s"), [batch.id])
    left["left out"] = list(cr.fetchone())
    left["broken"] = batch.env["consent.record"]._check_ledger()
    return left


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    import console

    console.main(bench)
