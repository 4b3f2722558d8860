from odoo import fields, models


class ConsentEvidence(models.Model):
    """Personal detail that proves an event, kept beside the ledger so that it can be erased.

    The event holds salted digests of it: with the salt gone, nothing in the ledger tells what stood here.
    """

    _name = "consent.evidence"
    _description = "Consent Evidence"
    _log_access = False
    _order = "id desc"
    _rec_name = "event_id"

    event_id = fields.Many2one("consent.event", required=True, ondelete="restrict", index=True, readonly=True)
    salt = fields.Char(readonly=True, groups="base.group_system")
    payload = fields.Text(readonly=True, help="Canonical JSON: statement as shown, page, IP address, note …")

    def _erase(self):
        """Blank what is personal; the ledger stays valid (GDPR art. 17)."""
        attachments = self.env["ir.attachment"].sudo()
        attachments.search([("res_model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        self.sudo().write({"salt": False, "payload": False})
