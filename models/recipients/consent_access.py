import secrets
from datetime import timedelta

from odoo import api, fields, models

from ...tools import clock, contact_point, links

HOURS = 24


class ConsentAccess(models.Model):
    """A fresh link: sent to an address so that whoever opens it is shown to receive what is sent there.

    It opens once, within a day; a newer one replaces it. Only a digest is kept (threat T-01).
    """

    _name = "consent.access"
    _description = "Fresh Link"
    _log_access = False

    channel = fields.Selection(
        [(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS")], required=True, readonly=True
    )
    address = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    token_digest = fields.Char(required=True, readonly=True, index=True)
    expires_at = fields.Datetime(required=True, readonly=True)

    @api.model
    def _request(self, channel: str, address: str, company, source: str) -> str:
        """Queue a fresh link to an address, whether we know it or not (threat T-03).

        :param address: as somebody typed it
        :param company: whose page it is; its context has language and website
        :param source: where the wish came from, for the flood guard
        :return: 'queued'; 'unusable': the text is no address; 'too_many': too many came from there
        """
        canonical = contact_point.canonical(channel, address, company.sudo().country_id.code)
        if not canonical:
            return "unusable"
        if not self.env["consent.throttle"]._admit(source):
            return "too_many"
        self.env["consent.submission"]._queue("fresh_link", channel, canonical, company)
        return "queued"

    @api.model
    def _send_if_known(self, channel: str, address: str, company):
        """Send a fresh link to a canonical address that we know, unless one was sent just now."""
        if self.env["consent.throttle"]._allow(channel, address) and self._is_known(channel, address):
            url = self.env["consent.link"]._url("access", self._open(channel, address, company), company)
            self.env["consent.confirmation"]._send("consent_access", channel, address, company, url=url, hours=HOURS)

    def _is_known(self, channel, address):
        points = self.env["consent.contact.point"].sudo()
        if points._find(channel, address):
            return True
        return any(points._carriers_of(model, channel, address) for model in ("res.partner", "mailing.contact"))

    @api.model
    def _open(self, channel: str, address: str, company) -> str:
        """Return the token of a new fresh link to `address` (canonical), which replaces older ones."""
        token = secrets.token_urlsafe(32)
        self.search([("channel", "=", channel), ("address", "=", address), ("company_id", "=", company.id)]).unlink()
        self.create(
            {
                "channel": channel,
                "address": address,
                "company_id": company.id,
                "token_digest": links.digest(token),
                "expires_at": clock.consent_now(self.env) + timedelta(hours=HOURS),
            }
        )
        return token

    @api.model
    def _find(self, token: str):
        """Return the fresh link of a token, empty where it is unknown, used or lapsed."""
        found = self.search([("token_digest", "=", links.digest(token))])
        return found.filtered(lambda access: access.expires_at > clock.consent_now(self.env))

    def _use(self):
        """Use the link up, and return the contact point whose owner has shown to be there, and the company."""
        self.ensure_one()
        points = self.env["consent.contact.point"]._points(self.channel, [self.address])
        point, company = self.env["consent.contact.point"].browse(points[self.address]), self.company_id
        self.unlink()
        return point, company

    @api.autovacuum
    def _gc(self):
        """Delete lapsed links."""
        self.search([("expires_at", "<=", clock.consent_now(self.env))]).unlink()
