from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.gate import GateCase
from ..cases.roles import RoleCase
from ..cases.story import ANNA, CARLA

ACCESS, USER = "odoo.exceptions.AccessError", "odoo.exceptions.UserError"
GROUPS = "base.group_user,mass_mailing.group_mass_mailing_user"


@tagged("post_install", "-at_install")
class TestTransactionalApproval(GateCase, HttpCase):
    """Where a company asks for four eyes, nobody writes to everybody alone: over RPC, and by what reached a server."""

    # superuser: the scheduled action sends what users asked for and approved over RPC.

    call = RoleCase.call

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.consent_four_eyes = True
        right = f"{GROUPS},marketing_consent.group_transactional"
        for login, groups in (("uma", right), ("vic", right), ("wim", GROUPS)):
            new_test_user(cls.env, login, groups=groups, password=f"{login}-password")

    def on_rpc(self, login, method, *args):
        """Call a method of the mailing as somebody."""
        self.authenticate(login, f"{login}-password")
        result = self.call("mailing.mailing", method, self.sent.ids, *args)
        self.env.invalidate_all()
        return result

    def setUp(self):
        super().setUp()
        self.authenticate("uma", "uma-password")
        values = self.mailing().copy_data()[0] | {"message_class": "transactional", "transactional_reason": "We move"}
        self.sent = self.env["mailing.mailing"].browse(self.call("mailing.mailing", "create", [values]))
        self.env.invalidate_all()

    def run_queue(self):
        """Do what the scheduler does; return who got something."""
        progress = patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1)
        with self.sending(), progress, mute_logger("odoo.addons.marketing_consent.models.sending.mailing_mailing"):
            self.env["mailing.mailing"]._process_mass_mailing_queue()
        return self.left

    def test_the_chatter_names_class_and_reason_chosen_at_creation_whatever_the_client_asks(self):
        self.assertEqual(self.logged(self.sent), {"message_class": "transactional", "transactional_reason": "We move"})
        quiet = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}
        values = self.mailing().copy_data()[0]
        service = {"message_class": "transactional", "transactional_reason": "We close"}
        for make in ({**values, **service}, values):
            made = self.env["mailing.mailing"].browse(self.call("mailing.mailing", "create", [make], context=quiet))
            self.call("mailing.mailing", "write", made.ids, service, context=quiet)
            self.env.invalidate_all()
            self.assertEqual(self.logged(made), service)
            self.assertEqual(made.message_ids.tracking_value_ids.mail_message_id.author_id.name[:3], "uma")

    def logged(self, mailing):
        """Return what the chatter says of class and reason, by field."""
        chosen = {label: key for key, label in mailing._fields["message_class"].selection}
        tracked = mailing.message_ids.tracking_value_ids
        return {t.field_id.name: chosen.get(t.new_value_char, t.new_value_char) for t in tracked}

    @mute_logger("odoo.http")
    def test_it_leaves_only_when_a_second_person_with_the_right_approved(self):
        self.assertEqual(self.on_rpc("uma", "action_launch"), USER)
        self.assertEqual(self.on_rpc("uma", "write", {"state": "in_queue"}), USER, "not even past its buttons")
        self.assertEqual(self.run_queue(), set())
        self.assertEqual(self.on_rpc("uma", "action_approve"), ACCESS)
        self.assertEqual(self.on_rpc("wim", "action_approve"), ACCESS)
        self.assertTrue(self.sent.waits_for_approval)
        self.on_rpc("vic", "action_approve")
        self.assertEqual(self.sent.approved_by_id.login, "vic")
        self.assertIn("Approved by vic", self.sent.message_ids[0].body)
        self.on_rpc("uma", "action_launch")
        self.assertEqual(self.run_queue(), {ANNA, CARLA})

    @mute_logger("odoo.http")
    def test_nobody_writes_who_asked_or_approved(self):
        for values in ({"approved_by_id": self.env.uid}, {"asked_by_id": self.env.uid}):
            self.assertEqual(self.on_rpc("uma", "write", values), ACCESS)
            more = {"subject": "x", "mailing_model_id": self.model.id, **values}
            self.assertEqual(self.call("mailing.mailing", "create", [more]), ACCESS)

    @mute_logger("odoo.http")
    def test_what_changes_after_the_approval_is_approved_anew(self):
        changes = [{"body_html": "<p>Buy!</p>"}, {"mailing_domain": "[]"}, {"transactional_reason": "For fun"}]
        for values in [*changes, {"message_class": "marketing"}]:
            self.on_rpc("vic", "action_approve")
            self.on_rpc("uma", "write", values)
            self.assertFalse(self.sent.approved_by_id, values)
        again = self.on_rpc("uma", "write", {"message_class": "transactional", "state": "in_queue"})
        self.assertEqual((again, self.run_queue()), (USER, set()))

    @mute_logger("odoo.http")
    def test_calling_it_transactional_once_more_keeps_no_approval_of_another_text(self):
        self.on_rpc("vic", "action_approve")
        self.on_rpc("uma", "write", {"message_class": "transactional", "body_html": "<p>Buy!</p>"})
        self.assertFalse(self.sent.approved_by_id)
        self.assertEqual(self.on_rpc("uma", "action_launch"), USER)
        self.assertEqual(self.run_queue(), set())

    @mute_logger("odoo.http")
    def test_a_responsible_of_another_company_gets_nobody_past_the_second_person(self):
        other = self.env["res.company"].create({"name": "Other"})
        xan = new_test_user(self.env, "xan", groups=GROUPS, company_id=other.id, company_ids=other.ids)
        self.on_rpc("uma", "write", {"consent_topic_id": False, "user_id": xan.id})
        self.assertEqual(self.sent.consent_company_id, other)
        self.assertEqual(self.on_rpc("uma", "write", {"state": "in_queue"}), USER)
        self.assertFalse(self.run_queue() & {ANNA, CARLA})

    def test_mails_that_wait_as_marketing_do_not_leave_by_being_called_transactional(self):
        with self.sending():
            mailing = self.mailing(mailing_domain=[("id", "=", self.anna.id)])
            mailing.with_context(default_force_send=False)._action_send_mail()
            self.assertEqual(self.env["mail.mail"].search([("mailing_id", "=", mailing.id)]).state, "outgoing")
            self.withdraw(ANNA)
            self.sent = mailing
            self.on_rpc("uma", "write", {"message_class": "transactional", "transactional_reason": "We move"})
        self.assertEqual(self.left, set())

    def test_a_company_that_asks_for_nobody_else_sends_at_once(self):
        self.env.company.consent_four_eyes = False
        self.on_rpc("uma", "write", {"state": "in_queue"})
        self.assertFalse(self.sent.waits_for_approval)
        self.assertEqual(self.run_queue(), {ANNA, CARLA})
