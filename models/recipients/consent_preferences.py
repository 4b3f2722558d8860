from datetime import timedelta
from functools import cached_property

from odoo import api, models

from ...tools import clock
from ...tools.transitions import GRANTED, SAID_NO
from ..gate.consent_frequency import CHOICES

MAX_PAUSE_DAYS = 365
#: What asks for less marketing and needs no boxes to tick: it needs no proof that the address is the person's own.
RESTRICTIVE = frozenset({"reject_all", "pause", "stop_company", "stop_group"})


class ConsentPreferences(models.AbstractModel):
    """Turns what a person chose on a preference page into facts: one for each topic and channel that changes."""

    _name = "consent.preferences"
    _description = "Choices on a Preference Page"

    @api.model
    def _of(self, points, company, lang: str):
        """Return what `points` (contact points) can choose of `company`, in the language that it was shown in."""
        return Choices(self.env, points.sudo(), company.sudo(), lang)


class Choices:
    """The topics that are offered to some contact points, and what they say of them now."""

    def __init__(self, env, points, company, lang):
        self.env, self.points, self.company = env, points, company
        self.offers = env["consent.page"].sudo()._offers_of(company, lang)
        self.offered = {
            (point, topic): offer["notice"]
            for offer in self.offers
            for topic, channels in offer["topics"]
            for point in points
            if point.channel in channels
        }
        records = points.record_ids.filtered(lambda record: record.company_id in (company, company.browse()))
        self.records = {(record.contact_point_id, record.topic_id): record for record in records}
        self.blocks = records.filtered(lambda record: not record.topic_id)

    def act(self, form, *, may_grant: bool, evidence: dict) -> bool | None:
        """Do what a form says, and return whether that changed anything; None where it says nothing that may be done.

        :param form: has action; choice ('point:topic', repeated) for save, days for pause, often for often
        :param may_grant: whether the person has shown to be the owner of the addresses
        """
        action = form.get("action")
        if action == "often":
            return self._often(form.get("often"), may_grant)
        entries = {
            "save": lambda: self._save(set(form.getlist("choice")), may_grant),
            "accept_all": lambda: self._save({self.key(*pair) for pair in self.offered}, may_grant),
            "reject_all": lambda: self._reject(self.offered),
            "pause": lambda: self._pause(form.get("days")),
            "resume": lambda: self._all("resumed"),
            "stop_company": lambda: self._all("objected"),
            "stop_group": lambda: self._all("objected", company=False),
            "allow": lambda: self._allow() if may_grant else None,
        }.get(action, lambda: None)()
        if entries is None or not self.points or (action == "accept_all" and not may_grant):
            return None
        details = {"source": "preference_page", "source_label": self.env._("Preference page"), "evidence": evidence}
        return any(self.env["consent.record"].sudo()._submit([{**details, **entry} for entry in entries]))

    @staticmethod
    def key(point, topic) -> str:
        """Return the name of a box: which address, which topic."""
        return f"{point.id}:{topic.id}"

    def gets(self, point, topic) -> bool:
        """Return whether the topic is sent to the address, by the gate, breaks and the like left aside."""
        verdict = self._verdicts.get((point, topic))
        return bool(verdict) and verdict.allowed

    @cached_property
    def _verdicts(self):
        gate, found = self.env["consent.gate"].sudo(), {}
        for channel in {point.channel for point, _topic in self.offered}:
            topics = self.env["consent.topic"].union(*(t for p, t in self.offered if p.channel == channel)).sudo()
            points = self._with_address(channel)
            verdicts = gate._decide_each(topics, channel, points.mapped("address"), self.company, lasting=True)
            found |= {(point, topic): verdicts[topic][point.address] for point in points for topic in topics}
        return found

    @cached_property
    def blocked(self):
        """The points that get no marketing whatever the person chooses: staff, an authority or a blacklist says so."""
        gate, vetoed = self.env["consent.gate"].sudo(), self.points.browse()
        for channel in set(self.points.mapped("channel")):
            points = self._with_address(channel)
            addresses = gate._vetoed(channel, points.mapped("address"))
            vetoed |= points.filtered(lambda point, addresses=addresses: point.address in addresses)
        stopped = self.blocks.filtered(lambda block: block.suppressed_at or block.restricted_at)
        return vetoed | stopped.contact_point_id

    def _with_address(self, channel):
        return self.points.filtered(lambda point: point.channel == channel and point.address)

    def _record(self, point, topic):
        return self.records.get((point, topic), self.env["consent.record"].sudo())

    def _save(self, chosen, may_grant):
        gets = {pair: self.gets(*pair) for pair in self.offered}
        wanted = {pair: self.key(*pair) in chosen for pair in self.offered}
        ended = [pair for pair in self.offered if gets[pair] and not wanted[pair]]
        given = [pair for pair in self.offered if wanted[pair] and not gets[pair] and may_grant]
        return self._reject(ended) + [
            {**self._at(point), "fact": "given", "topic": topic, "notice": self.offered[point, topic]}
            for point, topic in given
            if point.address
        ]

    def _reject(self, pairs):
        """Return a no to each of `pairs` that has none, also where a block keeps it from being sent anyway."""
        states = {pair: self._record(*pair).state for pair in pairs}
        return [
            {**self._at(point), "fact": "withdrawn" if states[point, topic] == GRANTED else "refused", "topic": topic}
            for point, topic in pairs
            if point.address and states[point, topic] not in SAID_NO
        ]

    def _at(self, point):
        return {"channel": point.channel, "address": point.address}

    def _all(self, fact, **details):
        details = {"company": self.company.id, **details}
        return [{**self._at(point), "fact": fact, **details} for point in self.points if point.address]

    def _pause(self, days):
        if not _is_number(days) or not 0 < int(days) <= MAX_PAUSE_DAYS:
            return None
        return self._all("paused", until=clock.consent_now(self.env) + timedelta(days=int(days)))

    def _often(self, often, may_grant):
        """Note how often the person wants marketing at most; the link of a message asks for less, never for more."""
        frequency = self.env["consent.frequency"]
        if not self.points or not _is_number(often) or int(often) not in CHOICES:
            return None
        before = frequency._of(self.points, self.company)
        if not may_grant and int(often) < before:
            return None
        frequency._choose(self.points, self.company, int(often))
        return int(often) != before

    def _allow(self):
        """Take back the person's own objection, to this company and to all."""
        return [
            {**self._at(record.contact_point_id), "fact": "released", "company": record.company_id.id}
            for record in self.blocks
            if record.objected_at and not record.suppressed_at and record.contact_point_id.address
        ]


def _is_number(text):
    return bool(text) and text.isascii() and text.isdecimal() and len(text) < 10
