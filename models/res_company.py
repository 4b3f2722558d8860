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
    # How the company speaks by SMS, and what Twilio needs for it.
    consent_sms_brand = fields.Char(
        "Name in SMS", help="Short: it stands in front of messages. Empty: the company's name."
    )
    consent_sms_contact = fields.Char(
        "Contact in SMS", help="What the answer to HELP names: a number, an address, a page."
    )
    consent_twilio_url = fields.Char(
        "Public address of Odoo",
        help="As Twilio calls it, where that differs from Odoo's own address: https://odoo.example.com",
    )
    consent_twilio_service_sid = fields.Char("Messaging service", help="MG…, where messages go through one.")
    consent_twilio_answers = fields.Boolean(
        "Twilio answers STOP, START and HELP itself",
        default=True,
        help="As it does unless Twilio's support has switched its default handling off.",
    )
    consent_twilio_old_token = fields.Char(
        "Other auth token", groups="base.group_system", help="The second of two, while they are being changed."
    )
    consent_twilio_shared_key = fields.Char(
        "Shared key of webhooks",
        groups="base.group_system",
        help="Where Twilio signs with SHA-256. From then on nothing else is accepted.",
    )

    def _compute_consent_default_topic_id(self):
        topic = self.env.ref("marketing_consent.consent_topic_marketing", raise_if_not_found=False)
        for company in self:
            company.consent_default_topic_id = company.consent_mode == "opt_out" and topic

    def _consent_sms_brand(self):
        self.ensure_one()
        return self.consent_sms_brand or self.name
