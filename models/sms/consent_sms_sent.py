from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock

#: An answer to marketing comes within so many days of it, with nothing else sent in between.
ANSWER_WITHIN = timedelta(days=7)
HANDED_OVER = ("process", "pending", "sent")


class ConsentSmsSent(models.Model):
    """What was last sent to a number, so that an answer can be told from ordinary conversation. Kept for days only.

    Odoo's own traces say nothing of service messages to a bare number. Rows are only added: an update could fail for
    a rival after the provider had the message.
    """

    _name = "consent.sms.sent"
    _description = "SMS Sent Lately"
    _log_access = False
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    number = fields.Char(required=True, readonly=True)
    sent_at = fields.Datetime(required=True, readonly=True)
    marketing = fields.Boolean(readonly=True)
    topic_id = fields.Many2one("consent.topic", ondelete="set null", readonly=True, index="btree_not_null")
    about = fields.Char(readonly=True, help="The mailing.")

    _number_index = models.Index("(number, company_id, id)")

    @api.model
    def _note(self, messages):
        """Note what the provider has taken of `messages`, by one statement.

        :param messages: pairs of an `sms.sms` and its values here
        """
        there = self.env["sms.sms"].concat(*(sms for sms, _values in messages)).exists()
        taken = [values for sms, values in messages if sms in there and sms.state in HANDED_OVER]
        now = clock.consent_now(self.env)
        self.sudo().create([{**values, "sent_at": now} for values in taken])

    @api.model
    def _answered(self, company, number: str, at):
        """Return the marketing message that one from `number` answers; empty where it answers none.

        :param at: when it came, naive UTC
        """
        last = self._last(company, number, at)
        return last if last.marketing else last.browse()

    @api.model
    def _last(self, company, number: str, at):
        """Return what was sent to `number` last, empty where that is too long ago to be answered."""
        about = [("company_id", "=", company.id), ("number", "=", number)]
        last = self.search([*about, ("sent_at", "<=", at)], limit=1)
        return last if last and last.sent_at >= at - ANSWER_WITHIN else last.browse()

    @api.autovacuum
    def _gc_sent(self):
        """Forget what no answer can be about any more."""
        oldest = clock.consent_now(self.env) - 2 * ANSWER_WITHIN
        self.env.cr.execute(SQL("DELETE FROM consent_sms_sent WHERE sent_at < %s", oldest))
