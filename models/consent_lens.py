from odoo import models

from ..tools import contact_point


class ConsentLens(models.AbstractModel):
    """A record that carries an address looks through it at consent; it never owns any."""

    _name = "consent.lens"
    _description = "Lens on Consent"

    def _consent_points(self):
        """Return the contact points of the addresses that the record carries."""
        self.ensure_one()
        gate = self.env["consent.gate"].sudo()
        pairs = [
            (channel, address)
            for channel in (contact_point.EMAIL, contact_point.SMS)
            for address in gate._addresses(self._name, self.ids, channel)[self.id].usable
        ]
        points = self.env["consent.contact.point"]
        hashes = [points.sudo()._hash(*pair) for pair in pairs]
        return points.sudo().search([("address_hash", "in", hashes)]).with_env(self.env)

    def action_open_consent(self):
        """Open the history of consent of the addresses that the record carries."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_event_action")
        return {**action, "domain": [("contact_point_id", "in", self._consent_points().ids)], "context": {}}


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "consent.lens"]


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "consent.lens"]


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = ["mailing.contact", "consent.lens"]
