from odoo import models
from odoo.exceptions import UserError

from ...models.sending.consent_mailing_launch import has_right


class ConsentMailingTest(models.AbstractModel):
    """The policy of both test wizards: to colleagues and to people who may get it, nobody else."""

    _name = "consent.mailing.test"
    _description = "Policy of Test Mailings"

    def _consent_check_test(self, mailing, parties):
        """Refuse a test to somebody who may not get the mailing.

        :param parties: `contact_point.Addresses` by what was typed
        """
        if not mailing._is_marketing() and has_right(self.env.user):
            return
        gate = self.env["consent.gate"].sudo()
        verdicts = gate._judge(
            parties, mailing._consent_topics(), mailing._consent_channel(), mailing.consent_company_id
        )
        staff = gate._staff_addresses(mailing._consent_channel())
        refused = [
            typed
            for typed, verdict in verdicts.items()
            if not verdict.allowed and any(parties[typed]) and not staff.issuperset(parties[typed].usable)
        ]
        if refused:
            raise UserError(
                self.env._(
                    "Tests go to colleagues or to people who may get the mailing, not to: %s", ", ".join(refused)
                )
            )


class MailingMailingTest(models.TransientModel):
    """E-mail test. Relied on: it sends with `mailing_test_mail`, which lets colleagues through the hand-over gate."""

    _name = "mailing.mailing.test"
    _inherit = ["mailing.mailing.test", "consent.mailing.test"]

    def send_mail_test(self):
        """Check who is written to."""
        gate = self.env["consent.gate"]
        nobody = self.env["res.partner"]
        self._consent_check_test(
            self.mass_mailing_id,
            {line: gate._emails(line, None, nobody) for line in self.email_to.splitlines() if line.strip()},
        )
        return super().send_mail_test()


class MailingSmsTest(models.TransientModel):
    """SMS test. Relied on: it calls the provider itself, past `sms.sms._send`."""

    _name = "mailing.sms.test"
    _inherit = ["mailing.sms.test", "consent.mailing.test"]

    def action_send_sms(self):
        """Check who is written to; keep the messages out of the queue, which would send them a second time."""
        gate = self.env["consent.gate"]
        numbers = {line: self.env.user._phone_format(number=line) for line in self.numbers.splitlines() if line.strip()}
        self._consent_check_test(self.mailing_id, {line: gate._number(number) for line, number in numbers.items()})
        wizard = self.env["sms.sms"]._consent_sent_by_creator(self)
        return super(MailingSmsTest, wizard).action_send_sms()
