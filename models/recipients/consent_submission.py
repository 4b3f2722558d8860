import json
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock

_logger = logging.getLogger(__name__)
BATCH = 100
KEPT = timedelta(days=7)
LONGEST_WAIT = timedelta(hours=6)


class ConsentSubmission(models.Model):
    """A form that somebody sent without showing who they are; a scheduled action works it off seconds later.

    The request only writes this row, whatever the address. So neither the answer nor its time tells whether we know the
    address (threat T-03).
    """

    _name = "consent.submission"
    _description = "Submitted Form"
    _log_access = False
    _order = "id"
    _rec_name = "kind"

    kind = fields.Selection([("sign_up", "Sign-up"), ("fresh_link", "Fresh link")], required=True, readonly=True)
    channel = fields.Selection([("email", "E-mail"), ("sms", "SMS")], required=True, readonly=True)
    address = fields.Char(required=True, readonly=True, help="Canonical.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    website_id = fields.Many2one("website", readonly=True, ondelete="set null")
    lang = fields.Char(readonly=True)
    details = fields.Text(required=True, readonly=True, help="JSON.")
    submitted_at = fields.Datetime(required=True, readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Not before", readonly=True)

    @api.model
    def _queue(self, kind: str, channel: str, address: str, company, **details):
        """Queue a form; the statements are the same for every address.

        :param address: canonical
        :param company: the `res.company` that was asked; its context has lang and website_id
        :param details: JSON for the verb that works it off
        """
        self.create(
            {
                **{"kind": kind, "channel": channel, "address": address, "company_id": company.id},
                "website_id": company.env.context.get("website_id"),
                "lang": company.env.lang,
                "details": json.dumps(details),
                "submitted_at": clock.consent_now(self.env),
            }
        )
        self.env.ref("marketing_consent.ir_cron_consent_submission").sudo()._trigger()

    @api.model
    def _cron_work(self):
        """Work off what was submitted. What fails is put off; who submitted it was told nothing that is untrue then."""
        while batch := self._take():
            for submission in batch:
                submission._work()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return

    def _take(self):
        """Return the next batch, locked; other workers pass it by."""
        self.flush_model()
        query = """SELECT id FROM consent_submission WHERE retry_at IS NULL OR retry_at <= %s
                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"""
        return self.browse(row[0] for row in self.env.execute_query(SQL(query, clock.now(), BATCH)))

    def _work(self):
        try:
            with self.env.cr.savepoint():
                self._act()
                self.unlink()
        except Exception as failure:  # a conflict too: it is tried again in a fresh transaction
            self.env.invalidate_all()
            _logger.warning("consent submission %s waits: %s", self.id, failure)
            wait = min(timedelta(minutes=2**self.attempts), LONGEST_WAIT)
            self.write({"attempts": self.attempts + 1, "retry_at": clock.consent_now(self.env) + wait})

    def _act(self):
        company = self.company_id.with_context(lang=self.lang, website_id=self.website_id.id)
        where, details = (self.channel, self.address, company), json.loads(self.details)
        if self.kind == "sign_up":
            self.env["consent.request"]._take_sign_up(*where, self.submitted_at, **details)
        else:
            self.env["consent.access"]._send_if_known(*where)

    @api.autovacuum
    def _gc(self):
        """Delete what could not be worked off in time (GDPR art. 5(1)(e))."""
        self.search([("submitted_at", "<", clock.consent_now(self.env) - KEPT)]).unlink()
