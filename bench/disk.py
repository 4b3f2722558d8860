#!/usr/bin/env python3
"""Measure how many bytes the ledger takes for the first and for a further event of an address, on fresh tables.

bench/disk.py              5,000 addresses
bench/disk.py --people N   N addresses
"""

import argparse
import json
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

TABLES = ("consent_contact_point", "consent_event", "consent_evidence", "consent_exhibit", "consent_record")
AIM = {"first": 1000, "further": 600}
CHUNK = 50
EVIDENCE = {"page": "/consent/page/news", "ip": "192.0.2.0/24", "user_agent": "Mozilla/5.0 Firefox/140.0"}


def bench(argv):
    """Fill a database and print the bytes per event."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
        return 0
    import apart

    for kind, by_table in apart.measured(Path(__file__), argv).items():
        parts = ", ".join(f"{table.removeprefix('consent_')} {size}" for table, size in by_table.items())
        print(f"{kind} event: {sum(by_table.values())} bytes ({parts}), aim {AIM[kind]}")
    return 0


def measure(arguments):
    """Return the bytes per event, by kind of event and table."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", os.environ["ODOO_RC"]])
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        purpose = env["consent.purpose"].create({"name": "News", "code": "disk"})
        notice = {"purpose_id": purpose.id, "lang": "en_US", "body": "I want news.", "privacy_url": "https://x.example"}
        env["consent.notice"].create(notice).action_publish()
        yes = {"fact": "given", "source": "web_form", "source_label": "Contact us", "notice": purpose.notice_ids.id}
        result = {}
        for kind, step in (("first", yes), ("further", {"fact": "withdrawn", "source": "one_click"})):
            before = _sizes(cr)
            entries = [
                {
                    **step,
                    "channel": "email",
                    "topic": "disk",
                    "address": f"person{n}@lumen.example",
                    "evidence": EVIDENCE,
                }
                for n in range(arguments.people)
            ]
            random.Random(1).shuffle(entries)
            for start in range(0, arguments.people, CHUNK):  # people act one by one, in no order
                env["consent.record"]._submit(entries[start : start + CHUNK])
                cr.commit()
            after = _sizes(cr)
            result[kind] = {table: (after[table] - before[table]) // arguments.people for table in TABLES}
    return result


def _sizes(cr):
    cr.execute("SELECT name, pg_total_relation_size(name::regclass) FROM unnest(%s) AS name", [list(TABLES)])
    return dict(cr.fetchall())


def _arguments(argv):
    parser = argparse.ArgumentParser("bench/disk.py", description=__doc__)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    import console

    console.main(bench)
