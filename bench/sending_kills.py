#!/usr/bin/env python3
"""Kill a process that sends again and again (SIGKILL), and count who got what: e-mail by SMTP, SMS by Twilio's API.

bench/sending_kills.py                            1,000 people, twenty kills
bench/sending_kills.py --people 5000 --kills 50
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "dev"))

WORKER = Path(__file__).resolve().parent.parent / "tests" / "cases" / "sender.py"
EVERY = 10  # one person in so many withdraws while it is being sent, another said no before


def bench(argv):
    """Send, kill, and print the figures; fails if somebody was missed, written to wrongly, or twice too often."""
    arguments = _arguments(argv)
    if arguments.database:
        print(json.dumps(measure(arguments)))
        return 0
    import apart

    found = apart.measured(Path(__file__), argv)
    failed = False
    for channel, figures in found.items():
        print(channel.ljust(8), ", ".join(f"{name} {count}" for name, count in figures.items()))
        failed |= figures["missed"] > 0 or figures["wrongly"] > 0 or figures["twice"] > figures["kills"]
    return int(failed)


def measure(arguments):
    """Return the figures of e-mail and of SMS."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config
    from provider import SmsProvider
    from sink import MailSink

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", arguments.database, "--log-level", "error"])
    registry, found = Registry(arguments.database), {}
    with MailSink() as sink, SmsProvider() as provider:
        with registry.cursor() as cr:
            _prepare(api.Environment(cr, SUPERUSER_ID, {}), arguments.people, sink.port)
        reached = {
            "email": sink.recipients,
            "sms": lambda: [message["to"] for message in provider.messages if message["direction"] != "inbound"],
        }
        for channel in arguments.channel or reached:
            recipients = reached[channel]
            with registry.cursor() as cr:
                _launch(api.Environment(cr, SUPERUSER_ID, {}), channel)
            kills, gone = 0, {}
            environment = {**os.environ, **provider.environment()}
            while kills < arguments.kills:
                before = len(recipients())
                working = _work(arguments.database, environment, random.uniform(0.2, arguments.pause), recipients)
                if not working:
                    break
                kills += 1
                gone.update(_withdraw_some(registry, channel, arguments.people, recipients, kills))
                _log(f"{channel}: killed after {len(recipients()) - before} messages, {len(recipients())} in all")
            _work(arguments.database, environment, None, recipients)
            with registry.cursor() as cr:
                _log(_left(cr))
                failed = _failed(cr, channel)
            figures = _figures(channel, arguments.people, Counter(recipients()), gone, failed)
            found[channel] = {"kills": kills, **figures}
    return found


def _prepare(env, people, port):
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create({"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": port})
    env.company.country_id = env.ref("base.be")
    env.company.write(
        {
            "sms_provider": "twilio",
            "sms_twilio_account_sid": "AC" + "0" * 31 + "1",
            "sms_twilio_auth_token": "loopback-token",
        }
    )
    env["sms.twilio.number"].create(
        {"company_id": env.company.id, "number": "+32460000000", "country_id": env.ref("base.be").id}
    )
    env["ir.config_parameter"].set_param("web.base.url", "https://lumen.example")  # nobody hears of states
    env["consent.gate"]._confirm_database()
    env["res.partner"].create(
        [{"name": f"Person {n}", "email": _at("email", n), "phone": _at("sms", n)} for n in range(people)]
    )
    purpose = env["consent.purpose"].create({"name": "News", "code": "killed"})
    notice = env["consent.notice"].create(
        {"purpose_id": purpose.id, "lang": "en_US", "body": "News", "privacy_url": "https://lumen.example"}
    )
    notice.action_publish()
    said = {"fact": "given", "topic": purpose.topic_ids, "source": "preference_page", "notice": notice.id}
    env["consent.record"]._submit(
        [
            {**said, "channel": channel, "address": _at(channel, n)}
            for n in range(people)
            if n % EVERY != 3
            for channel in ("email", "sms")
        ]
    )


def _at(channel, number):
    return f"person{number}@lumen.example" if channel == "email" else f"+32470{number:06}"


def _launch(env, channel):
    env["mailing.mailing"].create(
        {
            "subject": "New lamps",
            "mailing_type": "mail" if channel == "email" else "sms",
            "body_html": "<p>New lamps for <t t-out='object.name'/></p>",
            "body_plaintext": "New lamps are in.",
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "mailing_domain": [("email", "=like", "person%@lumen.example")],
            "consent_topic_id": env["consent.topic"].search([("code", "=", "killed")]).id,
            "sms_force_send": True,
        }
    ).action_launch()


def _work(database, environment, kill_after, recipients):
    """Let a worker send; return whether it was killed at it.

    :param kill_after: seconds after its first message
    """
    worker = subprocess.Popen([sys.executable, WORKER, database], stdout=subprocess.PIPE, env=environment)
    worker.stdout.readline()  # it is ready
    if kill_after is None:
        worker.communicate()
        return False
    before = len(recipients())
    while worker.poll() is None and len(recipients()) == before:
        time.sleep(0.01)
    time.sleep(kill_after)
    killed = worker.poll() is None
    worker.kill()
    worker.communicate()
    return killed


def _left(cr):
    """Return in which states mailings, messages and traces were left, to tell what somebody missed is due to."""
    cr.execute("SELECT state, put_back_reason FROM mailing_mailing ORDER BY id DESC LIMIT 1")
    found = [cr.fetchone()]
    for table, column in (("mailing_trace", "trace_status"), ("mail_mail", "state"), ("sms_sms", "state")):
        cr.execute(f"SELECT {column}, failure_type, count(*) FROM {table} GROUP BY 1, 2")
        found.append((table, cr.fetchall()))
    return str(found)


def _withdraw_some(registry, channel, people, recipients, round_):
    """Let people withdraw to whom nothing was sent so far; return them."""
    from odoo import SUPERUSER_ID, api

    reached = set(recipients())
    waiting = [_at(channel, n) for n in range(people) if n % EVERY == 7 and _at(channel, n) not in reached]
    gone = waiting[:: max(1, 20 - round_)][:5]
    with registry.cursor() as cr:
        records = api.Environment(cr, SUPERUSER_ID, {})["consent.record"]
        for address in gone:
            records.withdraw("killed", channel, address, source="preference_page")
    return dict.fromkeys(gone, True)


def _failed(cr, channel):
    """Return whose message failed visibly: no answer came in time, so that a person has to decide."""
    column = "email" if channel == "email" else "sms_number"
    cr.execute(f"SELECT {column} FROM mailing_trace WHERE trace_status = 'error' AND {column} IS NOT NULL")
    return {address for (address,) in cr.fetchall()}


def _figures(channel, people, got, gone, failed):
    silent = {_at(channel, n) for n in range(people) if n % EVERY == 3}
    due = {_at(channel, n) for n in range(people)} - silent - set(gone)
    return {
        "messages": sum(got.values()),
        "people": len(due),
        "missed": len(due - set(got) - failed),
        "failed visibly": len(failed),
        "withdrew": len(gone),
        "wrongly": len(set(got) & (silent | set(gone))),
        "twice": sum(count > 1 for count in got.values()),
        "most for one": max(got.values(), default=0),
    }


def _log(text):
    print(text, file=sys.stderr, flush=True)


def _arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pause", type=float, default=1.5, help="most seconds between its first message and a kill")
    parser.add_argument("--channel", action="append", choices=("email", "sms"), help="default both")
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    import console

    console.main(bench)
