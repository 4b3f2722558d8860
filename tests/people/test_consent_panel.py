from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ...exceptions import ConsentError
from ..cases.story import ANNA, BEN, CARLA, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentPanel(ConsentCase):
    """What people at work see of a person, and what they may do there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env, "clerk", groups="marketing_consent.group_user,base.group_partner_manager", lang="en_US"
        )
        cls.marketer = new_test_user(
            cls.env, "marketer", groups="base.group_user,mass_mailing.group_mass_mailing_user", lang="en_US"
        )

    def panel(self, user=None):
        return self.env["consent.panel"].with_user(user or self.clerk)

    def cell(self, record, topic=None, number=0, user=None):
        shown = self.panel(user).look(record._name, record.id)
        row = next(row for row in shown["rows"] if row["id"] == (topic or self.news).id)
        return row["cells"][number]

    def test_a_cell_says_what_holds_since_when_and_why(self):
        cell = self.cell(self.anna)
        self.assertEqual((cell["state"], cell["tone"], cell["allowed"]), ("Granted", "success", True))
        facts = dict(cell["facts"])
        self.assertEqual((facts["Basis"], facts["Wording"]), ("Consent", "version 1"))
        self.assertEqual(self.record(ANNA).granting_event_id.id, cell["event"])

    def test_a_cell_says_why_nothing_may_be_sent_where_the_state_does_not(self):
        self.records.block("bounced", "email", ANNA, source="bounce", company=False)
        cell = self.cell(self.anna)
        self.assertEqual((cell["state"], cell["tone"], cell["reason"]), ("Granted", "danger", "Unreachable"))
        self.assertEqual(self.cell(self.carla)["reason"], "")

    def test_channels_stand_apart(self):
        shown = self.panel().look("res.partner", self.anna.id)
        self.assertEqual([column["channel"] for column in shown["columns"]], ["email", "sms"])
        self.withdraw(ANNA, channel="sms")
        self.assertEqual(
            (self.cell(self.anna)["state"], self.cell(self.anna, number=1)["state"]), ("Granted", "Withdrawn")
        )

    def test_rounds_of_yes_and_no_are_read_at_a_glance(self):
        for step in (self.yes, self.withdraw, self.yes):
            step(BEN)
        rounds = self.cell(self.ben)["rounds"]
        self.assertEqual([each["step"] for each in rounds], ["yes", "no", "yes", "no", "yes"])
        self.assertTrue(rounds[1]["label"].startswith("Withdrawn, "))

    def test_the_timeline_says_who_when_where_and_which_wording(self):
        self.records.with_user(self.clerk).withdraw(
            "news", "email", ANNA, source="staff_phone", source_label="Order 4711"
        )
        newest, oldest = self.panel().look("res.partner", self.anna.id)["timeline"]["events"][::2]
        self.assertEqual(newest["what"], "Withdrawn")
        self.assertEqual((newest["where"], newest["who"]), ("Staff, by phone: Order 4711", self.clerk.name))
        self.assertEqual((newest["topic"], newest["channel"]), ("News about lamps", "E-mail"))
        self.assertEqual(oldest["wording"], "I want News about lamps. I can stop at any time.")

    def test_an_address_that_others_carry_too_says_so(self):
        self.env["res.partner"].create({"name": "Annas mother", "email": "Anna@LUMEN.example"})
        self.env["mailing.contact"].create({"name": "Anna", "email": ANNA})
        columns = self.panel().look("res.partner", self.anna.id)["columns"]
        self.assertEqual([column["others"] for column in columns], [2, 0])

    def test_a_thousand_events_cost_no_more_queries_than_one(self):
        def count(record):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.panel().look("res.partner", record.id)
            return self.env.cr.sql_log_count - before

        count(self.anna)
        few = count(self.anna)
        self.records._submit(
            [
                {
                    "fact": fact,
                    "topic": self.news,
                    "channel": channel,
                    "address": self.at(ANNA, channel),
                    "source": "preference_page",
                    "notice": self.news.purpose_id.notice_ids.id if fact == "given" else None,
                }
                for _round in range(250)
                for fact in ("withdrawn", "given")
                for channel in ("email", "sms")
            ]
        )
        self.assertLessEqual(count(self.anna), few)
        shown = self.panel().look("res.partner", self.anna.id)
        self.assertEqual((len(shown["timeline"]["events"]), shown["timeline"]["more"]), (20, True))
        earlier = self.panel().look_back("res.partner", self.anna.id, shown["timeline"]["next"])
        ids = [event["id"] for event in shown["timeline"]["events"] + earlier["events"]]
        self.assertEqual(len(set(ids)), 40)

    def test_a_clerk_writes_down_a_withdrawal_and_it_holds_at_once(self):
        cell = self.cell(self.anna)
        self.assertTrue(cell["may_withdraw"])
        self.panel().withdraw("res.partner", self.anna.id, cell["point"], self.news.id, "staff_phone")
        event = self.record(ANNA).last_event_id
        self.assertEqual((event.type, event.source, event.actor_label), ("withdrawn", "staff_phone", self.clerk.name))
        self.assertEqual(event.source_label, "Consent of a person (Contact)")
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertFalse(self.cell(self.anna)["may_withdraw"])

    def test_a_clerk_writes_down_an_objection_at_every_address(self):
        self.panel().object_to_all("res.partner", self.anna.id, "staff_in_person")
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")
        general = self.panel().look("res.partner", self.anna.id)["general"]
        self.assertEqual(
            [(block["channel"], block["text"]) for block in general],
            [("E-mail", "Objected on"), ("SMS", "Objected on")],
        )

    def receipts(self):
        """Deliver what waits, and return the mails that it made."""
        before = self.env["mail.mail"].search([])
        rows = self.env["consent.outbox"].search([("consumer", "=", "receipt")])
        self.assertTrue(rows)
        self.env["consent.outbox"]._deliver_receipt(rows.event_id)
        rows.unlink()
        return self.env["mail.mail"].search([]) - before

    def test_what_a_clerk_presses_brings_the_person_one_receipt(self):
        presses = {
            "withdraw": (self.anna.id, self.cell(self.anna)["point"], self.news.id, "staff_phone"),
            "object_to_all": (self.anna.id, "staff_in_person"),
        }
        for name, arguments in presses.items():
            getattr(self.panel(), name)("res.partner", *arguments)
            mail = self.receipts()
            self.assertEqual(mail.mapped("email_to"), [ANNA], name)
            self.assertIn("'Auto-Submitted': 'auto-generated'", mail.headers)
            self.assertIn("/consent/preferences/", mail.body_html)
            self.assertIn("Anna", mail.body_html)

    def test_what_is_no_way_to_hear_of_a_no_is_refused(self):
        point = self.cell(self.anna)["point"]
        for source in ("api", "double_opt_in", "", None):
            with self.assertRaises(ConsentError):
                self.panel().withdraw("res.partner", self.anna.id, point, self.news.id, source)
        with self.assertRaises(ConsentError):
            self.panel().withdraw("res.partner", self.carla.id, point, self.news.id, "staff_phone")
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_a_marketer_sees_state_without_history_or_address_and_changes_nothing(self):
        shown = self.panel(self.marketer).look("res.partner", self.anna.id)
        self.assertEqual((shown["timeline"], shown["columns"][0]["address"]), (None, "a•••@l•••.example"))
        cell = self.cell(self.anna, user=self.marketer)
        self.assertEqual((cell["state"], cell["event"], cell["may_withdraw"]), ("Granted", False, False))
        with self.assertRaises(AccessError):
            self.panel(self.marketer).withdraw("res.partner", self.anna.id, cell["point"], self.news.id, "staff_phone")
        with self.assertRaises(AccessError):
            self.panel(self.marketer).look_back("res.partner", self.anna.id, 0)

    def test_others_see_nothing(self):
        for login, groups in (("employee", "base.group_user"), ("guest", "base.group_portal")):
            user = new_test_user(self.env, login, groups=groups)
            with self.assertRaises(AccessError):
                self.panel(user).look("res.partner", self.anna.id)

    def test_no_record_is_seen_that_the_user_may_not_read(self):
        lead = self.env["crm.lead"].create({"name": "Lamps", "email_from": CARLA})
        with self.assertRaises(AccessError):
            self.panel().look("crm.lead", lead.id)
        for broken in ("no.such.model", "consent.gate", ""):
            with self.assertRaises(ConsentError):
                self.panel().look(broken, 1)

    def test_companies_stand_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.clerk.sudo().write({"company_ids": [(4, other.id)]})
        shown = self.panel().with_context(allowed_company_ids=other.ids).look("res.partner", self.anna.id)
        self.assertNotIn(self.news.id, [row["id"] for row in shown["rows"]])
        self.assertEqual(shown["timeline"]["events"], [])

    def test_leads_and_mailing_contacts_show_the_same_person(self):
        lead = self.env["crm.lead"].create({"name": "Lamps", "email_from": "ANNA@lumen.example"})
        contact = self.env["mailing.contact"].create({"name": "Anna", "email": ANNA})
        for record in (lead, contact):
            shown = self.env["consent.panel"].look(record._name, record.id)
            row = next(row for row in shown["rows"] if row["id"] == self.news.id)
            self.assertEqual(row["cells"][0]["state"], "Granted")

    def test_every_model_with_an_address_offers_the_panel(self):
        action = self.env.ref("marketing_consent.consent_panel_action")

        def offers(model, user):
            bound = self.env["ir.actions.actions"].with_user(user).get_bindings(model).get("action", ())
            return action.id in [each["id"] for each in bound]

        self.assertTrue(offers("calendar.event", self.clerk))
        self.assertFalse(offers("calendar.event", self.marketer))
        self.assertFalse(offers("res.partner", self.clerk))  # it has a button
        self.assertFalse(offers("res.country", self.clerk))
        meeting = self.env["calendar.event"].create(
            {"name": "Lamps", "start": "2026-03-01", "stop": "2026-03-01", "partner_ids": self.anna.ids}
        )
        shown = self.env["consent.panel"].look("calendar.event", meeting.id)
        self.assertIn(ANNA, [column["address"] for column in shown["columns"]])
