"""Beside addons of the Odoo Community Association: what they change is seen by what they have, not by their names."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase

NEW = "ben@new.example"
MOBILE, SECOND = "+32470111111", "+32470222222"


class NeighbourCase(ConsentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,base.group_partner_manager,mass_mailing.group_mass_mailing_user"
        cls.seller = new_test_user(cls.env, "sam", groups)
        cls.env.cr.flush()

    def said(self, address):
        return self.env["consent.event"].search([("contact_point_id.address", "=", address)])


@tagged("post_install", "-at_install")
class TestNumbers(NeighbourCase):
    """Numbers beside `phone`, as an addon's `mobile` and `phone2` bring them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mia = cls.env["res.partner"].create({"name": "Mia", "mobile": MOBILE})
        cls.records.object_to("sms", MOBILE, source="sms_keyword")
        cls.env.cr.flush()

    def test_a_no_follows_to_a_changed_mobile(self):
        self.mia.with_user(self.seller).mobile = SECOND
        self.assertEqual(self.verdict(SECOND, channel="sms").reason, "objected")

    def test_a_no_follows_to_a_number_added_beside(self):
        for number, field in ((SECOND, "phone"), ("+32470333333", "phone2")):
            self.mia.with_user(self.seller)[field] = number
            self.assertEqual(self.verdict(number, channel="sms").reason, "objected", field)

    def test_a_no_follows_from_a_second_number(self):
        self.mia.write({"mobile": "+32470444444", "phone2": MOBILE})
        self.env.cr.flush()
        self.mia.with_user(self.seller).phone2 = SECOND
        self.assertEqual(self.verdict(SECOND, channel="sms").reason, "objected")

    def test_who_has_only_a_mobile_is_counted_as_they_are_reached(self):
        people = self.env["res.partner"].create(
            [
                {"name": "Only a mobile", "mobile": "+32470555555"},
                {"name": "Only a phone", "phone": "+32470666666"},
                {"name": "Both", "mobile": "+32470777777", "phone": "+32470888888"},
                {"name": "A mobile that is none", "mobile": "call me", "phone": "+32470999999"},
                {"name": "Neither"},
            ]
        )
        for number in ("+32470555555", "+32470666666", "+32470777777", "+32470999999"):
            self.yes(number, channel="sms")
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Lamps",
                "mailing_type": "sms",
                "body_plaintext": "Lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": repr([("id", "in", people.ids)]),
                "consent_topic_id": self.news.id,
            }
        )
        self.assertEqual(dict(mailing._preflight()), {"reached": 4, "unusable_address": 1})
        audience = self.env["consent.audience"].sudo()
        fast, slow = audience._plain_addresses("res.partner", people.ids, "sms"), audience._resolve(people, "sms")
        self.assertEqual(fast, {key: slow[key] for key in fast})
        self.assertGreaterEqual(len(fast), 4)

    def test_the_panel_shows_every_number(self):
        self.mia.phone2 = SECOND
        clerk = new_test_user(self.env, "clerk", "marketing_consent.group_user")
        columns = self.env["consent.panel"].with_user(clerk).look("res.partner", self.mia.id)["columns"]
        self.assertEqual({column["address"] for column in columns}, {MOBILE, SECOND})


@tagged("post_install", "-at_install")
class TestContacts(NeighbourCase):
    """Mailing contacts that are tied to a contact, merged and made anonymous by others' code."""

    def test_a_merge_carries_nothing_over_to_the_person_merged_into(self):
        contact = self.env["mailing.contact"].create({"name": "Ben", "email": BEN})
        self.assertEqual(contact.partner_id, self.ben)
        self.env.cr.flush()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ben | self.anna).ids, self.anna)
        self.env.cr.flush()
        self.assertEqual((contact.partner_id, contact.email), (self.anna, ANNA))
        self.assertIsNone(self.verdict(ANNA).reason)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertFalse(self.said(ANNA).filtered(lambda event: event.type == "carried_over"))

    def test_a_stranger_found_by_a_wildcard_gets_nothing(self):
        self.env["res.partner"].create({"name": "Axb", "email": "axb@lumen.example"})
        self.yes("axb@lumen.example")
        self.withdraw("a_b@lumen.example")
        self.env["mailing.contact"].create({"name": "A_b", "email": "a_b@lumen.example"})
        self.env.cr.flush()
        self.assertIsNone(self.verdict("axb@lumen.example").reason)

    def test_a_no_follows_where_the_contact_is_changed_with_its_partner(self):
        contact = self.env["mailing.contact"].create({"name": "Ben", "email": BEN})
        self.env.cr.flush()
        self.ben.with_user(self.seller).email = NEW
        self.env.cr.flush()
        self.assertEqual(contact.email, NEW)
        self.assertEqual(self.said(NEW).mapped("fact"), ["withdrawn"])
        self.assertFalse(self.env["consent.address.case"].search([]))

    def test_who_is_made_anonymous_takes_no_no_along(self):
        for address in (BEN, DIRK):
            partner = self.env["res.partner"].search([("email", "=", address)])
            partner.anonymize_partner_data()
            self.env.cr.flush()
            self.assertIn("anonymized", partner.email)
            self.assertFalse(self.said(partner.email), address)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn", "who comes back is still protected")

    def test_gate_and_lists_work_beside_them(self):
        mailing_list = self.env["mailing.list"].create({"name": "News"})
        self.news.mailing_list_ids = mailing_list
        contact = self.env["mailing.contact"].create(
            {"email": f"{ANNA}", "subscription_ids": [Command.create({"list_id": mailing_list.id})]}
        )
        self.assertIsNone(self.verdict(ANNA).reason)
        contact.subscription_ids.opt_out = True
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")


@tagged("post_install", "-at_install")
class TestTracking(NeighbourCase):
    """What a mail provider reports through others' code is heard."""

    def report(self, kind, address):
        message = self.carla.message_post(body="News", message_type="comment")  # pylint: disable=translation-required
        message.sudo().consent_topic_id = self.news
        tracking = self.env["mail.tracking.email"].create(
            {"name": "News", "recipient": f"Somebody <{address}>", "mail_message_id": message.id}
        )
        tracking.event_create(kind, {"recipient": address})

    def test_a_complaint_objects(self):
        self.report("spam", ANNA)
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.said(ANNA)[:1].source, "provider")

    def test_an_unsubscription_withdraws_and_a_second_report_changes_nothing(self):
        self.report("unsub", ANNA)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        count = len(self.said(ANNA))
        self.report("unsub", ANNA)
        self.assertEqual(len(self.said(ANNA)), count)

    def test_what_bounces_for_good_is_unreachable(self):
        for kind in ("hard_bounce", "reject"):
            with self.subTest(kind=kind), self.undone():
                self.report(kind, ANNA)
                self.assertEqual(self.verdict(ANNA).reason, "unreachable")

    def test_what_may_pass_and_what_is_no_address_changes_nothing(self):
        for kind, address in (("soft_bounce", ANNA), ("open", ANNA), ("spam", "not an address")):
            self.report(kind, address)
        self.assertIsNone(self.verdict(ANNA).reason)

    def test_a_complaint_reported_by_sms_numbers_or_strangers_makes_no_yes(self):
        self.report("unsub", CARLA)
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn")


@tagged("post_install", "-at_install")
class TestAudit(NeighbourCase):
    """A log of others' would outlive the erasure of evidence."""

    def test_no_rule_logs_our_models(self):
        for name in ("consent.evidence", "consent.event", "consent.address"):
            model = self.env["ir.model"]._get_id(name)
            with self.assertRaises(UserError):
                self.env["auditlog.rule"].create({"name": "All", "model_id": model, "log_write": True})
        rule = self.env["auditlog.rule"].create(
            {"name": "Partners", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaises(UserError):
            rule.model_id = self.env["ir.model"]._get_id("consent.evidence")
