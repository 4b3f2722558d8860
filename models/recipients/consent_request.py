import json
import secrets
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import consteq

from ...exceptions import ConsentError
from ...tools import circumstances, clock, contact_point, ledger, links, status
from ...tools.limits import MAX_ASK_DAYS
from ...tools.transitions import GRANTED, SAID_NO
from .consent_capture import Choice

CODE_DIGITS = 6
#: Codes that may be typed for a sign-up, by people from one network and by all: of a million codes, so few find none.
MAX_TRIES = 5
MAX_TRIES_OF_ALL = 100


class ConsentRequest(models.Model):
    """A sign-up that waits for confirmation. Not yet consent, not in the ledger: it is deleted when it lapses."""

    _name = "consent.request"
    _description = "Consent Request"
    _order = "id desc"
    _rec_name = "masked"
    _rec_names_search = ["topic_ids"]

    channel = fields.Selection(
        lambda self: self.env["consent.contact.point"]._fields["channel"].selection, required=True, readonly=True
    )
    address = fields.Char(required=True, readonly=True, groups="marketing_consent.group_user")
    masked = fields.Char("Masked address", compute="_compute_masked")
    topic_ids = fields.Many2many("consent.topic", string="Topics", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    token_digest = fields.Char(readonly=True, index=True, groups="base.group_system")
    earlier_digest = fields.Char(
        readonly=True, index="btree_not_null", groups="base.group_system", help="Of the link that a reminder replaced."
    )
    website_id = fields.Many2one("website", readonly=True, ondelete="set null", help="Where the person signed up.")
    lang = fields.Char(readonly=True, help="In which the person signed up.")
    code_digest = fields.Char(readonly=True, groups="base.group_system")
    page_digest = fields.Char(
        readonly=True,
        index="btree_not_null",
        groups="base.group_system",
        help="Of the handle of the page on which the code may be typed.",
    )
    tries = fields.Integer("Typed codes", readonly=True)
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
    invitee_id = fields.Many2one("consent.invitee", "Invited by", readonly=True, index="btree_not_null")

    _address_index = models.Index("(channel, address)")

    @api.depends("channel", "address")
    def _compute_masked(self):
        for request in self:
            request.masked = contact_point.mask(request.channel, request.sudo().address)

    @api.model
    def _open(self, topics, channel: str, address: str, notice, *, days: int = 7, evidence=None, token=None, **details):
        """Note a sign-up, and return it with the token that confirms it (shown once, only its digest is kept).

        A newer sign-up for a topic replaces an older one, whose link is dead from then on.

        :param days: after which it lapses and is deleted (requirement R-028: 30 at most)
        :param token: of another sign-up, made at the same time, that is to be confirmed together with this one
        :raises ConsentError: unusable address
        """
        canonical = contact_point.canonical(channel, address or "")
        if not canonical:
            raise ConsentError("unusable_address", self.env._("“%s” is no usable address.", address))
        token = token or secrets.token_urlsafe(32)
        self.search([("channel", "=", channel), ("address", "=", canonical), ("topic_ids", "in", topics.ids)]).unlink()
        now = clock.consent_now(self.env)
        values = self._values(topics, channel, canonical, notice, token, now=now, days=days, evidence=evidence)
        return self.create({**values, **details}), token

    def _values(self, topics, channel, address, notice, token, *, now, days, evidence):
        """Return the values of a request that `token` answers; see `_open`."""
        return {
            "channel": channel,
            "address": address,
            "topic_ids": topics.ids,
            "notice_id": notice.id,
            "token_digest": links.digest(token),
            "requested_at": now,
            "expires_at": now + timedelta(days=min(days, MAX_ASK_DAYS)),
            "evidence": ledger.canonical_json(evidence or {}),
        }

    @api.model
    def _sign_up(
        self,
        offers: list[dict],
        channel: str,
        address: str,
        company,
        *,
        handle: str | None = None,
        may_skip: bool = False,
        **details,
    ):
        """Queue what somebody who did not show who they are wants; the address gets a message to confirm it.

        The request costs the same whoever it is (threat T-03). The caller has asked the flood guard; see
        `consent.throttle._admit`.

        :param offers: mappings of `topics` (`consent.topic`) and the `notice` that was shown beside their boxes
        :param handle: of the page that was shown, on which the code in an SMS may be typed
        :param may_skip: whether a purpose that needs no double opt-in takes the sign-up for a yes
        :param details: source_label, evidence
        :raises ConsentError: unusable address
        """
        canonical = contact_point.canonical(channel, address or "", company.sudo().country_id.code)
        if not canonical:
            raise ConsentError("unusable_address", self.env._("“%s” is no usable address.", address))
        details["page_digest"] = handle and links.digest(handle)
        offers = [[offer["topics"].ids, offer["notice"].id] for offer in offers]
        self.env["consent.submission"]._queue(
            "sign_up", channel, canonical, company, offers=offers, may_skip=may_skip, **details
        )

    @api.model
    def _take_sign_up(
        self, channel: str, address: str, company, at: datetime, *, offers: list, may_skip: bool, **details
    ):
        """Note a queued sign-up, and send the message that confirms it, unless the address must be left alone.

        :param at: when it was submitted
        :param offers: pairs of topic ids and notice id; see `_sign_up` for the rest
        """
        if not self.env["consent.throttle"]._allow(channel, address) or self._must_not_be_asked(channel, address):
            return
        offers = [
            {"topics": self.env["consent.topic"].browse(topics), "notice": self.env["consent.notice"].browse(notice)}
            for topics, notice in offers
        ]
        page_digest = details.pop("page_digest")
        single = [offer for offer in offers if may_skip and self._may_skip(offer, channel, address, company)]
        if single:
            self._take_for_a_yes(single, channel, address, company, details | {"occurred_at": at})
        offers = [offer for offer in offers if offer not in single]
        if offers:
            details |= {"requested_at": at, "page_digest": page_digest}
            self._have_confirmed(offers, channel, address, company, details)

    def _have_confirmed(self, offers, channel, address, company, details):
        """Note wishes, and send the message that confirms them."""
        token, lang = None, company.env.lang
        code, digest = self._new_code(channel, address)
        values = {**details, "company_id": company.id, "lang": lang, "code_digest": digest}
        values["website_id"] = company.env.context.get("website_id")
        for offer in offers:
            _request, token = self._open(offer["topics"], channel, address, offer["notice"], token=token, **values)
        topics = [topic for offer in offers for topic in offer["topics"]]
        self._send_link("consent_request", channel, address, company, topics, token, code, details)

    def _may_skip(self, offer, channel, address, company):
        """Return whether a sign-up needs no confirmation: neither the purpose nor the country wants one (R-027).

        What somebody said, no or yes, is replaced by nobody who did not show that the address is theirs (requirement
        R-047): that would undo the no, or weaken and prolong the yes.
        """
        if offer["notice"].purpose_id._wants_double_opt_in(channel, address, company):
            return False
        records = self.env["consent.contact.point"].sudo()._find(channel, address).record_ids
        said = (*SAID_NO, GRANTED)
        return not records.filtered(lambda r: r.objected_at or (r.topic_id in offer["topics"] and r.state in said))

    def _take_for_a_yes(self, offers, channel, address, company, details):
        """Write down what somebody signed up for, and tell the address, with a way out."""
        choices = [Choice(topic, channel, offer["notice"]) for offer in offers for topic in offer["topics"]]
        self.env["consent.capture"]._give(choices, address, details)
        topics = self.env["consent.topic"].union(*(choice.topic for choice in choices))
        link = self.env["consent.link"].sudo()
        token = link._tokens(channel, [address], company, topics[:1])[address]
        topics = [topic.with_context(lang=company.env.lang) for topic in topics]
        url, page = link._url("preferences", token, company, topics[0]), details.get("source_label")
        where = (channel, address, company)
        self.env["consent.confirmation"]._send("consent_signed_up", *where, topics=topics, url=url, page=page)

    def _send_link(self, kind, channel, address, company, topics, token, code, details, **values):
        lang = company.env.lang
        self.env["consent.confirmation"]._send(
            kind,
            channel,
            address,
            company,
            topics=[topic.with_context(lang=lang) for topic in topics],
            url=self.env["consent.link"]._url("confirm", token, company),
            code=code,
            page=details.get("source_label"),
            **values,
        )

    def _new_code(self, channel, address):
        """Return a code and its digest, none of both where the channel has no use for one."""
        if channel != "sms":
            return None, None
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        return code, self._code_digest(address, code)

    def _remind(self):
        """Send the message of these sign-ups, made at the same time, once more. The earlier link keeps working."""
        first, token = self[:1], secrets.token_urlsafe(32)
        if self._needs_no_reminder():
            self.unlink()
            return
        code, code_digest = self._new_code(first.channel, first.address) if not first.invitee_id else (None, None)
        self.write(
            {
                "stage": "reminded",
                "asked_at": clock.consent_now(self.env),
                "earlier_digest": first.token_digest,
                "token_digest": links.digest(token),
                "code_digest": code_digest,
                "tries": 0,
            }
        )
        if first.invitee_id:
            self._send_invitations({self: token})
            return
        company = first.company_id.with_context(lang=first.lang, website_id=first.website_id.id)
        where = (first.channel, first.address, company)
        self._send_link("consent_request", *where, self.topic_ids, token, code, {"source_label": first.source_label})

    def _needs_no_reminder(self):
        """Return whether the owner of the address has answered elsewhere since, or must not be asked."""
        channel, address = self[:1].channel, self[:1].address
        if self._must_not_be_asked(channel, address) or self.env["consent.throttle"].sudo()._is_disowned(
            channel, address
        ):
            return True
        since = min(self.mapped("requested_at"))
        records = self.env["consent.contact.point"].sudo()._find(channel, address).record_ids
        objected = records.filtered(lambda record: record.objected_at and record.objected_at >= since)
        said = records.filtered(lambda r: r.topic_id in self.topic_ids and r.since and r.since >= since)
        left = said.filtered(lambda record: record.state in SAID_NO)
        # Whoever signed up still proves more by confirming than what was written down meanwhile.
        granted = self.invitee_id and self.topic_ids <= said.filtered(lambda record: record.state == GRANTED).topic_id
        return bool(objected or left or granted)

    @api.model
    def _ask_to_renew(self, record):
        """Ask somebody whose consent ends soon whether they stay. That is marketing: the gate lets it pass, or not."""
        point, topic, until = record.contact_point_id, record.topic_id, record.valid_until
        # About a consent for the group writes the company that has the contact, or ours.
        company = record.company_id or point._carriers("res.partner")[:1].company_id or self.env.company
        now = clock.consent_now(self.env)
        lang = record.notice_id.lang or company.partner_id.lang
        notice = topic.purpose_id._current_notice(lang)
        code, code_digest = self._new_code(point.channel, point.address)
        _request, token = self._open(
            topic,
            point.channel,
            point.address,
            notice,
            days=max(1, -((now - until) // timedelta(days=1))),  # rounded up: until it ends
            company_id=company.id,
            stage="invited",
            asked_at=now,
            code_digest=code_digest,
            lang=lang,
            source_label=self.env._("Renewal"),
        )
        company = company.with_context(lang=lang, website_id=topic.website_id.id)
        where = (point.channel, point.address, company)
        self._send_link("consent_renewal", *where, topic, token, code, {}, topic=topic, until=until)

    @api.model
    def _send_invitations(self, tokens: dict):
        """Send questions, those of one invitation in one language, in a fixed number of statements.

        :param tokens: by the requests that make one question
        """
        first = next(iter(tokens))[:1]
        company, link = first.company_id.with_context(lang=first.lang), self.env["consent.link"]
        messages = []
        for requests, token in tokens.items():
            variant = requests[:1].invitee_id.variant_id.with_context(lang=first.lang)
            topic = requests.topic_ids[:1]
            values = {"variant": variant, "url": link._url("invitation", token, company, topic)}
            about = {"topic": topic, "asks": True, "sender": variant.email_from}
            messages.append({"address": requests[:1].address, **about, "values": values})
        self.env["consent.confirmation"]._send_all("consent_invitation", first.channel, company, messages)

    def _answer(self, wanted, evidence: dict, *, refuse: bool):
        """Write down what somebody answers to these questions, which the link in their mailbox proves to be theirs.

        :param wanted: the `consent.topic` that they said yes to
        :param refuse: whether they said no to the rest; else the rest stays unsaid
        """
        entries = [
            entry | ({} if entry["topic"] in wanted else {"fact": "refused", "notice": None})
            for request in self
            for entry in request._entries(evidence)[1::2]
            if refuse or entry["topic"] in wanted
        ]
        self._settle(entries, "confirmed" if wanted else "refused", wanted)

    def _settle(self, entries, answer, topics=()):
        """Write down the answer to these questions, and delete them; their links say from now on what was answered.

        :param topics: what the person said yes to
        """
        self.invitee_id._mark("answered", *(["granted"] if topics else []))
        events = self.env["consent.record"].sudo()._submit(entries)
        self.env["consent.used.link"].sudo()._note(self, answer, topics)
        self.unlink()
        return events

    def _must_not_be_asked(self, channel, address):
        points = self.env["consent.contact.point"].sudo()
        domain = [("contact_point_id.address_hash", "=", points._hash(channel, address))]
        blocked = ["|", ("suppressed_at", "!=", False), ("restricted_at", "!=", False)]
        return bool(self.env["consent.record"].sudo().search_count([*domain, *blocked], limit=1))

    @api.model
    def _waiting(self, token: str, *, invited=False):
        """Return the sign-ups that a token confirms, none where it is unknown, used or lapsed.

        :param invited: the questions of an invitation instead, which a token answers
        """
        digest = links.digest(token)
        found = self.sudo().search(["|", ("token_digest", "=", digest), ("earlier_digest", "=", digest)])
        now = clock.consent_now(self.env)
        return found.filtered(lambda request: request.expires_at > now and bool(request.invitee_id) == invited)

    @api.model
    def _confirm(self, token: str, evidence: dict | None = None) -> list[int]:
        """Turn the sign-ups that `token` belongs to into consent, once.

        :param evidence: what proves the confirmation itself (time, source, user agent)
        :return: ids of the confirmed events, empty for a token that is unknown, used or lapsed
        """
        return self._waiting(token)._become_consent(evidence or {})

    @api.model
    def _confirm_by_sms(self, number: str, company, evidence: dict, *, code: str | None = None):
        """Turn the sign-ups of a number into consent, since its owner wrote from it.

        :param number: E.164
        :param company: the `res.company` that was asked
        :param code: that they sent; None: they sent a yes
        :return: the topics that are confirmed, none where nothing waits or the code is wrong
        """
        waiting = self._waiting_for_code([("address", "=", number), ("company_id", "=", company.id)])
        return waiting._confirm_code(code, evidence)

    @api.model
    def _confirm_on_page(self, handle: str, code: str, evidence: dict, source: str):
        """Turn the sign-ups of a page into consent, since somebody typed the code there that was sent to the number.

        :param handle: of the page, see `_sign_up`
        :param source: the IP address it was typed at, from whose network it counts a few times only
        :return: the topics that are confirmed, none where nothing waits or the code is wrong
        """
        waiting = self._waiting_for_code([("page_digest", "=", links.digest(handle))])
        return waiting._count_try(source)._confirm_code(code, evidence)

    def _waiting_for_code(self, domain):
        open_ = [
            ("channel", "=", "sms"),
            ("expires_at", ">", clock.consent_now(self.env)),
            ("code_digest", "!=", False),
        ]
        return self.sudo().search([*domain, *open_])

    def _confirm_code(self, code, evidence):
        """Turn those of these sign-ups into consent that `code` was sent for; None: all."""
        right = self.filtered(lambda r: code is None or consteq(r.code_digest, self._code_digest(r.address, code)))
        topics = right.topic_ids
        right._become_consent(evidence)
        return topics

    def _count_try(self, source):
        """Count a code that is typed for these sign-ups, before it is looked at; return those it may still confirm.

        By network, so that nobody can spoil another's code with wrong ones; by all together, so that not even a
        hundred networks find it.
        """
        throttle, network = self.env["consent.throttle"].sudo(), circumstances.network(source)
        keys = {request: throttle._key("code", f"{request.code_digest}:{network}") for request in self}
        tried = throttle._counts(keys.values())
        open_ = self.filtered(lambda r: r.tries < MAX_TRIES_OF_ALL and tried.get(keys[r], 0) < MAX_TRIES)
        if open_:
            throttle._note(*{keys[request] for request in open_})
        for request in open_:
            request.tries += 1
        open_.flush_recordset(["tries"])  # who types at the same time conflicts, is repeated, and counts on from here
        return open_

    def _code_digest(self, number, code):
        # With a key: of a code so short, everybody could try all.
        return self.env["consent.contact.point"].sudo()._hash("code", f"{number}:{code}")

    def _become_consent(self, evidence):
        entries = [entry for request in self for entry in request._entries(evidence)]
        return self._settle(entries, "confirmed", self.topic_ids)[1::2]

    def _entries(self, evidence):
        """Return what the ledger is told: that it was asked for, and that it is confirmed now, for each topic."""
        asked = json.loads(self.evidence or "{}")
        base = {
            **{"channel": self.channel, "address": self.address, "notice": self.notice_id.id},
            **{"source": "double_opt_in", "source_label": self.source_label},
        }
        return [
            entry
            for topic in self.topic_ids
            for entry in (
                base | {"fact": "requested", "topic": topic, "evidence": asked, "occurred_at": self.requested_at},
                base | {"fact": "confirmed", "topic": topic, "evidence": {"request": asked, **evidence}},
            )
        ]

    @api.model
    def _disown(self, token: str):
        """Delete sign-ups that the owner of the address did not make, and write to it no more unasked."""
        requests = self._waiting(token)
        for channel, address in {(request.channel, request.address) for request in requests}:
            self.env["consent.throttle"].sudo()._disown(channel, address)
            requests |= self.sudo().search([("channel", "=", channel), ("address", "=", address)])
        label = self.env._("This was not me")
        base = {"fact": "withdrawn", "source": "preference_page", "source_label": label, "evidence": {"not_me": True}}
        noes = [
            {**base, "channel": request.channel, "address": request.address, "topic": topic}
            for request in requests.filtered(lambda request: request.stage == "invited")
            for topic in request.topic_ids
        ]
        requests._settle(noes, "disowned")

    @api.model
    def _cron_lapse(self):
        """Delete what nobody confirmed in time (GDPR art. 5(1)(e))."""
        self.search([("expires_at", "<=", clock.consent_now(self.env))]).unlink()
