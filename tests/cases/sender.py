"""A process that works off mailings and their messages, for tests that kill it: DATABASE.

Says “ready” when it begins.
"""

import sys

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

WAITING = """
    SELECT EXISTS (SELECT FROM mailing_mailing WHERE state IN ('in_queue', 'sending'))
        OR EXISTS (SELECT FROM mail_mail WHERE state = 'outgoing')
        OR EXISTS (SELECT FROM sms_sms WHERE state IN ('outgoing', 'deferred') AND to_delete IS NOT TRUE)
"""
CRONS = {
    "mailing.mailing": "_process_mass_mailing_queue",
    "mail.mail": "process_email_queue",
    "sms.sms": "_process_queue",
}


def main(database):
    """Do what Odoo's crons do until nothing waits."""
    config.parse_config(["-d", database, "--log-level", "critical"])
    registry = Registry(database)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    waiting = True
    while waiting:
        for model, cron in CRONS.items():
            try:
                with registry.cursor() as cr:
                    getattr(api.Environment(cr, SUPERUSER_ID, {})[model], cron)()
            except psycopg2.OperationalError as error:  # Odoo runs a cron again
                sys.stderr.write(f"{model}: {error}\n")
        with registry.cursor() as cr:
            cr.execute(WAITING)
            (waiting,) = cr.fetchone()


if __name__ == "__main__":
    main(sys.argv[1])
