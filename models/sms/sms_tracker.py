from odoo import models

from ...tools import twilio_codes


class SmsTracker(models.Model):
    """What Twilio's call-backs say of a message, learned. Relied on: each error call-back ends in this one method."""

    _inherit = "sms.tracker"

    def _action_update_from_twilio_error(self, sms_status, error_code, error_message):
        """Learn from the code, and name a carrier's STOP for what it is (requirements R-230, R-231)."""
        result = super()._action_update_from_twilio_error(sms_status, error_code, error_message)
        if twilio_codes.lesson(error_code) == twilio_codes.STOPPED:
            self._action_update_from_sms_state("canceled")  # states that Odoo would not go back from
            self.mailing_trace_id.write({"trace_status": "cancel", "failure_type": "sms_optout"})
            self.mail_notification_id.write({"failure_type": "sms_optout"})
        unknown = twilio_codes.lesson(error_code) == twilio_codes.UNKNOWN
        for tracker in self:
            if unknown and tracker._consent_try_again():
                continue
            company, number = tracker._consent_about()
            if number:
                self.env["consent.sms.lesson"].sudo()._learn(company, {number: error_code})
        return result

    def _consent_try_again(self):
        """Put a message that failed for no known reason back into the queue, once; return whether it is there.

        The gate judges it anew at its hand-over: who has stopped meanwhile gets nothing.
        """
        sms = self.env["sms.sms"].search([("uuid", "=", self.sms_uuid), ("consent_tried_again", "=", False)])
        if not sms:
            return False
        sms.write({"state": "outgoing", "failure_type": False, "to_delete": False, "consent_tried_again": True})
        self.mailing_trace_id.write({"trace_status": "outgoing", "failure_type": False})
        self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
        return True

    def _consent_about(self):
        """Return who sent the message, and to which number."""
        sms = self.env["sms.sms"].search([("uuid", "=", self.sms_uuid)])
        trace, notification = self.mailing_trace_id, self.mail_notification_id
        company = trace.mass_mailing_id.consent_company_id or sms._get_sms_company()
        if not (trace or sms):
            company = notification.mail_message_id.record_company_id or company
        return company, trace.sms_number or sms.number or notification.sms_number
