import secrets

from odoo import api, fields, models

from ...tools import asking, clock, contact_point
from ...tools.limits import MAX_ASK_DAYS
from ..policy.hex_field import Hex


class ConsentInvitee(models.Model):
    """The outcome of one question, stored without the address, to limit repeats and to compare texts."""

    _name = "consent.invitee"
    _description = "Invited Person"
    _order = "id desc"
    _rec_name = "masked"
    _log_access = False

    invitation_id = fields.Many2one("consent.invitation", required=True, readonly=True, ondelete="restrict", index=True)
    variant_id = fields.Many2one("consent.invitation.variant", "Text", readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    address_hash = Hex(required=True, readonly=True, groups="base.group_system", help="Keyed; no address.")
    masked = fields.Char("Who", readonly=True)
    ground = fields.Selection(asking.GROUNDS, readonly=True)
    asked_at = fields.Datetime(required=True, readonly=True)
    opened_at = fields.Datetime("Looked on", readonly=True, help="Their page ran: no scanner that only fetched it.")
    answered_at = fields.Datetime(readonly=True)
    granted_at = fields.Datetime("Said yes on", readonly=True)
    asked = fields.Integer(compute="_compute_funnel", store=True)
    opened = fields.Integer("Looked", compute="_compute_funnel", store=True)
    answered = fields.Integer(compute="_compute_funnel", store=True)
    granted = fields.Integer("Said yes", compute="_compute_funnel", store=True)

    _once_each = models.UniqueIndex("(invitation_id, address_hash)", "This person has been asked already.")
    _address_index = models.Index("(address_hash, asked_at)")

    @api.depends("opened_at", "answered_at", "granted_at")
    def _compute_funnel(self):
        for invitee in self:
            invitee.update({"asked": 1, "granted": bool(invitee.granted_at), "answered": bool(invitee.answered_at)})
            invitee.opened = bool(invitee.opened_at or invitee.answered_at)

    @api.model
    def _funnel(self, field, records):
        """Return, for each of `records`, the numbers of people asked, opened, answered and granted."""
        steps = ("asked", "opened", "answered", "granted")
        groups = self._read_group([(field, "in", records.ids)], [field], [f"{step}:sum" for step in steps])
        found = {record: tuple(counts) for record, *counts in groups}
        return {record: found.get(record, (0, 0, 0, 0)) for record in records}

    @api.model
    def _note(self, invitation, grounds: dict[str, str]):
        """Create the rows of people whom `invitation` asks now, and return them by address; skip those asked before.

        :param grounds: by canonical address
        """
        points, now = self.env["consent.contact.point"].sudo(), clock.consent_now(self.env)
        keys = {address: points._hash(invitation.channel, address) for address in grounds}
        asked = self.search([("invitation_id", "=", invitation.id), ("address_hash", "in", list(keys.values()))])
        known = set(asked.mapped("address_hash"))
        new = [address for address, key in keys.items() if key not in known]
        invitees = self.create(
            [
                {
                    "invitation_id": invitation.id,
                    "variant_id": invitation._draw(keys[address]).id,
                    "company_id": invitation.company_id.id,
                    "address_hash": keys[address],
                    "masked": contact_point.mask(invitation.channel, address),
                    "ground": grounds[address],
                    "asked_at": now,
                }
                for address in new
            ]
        )
        return dict(zip(new, invitees, strict=True))

    @api.model
    def _ask(self, invitees: dict, topics, lang: str):
        """Send the question. `consent.asking` has checked eligibility; the gate checks again at hand-over.

        :param invitees: the rows of one invitation, by canonical address
        """
        invitation, requests = next(iter(invitees.values())).invitation_id, self.env["consent.request"].sudo()
        offers = self.env["consent.page"].sudo()._offers_of(invitation.company_id, lang, topics)
        tokens = {address: secrets.token_urlsafe(32) for address in invitees} if offers else {}
        questions = requests.create(
            [
                requests._values(
                    topics.browse().union(*(topic for topic, _channels in offer["topics"])),
                    *(invitation.channel, address, offer["notice"], token),
                    now=invitees[address].asked_at,
                    days=MAX_ASK_DAYS,
                    evidence=invitees[address]._evidence(),
                )
                | {
                    "company_id": invitation.company_id.id,
                    "stage": "invited",
                    "asked_at": invitees[address].asked_at,
                    "invitee_id": invitees[address].id,
                    "lang": lang,
                    "source_label": invitation.name,
                }
                for address, token in tokens.items()
                for offer in offers
            ]
        )
        if questions:
            grouped = questions.grouped("address")
            requests._send_invitations({grouped[address]: token for address, token in tokens.items()})

    def _evidence(self):
        return {"invitation": self.variant_id.subject, "ground": self.ground}

    def _mark(self, *steps):
        """Record the time of the first arrival at `steps`."""
        now = clock.consent_now(self.env)
        for step in steps:
            self.filtered(lambda invitee, name=f"{step}_at": not invitee[name]).write({f"{step}_at": now})
