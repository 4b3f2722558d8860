import base64
import gzip
import json
import os
import subprocess
import sys
from contextlib import closing

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import close_db, db_connect
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...tools import ledger
from ..cases.database import fresh_database
from ..cases.story import ANNA, BEN, ConsentCase


@tagged("post_install", "-at_install")
class TestUninstallRefusal(ConsentCase):
    def module(self, name="marketing_consent"):
        return self.env["ir.module.module"].search([("name", "=", name)])

    def download(self):
        wizard = self.env["consent.export"].create({"reason": "Monthly copy"})
        wizard.action_download()
        return [json.loads(line) for line in gzip.decompress(base64.b64decode(wizard.content)).splitlines()]

    def test_the_app_and_what_it_depends_on_stay_until_the_ledger_was_downloaded(self):
        for name in ("marketing_consent", "crm", "mass_mailing_sms", "sms_twilio"):
            with self.assertRaisesRegex(UserError, "download"):
                self.module(name).button_uninstall()
        self.download()
        self.module().button_uninstall()
        self.assertEqual(self.module().state, "to remove")

    def test_what_was_said_since_the_download_counts(self):
        self.download()
        self.withdraw(ANNA)
        with self.assertRaisesRegex(UserError, "download"):
            self.module().button_uninstall()

    def test_other_modules_are_not_held(self):
        other = self.env["ir.module.module"].search([("state", "=", "installed"), ("name", "=", "mail_bot")])
        (other or self.module("website_mass_mailing").browse()).button_uninstall()

    def test_the_download_holds_every_event_and_block_and_verifies_without_odoo(self):
        rows = self.download()
        events = [row for row in rows if row["table"] == "consent_event"]
        self.assertEqual(len(events), self.env["consent.event"].search_count([]))
        points = {row["id"]: row for row in rows if row["table"] == "consent_contact_point"}
        for point_id, point in points.items():
            chain = sorted((row for row in events if row["contact_point_id"] == point_id), key=lambda row: row["seq"])
            found = ledger.first_break(point["uid"], point["head_seq"], point["head_hash"], chain)
            self.assertIsNone(found)
        blocks = {(row["address"], row["state"]) for row in rows if row["table"] == "block"}
        self.assertIn((BEN, "withdrawn"), blocks)

    def test_only_the_officer_downloads(self):
        manager = new_test_user(self.env, "manager", groups="marketing_consent.group_manager")
        with self.assertRaises(AccessError):
            self.env["consent.export"].with_user(manager).create({})


LEFT_BEHIND = """
    SELECT 'table ' || table_name FROM information_schema.tables WHERE table_name LIKE 'consent\\_%'
    UNION ALL
    SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
     WHERE column_name LIKE 'consent\\_%' OR column_name IN ('message_class', 'transactional_reason')
        OR table_name = 'mailing_mailing' AND column_name IN ('asked_by_id', 'approved_by_id')
    UNION ALL
    SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE 'marketing\\_consent%'
    UNION ALL
    SELECT 'parameter ' || key FROM ir_config_parameter WHERE key LIKE 'marketing\\_consent.%'
    UNION ALL
    SELECT 'xmlid ' || name FROM ir_model_data WHERE module = 'marketing_consent'
    UNION ALL
    SELECT 'model ' || model FROM ir_model WHERE model LIKE 'consent.%'
"""


@tagged("post_install", "-at_install")
class TestLife(BaseCase):
    """Upgrade and uninstallation, each on a database of its own and in a process of its own."""

    def odoo(self, database, *arguments):
        """Run Odoo's command line, and return what it logged beyond information."""
        command = [sys.executable, "-m", "odoo", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        log = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, log[-2000:])
        return [
            line for line in log.splitlines() if any(level in line for level in (" WARNING ", " ERROR ", " CRITICAL "))
        ]

    def query(self, database, query):
        with closing(db_connect(database).cursor()) as cr:
            cr._cnx.autocommit = True  # a database of our own, of which another process shall see this
            cr.execute(query)
            return cr.fetchall() if cr.description else None

    def server(self, database, *arguments):
        quiet = ("--no-http", "--stop-after-init", "--max-cron-threads=0")
        return self.odoo(database, "-c", os.environ["ODOO_RC"], "-d", database, *quiet, *arguments)

    def speak(self, database):
        """Let somebody say yes and no in a database."""
        script = (
            "for fact in ('given', 'withdrawn'):\n"
            "    env['consent.record']._submit([{'fact': fact, 'topic': 'marketing', 'channel': 'email',"
            " 'address': 'anna@lumen.example', 'source': 'paper', 'wording': 'Yes'}])\n\n"
            "env.cr.commit()\n"
        )
        command = [sys.executable, "-m", "odoo", "shell", "-c", os.environ["ODOO_RC"], "-d", database, "--no-http"]
        subprocess.run(command, input=script, text=True, capture_output=True, timeout=120, check=True)

    def test_an_upgrade_with_a_new_column_changes_no_row_and_no_state(self):
        digests = [
            f"SELECT md5(string_agg({columns}::text, '|' ORDER BY id)) FROM {table}"
            for table, columns in (
                ("consent_event", "(hash, seq, type, occurred_at, recorded_at)"),
                ("consent_record", "(state, since, last_event_id, contact_point_id)"),
                ("consent_contact_point", "(head_seq, head_hash, address_hash)"),
            )
        ]
        with fresh_database("upgrade") as database:
            self.speak(database)
            before = [self.query(database, query) for query in digests]
            # As an older version left it: the column comes (back) with the upgrade.
            self.query(database, "ALTER TABLE consent_event DROP COLUMN batch")
            self.assertEqual(self.server(database, "-u", "marketing_consent"), [])
            self.assertEqual([self.query(database, query) for query in digests], before)
            self.assertEqual(self.query(database, "SELECT count(*), count(batch) FROM consent_event"), [(2, 0)])

    def test_uninstalling_leaves_nothing_and_a_working_odoo(self):
        with fresh_database("uninstall") as database:
            self.assertTrue(self.query(database, LEFT_BEHIND))
            log = self.odoo(
                database, "module", "uninstall", "-c", os.environ["ODOO_RC"], "-d", database, "marketing_consent"
            )
            self.assertEqual(log, [])
            self.assertEqual(self.query(database, LEFT_BEHIND), [])
            self.assertEqual(self.server(database, "-u", "crm"), [])

    def test_a_backup_and_a_restore_of_the_data_alone_keep_the_chain(self):
        with fresh_database("backup") as database:
            self.speak(database)
            before = self.query(database, "SELECT hash FROM consent_event ORDER BY id")
            for name, steps in (("whole", [[]]), ("parts", [["--schema-only"], ["--data-only", "--disable-triggers"]])):
                copy = f"{database}_{name}"
                self.program("createdb", copy)
                try:
                    for options in steps:
                        dump = self.program("pg_dump", *options, database)
                        self.program("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", copy, stdin=dump)
                    self.assertEqual(self.query(copy, "SELECT hash FROM consent_event ORDER BY id"), before)
                    with self.assertRaises(psycopg2.errors.RestrictViolation), mute_logger("odoo.sql_db"):
                        self.query(copy, "DELETE FROM consent_event")
                finally:
                    close_db(copy)
                    self.program("dropdb", "--force", copy)

    def program(self, *command, stdin=""):
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout
