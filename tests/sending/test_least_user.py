"""A salesman, over RPC: the least user who sends messages. Superuser mode drops `default_` keys of the context."""

from odoo.tests import tagged

from ..cases.least_user import LeastUser
from ..cases.story import ANNA, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestFlaggedTemplates(LeastUser):
    def check_sms(self, **values):
        with self.sending():
            self.use("sms.composer", "action_send_sms", template_id=self.sms_template.id, body="Lamps", **values)
        self.assertEqual(self.left, {PHONES[ANNA]})
        text = self.text_of(PHONES[ANNA])
        self.assertIn(self.env.company.name, text)
        self.assertIn("/c/", text)

    def test_an_sms_composer_reaches_only_who_said_yes_in_comment_mode(self):
        for partner in self.two:
            with self.sending():
                values = {"template_id": self.sms_template.id, "body": "Lamps", "res_model": "res.partner"}
                self.use("sms.composer", "action_send_sms", composition_mode="comment", res_id=partner.id, **values)
            self.assertEqual(self.left, {PHONES[ANNA]} if partner == self.anna else set())

    def test_an_sms_composer_reaches_only_who_said_yes_in_comment_mode_of_several(self):
        self.check_sms(composition_mode="comment", res_model="res.partner", res_ids=str(self.two.ids))

    def test_an_sms_composer_reaches_only_who_said_yes_by_numbers(self):
        self.check_sms(composition_mode="numbers", numbers=f"{PHONES[ANNA]},{PHONES[CARLA]}")

    def test_an_sms_composer_reaches_only_who_said_yes_in_mass_mode(self):
        for keep_log in (False, True):
            values = {"res_model": "res.partner", "res_ids": str(self.two.ids), "mass_keep_log": keep_log}
            self.check_sms(composition_mode="mass", mass_force_send=True, **values)

    def test_queued_sms_are_judged_when_they_leave(self):
        with self.sending():
            values = {"template_id": self.sms_template.id, "body": "Lamps", "res_model": "res.partner"}
            self.use("sms.composer", "action_send_sms", composition_mode="mass", res_ids=str(self.two.ids), **values)
            self.withdraw(ANNA, channel="sms")
        self.assertFalse(self.left)

    def test_a_topic_chosen_in_the_sms_composer_counts_like_that_of_a_template(self):
        with self.sending():
            values = {"numbers": f"{PHONES[ANNA]},{PHONES[CARLA]}", "body": "Lamps", "consent_topic_id": self.news.id}
            self.use("sms.composer", "action_send_sms", composition_mode="numbers", **values)
        self.assertEqual(self.left, {PHONES[ANNA]})

    def test_text_given_with_a_flagged_template_is_marketing_too(self):
        for values in ({"body_html": "<p>Other</p>"}, {"body_html": "<p>Other</p>", "body": "<p>Other</p>"}):
            with self.sending():
                for partner in self.two:
                    self.rpc("mail.template", "send_mail", [self.template.id], partner.id, email_values=values)
            self.assertEqual(self.left, {ANNA})

    def test_no_value_of_a_client_takes_the_topic_of_a_template_away(self):
        with self.sending():
            for partner in self.two:
                values = {"consent_topic_id": False, "consent_origin": False, "body_html": "<p>Other</p>"}
                self.rpc("mail.template", "send_mail", [self.template.id], partner.id, email_values=values)
            forged = {"consent_origin": ["", 0, True, False], "default_consent_topic_id": False}
            self.rpc("mail.template", "send_mail_batch", [self.template.id], self.two.ids, context=forged)
        self.assertEqual(self.left, {ANNA})
