from odoo import api, fields, models

from ...tools import contact_point


class MailBlacklist(models.Model):
    """A blacklisted address is a veto under every spelling of it, which Odoo's own comparison misses."""

    _inherit = "mail.blacklist"

    consent_address = fields.Char(compute="_compute_consent_address", store=True, index=True)

    @api.depends("email")
    def _compute_consent_address(self):
        for entry in self:
            entry.consent_address = contact_point.canonical_email(entry.email or "")
