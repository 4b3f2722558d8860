import hashlib
import json
import secrets
from datetime import timedelta

from odoo import api, fields, models

from ..exceptions import ConsentError
from ..tools import clock, contact_point, ledger, status


class ConsentRequest(models.Model):
    """A sign-up that waits for confirmation. Not yet consent, not in the ledger: it is deleted when it lapses."""

    _name = "consent.request"
    _description = "Consent Request"
    _order = "id desc"
    _rec_name = "masked"

    channel = fields.Selection(
        lambda self: self.env["consent.contact.point"]._fields["channel"].selection, required=True, readonly=True
    )
    address = fields.Char(required=True, readonly=True, groups="marketing_consent.group_user")
    masked = fields.Char("Masked address", compute="_compute_masked")
    topic_ids = fields.Many2many("consent.topic", string="Topics", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    token_digest = fields.Char(readonly=True, index=True, groups="base.group_system")
    requested_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True, index=True)
    stage = fields.Selection(
        [stage for stage in status.STATUSES if stage[0] in status.ASKED],
        default="opt_in",
        readonly=True,
        help="Opt-in: the person signed up and has yet to confirm. Invited, reminded: we asked.",
    )
    asked_at = fields.Datetime("Last asked on", readonly=True, help="When it was invited or reminded.")
    notice_id = fields.Many2one("consent.notice", "Wording", required=True, readonly=True, ondelete="restrict")
    source_label = fields.Char("Asked on", readonly=True)
    evidence = fields.Text(readonly=True, groups="marketing_consent.group_officer")

    _address_index = models.Index("(channel, address)")

    @api.depends("channel", "address")
    def _compute_masked(self):
        for request in self:
            request.masked = contact_point.mask(request.channel, request.sudo().address)

    @api.model
    def _open(self, topics, channel: str, address: str, notice, *, days: int = 7, evidence=None, **details):
        """Note a sign-up, and return it with the token that confirms it (shown once, only its digest is kept).

        :param days: after which it lapses and is deleted (requirement R-028: 30 at most)
        :raises ConsentError: unusable address
        """
        canonical = contact_point.canonical(channel, address or "")
        if not canonical:
            raise ConsentError("unusable_address", self.env._("“%s” is no usable address.", address))
        token, now = secrets.token_urlsafe(32), clock.consent_now(self.env)
        self.search([("channel", "=", channel), ("address", "=", canonical), ("topic_ids", "in", topics.ids)]).unlink()
        request = self.create(
            {
                "channel": channel,
                "address": canonical,
                "topic_ids": topics.ids,
                "notice_id": notice.id,
                "token_digest": _digest(token),
                "requested_at": now,
                "expires_at": now + timedelta(days=min(days, 30)),
                "evidence": ledger.canonical_json(evidence or {}),
                **details,
            }
        )
        return request, token

    @api.model
    def _confirm(self, token: str, evidence: dict | None = None) -> list[int]:
        """Turn the sign-up that `token` belongs to into consent, once.

        :param evidence: what proves the confirmation itself (time, IP address, user agent)
        :return: ids of the confirmed events, empty for a token that is unknown, used or lapsed
        """
        request = self.sudo().search([("token_digest", "=", _digest(token))])
        if not request or request.expires_at <= clock.consent_now(self.env):
            return []
        asked = json.loads(request.evidence or "{}")
        base = {
            **{"channel": request.channel, "address": request.address, "notice": request.notice_id.id},
            **{"source": "double_opt_in", "source_label": request.source_label},
        }
        entries = [
            entry
            for topic in request.topic_ids
            for entry in (
                base | {"fact": "requested", "topic": topic, "evidence": asked, "occurred_at": request.requested_at},
                base | {"fact": "confirmed", "topic": topic, "evidence": {"request": asked, **(evidence or {})}},
            )
        ]
        request.unlink()
        return self.env["consent.record"].sudo()._submit(entries)[1::2]

    @api.model
    def _cron_lapse(self):
        """Delete what nobody confirmed in time (GDPR art. 5(1)(e))."""
        self.search([("expires_at", "<=", clock.consent_now(self.env))]).unlink()


def _digest(token):
    return hashlib.sha256(token.encode()).hexdigest()
