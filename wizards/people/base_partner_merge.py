from odoo import models


class PartnerMerge(models.TransientModel):
    """Explain a merge. Relied on: Odoo logs each merge, before it deletes the merged contacts."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _log_merge_operation(self, src_partners, dst_partner):
        """Note on the contact what became of the consents of those merged into it."""
        dst_partner._consent_explain(src_partners._consent_carried(), self.env._("Contacts were merged into this one."))
        return super()._log_merge_operation(src_partners, dst_partner)
