from markupsafe import Markup
from odoo import models

from ...tools import contact_point


class ConsentLens(models.AbstractModel):
    """Merged and converted records: consent stays with its address, and the record says so where people look for it."""

    _inherit = "consent.lens"  # pylint: disable=consider-merging-classes-inherited

    def _consent_carried(self):
        """Return the pairs of channel and address that these records carry."""
        return set().union(*self._consent_addresses().values())

    def _consent_explain(self, other, how):
        """Say on the record what became of the consents of the addresses that only others carried (DESIGN §3).

        :param other: pairs of channel and address
        :param how: what happened, in a sentence
        """
        self.ensure_one()
        gone = other - self._consent_carried()
        said = (
            self.env["consent.record"]
            .sudo()
            .search_count([("contact_point_id.address", "in", [address for _channel, address in gone])], limit=1)
        )
        if not gone or not said:
            return
        shown = ", ".join(sorted(contact_point.mask(*pair) for pair in gone))
        text = self.env._(
            "Consent belongs to addresses: what was said at %s stays there, and was not carried over to this record.",
            shown,
        )
        self.message_post(body=Markup("<p>%s</p><p>%s</p>") % (how, text))


class CrmLead(models.Model):
    """Explain merges and conversions. Relied on: Odoo logs a merge, and gives a lead its customer, here."""

    _inherit = "crm.lead"

    def _merge_log_summary(self, merged_followers, opportunities_tail):
        """Note on the lead what became of the consents of those merged into it."""
        self._consent_explain(opportunities_tail._consent_carried(), self.env._("Leads were merged into this one."))
        return super()._merge_log_summary(merged_followers, opportunities_tail)

    def _handle_partner_assignment(self, force_partner_id=False, create_missing=True, with_parent=None):
        """Note on the customer what became of the consents of the lead's own addresses."""
        before = {lead: lead._consent_carried() for lead in self}
        result = super()._handle_partner_assignment(force_partner_id, create_missing, with_parent)
        for lead in self.filtered("partner_id"):
            how = self.env._("The lead “%s” was converted; its mails go to the customer's address.", lead.name)
            lead.partner_id._consent_explain(before[lead], how)
        return result
