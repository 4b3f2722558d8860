from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...exceptions import ConsentError
from ...tools import clock

KINDS = [
    ("evidence", "Looked at evidence"),
    ("proof", "Printed a proof"),
    ("as_of", "Asked what held in the past"),
    ("export", "Downloaded the ledger"),
]
SHORTEST_REASON = 5


class ConsentAccessLog(models.Model):
    """Log of access to evidence: user, time, reason (GDPR art. 5(2), 32). Written by `_note_access` only."""

    _name = "consent.access.log"
    _description = "Access to Evidence"
    _log_access = False
    _order = "id desc"
    _rec_name = "user_label"

    user_id = fields.Integer("User id", readonly=True)
    user_label = fields.Char("Who", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="restrict")
    at = fields.Datetime("When", required=True, readonly=True)
    kind = fields.Selection(KINDS, "What", required=True, readonly=True)
    res_model = fields.Char("Kind of record", readonly=True)
    res_ids = fields.Json("Records", readonly=True)
    subject = fields.Char("About", readonly=True)
    reason = fields.Text("Why", required=True, readonly=True)

    @api.model
    def _note_access(self, kind: str, records, reason: str, subject: str | None = None):
        """Log that the current user opens `records`.

        :param kind: one of `KINDS`
        :param records: of any model; their ids are stored
        :param subject: description; default: the names of the first records
        :raises ConsentError: the reason is missing or too short
        """
        if len((reason or "").strip()) < SHORTEST_REASON:
            raise ConsentError("missing_reason", self.env._("Enter a reason (at least 5 characters)."))
        named = ", ".join(filter(None, records[:3].mapped("display_name"))) if records else ""
        return self.sudo().create(
            {
                "user_id": self.env.uid,
                "user_label": self.env.user.name,
                "company_id": self.env.company.id,
                "at": clock.consent_now(self.env),
                "kind": kind,
                "res_model": records._name,
                "res_ids": records.ids,
                "subject": subject or named,
                "reason": reason.strip(),
            }
        )

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: log entries are final."""
        raise self._write_once()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._write_once()

    def _write_once(self):
        return AccessError(self.env._("The access log cannot be changed."))
