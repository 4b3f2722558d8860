from odoo import api, fields, models

from ...tools import contact_point


class ResUsers(models.Model):
    """What a login proves of the addresses on one's own card."""

    _inherit = "res.users"

    consent_signed_up = fields.Boolean("Chose the login at sign-up", readonly=True, copy=False)

    @api.model
    def _signup_create_user(self, values):
        """Note that the visitor chose the login, which proves no address, also after free sign-up is closed.

        Relied on: Odoo makes here every user who types a login; who was invited as a user has one already.
        """
        user = super()._signup_create_user(values)
        user.sudo().consent_signed_up = True
        return user

    def _consent_addresses(self) -> dict[tuple[str, str], bool]:
        """Return the user's own addresses (channel, canonical address), and whether the login proves them.

        They are exactly those of the user's own partner, not of the company that it belongs to (threat T-11). Users
        write on their card what they like, so a login proves only the e-mail address that it was made for; and not
        even that where anybody may sign up with any address, or the user did. The others need a fresh link.

        Relied on: Odoo sends an invitation to a login before it can be used, unless sign-up is free.
        """
        self.ensure_one()
        gate, partner = self.env["consent.gate"].sudo(), self.partner_id
        login = contact_point.canonical_email(self.login or "")
        invited = self._get_signup_invitation_scope() != "b2c" and not self.sudo().consent_signed_up
        return {
            (channel, address): invited and (channel, address) == (contact_point.EMAIL, login)
            for channel in (contact_point.EMAIL, contact_point.SMS)
            for address in gate._addresses("res.partner", partner.ids, channel)[partner.id].usable
        }
