from datetime import timedelta

from odoo import api, fields, models

from ...tools import clock, links
from ...tools.transitions import GRANTED

KEPT = timedelta(days=30)


class ConsentUsedLink(models.Model):
    """A link whose question was answered: whoever opens it again is told so, and what holds. Only a digest is kept."""

    _name = "consent.used.link"
    _description = "Used Link"
    _log_access = False

    token_digest = fields.Char(required=True, readonly=True, index=True)
    answer = fields.Selection(
        [("confirmed", "Confirmed"), ("refused", "Refused"), ("disowned", "Not the person's own")],
        required=True,
        readonly=True,
    )
    invited = fields.Boolean(readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    contact_point_id = fields.Many2one("consent.contact.point", readonly=True, ondelete="cascade")
    topic_ids = fields.Many2many("consent.topic", readonly=True)
    used_at = fields.Datetime(required=True, readonly=True)

    @api.model
    def _note(self, requests, answer: str, topics):
        """Note how `requests` (`consent.request`) are answered, before they are deleted.

        :param topics: what the person said yes to
        """
        now, points = clock.consent_now(self.env), self.env["consent.contact.point"].sudo()
        digests = {}
        for request in requests:
            for digest in filter(None, (request.token_digest, request.earlier_digest)):
                digests.setdefault(digest, request)
        self.create(
            [
                {
                    "token_digest": digest,
                    "answer": answer,
                    "company_id": request.company_id.id,
                    "contact_point_id": points._find(request.channel, request.address).id,
                    "topic_ids": topics and topics.ids,
                    "invited": bool(request.invitee_id),
                    "used_at": now,
                }
                for digest, request in digests.items()
            ]
        )

    @api.model
    def _find(self, token: str, *, invited=False):
        """Return what is noted of a token, empty where it was never used, or long ago.

        :param invited: the link of an invitation, instead of a sign-up's
        """
        domain = [("token_digest", "=", links.digest(token)), ("invited", "=", invited)]
        return self.search(domain, order="id desc", limit=1)

    def _granted(self):
        """Return those of the topics that the person said yes to by the link, and has not ended since."""
        records = self.contact_point_id.record_ids
        return self.topic_ids & records.filtered(lambda record: record.state == GRANTED).topic_id

    @api.autovacuum
    def _gc(self):
        """Delete what is long past."""
        self.search([("used_at", "<", clock.consent_now(self.env) - KEPT)]).unlink()
