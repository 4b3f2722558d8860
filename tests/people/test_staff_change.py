from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...exceptions import ConsentError
from ..cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase


@tagged("post_install", "-at_install")
class TestStaffChange(ConsentCase):
    """Carla calls, Ben writes on paper: an employee records it, and they get a receipt."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env, "clerk_intake", "base.group_user,base.group_partner_manager,marketing_consent.group_user"
        )

    def change(self, partner, answers, **values):
        """Return the wizard opened from `partner` and filled with `answers`: change by (topic, channel)."""
        context = {"active_model": partner._name, "active_id": partner.id}
        wizard = self.env["consent.staff.change"].with_user(self.clerk).with_context(**context).create(values)
        for line in wizard.line_ids:
            line.change = answers.get((line.topic_id, line.channel))
        return wizard

    def deliver(self):
        before = self.env["mail.mail"].search([]), self.env["sms.sms"].search([])
        with self.enter_registry_test_mode():
            self.env.ref("marketing_consent.ir_cron_consent_outbox").method_direct_trigger()
        return self.env["mail.mail"].search([]) - before[0], self.env["sms.sms"].search([]) - before[1]

    def test_a_yes_by_phone_is_proven_by_who_when_wording_note_and_document(self):
        proof = self.env["ir.attachment"].with_user(self.clerk).create({"name": "form.txt", "raw": b"signed"})
        answers = {(self.news, "email"): "given"}
        values = {"source": "paper", "note": "Filled in at the fair", "attachment_ids": [Command.set(proof.ids)]}
        self.change(self.carla, answers, occurred_at="2026-02-01 10:00:00", **values).action_record()
        event = self.record(CARLA).granting_event_id
        self.assertEqual((event.source, event.evidence_grade, event.actor_id), ("paper", "C", self.clerk.id))
        self.assertEqual(str(event.occurred_at), "2026-02-01 10:00:00")
        self.assertIn("I want News about lamps", event._evidence()["statement"])
        self.assertEqual(event._evidence()["note"], "Filled in at the fair")
        self.assertEqual(event._evidence()["attachments"][0]["name"], "form.txt")
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_several_changes_bring_one_receipt_with_choices_data_and_a_link(self):
        answers = {(self.news, "email"): "withdrawn", (self.news, "sms"): "withdrawn", (self.events, "email"): "given"}
        self.change(self.anna, answers).action_record()
        mails, texts = self.deliver()
        self.assertEqual((mails.mapped("email_to"), len(texts)), ([ANNA], 0))
        for expected in ("Evenings in the shop", "Withdrawn", "Given", "Anna", PHONES[ANNA], "/consent/preferences/"):
            self.assertIn(expected, mails.body_html)
        self.assertFalse(mails.mailing_id)
        self.assertEqual(self.deliver(), (mails.browse(), texts.browse()), "one receipt, not two")

    def test_a_person_with_only_a_number_gets_the_receipt_by_sms(self):
        self.carla.email = False
        self.change(self.carla, {(self.news, "sms"): "given"}).action_record()
        mails, texts = self.deliver()
        self.assertEqual((len(mails), texts.mapped("number")), (0, [PHONES[CARLA]]))
        self.assertIn("/consent/preferences/", texts.body)

    def test_who_wants_no_marketing_at_all_is_withheld_at_every_address(self):
        self.change(self.anna, {}, object_to_all=True).action_record()
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_a_person_may_take_a_no_back_and_the_lines_show_what_holds(self):
        wizard = self.change(self.ben, {(self.news, "email"): "given"})
        states = {(line.topic_id, line.channel): line.state for line in wizard.line_ids}
        self.assertEqual((states[self.news, "email"], states[self.events, "email"]), ("withdrawn", "none"))
        with self.assertRaisesRegex(UserError, "note"):
            wizard.action_record()
        wizard.note = "Rang us: wants the news again"
        wizard.action_record()
        self.assertTrue(self.verdict(BEN).allowed)

    def test_a_yes_without_wording_writes_nothing_of_what_was_said(self):
        wizard = self.change(self.carla, {(self.news, "email"): "given", (self.events, "email"): "withdrawn"})
        wizard.line_ids.notice_id = False
        with self.assertRaises(ConsentError) as caught:
            wizard.action_record()
        self.assertEqual(caught.exception.code, "missing_notice")
        self.assertFalse(self.record(CARLA) | self.record(CARLA, self.events))

    def test_nothing_chosen_is_said_so(self):
        with self.assertRaisesRegex(UserError, "at least one change"):
            self.change(self.carla, {}).action_record()

    def test_colleagues_do_not_see_each_others_forms(self):
        other = new_test_user(self.env, "clerk_other", "base.group_user,marketing_consent.group_user")
        with self.assertRaises(AccessError):
            self.change(self.carla, {}).with_user(other).read(["note"])
