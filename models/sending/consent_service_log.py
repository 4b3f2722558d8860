from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools import clock


class ConsentServiceLog(models.Model):
    """What was called a service message, by whom, why, and to how many (GDPR art. 5(2)). Written once, by `_note`."""

    _name = "consent.service.log"
    _description = "Service Messages"
    _log_access = False
    _order = "id desc"
    _rec_name = "subject"

    user_id = fields.Integer("User id", readonly=True)
    user_label = fields.Char("Who", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="restrict")
    at = fields.Datetime("When", required=True, readonly=True)
    source = fields.Char("What", required=True, readonly=True)
    recipients = fields.Integer(readonly=True)
    subject = fields.Char(readonly=True)
    reason = fields.Char("Why", readonly=True)
    text = fields.Text(readonly=True)

    @api.model
    def _note(self, record, reason: str | None, *, text, subject: str | None = None, recipients: int = 0):
        """Note what the current user calls a service message.

        :param record: a template or action that is approved, or a composer that sends
        """
        return self.sudo().create(
            {
                "user_id": self.env.uid,
                "user_label": self.env.user.name,
                "company_id": self.env.company.id,
                "at": clock.consent_now(self.env),
                "source": record._description,
                "recipients": recipients,
                "subject": subject or record.display_name,
                "reason": (reason or "").strip(),
                "text": str(text),
            }
        )

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: what was sent stays sent."""
        raise self._write_once()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._write_once()

    def _write_once(self):
        return AccessError(self.env._("The log of service messages cannot be changed."))
