import secrets
from datetime import timedelta

from odoo import api, fields, models

from ...tools import clock, contact_point, links

HOURS = 24
#: Where Odoo keeps the address of a channel.
FIELD = {contact_point.EMAIL: "email", contact_point.SMS: "phone"}
MAX_NAME = 200


class ConsentCorrection(models.Model):
    """A changed address that waits for its proof: until then nothing changes (GDPR art. 16, requirement R-066).

    It opens once, within a day; a newer one replaces it. Only a digest is kept (threat T-01).
    """

    _name = "consent.correction"
    _description = "Changed Address, Not Yet Proven"
    _log_access = False

    partner_id = fields.Many2one("res.partner", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    channel = fields.Selection(
        [(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS")], required=True, readonly=True
    )
    address = fields.Char(required=True, readonly=True)
    token_digest = fields.Char(required=True, readonly=True, index=True)
    expires_at = fields.Datetime(required=True, readonly=True)

    @api.model
    def _correct(self, partner, name: str, lang: str) -> bool:
        """Write name and language as the person gives them; what is empty or not installed stays as it was.

        :return: whether that changed anything
        """
        values = {"name": name.strip()[:MAX_NAME], "lang": lang}
        installed = dict(self.env["res.lang"].get_installed())
        changed = {
            field: value
            for field, value in values.items()
            if value and value != partner[field] and (field != "lang" or value in installed)
        }
        if changed:
            partner.write(changed)
        return bool(changed)

    @api.model
    def _request(self, partner, typed: str, channels, company, source: str) -> str:
        """Send a link to a new address of `partner`, whose opening makes it theirs.

        :param typed: the address as the person wrote it
        :param channels: in which the person may change an address
        :param company: whose page it is; its context has the language to write in
        :param source: where the wish came from, for the flood guard
        :return: 'sent'; 'unusable': the address may not be asked for; 'too_many': too many came from there
        """
        channel = contact_point.EMAIL if "@" in typed else contact_point.SMS
        address = contact_point.canonical(channel, typed, company.sudo().country_id.code)
        if not address or channel not in channels:
            return "unusable"
        throttle = self.env["consent.throttle"]
        if not throttle._admit(source):
            return "too_many"
        if throttle._allow(channel, address):
            url = self.env["consent.link"]._url("change", self._open(partner, channel, address, company), company)
            self._tell("consent_correction", channel, address, company, company.env.lang, url=url, hours=HOURS)
        return "sent"

    def _open(self, partner, channel, address, company):
        token = secrets.token_urlsafe(32)
        self.search([("partner_id", "=", partner.id), ("channel", "=", channel)]).unlink()
        self.create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "channel": channel,
                "address": address,
                "token_digest": links.digest(token),
                "expires_at": clock.consent_now(self.env) + timedelta(hours=HOURS),
            }
        )
        return token

    @api.model
    def _find(self, token: str):
        """Return the waiting change of a token, empty where it is unknown, used or lapsed."""
        found = self.search([("token_digest", "=", links.digest(token))])
        return found.filtered(lambda change: change.expires_at > clock.consent_now(self.env))

    def _use(self, evidence: dict) -> bool:
        """Make the address the person's, let their no follow to it (their yes does not), and tell the old one.

        :param evidence: how the proof reached us
        """
        self.ensure_one()
        partner, channel, company = self.partner_id, self.channel, self.company_id
        old = contact_point.canonical(channel, partner[FIELD[channel]] or "", company.country_id.code)
        if old and old != self.address:
            points = self.env["consent.contact.point"].sudo()
            points._carry_no(channel, old, self.address, source="preference_page", evidence=evidence)
            details = {"masked": contact_point.mask(channel, self.address)}
            self._tell("consent_corrected", channel, old, company, partner.lang or self.env.lang, **details)
        partner.write({FIELD[channel]: self.address})
        return self.unlink()

    def _tell(self, kind, channel, address, company, lang, **values):
        company = company.with_context(lang=lang)
        self.env["consent.confirmation"]._send(kind, channel, address, company, **values)

    @api.autovacuum
    def _gc(self):
        """Delete lapsed changes."""
        self.search([("expires_at", "<=", clock.consent_now(self.env))]).unlink()
