"""Run real campaigns without a browser, and compare what left with what had to: `dev/run --campaign [FILE.csv]`.

Without a file: the drafts of the demo, to its people and to Odoo's own demo contacts and leads. With one: an e-mail and
an SMS campaign for each topic of the file, to the people in it (columns: see people.py). Exports of HubSpot and Shopify
are known by their headings (exports.py), and come in through the addon's import and its preset.

Everything is real: Odoo's queues, SMTP to a sink, Twilio's API at a loopback provider. The exit code is 0 if each
record had the outcome that the story or the file asks for, and the bytes that left have the recipients they must have.
"""

import contextlib
import os
from datetime import datetime, timezone
from pathlib import Path

import campaign_report
import campaign_task
import console
import exports
import people
from layout import DEV, LOGS
from provider import ACCOUNT_SID, AUTH_TOKEN, SmsProvider
from sink import MailSink

DATABASE = "MARKETING_CONSENT_DATABASE"
FOLDER = DEV / "campaign"
LOG = LOGS / "campaign.log"
FROM_NUMBER = "+12025550100"
MAILING_QUEUE = "mass_mailing.ir_cron_mass_mailing_queue"
QUEUES = (
    MAILING_QUEUE,
    "mail.ir_cron_mail_scheduler_action",
    "sms.ir_cron_sms_scheduler_action",
)
WAITING = """
    SELECT (SELECT count(*) FROM mailing_mailing WHERE state IN ('in_queue', 'sending')),
           (SELECT count(*) FROM mail_mail WHERE state = 'outgoing'),
           (SELECT count(*) FROM sms_sms WHERE state = 'outgoing' AND to_delete IS NOT TRUE)"""


def main(arguments):
    """Run the campaigns, print the table, and return the exit code."""
    if DATABASE not in os.environ or len(arguments) > 1:
        raise console.Failure("start it by dev/run --campaign [FILE.csv]")
    reading = _read(Path(arguments[0])) if arguments else None
    with MailSink(FOLDER / "mail") as sink, SmsProvider(FOLDER / "sms") as provider:
        os.environ.update(provider.environment())
        with _odoo(os.environ[DATABASE]) as env:
            _configure(env, sink)
            _drain(env)
            sink.clear()
            provider.clear()
            task = _task(env, reading, *map(Path, arguments))
            env.cr.commit()
            _send(env, task)
            return campaign_report.show(env, task, sink, provider)


def _task(env, reading, *path):
    if isinstance(reading, exports.Export):
        return campaign_task.of_export(env, *path, reading)
    return campaign_task.of_list(env, *path, reading) if reading else campaign_task.of_story(env)


def _read(path):
    try:
        content = path.read_bytes()
        reading = exports.read(content, _now()) or people.read(content, _now())
    except (OSError, people.Unreadable) as error:
        raise console.Failure(f"{path.name}: {error}") from None
    if not reading.answers and not isinstance(reading, exports.Export):
        problems = [f"line {line}: {error}" for line, error in reading.errors] or ["there are none"]
        raise console.Failure("\n".join([f"{path.name}: no answer can be read from it", *problems]))
    return reading


@contextlib.contextmanager
def _odoo(database):
    """Give Odoo's environment of a database, as superuser; its log goes to a file."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.service import server
    from odoo.tools import config

    LOG.unlink(missing_ok=True)
    config.parse_config(["-d", database, "--no-http", f"--logfile={LOG}"], setup_logging=True)
    server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def _configure(env, sink):
    """Let mail leave to the sink, and SMS to the provider, all of it through the queues and at any time of the day."""
    # The provider rings nobody: without this, a campaign at night would wait for the morning of each country.
    env["consent.country.profile"].search([]).write({"quiet_from": 0, "quiet_to": 0, "quiet_sundays": False})
    env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_encryption": "none", "sequence": 1}
    )
    company = env.ref("base.main_company")
    company.write(
        {
            "sms_provider": "twilio",
            "sms_twilio_account_sid": ACCOUNT_SID,
            "sms_twilio_auth_token": AUTH_TOKEN,
        }
    )
    if not company.sms_twilio_number_ids:
        country = env.ref("base.us").id
        env["sms.twilio.number"].create({"company_id": company.id, "number": FROM_NUMBER, "country_id": country})
    env.cr.commit()


def _send(env, task):
    """Launch the campaigns as the administrator would, and let the queues work them off."""
    console.say(f"Sending {len(task.campaigns)} campaigns")
    admin = env.ref("base.user_admin").id
    mailings = env["mailing.mailing"].with_user(admin).browse([campaign.mailing_id for campaign in task.campaigns])
    for mailing in mailings:
        mailing.action_launch()
    _run(env, MAILING_QUEUE)
    for (topic, channel, address), (_name, source) in task.late.items():
        env["consent.record"].withdraw(topic, channel, address, source=source)
    _drain(env)


def _drain(env):
    """Run the crons until nothing waits, or nothing moves any more."""
    before, waiting = None, _waiting(env)
    while any(waiting) and waiting != before:
        console.detail("waiting: {} mailings, {} e-mails, {} SMS".format(*waiting))
        for queue in QUEUES:
            _run(env, queue)
        before, waiting = waiting, _waiting(env)


def _run(env, queue):
    env.cr.commit()
    env.ref(queue).method_direct_trigger()
    env.cr.commit()  # a new transaction sees what the cron did in its own


def _waiting(env):
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute(WAITING)
    return env.cr.fetchone()


def _now():
    return datetime.now(timezone.utc).replace(tzinfo=None)


if __name__ == "__main__":
    console.main(main)
