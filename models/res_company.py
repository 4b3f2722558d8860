from odoo import fields, models

from .consent_purpose import MODES


class ResCompany(models.Model):
    """What silence means when the company sends."""

    _inherit = "res.company"

    consent_mode = fields.Selection(
        MODES,
        "Consent mode",
        default="opt_in",
        # Not required in the database: Odoo makes companies while only some of the addons are loaded.
        help="Opt-in: only people who said yes get marketing. Opt-out: everybody who did not say no.",
    )
    consent_default_topic_id = fields.Many2one(
        "consent.topic", compute="_compute_consent_default_topic_id", help="For mailings without one, in opt-out mode."
    )

    def _compute_consent_default_topic_id(self):
        topic = self.env.ref("marketing_consent.consent_topic_marketing", raise_if_not_found=False)
        for company in self:
            company.consent_default_topic_id = company.consent_mode == "opt_out" and topic
