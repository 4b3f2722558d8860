from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the app, with what each of them does."""

    _inherit = "res.config.settings"

    consent_mode = fields.Selection(related="company_id.consent_mode", readonly=False)
    consent_ask_again_days = fields.Integer(related="company_id.consent_ask_again_days", readonly=False)
    consent_four_eyes = fields.Boolean(related="company_id.consent_four_eyes", readonly=False)
    consent_sms_brand = fields.Char(related="company_id.consent_sms_brand", readonly=False)
    consent_sms_contact = fields.Char(related="company_id.consent_sms_contact", readonly=False)
    consent_sms_validity = fields.Integer(related="company_id.consent_sms_validity", readonly=False)
    consent_quiet_from = fields.Float(related="company_id.consent_quiet_from", readonly=False)
    consent_quiet_to = fields.Float(related="company_id.consent_quiet_to", readonly=False)
    consent_quiet_sundays = fields.Boolean(related="company_id.consent_quiet_sundays", readonly=False)
    consent_cap_email = fields.Integer(related="company_id.consent_cap_email", readonly=False)
    consent_cap_sms = fields.Integer(related="company_id.consent_cap_sms", readonly=False)
    consent_cap_days = fields.Integer(related="company_id.consent_cap_days", readonly=False)
    consent_twilio_trouble = fields.Char(related="company_id.consent_twilio_trouble")
    consent_twilio_old_token = fields.Char(related="company_id.consent_twilio_old_token", readonly=False)
    consent_twilio_shared_key = fields.Char(related="company_id.consent_twilio_shared_key", readonly=False)
    consent_ip_detail = fields.Selection(related="company_id.consent_ip_detail", readonly=False)
    consent_account_topic_ids = fields.Many2many(related="company_id.consent_account_topic_ids", readonly=False)
    consent_customer_topic_id = fields.Many2one(related="company_id.consent_customer_topic_id", readonly=False)
    consent_customer_choice = fields.Text(related="company_id.consent_customer_choice", readonly=False)
    consent_has_sales = fields.Boolean(compute="_compute_consent_has_sales")
    consent_database_held = fields.Boolean(compute="_compute_consent_database_held")

    consent_insecure_url = fields.Char(compute="_compute_consent_insecure_url")

    @api.depends("company_id")
    def _compute_consent_insecure_url(self):
        for settings in self:
            settings.consent_insecure_url = self.env["consent.link"]._insecure_url(settings.company_id)

    def _compute_consent_has_sales(self):
        self.consent_has_sales = "sale.order" in self.env

    def action_rotate_consent_keys(self):
        """Sign links in messages with a new key from now on; those that were sent keep working."""
        self.check_access("write")
        self.env["consent.link"].sudo()._rotate_keys()

    def _compute_consent_database_held(self):
        self.consent_database_held = self.env["consent.gate"].sudo()._is_held()

    def action_confirm_consent_database(self):
        """Ask what happened to this database before marketing leaves from it."""
        return self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_database_confirm_action")
