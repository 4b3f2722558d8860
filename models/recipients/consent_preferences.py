from datetime import timedelta

from odoo import api, models

from ...tools import clock
from ..gate.consent_frequency import CHOICES

MAX_PAUSE_DAYS = 365


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
        self.offered = {
            (point, topic): offer["notice"]
            for offer in env["consent.page"].sudo()._offers_of(company, lang)
            for topic, channels in offer["topics"]
            for point in points
            if point.channel in channels
        }
        self.records = {(record.contact_point_id, record.topic_id): record for record in points.record_ids}

    def act(self, form, *, may_grant: bool, evidence: dict) -> str | None:
        """Do what a form says, and return its action; None where it says nothing that may be done.

        :param form: has action; choice ('point:topic', repeated) for save, days for pause, often for often
        :param may_grant: whether the person has shown to be the owner of the addresses
        """
        action = form.get("action")
        entries = {
            "save": lambda: self._save(set(form.getlist("choice")), may_grant),
            "accept_all": lambda: self._save({self.key(*pair) for pair in self.offered}, may_grant),
            "reject_all": lambda: self._save(set(), may_grant),
            "pause": lambda: self._pause(form.get("days")),
            "resume": lambda: self._all("resumed"),
            "often": lambda: self._often(form.get("often"), may_grant),
            "stop_company": lambda: self._all("objected"),
            "stop_group": lambda: self._all("objected", company=False),
            "allow": lambda: self._allow() if may_grant else None,
        }.get(action, lambda: None)()
        if entries is None or (action == "accept_all" and not may_grant):
            return None
        details = {"source": "preference_page", "source_label": self.env._("Preference page"), "evidence": evidence}
        self.env["consent.record"].sudo()._submit([{**details, **entry} for entry in entries])
        return action

    @staticmethod
    def key(point, topic) -> str:
        """Return the name of a box: which address, which topic."""
        return f"{point.id}:{topic.id}"

    def is_granted(self, point, topic) -> bool:
        """Return whether the address gets the topic now, as far as the person's own word goes."""
        record = self.records.get((point, topic))
        return bool(record) and record.state == "granted"

    def _save(self, chosen, may_grant):
        entries = []
        for (point, topic), notice in self.offered.items():
            wanted, granted = self.key(point, topic) in chosen, self.is_granted(point, topic)
            if not point.address or wanted == granted or (wanted and not may_grant):
                continue
            fact = {"fact": "given", "notice": notice} if wanted else {"fact": "withdrawn"}
            entries.append({**self._at(point), **fact, "topic": topic})
        return entries

    def _at(self, point):
        return {"channel": point.channel, "address": point.address}

    def _all(self, fact, **details):
        details = {"company": self.company.id, **details}
        return [{**self._at(point), "fact": fact, **details} for point in self.points if point.address]

    def _pause(self, days):
        if not (days or "").isdecimal() or not 0 < int(days) <= MAX_PAUSE_DAYS:
            return None
        return self._all("paused", until=clock.consent_now(self.env) + timedelta(days=int(days)))

    def _often(self, often, may_grant):
        """Note how often the person wants marketing at most; the link of a message asks for less, never for more."""
        frequency = self.env["consent.frequency"]
        if not (often or "").isdecimal() or int(often) not in CHOICES:
            return None
        if not may_grant and int(often) < frequency._of(self.points, self.company):
            return None
        frequency._choose(self.points, self.company, int(often))
        return []

    def _allow(self):
        """Take back the person's own objection, to this company and to all."""
        return [
            {**self._at(record.contact_point_id), "fact": "released", "company": record.company_id.id}
            for (point, topic), record in self.records.items()
            if not topic and record.objected_at and not record.suppressed_at and point.address
        ]
