from odoo import fields, models

from ..policy.hex_field import Hex


class ConsentEvidence(models.Model):
    """Personal detail that proves an event, kept apart from the ledger so that it can be erased. Has the event's id.

    The event holds salted digests of it. Without the salt they reveal nothing.
    """

    _name = "consent.evidence"
    _description = "Consent Evidence"
    _log_access = False
    _order = "id desc"
    _rec_name = "id"

    salt = Hex(readonly=True, groups="base.group_system")
    payload = fields.Text(readonly=True, help="Canonical JSON: page, IP address, note …")

    def _erase(self):
        """Blank what is personal; the ledger stays valid (GDPR art. 17)."""
        attachments = self.env["ir.attachment"].sudo()
        attachments.search([("res_model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        self.sudo().write({"salt": False, "payload": False})
