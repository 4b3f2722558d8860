from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ...tools import clock
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
        cls.news.write({"mailing_list_ids": cls.list.ids, "tag_id": cls.tag.id})

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

    def test_our_own_row_of_the_blacklist_vetoes_nothing(self):
        for channel in ("email", "sms"):
            address = self.at(CARLA, channel)
            self.records.object_to(channel, address, source="preference_page", company=False)
            self.run_cron("outbox")
            self.assertTrue(self.blacklisted(address))
            self.yes(CARLA, channel=channel)
            self.assertTrue(self.verdict(CARLA, channel=channel).allowed)

    def test_who_adds_to_our_row_makes_it_a_veto_until_they_lift_it(self):
        marketer = new_test_user(self.env, "marketer", "base.group_user,mass_mailing.group_mass_mailing_user")
        lists = self.env["mail.blacklist"].with_user(marketer)
        adds = (lambda: lists.create([{"email": CARLA}]), lambda: lists._add(CARLA))
        for add in adds:
            with self.subTest(add=add), self.undone():
                self.records.object_to("email", CARLA, source="preference_page", company=False)
                self.run_cron("outbox")
                self.yes(CARLA)
                add()
                self.assertEqual(self.verdict(CARLA).reason, "blacklisted")
                row = self.env["mail.blacklist"].search([("email", "=", CARLA)])
                self.assertTrue(row.consent_veto_at)
                self.records.block("released", "email", CARLA, source="preference_page", company=False)
                self.run_cron("outbox")
                self.assertTrue(row.active)
                self.records.object_to("email", CARLA, source="preference_page", company=False)
                self.run_cron("outbox")
                lists._remove(CARLA)
                self.assertTrue(row.active, "the objection stands")
                self.assertFalse(row.consent_veto_at)
                self.records.block("released", "email", CARLA, source="preference_page", company=False)
                self.run_cron("outbox")
                self.assertFalse(row.active)

    def test_no_client_calls_somebodys_veto_our_mirror(self):
        marketer = new_test_user(self.env, "marketer", "base.group_user,mass_mailing.group_mass_mailing_user")
        lists = self.env["mail.blacklist"].with_user(marketer)
        row = lists.with_context(default_consent_mirrored=True).create([{"email": ANNA}])
        self.assertEqual(self.verdict(ANNA).reason, "blacklisted")
        for values in ({"consent_mirrored": True}, {"consent_veto_at": False}):
            with self.assertRaises(AccessError):
                row.write(values)
            with self.assertRaises(AccessError):
                lists.create([{"email": BEN, **values}])

    def test_who_objects_is_blacklisted_or_has_expired_leaves_list_and_tag(self):
        def block(what):
            if what == "expired":
                return
            if what == "blacklisted":
                self.env["mail.blacklist"]._add(CARLA)
                self.run_cron("mirror")
            else:
                self.records.object_to("email", CARLA, source="preference_page", company=what == "company" and None)
                self.run_cron("outbox")

        for what in ("company", "group", "blacklisted", "expired"):
            with self.subTest(what=what), self.undone():
                soon = clock.consent_now(self.env) + timedelta(days=1)
                self.yes(CARLA, valid_until=soon)
                self.run_cron("outbox")
                self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [False])
                block(what)
                with self.travel(days=2 if what == "expired" else 0):
                    self.run_cron("mirror")
                self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [True])
                self.assertNotIn(self.tag, self.carla.category_id)
                self.assertEqual(self.record(CARLA).state, "granted", "a mirror that withdraws")

    def test_a_pause_leaves_the_list_as_it_is(self):
        self.yes(CARLA)
        self.run_cron("outbox")
        self.records.block("paused", "email", CARLA, source="preference_page", until="2999-01-01")
        self.run_cron("outbox")
        self.run_cron("mirror")
        self.assertEqual(self.subscription(CARLA).mapped("opt_out"), [False])

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

    def test_no_context_and_no_field_of_a_client_hides_an_opt_out(self):
        marketer = new_test_user(self.env, "marketer", "base.group_user,mass_mailing.group_mass_mailing_user")
        row = self.subscription(ANNA).with_user(marketer).with_context(consent_mirror=True)
        row.write({"opt_out": True, "consent_mirrored": True})
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertFalse(row.consent_mirrored)

    def test_a_list_that_a_topic_gets_later_is_filled(self):
        other = self.env["mailing.list"].create({"name": "Later"})
        self.news.mailing_list_ids = other
        self.run_cron("mirror")
        self.assertEqual(set(other.contact_ids.mapped("email")), {ANNA, False}, "her number has no contact yet")

    def test_the_topic_of_a_list_is_the_list_of_the_topic(self):
        marketer = new_test_user(self.env, "marketer", groups="mass_mailing.group_mass_mailing_user")
        later = (
            self.env["mailing.list"]
            .with_user(marketer)
            .create({"name": "Later", "is_public": True, "consent_topic_id": self.events.id})
        )
        self.assertEqual(self.events.mailing_list_ids, later)
        self.assertIn(self.events.id, self.env["consent.topic"]._mirrored_ids())
        self.yes(ANNA, self.events)
        self.run_cron("outbox")
        self.assertEqual(later.contact_ids.mapped("email"), [ANNA])
        later.subscription_ids.opt_out = True
        self.assertEqual(self.verdict(ANNA, self.events).reason, "withdrawn")

    def test_of_several_lists_a_yes_needs_one_and_a_no_leaves_all(self):
        second = self.env["mailing.list"].create({"name": "Shop", "consent_topic_id": self.news.id})
        contact = self.subscription(ANNA).contact_id
        contact.list_ids += second
        self.yes(CARLA)
        self.run_cron("mirror")
        self.assertFalse(second.contact_ids.filtered(lambda c: c.email == CARLA), "on the first list alone")
        self.withdraw(ANNA)
        self.run_cron("mirror")
        self.assertEqual(contact.subscription_ids.mapped("opt_out"), [True, True])

    def test_an_older_opt_out_does_not_undo_a_newer_yes(self):
        self.subscription(BEN).write({"opt_out": True, "opt_out_datetime": "2026-01-01 00:00:00"})
        self.yes(BEN)
        self.run_cron("mirror")
        self.assertTrue(self.verdict(BEN).allowed)
        self.assertEqual(self.subscription(BEN).mapped("opt_out"), [False])
