import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...exceptions import ConsentError
from ...tools import clock, contact_point, evidence, plain_values, transitions
from ...tools.verdict import REASONS, Verdict
from ..ledger.consent_intake import DETAILS, Intake

LARGEST_BULK = 10_000
LONGEST_HISTORY = 1_000
WHAT = {"topic", "channel", "address"}


class ConsentApi(models.AbstractModel):
    """The door for other systems: plain values in, plain values out, over JSON-2 and XML-RPC (see docs/api.md).

    Each method takes one item as named values, or many as `items`. One bad item raises `ConsentError`, whose code is in
    the answer's context; among many it is answered as `{"ok": False, "error": {"code", "message"}}` while the good ones
    are done. A `key` of the caller makes it safe to repeat what writes: the same key gets the same answer.
    """

    _name = "consent.api"
    _description = "Consent for Other Systems"

    # -- asking -----------------------------------------------------------------------------------------------

    @api.model
    def check(self, items: list[dict] | None = None, **item):
        """Return whether a topic may be sent over a channel to an address, now.

        :param item: topic (code), channel (email or sms), address, company (id, default the user's), country (ISO code
            for national numbers)
        :return: ok, allowed, reason and reason_label of a no, event and legal_basis of a yes
        """
        self._check_right("marketing_consent.group_user", "mass_mailing.group_mass_mailing_user")
        return self._answer(items, item, self._check_all)

    def _check_all(self, entries):
        intake, asked, answers = Intake(self.env), {}, {}
        for number, entry in entries.items():
            try:
                asked[number] = self._question(intake, entry)
            except ConsentError as refusal:
                answers[number] = refusal
        gate, labels = self.env["consent.gate"].sudo(), dict(REASONS)
        for group in dict.fromkeys(question[:3] for question in asked.values()):
            topic, channel, company = group
            numbers = [number for number, question in asked.items() if question[:3] == group]
            verdicts = gate._decide(topic, channel, [asked[n][3] for n in numbers if asked[n][3]], company)
            for number in numbers:
                verdict = verdicts.get(asked[number][3]) or Verdict("unusable_address")
                answers[number] = {
                    "allowed": verdict.allowed,
                    "reason": verdict.reason or "",
                    "reason_label": labels.get(verdict.reason, ""),
                    "event": (verdict.allowed and verdict.event_id) or False,
                    "legal_basis": (verdict.allowed and verdict.legal_basis) or "",
                }
        return answers

    def _question(self, intake, entry):
        _check_names(self.env, entry, WHAT | {"company", "country"})
        topic = intake._topic(entry)
        if not topic:
            raise ConsentError("unknown_topic", self.env._("Say which topic you ask about."))
        company = intake._company(entry, intake._about(topic))
        company = self.env["res.company"].sudo().browse(company or entry.get("company") or self.env.company.id)
        if company not in self.env.user.company_ids:
            raise ConsentError("wrong_company", self.env._("You do not work for this company."))
        try:
            address = intake._address(entry)
        except ConsentError as refusal:
            if refusal.code != "unusable_address":
                raise
            address = None
        return topic, entry["channel"], company, address

    @api.model
    def history(self, items: list[dict] | None = None, **item):
        """Return what was said at an address, the newest first.

        :param item: channel, address, topic (code, default all), country
        :return: ok, and events: each with event, type, state, topic, source, where, occurred_at, recorded_at (UTC),
            recorded_by, legal_basis, wording, evidence_grade
        """
        self._check_right("marketing_consent.group_user")
        return self._answer(items, item, self._histories)

    def _histories(self, entries):
        intake, asked, answers = Intake(self.env), {}, {}
        points = self.env["consent.contact.point"].sudo()
        for number, entry in entries.items():
            try:
                _check_names(self.env, entry, WHAT | {"country"})
                pair = (entry.get("channel"), intake._address(entry))
                asked[number] = (points._hash(*pair), intake._topic(entry).id)
            except ConsentError as refusal:
                answers[number] = refusal
        found = self._events_by_hash({address_hash for address_hash, _topic in asked.values()})
        for number, (address_hash, topic_id) in asked.items():
            events = found.get(address_hash, self.env["consent.event"])
            events = events.filtered(lambda event, t=topic_id: not t or event.topic_id.id == t)
            answers[number] = {"events": [self._plain_event(event) for event in events[:LONGEST_HISTORY]]}
        return answers

    def _events_by_hash(self, hashes):
        points = self.env["consent.contact.point"].sudo().search([("address_hash", "in", list(hashes))])
        events = self.env["consent.event"].search([("contact_point_id", "in", points.ids)])
        return dict(events.grouped(lambda event: event.contact_point_id.sudo().address_hash))

    def _plain_event(self, event):
        return {
            "event": event.id,
            "type": event.type,
            "state": event.resulting_state,
            "topic": event.topic_id.code or "",
            "source": event.source,
            "where": event.source_label or "",
            "occurred_at": fields.Datetime.to_string(event.occurred_at),
            "recorded_at": fields.Datetime.to_string(event.recorded_at),
            "recorded_by": event.actor_label or "",
            "legal_basis": event.legal_basis or "",
            "wording": event.notice_id.display_name or "",
            "evidence_grade": event.evidence_grade or "",
        }

    # -- recording --------------------------------------------------------------------------------------------

    @api.model
    def give(self, items: list[dict] | None = None, key: str | None = None, **item):
        """Record a yes that another system obtained.

        :param key: the caller's own, to repeat the call safely; of many items, each may have its own
        :param item: topic, channel, address, and wording (text) or notice (id); optionally company, country,
            legal_basis, occurred_at, valid_until (UTC), source (default api), source_label, evidence (object),
            attachments (objects of name and content in base64)
        :return: ok, event (False where nothing was written), changed, no_stands, waits (for a second person), remedy
            (`request` where a no stands and the person may be asked to confirm by that method)
        """
        return self._record("given", items, key, item)

    @api.model
    def withdraw(self, items: list[dict] | None = None, key: str | None = None, **item):
        """Record that somebody takes a yes back; without a topic, an objection to all marketing of the company.

        See `give` for arguments and answer; no wording is needed.
        """
        return self._record("withdrawn", items, key, item)

    @api.model
    def request(self, items: list[dict] | None = None, key: str | None = None, **item):
        """Note a sign-up and let the address confirm it (double opt-in): the yes counts once they did.

        :param item: topic, channel, address, notice (id, published); optionally company, country, source_label,
            evidence
        :return: ok, waiting (always true, whoever it is)
        """
        return self._perform("requested", items, key, item, self._request_all)

    def _record(self, fact, items, key, item):
        def record(entries):
            intake, facts, answers = Intake(self.env), {}, {}
            for number, entry in entries.items():
                try:
                    facts[number] = self._with_receipt(intake.complete(self._entry(fact, entry)))
                except ConsentError as refusal:
                    answers[number] = refusal
            events = self.env["consent.event"].sudo()._append(list(facts.values()))
            for (number, written), event in zip(facts.items(), events, strict=True):
                answers[number] = {"event": event or False, **self._outcome(written, intake.now)}
            return answers

        return self._perform(fact, items, key, item, record)

    def _outcome(self, fact, now):
        """Return what became of a fact: a yes that does not undo the no is kept, and may be confirmed while fresh."""
        changed = fact["type"] not in (None, "not_applied")
        if fact["fact"] not in transitions.GRANTS:
            return {"changed": changed}
        stands, waits = fact["no_stands"], fact.get("reversal") == "waiting"
        ask = stands and not waits and evidence.is_fresh(fact["occurred_at"], now)
        answer = {"changed": changed and not stands, "no_stands": stands, "waits": waits}
        return answer | {"remedy": "request" if ask else ""}

    def _entry(self, fact, entry):
        _check_names(self.env, entry, WHAT | DETAILS)
        if fact == "withdrawn" and not entry.get("topic"):
            fact = "objected"
        return {"topic": None, "source": "api", **entry, "fact": fact, "attachments": self._attachments(entry)}

    def _with_receipt(self, fact):
        """Let the person have a receipt of what the caller's staff wrote down, at the address that it is about."""
        fact["evidence"].pop("receipt", None)  # the caller does not choose who is written to
        if fact["source"] in evidence.STAFF:
            lang, addresses = self.env.company.partner_id.lang, {fact["channel"]: fact["address"]}
            fact["evidence"] |= self.env["consent.outbox"]._receipt_to("", lang, addresses)
        return fact

    def _attachments(self, entry):
        try:
            return [
                (str(file["name"]), base64.b64decode(file["content"], validate=True))
                for file in entry.get("attachments") or ()
            ]
        except (TypeError, KeyError, binascii.Error, ValueError):
            message = self.env._("Attachments are objects of name and content in base64.")
            raise ConsentError("unknown_detail", message) from None

    def _request_all(self, entries):
        intake, answers = Intake(self.env), {}
        for number, entry in entries.items():
            try:
                with self.env.cr.savepoint():
                    answers[number] = self._request_one(intake, entry)
            except ConsentError as refusal:
                answers[number] = refusal
        return answers

    def _request_one(self, intake, entry):
        _check_names(self.env, entry, WHAT | {"notice", "company", "country", "source_label", "evidence"})
        fact = intake.complete({**entry, "fact": "given", "source": "api"})
        topic = self.env["consent.topic"].sudo().browse(fact["topic_id"])
        company = topic.company_id or self.env["res.company"].sudo().browse(entry.get("company") or self.env.company.id)
        notice = self.env["consent.notice"].sudo().browse(fact["notice_id"])
        if not notice:
            raise ConsentError("missing_notice", self.env._("Say which published wording the person agreed to."))
        asked = {"offers": [(topic.ids, notice.id)], "may_skip": False, "page_digest": None}
        details = {"source_label": fact["source_label"], "evidence": fact["evidence"]}
        where = (fact["channel"], fact["address"], company, clock.consent_now(self.env))
        self.env["consent.request"].sudo()._take_sign_up(*where, **asked, **details)
        return {"waiting": True}

    # -- one or many ------------------------------------------------------------------------------------------

    def _check_right(self, *groups):
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("This needs the right “Consent: User”."))

    def _answer(self, items, item, work):
        """Answer one `item`, or each of `items`.

        :param work: called with entries by number; returns, by number, what to answer or a `ConsentError`
        """
        entries = self._entries(items, item)
        plain = {number: entry for number, entry in entries.items() if plain_values.is_plain(entry)}
        message = self.env._("Pass texts, numbers, dates, lists and named values only.")
        answers = {number: ConsentError("unknown_detail", message) for number in entries} | work(plain)
        if items is None:
            if isinstance(answers[0], ConsentError):
                raise answers[0]
            return {"ok": True, **answers[0]}
        return [_plain(answers[number]) for number in entries]

    def _entries(self, items, item):
        many = [item] if items is None else items
        usable = isinstance(many, list) and all(isinstance(entry, dict) for entry in many)
        if not usable or (items is not None and item):
            raise ConsentError("unknown_detail", self.env._("Pass one item as named values, or many as “items”."))
        if len(many) > LARGEST_BULK:
            raise ConsentError("too_many", self.env._("At most %s items in a call.", LARGEST_BULK))
        return dict(enumerate(many))

    def _perform(self, verb, items, key, item, work):
        """Do what `work` does, but for items whose key was used before: those get the answer of then."""
        self._check_right("marketing_consent.group_user")

        def once(entries):
            calls = self.env["consent.api.call"].sudo()
            entries = {number: dict(entry) for number, entry in entries.items()}
            keys = {number: _key(entry.pop("key", None), key, items, number) for number, entry in entries.items()}
            keys = {number: found for number, found in keys.items() if found}
            fresh, answers = calls._known(verb, keys, entries)
            done = work({number: entry for number, entry in entries.items() if number in fresh})
            calls._remember(verb, {keys[n]: (entries[n], done[n]) for n in fresh if n in keys})
            return answers | done

        return self._answer(items, item, once)


def _key(own, common, items, number):
    return own or (common and (common if items is None else f"{common}#{number}"))


def _plain(answer):
    if isinstance(answer, ConsentError):
        return {"ok": False, "error": {"code": answer.code, "message": str(answer)}}
    return {"ok": True, **answer}


def _check_names(env, entry, known):
    if unknown := entry.keys() - known:
        raise ConsentError("unknown_detail", env._("Unknown detail: %s.", ", ".join(sorted(map(str, unknown)))))
    company = entry.get("company")
    if company and (isinstance(company, bool) or not isinstance(company, int)):
        raise ConsentError("wrong_company", env._("A company is named by its number."))
    if not isinstance(entry.get("channel"), str) or entry["channel"] not in contact_point.CHANNELS:
        raise ConsentError("unknown_channel", env._("There is no channel “%s”.", entry.get("channel")))
