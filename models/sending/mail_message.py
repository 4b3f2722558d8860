from odoo import api, fields, models


class MailMessage(models.Model):
    """A message flagged with a topic is marketing; `mail.mail` and `sms.sms` see it through their message."""

    _inherit = "mail.message"

    consent_topic_id = fields.Many2one("consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null")
    consent_asks = fields.Boolean(
        "Asks for consent",
        groups="base.group_system",
        help="Marketing that goes to people who said nothing yet, where one may ask them. Never to those who said no.",
    )

    consent_origin = fields.Char(
        "Waits for the kind of",
        readonly=True,
        index="btree_not_null",
        help="What sent it, without saying whether it is marketing.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Note what the origin says of the kind. Relied on: every message is created here."""
        return super().create(self.env["consent.origin"]._stamped(vals_list, "body"))
