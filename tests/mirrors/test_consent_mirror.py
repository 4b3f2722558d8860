from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentMirror(ConsentCase):
    """The news have a mailing list and a tag; Anna and Ben are on the list already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = cls.env["mailing.list"].create({"name": "Lamp news"})
        cls.tag = cls.env["res.partner.category"].create({"name": "Gets news"})
        cls.contacts = cls.env["mailing.contact"].create(
            [{"email": address, "list_ids": [Command.link(cls.list.id)]} for address in (ANNA, BEN)]
        )
        cls.news.write({"mailing_list_id": cls.list.id, "tag_id": cls.tag.id})

    def run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"marketing_consent.ir_cron_consent_{name}").method_direct_trigger()
        self.env.invalidate_all()

    def subscription(self, address):
        return self.env["mailing.subscription"].search(
            [("list_id", "=", self.list.id), ("contact_id.email_normalized", "=", address)]
        )

    def blacklisted(self, address):
        model, field = ("phone.blacklist", "number") if address.startswith("+") else ("mail.blacklist", "email")
        return bool(self.env[model].search_count([(field, "=", address)]))

    def test_an_objection_to_all_companies_is_on_the_blacklist_until_it_is_taken_back(self):
        number = PHONES[CARLA]
        for channel, address in (("email", CARLA), ("sms", number)):
            with self.subTest(channel=channel):
                self.records.object_to(channel, address, source="preference_page")
                self.run_cron("outbox")
                self.assertFalse(self.blacklisted(address), "one company's objection is not the others'")
                self.records.object_to(channel, address, source="preference_page", company=False)
                self.run_cron("outbox")
                self.assertTrue(self.blacklisted(address))
                self.records.block("released", channel, address, source="preference_page", company=False)
                self.run_cron("outbox")
                self.assertFalse(self.blacklisted(address))

    def test_what_others_have_blacklisted_stays(self):
        self.env["mail.blacklist"]._add(CARLA)
        for _time in range(2):
            self.records.object_to("email", CARLA, source="preference_page", company=False)
            self.run_cron("outbox")
            self.records.block("released", "email", CARLA, source="preference_page", company=False)
            self.run_cron("outbox")
            self.assertTrue(self.blacklisted(CARLA))

    def test_a_yes_puts_a_person_on_the_list_and_a_no_opts_them_out(self):
        self.yes(CARLA)
        self.run_cron("outbox")
        self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [False])
        self.assertIn(self.tag, self.carla.category_id)
        self.withdraw(CARLA)
        self.run_cron("outbox")
        self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [True])
        self.assertNotIn(self.tag, self.carla.category_id)
        self.yes(CARLA)
        self.run_cron("outbox")
        self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [False])

    def test_a_yes_by_sms_alone_makes_a_contact_with_the_number(self):
        self.yes(CARLA, channel="sms")
        self.run_cron("outbox")
        found = self.list.contact_ids.filtered(lambda contact: contact.phone_sanitized == PHONES[CARLA])
        self.assertEqual((len(found), found.email), (1, False))

    def test_an_opt_out_in_the_mailing_app_is_a_withdrawal_at_once_and_no_loop(self):
        self.subscription(ANNA).opt_out = True
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        event = self.record(ANNA).last_event_id
        self.assertEqual((event.type, event.source_label), ("withdrawn", "Lamp news"))
        for _time in range(2):
            self.run_cron("outbox")
            self.run_cron("mirror")
        self.assertEqual(self.record(ANNA).last_event_id, event)
        self.assertEqual(self.subscription(ANNA).mapped("opt_out"), [True])

    def test_subscribing_in_the_mailing_app_is_no_yes_and_does_not_undo_a_no(self):
        self.env["mailing.contact"].create(
            {"email": CARLA, "subscription_ids": [Command.create({"list_id": self.list.id})]}
        )
        self.subscription(BEN).opt_out = False
        self.run_cron("mirror")
        self.assertFalse(self.record(CARLA))
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertEqual(self.subscription(BEN).mapped("opt_out"), [True])

    def test_rows_that_no_method_saw_are_reconciled(self):
        self.env.flush_all()
        self.cr.execute(
            SQL(
                "UPDATE mailing_subscription SET opt_out = TRUE, opt_out_datetime = NULL WHERE id = %s",
                self.subscription(ANNA).id,
            )
        )
        self.env.invalidate_all()
        self.run_cron("mirror")
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")

    def test_a_list_that_a_topic_gets_later_is_filled(self):
        other = self.env["mailing.list"].create({"name": "Later"})
        self.news.mailing_list_id = other
        self.run_cron("mirror")
        self.assertEqual(set(other.contact_ids.mapped("email")), {ANNA, False}, "her number has no contact yet")

    def test_an_older_opt_out_does_not_undo_a_newer_yes(self):
        self.subscription(BEN).with_context(consent_mirror=True).write(
            {"opt_out": True, "opt_out_datetime": "2026-01-01 00:00:00"}
        )
        self.yes(BEN)
        self.run_cron("mirror")
        self.assertTrue(self.verdict(BEN).allowed)
        self.assertEqual(self.subscription(BEN).mapped("opt_out"), [False])
