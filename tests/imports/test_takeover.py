from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ..cases.story import BEN, CARLA, PHONES, ConsentCase

NORA, OTTO = "nora@fair.example", "otto@fair.example"


@tagged("post_install", "-at_install")
class TestTakeover(ConsentCase):
    """What people chose in Odoo before the app came (MISSION M6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = cls.env["mailing.list"].create({"name": "Old letter", "consent_topic_id": cls.news.id})
        people = [{"name": "Nora", "email": NORA, "mobile": PHONES[CARLA]}, {"name": "Otto", "email": OTTO}]
        people += [{"name": "Ben", "email": BEN}]
        cls.contacts = cls.env["mailing.contact"].create([{**each, "list_ids": cls.list.ids} for each in people])
        cls.contacts[1].subscription_ids.opt_out = True
        cls.officer = new_test_user(cls.env, "olga", "marketing_consent.group_officer,base.group_user")

    def take_over(self, **values):
        """Fill the wizard in, check and record what comes of it, and return the import."""
        with Form(self.env["consent.takeover"].with_user(self.officer)) as form:
            for name, value in values.items():
                form[name] = value
        action = form.record.action_take_over()
        batch = self.env["consent.import"].browse(action.get("res_id"))
        if batch:
            batch.with_user(self.officer).action_check()
            batch.with_user(self.officer).action_record()
            batch.sudo()._advance()
            self.env.invalidate_all()
        return batch

    def test_who_left_a_list_said_no_and_who_is_on_it_nothing_yet(self):
        batch = self.take_over(take_blacklists=False)
        self.assertEqual((batch.state, batch.yes_count, batch.no_count, batch.error_count), ("done", 0, 1, 0))
        self.assertEqual(self.verdict(OTTO).reason, "withdrawn")
        self.assertEqual(self.verdict(NORA).reason, "no_consent")

    def test_a_list_is_a_yes_only_on_a_stated_basis_and_undoes_no_no(self):
        wizard = self.env["consent.takeover"].with_user(self.officer).create({"take_yes": True})
        with self.assertRaisesRegex(UserError, "proves no yes"):
            wizard.action_take_over()
        basis = {"basis": "Old website, binder 3", "wording": "Send me the letter"}
        batch = self.take_over(take_yes=True, take_blacklists=False, **basis)
        self.assertEqual((batch.yes_count, batch.no_count), (2, 1), "by e-mail and by SMS")
        self.assertTrue(self.verdict(NORA).allowed)
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed, "the number on Nora's card")
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        event = self.record(NORA).granting_event_id
        evidence = event._evidence()
        self.assertEqual(
            (event.source, event.source_label, event.actor_label), ("import", "Old letter", self.officer.name)
        )
        self.assertEqual((evidence["note"], evidence["statement"]), ("Old website, binder 3", "Send me the letter"))

    def test_who_left_did_so_with_all_their_addresses(self):
        self.contacts[1].email = f"{OTTO}, otto@home.example"
        self.contacts[0].email = f"{NORA}, nora@home.example"
        basis = {"basis": "Old website, binder 3", "wording": "Send me the letter"}
        self.take_over(take_yes=True, take_blacklists=False, **basis)
        self.assertEqual({self.verdict(OTTO).reason, self.verdict("otto@home.example").reason}, {"withdrawn"})
        reasons = {self.verdict(NORA).reason, self.verdict("nora@home.example").reason}
        self.assertEqual(reasons, {"no_consent"}, "nobody knows which of them agreed")

    def test_a_list_without_a_topic_is_left_alone(self):
        self.list.consent_topic_id = False
        with self.assertRaisesRegex(UserError, "nothing to take over"):
            self.take_over(take_blacklists=False)

    def test_blacklists_become_objections_once(self):
        self.env["mail.blacklist"]._add(CARLA)
        self.env["phone.blacklist"].add(PHONES[BEN])
        self.list.consent_topic_id = False
        for _time in range(2):
            self.assertFalse(self.take_over())
        self.env["mail.blacklist"]._remove(CARLA)
        self.env["phone.blacklist"].remove(PHONES[BEN])
        self.assertEqual(self.verdict(CARLA).reason, "objected", "taking a row off the blacklist grants nothing")
        self.assertEqual(self.verdict(BEN, channel="sms").reason, "objected")
        events = self.env["consent.event"].search([("source_label", "=", "Odoo's blacklist")])
        self.assertEqual(len(events), 2)
