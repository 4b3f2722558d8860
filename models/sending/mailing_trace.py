from odoo import fields, models

from ...tools.verdict import FAILURE_TYPE, REASONS


class MailingTrace(models.Model):
    """What became of one recipient: the event that allowed the message, or the reason that withheld it."""

    _inherit = "mailing.trace"

    failure_type = fields.Selection(selection_add=[(FAILURE_TYPE, "Withheld: no consent")])
    consent_reason = fields.Selection(REASONS, "Withheld because", readonly=True)
    consent_event_id = fields.Integer(
        "Authorising event",
        readonly=True,
        index="btree_not_null",
        help="The event in the consent ledger on which the message relied.",
    )

    # For answers, by the Message-ID that they name.
    _consent_message_id_index = models.Index("(message_id) WHERE message_id IS NOT NULL")
    # For the frequency cap, at hand-over: a queue's batch is asked about, not the table.
    _consent_email_index = models.Index("(lower(email)) WHERE sent_datetime IS NOT NULL")
    _consent_number_index = models.Index("(sms_number) WHERE sms_number IS NOT NULL")

    def action_open_consent_event(self):
        """Open the event that authorised the message."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "consent.event",
            "res_id": self.consent_event_id,
            "view_mode": "form",
        }
