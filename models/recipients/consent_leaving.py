from odoo import api, fields, models

from ...tools import clock


class ConsentLeaving(models.Model):
    """Why somebody unsubscribed, as they chose it on the page: for reports, without the person.

    The person's own answer is evidence of the event, and erasable with it.
    """

    _name = "consent.leaving"
    _description = "Reason for Unsubscribing"
    _log_access = False
    _order = "said_at desc, id desc"
    _rec_name = "reason_id"

    reason_id = fields.Many2one("mailing.subscription.optout", required=True, readonly=True, index=True)
    said_at = fields.Date("On", required=True, readonly=True)
    channel = fields.Selection([("email", "E-mail"), ("sms", "SMS")], required=True, readonly=True)
    scope = fields.Selection(
        [
            ("topic", "The topic"),
            ("channel", "All marketing over the channel"),
            ("company", "All marketing of the company"),
            ("group", "All marketing of all companies"),
        ],
        "Stopped",
        required=True,
        readonly=True,
    )
    topic_id = fields.Many2one("consent.topic", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")

    @api.model
    def _note(self, subject: dict, scope: str, reason):
        """Note a reason; see `consent.link._withdraw` for `subject` and `scope`.

        :param reason: one `mailing.subscription.optout`
        """
        self.create(
            {
                "reason_id": reason.id,
                "said_at": clock.consent_now(self.env).date(),
                "channel": subject["point"].channel,
                "scope": scope,
                "topic_id": subject["topic"].id,
                "company_id": subject["company"].id,
            }
        )
