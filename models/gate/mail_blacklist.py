from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools import clock, contact_point

#: Written by the methods below alone: who could write them would lift a veto.
OURS = ("consent_mirrored", "consent_veto_at")


class ConsentBlacklist(models.AbstractModel):
    """A row of one of Odoo's blacklists: our mirror of an objection, somebody else's veto, or both.

    A row is active as long as one of them wants it. Our mirror alone is no veto: the objection that it shows is in the
    ledger, where a later consent may pass it.
    """

    _name = "consent.blacklist"
    _description = "Row of a Blacklist"

    consent_mirrored = fields.Boolean("Mirrors an objection", readonly=True, help="Goes when the person takes it back.")
    consent_veto_at = fields.Datetime("Set by somebody else on", readonly=True)

    def _consent_is_ours(self, vals):
        """Return whether the methods below write `vals`.

        :raises AccessError: somebody else tries to write what they write
        """
        ours = bool(vals.keys() & {*OURS})
        if ours and not self.env.su:
            raise AccessError(self.env._("What a row of the blacklist mirrors is written by consent itself."))
        return ours

    def _consent_wanted(self):
        """Note that somebody else wants these rows."""
        new = self.sudo().filtered(lambda row: row.active and not row.consent_veto_at)
        new.write({"consent_veto_at": clock.consent_now(self.env)})

    def _consent_lifted(self):
        """Note that nobody else wants these rows; those that mirror an objection stay."""
        for mirrored, rows in self.sudo().grouped("consent_mirrored").items():
            rows.write({"active": mirrored, "consent_veto_at": False})

    @api.model
    def _consent_show(self, objecting, others):
        """Mirror that addresses object or do not; what others have put there stays.

        :param objecting: canonical addresses
        """
        name = self._rec_name
        found = self.with_context(active_test=False).search([(name, "in", [*objecting, *others])])
        missing = set(objecting) - set(found.mapped(name))
        self.create([{name: address, "consent_mirrored": True} for address in sorted(missing)])
        for row in found.filtered(lambda row: row[name] in objecting and not row.consent_mirrored):
            veto = row.consent_veto_at or (row.active and row.create_date)
            row.write({"active": True, "consent_mirrored": True, "consent_veto_at": veto})
        for row in found.filtered(lambda row: row[name] in others and row.consent_mirrored):
            row.write({"active": bool(row.consent_veto_at), "consent_mirrored": False})


class MailBlacklist(models.Model):
    """A blacklisted address is a veto under every spelling of it, which Odoo's own comparison misses."""

    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "consent.blacklist"]

    consent_address = fields.Char(compute="_compute_consent_address", store=True, index=True)

    @api.depends("email")
    def _compute_consent_address(self):
        for entry in self:
            entry.consent_address = contact_point.canonical_email(entry.email or "")

    @api.model_create_multi
    def create(self, vals_list):
        """Take what somebody adds, also on a row of ours, for a veto. Relied on: Odoo returns rows that exist."""
        ours = [self._consent_is_ours(vals) for vals in vals_list]
        entries = super().create(vals_list)
        if not any(ours) and all(vals.get("active", True) for vals in vals_list):
            entries._consent_wanted()
        return entries

    def _add(self, email, message=None):
        """Take what somebody adds for a veto. Relied on: Odoo writes nothing on a row that is active already."""
        entries = super()._add(email, message=message)
        entries._consent_wanted()
        return entries

    def write(self, vals):
        """Note who else wants a row; what somebody lifts stays while it mirrors an objection."""
        ours = self._consent_is_ours(vals)
        result = super().write(vals)
        if "active" in vals and not ours:
            self._consent_wanted() if vals["active"] else self._consent_lifted()
        return result


class PhoneBlacklist(models.Model):
    """The same of numbers."""

    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "consent.blacklist"]

    @api.model_create_multi
    def create(self, vals_list):
        """Take what somebody adds, also on a row of ours, for a veto. Relied on: Odoo returns rows that exist."""
        ours = [self._consent_is_ours(vals) for vals in vals_list]
        entries = super().create(vals_list)
        if not any(ours) and all(vals.get("active", True) for vals in vals_list):
            entries._consent_wanted()
        return entries

    def write(self, vals):
        """Note who else wants a row; what somebody lifts stays while it mirrors an objection."""
        ours = self._consent_is_ours(vals)
        result = super().write(vals)
        if "active" in vals and not ours:
            self._consent_wanted() if vals["active"] else self._consent_lifted()
        return result
