"""Measure one case of one database, and print it as JSON; `bench/run` compares two of them.

What is measured is what the user waits for: from the order to send to the queued messages, everything in one
transaction that is rolled back, so that every run starts from the same data.
"""

import argparse
import gc
import json
import os
import resource
import time

import odoo
from odoo import api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tools import config

BODY = (
    "<p>Dear <t t-out='object.name'/>,</p>"
    + "<p>New lamps are in.</p>" * 60
    + "<a href='https://lumen.example'>See</a>"
)


def main():
    """Prepare or measure, as the arguments say."""
    arguments = _arguments()
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    module.current_test = True  # Odoo commits a mailing batch by batch, except under test
    registry = Registry(arguments.database)
    with registry.cursor() as cr:
        env = api.Environment(cr, odoo.SUPERUSER_ID, {"tracking_disable": False})
        if arguments.prepare:
            prepare(env, arguments.people)
        else:
            print(json.dumps(measure(env, arguments.case, arguments.share)))
            cr.rollback()


def prepare(env, people):
    """Make people, history, and, where the addon is there, what each of them said."""
    env.company.country_id = env.ref("base.be")
    partners = env["res.partner"].create(
        [{"name": f"Person {n}", "email": f"person{n}@lumen.example", "phone": f"+32470{n:06}"} for n in range(people)]
    )
    env["mail.blacklist"].create([{"email": f"blocked{n}@lumen.example"} for n in range(people)])
    _make_history(env, partners)
    if "consent.record" in env:
        _make_consent(env, people)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False


def _make_history(env, partners):
    # Without history PostgreSQL plans foreign-key checks on empty tables, and a long transaction turns quadratic.
    mailing = _mailing(env, "email", partners)
    messages = env["mail.message"].create([{"model": "res.partner", "res_id": p.id, "body": "Hello"} for p in partners])
    env["mail.mail"].create([{"mail_message_id": message.id, "state": "sent"} for message in messages])
    env["mailing.trace"].create(
        [{"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": p.id, "email": p.email} for p in partners]
    )
    env["sms.sms"].create([{"number": p.phone, "body": "Hello", "state": "sent"} for p in partners])


def _make_consent(env, people):
    for share, code in ((1, "bench_all"), (10, "bench_tenth")):
        purpose = env["consent.purpose"].create({"name": code, "code": code})
        notice = env["consent.notice"].create(
            {"purpose_id": purpose.id, "lang": "en_US", "body": "News", "privacy_url": "https://lumen.example"}
        )
        notice.action_publish()
        said = {"fact": "given", "topic": purpose.topic_ids, "source": "preference_page", "notice": notice.id}
        env["consent.record"]._submit(
            [
                {**said, "channel": channel, "address": address}
                for n in range(0, people, share)
                for channel, address in (("email", f"person{n}@lumen.example"), ("sms", f"+32470{n:06}"))
            ]
        )


def measure(env, case, share):
    """Return cpu seconds of Python and PostgreSQL, statements, and how many messages came of it."""
    partners = env["res.partner"].search([("email", "=like", "person%@lumen.example")])
    mailing = _mailing(env, case, partners, f"bench_{share}")
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before, statements, start = _cpu(env), env.cr.sql_log_count, time.perf_counter()
    mailing.action_send_mail()
    env.flush_all()
    cpu = _cpu(env) - before
    made = env["mail.mail" if case == "email" else "sms.sms"].search_count([("mailing_id", "=", mailing.id)])
    return {
        "cpu": cpu,
        "sql": env.cr.sql_log_count - statements,
        "wall": time.perf_counter() - start,
        "messages": made,
        "traces": env["mailing.trace"].search_count([("mass_mailing_id", "=", mailing.id)]),
        "people": len(partners),
        "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024,
    }


def _mailing(env, case, partners, topic=None):
    values = {
        "subject": "New lamps for {{ object.name }}",
        "mailing_type": "sms" if case == "sms" else "mail",
        "body_html": BODY,
        "body_plaintext": "New lamps are in: https://lumen.example",
        "mailing_model_id": env["ir.model"]._get_id("res.partner"),
        "mailing_domain": [("email", "=like", "person%@lumen.example")],
    }
    if topic and "consent.topic" in env:
        values["consent_topic_id"] = env["consent.topic"].search([("code", "=", topic)]).id
    return env["mailing.mailing"].create(values)


def _cpu(env):
    """Return cpu seconds used so far by this process and by the server process that works for it."""
    own = os.times()
    with open(f"/proc/{env.cr._cnx.info.backend_pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return own.user + own.system + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--case", choices=("email", "sms"), default="email")
    parser.add_argument("--share", choices=("all", "tenth"), default="all")
    return parser.parse_args()


if __name__ == "__main__":
    main()
