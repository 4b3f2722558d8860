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

    def _consent_check(self, vals):
        if not self.env.su and vals.keys() & {*OURS}:
            raise AccessError(self.env._("What a row of the blacklist mirrors is written by consent itself."))

    def _consent_veto(self):
        """Return the values of rows that somebody else wants."""
        return {"consent_veto_at": clock.consent_now(self.env)}


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
        for vals in vals_list:
            self._consent_check(vals)
        entries = super().create(vals_list)
        if all(vals.get("active", True) for vals in vals_list):
            entries._consent_wanted()
        return entries

    def _add(self, email, message=None):
        """Take what somebody adds for a veto. Relied on: Odoo writes nothing on a row that is active already."""
        entries = super()._add(email, message=message)
        entries._consent_wanted()
        return entries

    def _consent_wanted(self):
        new = self.sudo().filtered(lambda entry: entry.active and not entry.consent_veto_at)
        super(MailBlacklist, new).write(self._consent_veto())

    def write(self, vals):
        """Note who else wants a row; what somebody lifts stays while it mirrors an objection."""
        self._consent_check(vals)
        if "active" not in vals:
            return super().write(vals)
        result = super().write(vals)
        super(MailBlacklist, self.sudo()).write(self._consent_veto() if vals["active"] else {"consent_veto_at": False})
        if not vals["active"]:
            super(MailBlacklist, self.sudo().filtered("consent_mirrored")).write({"active": True})
        return result

    @api.model
    def _consent_show(self, objecting, others):
        """Mirror that addresses object or do not; what others have put there stays.

        :param objecting: canonical addresses
        """
        rows = self.with_context(active_test=False)
        found = rows.search([("email", "in", [*objecting, *others])])
        missing = set(objecting) - set(found.mapped("email"))
        super().create([{"email": address, "consent_mirrored": True} for address in sorted(missing)])
        for row in found.filtered(lambda row: row.email in objecting and not row.consent_mirrored):
            veto = row.consent_veto_at or (row.active and row.create_date)
            super(MailBlacklist, row).write({"active": True, "consent_mirrored": True, "consent_veto_at": veto})
        for row in found.filtered(lambda row: row.email in others and row.consent_mirrored):
            super(MailBlacklist, row).write({"active": bool(row.consent_veto_at), "consent_mirrored": False})


class PhoneBlacklist(models.Model):
    """The same of numbers."""

    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "consent.blacklist"]

    @api.model_create_multi
    def create(self, vals_list):
        """Take what somebody adds, also on a row of ours, for a veto. Relied on: Odoo returns rows that exist."""
        for vals in vals_list:
            self._consent_check(vals)
        entries = super().create(vals_list)
        if all(vals.get("active", True) for vals in vals_list):
            new = entries.filtered(lambda entry: entry.active and not entry.consent_veto_at)
            super(PhoneBlacklist, new.sudo()).write(self._consent_veto())
        return entries

    def write(self, vals):
        """Note who else wants a row; what somebody lifts stays while it mirrors an objection."""
        self._consent_check(vals)
        if "active" not in vals:
            return super().write(vals)
        result = super().write(vals)
        super(PhoneBlacklist, self.sudo()).write(self._consent_veto() if vals["active"] else {"consent_veto_at": False})
        if not vals["active"]:
            super(PhoneBlacklist, self.sudo().filtered("consent_mirrored")).write({"active": True})
        return result

    @api.model
    def _consent_show(self, objecting, others):
        """Mirror that numbers object or do not; what others have put there stays.

        :param objecting: numbers in E.164
        """
        rows = self.with_context(active_test=False)
        found = rows.search([("number", "in", [*objecting, *others])])
        missing = set(objecting) - set(found.mapped("number"))
        super().create([{"number": number, "consent_mirrored": True} for number in sorted(missing)])
        for row in found.filtered(lambda row: row.number in objecting and not row.consent_mirrored):
            veto = row.consent_veto_at or (row.active and row.create_date)
            super(PhoneBlacklist, row).write({"active": True, "consent_mirrored": True, "consent_veto_at": veto})
        for row in found.filtered(lambda row: row.number in others and row.consent_mirrored):
            super(PhoneBlacklist, row).write({"active": bool(row.consent_veto_at), "consent_mirrored": False})
