#!/usr/bin/env python3
"""Measure an import of opt-ins end to end against the bare COPY and INSERT … SELECT of the same rows.

bench/imports.py                     100,000 lines
bench/imports.py --lines 1000000     as large as it is promised for
"""

import argparse
import base64
import contextlib
import ctypes
import gc
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

AIM, AIM_MEMORY = 3.0, 150
#: The same rows, as wide, in the same tables with their indexes and triggers, and nothing else: no check, no history.
BARE = """
    INSERT INTO consent_contact_point (uid, channel, address, address_hash, head_seq, head_hash)
    SELECT decode(md5(email), 'hex'), 'email', email, sha256(email::bytea), 1,
           sha256(email::bytea) FROM lines;
    INSERT INTO consent_exhibit (digest, content) VALUES (sha256('statement'), 'statement'), (sha256('{}'), '{}');
    INSERT INTO consent_event (contact_point_id, company_id, purpose_id, topic_id, type, fact, resulting_state,
                               legal_basis, source, source_label, actor_id, actor_label, occurred_at, recorded_at,
                               evidence_grade, batch, statement_id, shared_id, commitment, format,
                               seq, hash)
    SELECT id, %(company)s, %(purpose)s, %(topic)s, 'given', 'given', 'granted', 'consent', 'import', 'Light fair', 1,
           'OdooBot', at, now(), 'C', 'import-0123456789abcdef',
           (SELECT id FROM consent_exhibit WHERE content = 'statement'),
           (SELECT id FROM consent_exhibit WHERE content = '{}'), address_hash, 2, 1, address_hash
      FROM consent_contact_point JOIN lines ON address = email;
    INSERT INTO consent_evidence (id, salt, payload)
    SELECT id, decode(md5(id::text), 'hex'), repeat('x', 40) FROM consent_event
     WHERE batch = 'import-0123456789abcdef';
    INSERT INTO consent_record (contact_point_id, channel, topic_id, purpose_id, company_id, state, since, legal_basis,
                                proven, last_occurred_at, evidence_grade, granting_event_id, last_event_id)
    SELECT contact_point_id, 'email', topic_id, purpose_id, company_id, 'granted', occurred_at, 'consent', FALSE,
           occurred_at, 'C', id, id
      FROM consent_event WHERE batch = 'import-0123456789abcdef';
"""


def bench(argv):
    """Fill a file, import it, print rate, ratios and memory."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
    else:
        import apart

        _table(apart.measured(Path(__file__), argv), arguments)
    return 0


def _table(result, arguments):
    print(f"\n{arguments.lines} lines of e-mail")
    for what in ("bare", "read", "check", "record"):
        seconds, cpu = result[what]
        print(f"{what:8}{seconds:8.1f} s, {cpu:6.1f} s of processors{arguments.lines / seconds:10.0f} lines a second")
    for number, of in enumerate(("by the clock", "by processors")):
        bare, check, record = (result[what][number] for what in ("bare", "check", "record"))
        print(
            f"{of}: recording {record / bare:.2f} × bare, aim {AIM:.2f}; with the check {(check + record) / bare:.2f} ×"
        )
    print(f"memory of Odoo grew by {result['grown']} MB, aim {AIM_MEMORY} MB")


def measure(arguments):
    """Return seconds and processors' seconds of each part, and by how many MB the process grew at most."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        topic = env.ref("marketing_consent.consent_topic_marketing")
        text = _file(arguments.lines)
        bare = [_bare(cr, topic, text)]
        values = {"topic_id": topic.id, "kind": "yes", "wording": "Send me news.", "place": "Light fair"}
        values["note"] = "Binder 12"
        batch = env["consent.import"].create({**values, "file": base64.b64encode(text.encode())})
        batch_id = batch.id
        cr.commit()
        del text, batch
        env.invalidate_all()
        _give_back_memory()
        before, result = _peak(reset=True), {}
        states = {"read": "reading", "check": "checking", "record": "running"}
        for what, state in states.items():
            batch = env["consent.import"].browse(batch_id)
            batch._start(state)
            cr.commit()
            result[what] = _cost(cr, lambda batch=batch: batch._advance(lambda _done: cr.commit() or True))
            cr.commit()
            counted = arguments.lines if what != "read" else 0
            if batch.yes_count != counted or batch.state not in ("draft", "checked", "done"):
                raise AssertionError(
                    f"{batch.yes_count} of {arguments.lines} lines, {batch.state}: {batch.line_ids[:1].why}"
                )
        result["grown"] = _peak() - before
        # Before and after, for a machine is seldom as busy all the time.
        bare.append(_bare(cr, topic, _file(arguments.lines, first=arguments.lines)))
        return {**result, "bare": [sum(each) / len(bare) for each in zip(*bare, strict=True)]}


def _file(lines, first=0):
    return "email,when\n" + "".join(
        f"person{number}@lumen.example,2026-01-{number % 28 + 1:02} {number // 60 % 24:02}:{number % 60:02}\n"
        for number in range(first, first + lines)
    )


def _bare(cr, topic, text):
    import io

    def work():
        cr.execute("CREATE TEMP TABLE lines (email text, at timestamp) ON COMMIT DROP")
        cr._cnx.cursor().copy_expert("COPY lines FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO(text))
        company = topic.company_id.id or None
        cr.execute(BARE, {"topic": topic.id, "purpose": topic.purpose_id.id, "company": company})

    cost = _cost(cr, work)
    cr.rollback()
    return cost


def _cost(cr, work):
    """Return what `work` takes: seconds, and processors' seconds, PostgreSQL's included where it runs here."""
    start, used = time.perf_counter(), _processors(cr)
    work()
    return time.perf_counter() - start, _processors(cr) - used


def _processors(cr):
    stat = Path(f"/proc/{cr._cnx.get_backend_pid()}/stat")
    theirs = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else (0, 0)
    return time.process_time() + sum(map(int, theirs)) / os.sysconf("SC_CLK_TCK")


def _give_back_memory():
    """What making the file took would hide what reading it takes."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)


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
