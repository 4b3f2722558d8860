from odoo import fields, models

from .consent_gate import CONFIRMED_DATABASE


class ResConfigSettings(models.TransientModel):
    """Settings of the app, with what each of them does."""

    _inherit = "res.config.settings"

    consent_mode = fields.Selection(related="company_id.consent_mode", readonly=False)
    consent_database_held = fields.Boolean(compute="_compute_consent_database_held")

    def _compute_consent_database_held(self):
        gate = self.env["consent.gate"].sudo()
        confirmed = self.env["ir.config_parameter"].sudo().get_param(CONFIRMED_DATABASE)
        self.consent_database_held = gate._database_state() != confirmed

    def action_confirm_consent_database(self):
        """Let marketing leave from this copy of the database."""
        self.env["consent.gate"].sudo()._confirm_database()
