#!/usr/bin/env python3
"""Measure the preflight of one mailing to everybody against the bare SQL join that yields the same rows.

bench/preflight.py                     1,000,000 people, 3 pairs
bench/preflight.py --people 5000000    as large as it is promised for

Measured (min median max of pairs, PostgreSQL 18, two cores that others used too): 1.14 1.58 1.92 for a million people,
1.21 1.45 1.56 for five million, where the process grew by 0 MB.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

AIM = 2.0
#: What a query must at least do to tell each person's reason: find the address, its records, and the blacklist.
BARE = """
    SELECT reason, count(*) FROM (
        SELECT partner.id,
               CASE WHEN partner.email_normalized IS NULL THEN 'unusable_address'
                    WHEN c.objected_at IS NOT NULL OR g.objected_at IS NOT NULL THEN 'objected'
                    WHEN b.id IS NOT NULL THEN 'blacklisted'
                    WHEN r.state = 'withdrawn' THEN 'withdrawn'
                    WHEN r.state IS NULL THEN 'no_consent' END AS reason
          FROM res_partner partner
          LEFT JOIN consent_contact_point point
                 ON point.channel = 'email' AND point.address = partner.email_normalized
          LEFT JOIN consent_record r ON r.contact_point_id = point.id AND COALESCE(r.topic_id, 0) = %(topic)s
                                    AND COALESCE(r.company_id, 0) = 0
          LEFT JOIN consent_record c ON c.contact_point_id = point.id AND COALESCE(c.topic_id, 0) = 0
                                    AND COALESCE(c.company_id, 0) = %(company)s
          LEFT JOIN consent_record g ON g.contact_point_id = point.id AND COALESCE(g.topic_id, 0) = 0
                                    AND COALESCE(g.company_id, 0) = 0
          LEFT JOIN mail_blacklist b ON b.active AND b.email = partner.email_normalized
         WHERE partner.email LIKE 'person%%') verdict
     GROUP BY reason
"""
#: Of ten people six said yes, one withdrew, one objected, one is on the blacklist, one never said anything.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO res_partner (name, complete_name, email, email_normalized, active, company_id)
    SELECT 'Person ' || n, 'Person ' || n, mail, mail, TRUE, NULL
      FROM generate_series(1, %(people)s) n, LATERAL (SELECT 'person' || n || '@lumen.example' AS mail) address;
    INSERT INTO consent_contact_point (uid, channel, address, address_hash, head_seq)
    SELECT decode(md5(n::text), 'hex'), 'email', 'person' || n || '@lumen.example', decode(md5('x' || n), 'hex'), 0
      FROM generate_series(1, %(people)s) n WHERE n %% 10 > 0;
    INSERT INTO consent_record (contact_point_id, channel, topic_id, purpose_id, company_id, state, since, legal_basis,
                                proven, last_occurred_at, objected_at, notice_id, evidence_grade)
    SELECT id, 'email', CASE WHEN kind != 2 THEN %(topic)s END, %(purpose)s, CASE WHEN kind = 2 THEN %(company)s END,
           CASE kind WHEN 1 THEN 'withdrawn' WHEN 2 THEN 'none' ELSE 'granted' END, now(), 'consent', TRUE, now(),
           CASE WHEN kind = 2 THEN now() END, NULL, 'B'
      FROM consent_contact_point,
           LATERAL (SELECT substring(address FROM 'person(\\d+)@')::int %% 10 AS kind) k;
    INSERT INTO mail_blacklist (email, consent_address, active)
    SELECT mail, mail, TRUE FROM generate_series(3, %(people)s, 10) n,
           LATERAL (SELECT 'person' || n || '@lumen.example' AS mail) address;
    SET session_replication_role = DEFAULT;
"""


def bench(argv):
    """Fill a database, measure in pairs, print the ratio."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
    else:
        import apart

        _table(apart.measured(Path(__file__), argv), arguments)
    return 0


def _table(result, arguments):
    ratios = [ours / bare for ours, bare in zip(result["ours"], result["bare"], strict=True)]
    print(f"\n{arguments.people} people; counts {result['counts']}")
    print(f"bare join {statistics.median(result['bare']):.2f} s, preflight {statistics.median(result['ours']):.2f} s")
    print(f"ratio (min median max) {min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f}, aim {AIM:.2f}")
    print(f"memory of Odoo grew by {result['grown']} MB")


def measure(arguments):
    """Return the seconds of both, in pairs, the counts, and by how many MB the process grew."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    with Registry(arguments.database).cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {})
        mailing, names = prepare(env, arguments.people)
        mailing._preflight()
        before, ours, bare = _memory(), [], []
        for _pair in range(arguments.pairs):
            bare.append(_seconds(lambda: cr.execute(BARE, names) or dict(cr.fetchall())))
            ours.append(_seconds(mailing._preflight))
        cr.execute(BARE, names)
        expected = {reason or "reached": count for reason, count in cr.fetchall()}
        counts = dict(mailing._preflight())
        if counts != expected:
            raise AssertionError(f"{counts} instead of {expected}")
        cr.rollback()
        return {"ours": ours, "bare": bare, "counts": counts, "grown": _memory() - before}


def prepare(env, people):
    """Make people and what they said, straight in the database, and a mailing to them."""
    env["consent.gate"]._confirm_database()
    purpose = env["consent.purpose"].create({"name": "Bench", "code": "bench"})
    names = {
        "people": people,
        "topic": purpose.topic_ids.id,
        "purpose": purpose.id,
        "company": env.company.id,
    }
    env.flush_all()
    env.cr.execute(FILL, names)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False
    mailing = env["mailing.mailing"].create(
        {
            "subject": "To everybody",
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "mailing_domain": "[('email', '=like', 'person%')]",
            "consent_topic_id": purpose.topic_ids.id,
        }
    )
    env.flush_all()
    return mailing, names


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _memory():
    """Return how large the process is now, in MB."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    import console

    console.main(bench)
