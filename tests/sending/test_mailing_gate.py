from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon
from odoo.tests import tagged

from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentStory


@tagged("post_install", "-at_install")
class TestMailingGate(ConsentStory, MassSMSCommon):
    # superuser: verdicts and hand-over do not depend on who sends; who may is tried in test_doors.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()

    def mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "body_html": "<p>Look at our lamps. <a href='/unsubscribe_from_list'>Unsubscribe</a></p>",
                "body_plaintext": "Look at our lamps.",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", self.partners.ids)],
                "consent_topic_id": self.news.id,
                "user_id": self.env.user.id,
                **values,
            }
        )

    def reasons(self, mailing):
        return {trace.email or trace.sms_number: trace.consent_reason for trace in mailing.mailing_trace_ids}

    def test_a_marketing_mailing_reaches_only_who_said_yes(self):
        mailing = self.mailing()
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        self.assertEqual([mail["email_to"] for mail in self._mails], [[f'"Anna" <{ANNA}>']])
        self.assertEqual(self.reasons(mailing), {ANNA: False, BEN: "withdrawn", CARLA: "no_consent", DIRK: "objected"})
        sent = mailing.mailing_trace_ids.filtered(lambda trace: trace.email == ANNA)
        self.assertEqual(sent.consent_event_id, self.record(ANNA).granting_event_id.id)
        self.assertEqual(mailing.state, "done")

    def test_a_transactional_mailing_reaches_everybody(self):
        mailing = self.mailing(message_class="transactional", transactional_reason="The shop moves")
        self.env["mail.blacklist"]._add(BEN)
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        self.assertEqual(len(self._mails), 4)
        self.assertFalse(any("List-Unsubscribe" in mail["headers"] for mail in self._mails))

    def test_an_sms_campaign_reaches_only_who_said_yes_to_sms(self):
        mailing = self.mailing(mailing_type="sms", sms_force_send=True)
        with self.mockSMSGateway():
            mailing.action_send_mail()
        self.assertEqual([sms["number"] for sms in self._sms], [self.at(ANNA, "sms")])
        self.assertEqual(
            {reason for number, reason in self.reasons(mailing).items() if number != self.at(ANNA, "sms")},
            {"no_consent"},
        )
        self.assertEqual(mailing.state, "done")

    def test_withdrawing_after_queueing_stops_the_message(self):
        mailing = self.mailing()
        with self.mock_mail_gateway():
            mailing.with_context(default_force_send=False)._action_send_mail()
            mails = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        mails.state = "outgoing"
        self.withdraw(ANNA)
        with self.mock_mail_gateway():
            mails.send()
        self.assertFalse(self._mails)
        self.assertEqual(self.reasons(mailing)[ANNA], "withdrawn")

    def test_each_address_of_a_recipient_has_a_trace_and_its_own_event(self):
        second = "anna.two@lumen.example"
        self.anna.email = f"{ANNA}, {second}"
        self.yes(second)
        mailing = self.mailing(mailing_domain=[("id", "=", self.anna.id)])
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        self.assertEqual(len(self._mails), 2)
        events = {trace.email: trace.consent_event_id for trace in mailing.mailing_trace_ids}
        self.assertEqual(events, {address: self.record(address).granting_event_id.id for address in (ANNA, second)})
        self.assertEqual(set(mailing.mailing_trace_ids.mapped("trace_status")), {"sent"})

    def test_duplicates_and_unusable_addresses_are_not_said_to_be_sent(self):
        twin = self.anna.copy({"name": "Twin", "email": ANNA})
        nowhere = self.anna.copy({"name": "Nowhere", "email": "nowhere"})
        people = self.anna | twin | nowhere
        mailing = self.mailing(mailing_domain=[("id", "in", people.ids)])
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        context = {"active_model": "mailing.mailing", "active_ids": mailing.ids}
        question = self.env["consent.as.of"].with_context(**context).create({"reason": "Asked by a person"})
        question.action_answer()
        sent = question.line_ids.filtered(lambda line: line.outcome == "Sent")
        self.assertEqual(sum(sent.mapped("count")), 1)
        self.assertEqual(sum(question.line_ids.mapped("count")), 3)
        self.assertIn("duplicate", question.line_ids.mapped("happened"))
