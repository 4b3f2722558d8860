from odoo import api, models

from .consent_mailing_launch import STEP, UNATTENDED


class UtmCampaign(models.Model):
    """A/B tests whose winner Odoo's cron launches."""

    _inherit = "utm.campaign"

    @api.model
    def _cron_process_mass_mailing_ab_testing(self):
        """Let no campaign keep the others from their winners. Relied on: each calls `action_send_winner_mailing`."""
        campaigns = self.with_context(**{STEP: UNATTENDED})
        return super(UtmCampaign, campaigns)._cron_process_mass_mailing_ab_testing()
