#!/usr/bin/env python3
"""Measure an import of opt-ins end to end against the bare COPY and INSERT … SELECT of the same rows.

bench/imports.py                     100,000 lines
bench/imports.py --lines 1000000     as large as it is promised for
"""

import argparse
import base64
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

AIM, AIM_MEMORY = 3.0, 150
#: The same rows in the same tables, with their indexes and triggers, and nothing else: no check, no hash, no history.
BARE = """
    INSERT INTO consent_contact_point (uid, channel, address, address_hash, masked, head_seq, head_hash)
    SELECT md5(email), 'email', email, encode(sha256(email::bytea), 'hex'), left(email, 1) || '…', 1,
           encode(sha256(email::bytea), 'hex') FROM lines;
    INSERT INTO consent_event (contact_point_id, company_id, purpose_id, topic_id, type, fact, resulting_state,
                               legal_basis, source, source_label, actor_id, actor_label, occurred_at, recorded_at,
                               evidence_grade, batch, statement_digest, evidence_digest, address_digest, format, seq,
                               prev_hash, hash)
    SELECT id, %(company)s, %(purpose)s, %(topic)s, 'given', 'given', 'granted', 'consent', 'import', 'Light fair', 1,
           'OdooBot', at, now(), 'C', 'bare', address_hash, address_hash, address_hash, 1, 1, address_hash,
           address_hash
      FROM consent_contact_point JOIN lines ON address = email;
    INSERT INTO consent_evidence (event_id, salt, payload)
    SELECT id, md5(id::text), repeat('x', 250) FROM consent_event WHERE batch = 'bare';
    INSERT INTO consent_record (contact_point_id, channel, topic_id, purpose_id, company_id, state, since, legal_basis,
                                proven, last_occurred_at, evidence_grade, granting_event_id, last_event_id)
    SELECT contact_point_id, 'email', topic_id, purpose_id, company_id, 'granted', occurred_at, 'consent', FALSE,
           occurred_at, 'C', id, id
      FROM consent_event WHERE batch = 'bare';
"""


def bench(argv):
    """Fill a file, import it, print rate, ratio and memory."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
    else:
        import apart

        _table(apart.measured(Path(__file__), argv), arguments)
    return 0


def _table(result, arguments):
    print(f"\n{arguments.lines} lines of e-mail")
    for what in ("bare", "check", "record"):
        print(f"{what:8}{result[what]:8.1f} s {arguments.lines / result[what]:10.0f} lines a second")
    print(f"recording against bare: {result['record'] / result['bare']:.2f}, aim {AIM:.2f}")
    print(f"memory of Odoo grew by {result['grown']} MB, aim {AIM_MEMORY} MB")


def measure(arguments):
    """Return the seconds of each part, and by how many MB the process grew at most."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        text = "email,when\n" + "".join(
            f"person{number}@lumen.example,2026-01-{number % 28 + 1:02} 10:00\n" for number in range(arguments.lines)
        )
        topic = env.ref("marketing_consent.consent_topic_marketing")
        result = {"bare": _bare(cr, topic, text)}
        values = {"topic_id": topic.id, "wording": "Send me news.", "place": "Light fair", "note": "Binder 12"}
        batch = env["consent.import"].create({**values, "file": base64.b64encode(text.encode())})
        batch_id = batch.id
        cr.commit()
        del text, batch
        env.invalidate_all()
        before = _peak(reset=True)
        for what in ("check", "record"):
            batch = env["consent.import"].browse(batch_id)
            batch._start("checking" if what == "check" else "running")
            cr.commit()
            result[what] = _seconds(lambda batch=batch: batch._advance(lambda _done: cr.commit() or True))
            cr.commit()
            if batch.yes_count != arguments.lines or batch.state not in ("checked", "done"):
                raise AssertionError(
                    f"{batch.yes_count} of {arguments.lines} lines, {batch.state}: {batch.line_ids[:1].why}"
                )
        return {**result, "grown": _peak() - before}


def _bare(cr, topic, text):
    import io

    def work():
        cr.execute("CREATE TEMP TABLE lines (email text, at timestamp) ON COMMIT DROP")
        cr._cnx.cursor().copy_expert("COPY lines FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO(text))
        company = topic.company_id.id or None
        cr.execute(BARE, {"topic": topic.id, "purpose": topic.purpose_id.id, "company": company})

    seconds = _seconds(work)
    cr.rollback()
    return seconds


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak(reset=False):
    """Return the most memory of this process in MB, since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    import console

    console.main(bench)
