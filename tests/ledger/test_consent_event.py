import psycopg2
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...tools import ledger
from ..cases.story import ANNA, BEN, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentEvent(ConsentCase):
    def test_an_event_tells_who_what_when_where_and_which_wording(self):
        event = self.env["consent.event"].browse(
            self.yes(
                "Eva@Lumen.example",
                source="web_form",
                source_label="Contact us",
                occurred_at="2026-02-03 04:05:06",
                evidence={"ip": "192.0.2.7", "user_agent": "Firefox"},
            )
        )
        self.assertEqual(event.contact_point_id.address, "eva@lumen.example")
        self.assertEqual((event.type, event.fact, event.resulting_state), ("given", "given", "granted"))
        self.assertEqual((event.source, event.source_label), ("web_form", "Contact us"))
        self.assertEqual(str(event.occurred_at), "2026-02-03 04:05:06")
        self.assertEqual((event.actor_id, event.actor_label), (self.env.uid, self.env.user.name))
        self.assertEqual(event.notice_id, self.news.purpose_id.notice_ids)
        self.assertEqual(event.notice_digest, ledger.digest("I want News about lamps. I can stop at any time."))
        evidence = event._evidence()
        self.assertEqual((evidence["ip"], evidence["user_agent"]), ("192.0.2.7", "Firefox"))
        self.assertIn("I want News about lamps", evidence["statement"])
        self.assertEqual(event.statement_digest, ledger.digest(evidence["statement"]))
        self.assertTrue(event._binds("eva@lumen.example"))
        self.assertFalse(event._binds("eve@lumen.example"))

    def test_texts_come_back_letter_by_letter_however_many_are_written_at_once(self):
        texts = ["NULL", "null", "{", '"', "\\", "a,b", "a\tb\nc", "%s", "'", "é “x”", " ", None, "{1,2}"]
        yes = {"fact": "given", "channel": "email", "topic": "news", "source": "import", "wording": "Send me news."}
        for batch in (texts, texts[:1], ["same", "same"]):
            entries = [{**yes, "address": f"{n}@lumen.example", "source_label": t} for n, t in enumerate(batch)]
            events = self.env["consent.event"].browse(self.records._submit(entries))
            self.assertEqual([event.source_label or None for event in events], batch)
            self.assertEqual(self.records._check_ledger(events.contact_point_id), [])

    def test_the_orm_cannot_change_the_ledger_even_as_superuser(self):
        event = self.env["consent.event"].sudo().search([], limit=1)
        for attack in (lambda: event.write({"type": "given"}), event.unlink, lambda: event.create({}), event.copy):
            with self.assertRaises(AccessError):
                attack()

    @mute_logger("odoo.sql_db")
    def test_plain_sql_cannot_change_the_ledger(self):
        for attack in (
            "UPDATE consent_event SET type = 'given'",
            "DELETE FROM consent_event",
            "TRUNCATE consent_event CASCADE",
        ):
            with self.assertRaises(psycopg2.errors.RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(attack)

    @mute_logger("odoo.sql_db")
    def test_plain_sql_cannot_change_published_wordings_and_statements(self):
        notice, draft = self.news.purpose_id.notice_ids, self.news.purpose_id.notice_ids.copy({"version": 2})
        self.env.flush_all()
        for attack in (
            SQL("UPDATE consent_notice SET body = 'I want everything.' WHERE id = %s", notice.id),
            SQL("UPDATE consent_notice SET state = 'draft' WHERE id = %s", notice.id),
            SQL("DELETE FROM consent_notice WHERE id = %s", notice.id),
            SQL("UPDATE consent_exhibit SET content = 'I want everything.'"),
            SQL("UPDATE consent_exhibit SET digest = sha256('x'), content = NULL"),
            SQL("DELETE FROM consent_exhibit"),
        ):
            with self.assertRaises(psycopg2.errors.RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(attack)
        self.assertEqual(draft.state, "draft")
        draft.body = "Drafts can change."
        draft.unlink()

    def test_one_statement_is_stored_once_and_bound_by_its_digest(self):
        events = self.env["consent.event"].browse([self.yes("eva@lumen.example"), self.yes("eve@lumen.example")])
        statement = events.sudo().statement_id
        self.assertEqual(len(statement), 1)
        self.assertIn("I want News about lamps", statement.content)
        statement._erase()
        self.assertEqual(events.contact_point_id._first_break(), {})
        self.assertNotIn("statement", events[0]._evidence())

    def test_the_verifier_notices_a_statement_or_wording_that_was_altered(self):
        self.yes(ANNA)
        self.env.flush_all()
        for table, column in (("consent_exhibit", "content"), ("consent_notice", "body")):
            with self.undone():
                self.tamper(f"UPDATE {table} SET {column} = 'I want everything.'", table=table)
                self.assertIn(f"{table.replace('_', '.', 1)} ", " ".join(self.records._check_ledger()))
        self.tampered = False

    def test_a_fact_that_changes_nothing_leaves_no_contact_point(self):
        count = self.env["consent.contact.point"].search_count([])
        self.records.sudo().block("resumed", "email", "nobody@lumen.example", source="system")
        self.assertEqual(self.env["consent.contact.point"].search_count([]), count)

    def test_the_verifier_names_the_first_altered_event(self):
        self.yes(ANNA)
        point = self.record(ANNA).contact_point_id
        self.tamper("UPDATE consent_event SET source = 'api' WHERE contact_point_id = %s AND seq = 2", point.id)
        self.assertEqual(point._first_break(), {point.id: ledger.Break(2, "altered")})

    def test_the_verifier_notices_that_the_last_event_is_missing(self):
        point = self.record(BEN).contact_point_id
        self.tamper("DELETE FROM consent_outbox")
        self.tamper("DELETE FROM consent_evidence")
        self.tamper("DELETE FROM consent_outbox")
        self.tamper("UPDATE consent_record SET last_event_id = NULL, granting_event_id = NULL")
        self.tamper("DELETE FROM consent_event WHERE contact_point_id = %s AND seq = 2", point.id)
        self.assertEqual(point._first_break(), {point.id: ledger.Break(2, "missing")})

    def test_erasing_evidence_leaves_the_chain_valid_and_the_address_unbound(self):
        event = self.env["consent.event"].browse(self.yes("eva@lumen.example", evidence={"ip": "192.0.2.7"}))
        event.evidence_id._erase()
        self.assertEqual(event.contact_point_id._first_break(), {})
        self.assertEqual(event._evidence().keys(), {"statement"})  # not personal: the same for everyone
        self.assertFalse(event._binds("eva@lumen.example"))

    def test_the_daily_check_and_the_button_say_what_is_wrong(self):
        self.env.ref("marketing_consent.ir_cron_consent_check_ledger").ir_actions_server_id.run()
        self.tamper("UPDATE consent_event SET source = 'api' WHERE contact_point_id = %s", self.point().id)
        with self.assertLogs("odoo.addons.marketing_consent", "ERROR") as logs:
            self.env.ref("marketing_consent.ir_cron_consent_check_ledger").ir_actions_server_id.run()
        self.assertIn("event 1 is altered", logs.output[0])
        told = self.env["mail.message"].search([("subject", "=", "The consent ledger is not as it was written")])
        self.assertIn("event 1 is altered", told.body)
        self.assertIn(self.env.ref("base.user_admin").partner_id, told.notified_partner_ids)
        params = self.record(ANNA).action_check_ledger()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn("event 1 is altered", params["message"])
        self.assertEqual(self.record(BEN).last_event_id.action_verify()["params"]["type"], "success")

    def test_the_daily_check_reads_contact_points_in_batches(self):
        points = self.env["consent.contact.point"]
        batches = list(points._in_batches(2))
        self.assertEqual([len(batch) for batch in batches[:-1]], [2] * (len(batches) - 1))
        self.assertEqual(points.union(*batches), points.search([]))

    def point(self):
        return self.record(ANNA).contact_point_id

    def tamper(self, query, *args, table="consent_event"):
        """Change the ledger as a database owner could."""
        self.env.cr.execute(SQL("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table)))
        self.env.cr.execute(SQL(query, *args))
        self.env.cr.execute(SQL("ALTER TABLE %s ENABLE TRIGGER USER", SQL.identifier(table)))
        self.env.invalidate_all()
        self.tampered = True
