import hashlib
import hmac

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import origin

#: More people than these a day are written to by one user: it is no correspondence any more.
LETTERS_A_DAY = 10
LIMIT_PARAMETER = "marketing_consent.letters_a_day"


class ConsentLetter(models.Model):
    """Correspondence: what somebody wrote to one person. To more, or to many a day, it needs a kind.

    Rows say nothing but how many people a user wrote to; they are deleted after two days.
    """

    _name = "consent.letter"
    _description = "Correspondence"
    _log_access = False

    user_id = fields.Integer(required=True, index=True)
    recipient = fields.Char(required=True)
    at = fields.Datetime(required=True)

    @api.model
    def _is_written(self):
        """Return whether a person writes, not code: an employee's own call, or a form or composer that says so."""
        return self.env.user._is_internal() and (not self.env.su or origin.of(self.env.context) == origin.WRITTEN)

    @api.model
    def _topic_of(self, recipients: set[str]) -> int:
        """Return the topic of what the user writes to `recipients`, 0 for correspondence.

        :param recipients: addresses, without those of our own staff, or other keys of people
        :raises UserError: it needs a kind
        """
        if len(recipients) < 2 and not (recipients and self._too_many(recipients)):
            return 0
        topic = self.env.company.consent_default_topic_id
        if not topic:
            raise UserError(
                self.env._(
                    "This goes to several people, or you wrote to many today: say what it is. Open it in the full"
                    " composer and choose a marketing topic, or call it a service message if you may."
                )
            )
        return topic.id

    def _too_many(self, recipients):
        """Note that the user writes to `recipients` now; return whether they were too many within a day."""
        key = self.env["consent.origin"]._secret(b"letter")
        for recipient in recipients:
            digest = hmac.new(key, recipient.encode(), hashlib.sha256).hexdigest()
            self.env.cr.execute(
                SQL(
                    "INSERT INTO consent_letter (user_id, recipient, at) VALUES (%s, %s, now() AT TIME ZONE 'UTC')",
                    self.env.uid,
                    digest,
                )
            )
        query = SQL(
            "SELECT count(DISTINCT recipient) FROM consent_letter"
            " WHERE user_id = %s AND at > now() AT TIME ZONE 'UTC' - interval '24 hours'",
            self.env.uid,
        )
        [[count]] = self.env.execute_query(query)
        limit = self.env["ir.config_parameter"].sudo().get_param(LIMIT_PARAMETER)
        return count > (int(limit) if (limit or "").isdigit() else LETTERS_A_DAY)

    @api.model
    def _without_staff(self, addresses: set[str], channel: str) -> set[str]:
        """Return `addresses` without those of our own users."""
        field = "partner_id.email_normalized" if channel == "email" else "partner_id.phone_sanitized"
        domain = [("share", "=", False), (field, "in", list(addresses))]
        return addresses - set(self.env["res.users"].sudo().search(domain).mapped(field)) if addresses else addresses

    @api.autovacuum
    def _forget_letters(self):
        self.env.cr.execute("DELETE FROM consent_letter WHERE at < now() AT TIME ZONE 'UTC' - interval '2 days'")
