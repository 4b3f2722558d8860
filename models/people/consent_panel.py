import secrets
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date, format_datetime

from ...exceptions import ConsentError
from ...tools import clock, contact_point, transitions
from ..addresses.consent_contact_point import MAX_SHARED

CHANNELS = (contact_point.EMAIL, contact_point.SMS)
PAGE = 20
ROUNDS = 6
BLOCKS = tuple(transitions.BLOCK_SET_BY.values())
#: How staff may have heard of a no.
HEARD = ("staff_phone", "staff_in_person", "paper")
USER, MARKETER = "marketing_consent.group_user", "mass_mailing.group_mass_mailing_user"
STEPS = {**dict.fromkeys(transitions.GRANTS, "yes"), **dict.fromkeys(("refused", "withdrawn", "revoked"), "no")}
STEPS |= {"expired": "lapsed"}
TONES = {
    **dict.fromkeys(("given", "confirmed", "renewed", "released", "resumed", "reachable", "retracted"), "success"),
    **dict.fromkeys(("carrier_released", "unsuppressed", "unrestricted", "reply_read"), "success"),
    **dict.fromkeys(("refused", "withdrawn", "objected", "suppressed", "restricted", "revoked"), "danger"),
    **dict.fromkeys(("bounced", "carrier_blocked", "expired", "paused", "carried_over", "reply_received"), "warning"),
}


class Column(NamedTuple):
    """One address of the person: a column of the matrix."""

    channel: str
    address: str
    point_id: int


class ConsentPanel(models.AbstractModel):
    """What a record's person said, as people at work need it: topics by addresses, and the timeline below.

    Reads only, by the addresses that the record carries, in a number of statements that depends neither on how many
    events there are nor on how many records share an address.
    """

    _name = "consent.panel"
    _description = "Consent of a Person"

    # -- asked by the web client ----------------------------------------------------------------------------------

    @api.model
    def look(self, model: str, res_id: int) -> dict:
        """Return all that the panel shows of a record.

        :raises AccessError: the user may not read the record, or see consent
        """
        record = self._record(model, res_id)
        columns = self._columns(record)
        topics = self._topics(columns)
        works = self.env.user.has_group(USER)
        return {
            "name": record.display_name,
            "columns": self._show_columns(columns, works),
            "rows": self._rows(topics, columns, works),
            "general": self._general(columns),
            "timeline": self._timeline(columns) if works else None,
            "may": {
                "withdraw": works,
                "record": works and "consent.staff.change" in self.env,
                "prove": self.env.user.has_group("marketing_consent.group_officer"),
            },
            "heard": [
                [name, label] for name, label in self._labels("consent.event", "source").items() if name in HEARD
            ],
        }

    @api.model
    def look_back(self, model: str, res_id: int, offset: int) -> dict:
        """Return the next part of the timeline, after `offset` events."""
        columns = self._columns(self._record(model, res_id))
        return self._timeline(columns, offset)

    @api.model
    def withdraw(self, model: str, res_id: int, point_id: int, topic_id: int, source: str):
        """Write down that the person takes back a consent, as heard by staff.

        :param source: one of `HEARD`
        """
        self._check_heard(source)
        columns = self._columns(self._record(model, res_id))
        column = next((column for column in columns if column.point_id == point_id), None)
        if not column:
            raise ConsentError("unknown_record", self.env._("The record does not have this address any more."))
        topic = self.env["consent.topic"].browse(topic_id).exists()
        topic.check_access("read")
        entry = {"fact": "withdrawn", "topic": topic, "source": source}
        self._write_down(entry, [column], columns, self.env[model].browse(res_id))

    @api.model
    def object_to_all(self, model: str, res_id: int, source: str):
        """Write down that the person objects to all marketing of this company, at every address of the record."""
        self._check_heard(source)
        record = self._record(model, res_id)
        columns = self._columns(record)
        entry = {"fact": "objected", "topic": None, "company": self.env.company.id, "source": source}
        self._write_down(entry, columns, columns, record)

    @api.model
    def record_choice(self, model: str, res_id: int) -> dict:
        """Return the action that writes down what the person told us, yes or no."""
        record = self._record(model, res_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What did they tell us?"),
            "res_model": "consent.staff.change",
            "views": [(False, "form")],
            "target": "new",
            "context": {"active_model": record._name, "active_id": record.id, "active_ids": record.ids},
        }

    # -- whose --------------------------------------------------------------------------------------------------

    def _record(self, model, res_id):
        if not (self.env.user.has_group(USER) or self.env.user.has_group(MARKETER)):
            raise AccessError(self.env._("Seeing consent needs the right “Consent: User”."))
        if model not in self.env or self.env[model]._abstract or not isinstance(res_id, int):
            raise ConsentError("unknown_record", self.env._("There is no such record."))
        record = self.env[model].browse(res_id)
        record.check_access("read")
        return record

    def _columns(self, record) -> list[Column]:
        points, pairs = self.env["consent.contact.point"].sudo(), self._places(record)
        hashes = {points._hash(*pair): pair for pair in pairs}
        found = {point.address_hash: point.id for point in points.search([("address_hash", "in", list(hashes))])}
        return [Column(*pair, found.get(key, 0)) for key, pair in hashes.items()]

    def _places(self, record):
        if record._name in self.env["consent.audience"]._models():
            return record._consent_places()
        gate = self.env["consent.gate"].sudo()
        return [
            (channel, address)
            for channel in CHANNELS
            for address in gate._addresses(record._name, record.ids, channel)[record.id].usable
        ]

    def _check_heard(self, source):
        if source not in HEARD:
            raise ConsentError("bad_source", self.env._("Say how they told us."))

    def _write_down(self, entry, at, columns, record):
        """Submit `entry` for the columns `at`; the person gets one receipt, at an address among `columns`."""
        addresses = {column.channel: column.address for column in reversed(columns)}
        lang = ("lang" in record and record.lang) or self.env.company.partner_id.lang
        receipt = self.env["consent.outbox"]._receipt_to(record.display_name, lang, addresses)
        label = self.env._("Consent of a person (%s)", self.env["ir.model"]._get(record._name).name)
        common = {"source_label": label, "batch": f"panel-{secrets.token_hex(8)}", "evidence": receipt}
        self.env["consent.record"]._submit(
            [{**entry, **common, "channel": column.channel, "address": column.address} for column in at]
        )

    def _topics(self, columns):
        """Return the topics that are open or that the person spoke about, of the companies at work."""
        topics = self.env["consent.topic"].with_context(active_test=False)
        said = self.env["consent.record"]._read_group(
            [("contact_point_id", "in", [column.point_id for column in columns]), ("topic_id", "!=", False)],
            ["topic_id"],
        )
        spoken = [topic.id for (topic,) in said]
        open_ = [("active", "=", True), ("purpose_id.active", "=", True), ("purpose_id.kind", "=", "marketing")]
        return topics.search(["|", ("id", "in", spoken), *(["&"] * (len(open_) - 1)), *open_])

    # -- what is shown --------------------------------------------------------------------------------------------

    def _show_columns(self, columns, works):
        shared = self._shared(columns)
        labels = self._labels("consent.contact.point", "channel")
        return [
            {
                "key": f"{column.channel}:{number}",
                "channel": column.channel,
                "label": labels[column.channel],
                "address": column.address if works else contact_point.mask(column.channel, column.address),
                "others": max(0, shared.get((column.channel, column.address), 1) - 1),
                "many": shared.get((column.channel, column.address), 0) > MAX_SHARED,
            }
            for number, column in enumerate(columns)
        ]

    def _shared(self, columns):
        """Return how many records carry each address, at most one more than `MAX_SHARED` of each kind."""
        audience = self.env["consent.audience"].sudo()
        parts = [
            SQL(
                "(SELECT channel, address FROM (%s) carried WHERE channel = %s AND address = %s LIMIT %s)",
                audience._carried(model),
                column.channel,
                column.address,
                MAX_SHARED + 1,
            )
            for column in columns
            for model in audience._models()
        ]
        if not parts:
            return {}
        query = SQL("SELECT channel, address, count(*) FROM (%s) carried GROUP BY 1, 2", SQL(" UNION ALL ").join(parts))
        return {(channel, address): count for channel, address, count in self.env.execute_query(query)}

    def _rows(self, topics, columns, works):
        records = self._records(columns)
        rounds = self._rounds(columns)
        verdicts = self._verdicts(topics, columns)
        return [
            {
                "id": topic.id,
                "name": topic.name,
                "purpose": topic.purpose_id.name if topic.purpose_id.name != topic.name else "",
                "company": topic.company_id.name if len(self.env.companies) > 1 else "",
                "closed": not (topic.active and topic.purpose_id.active),
                "cells": [
                    self._cell(
                        topic,
                        column,
                        records.get((column.point_id, topic.id)),
                        verdicts[topic.id, column],
                        rounds.get((column.point_id, topic.id), []),
                        works,
                    )
                    for column in columns
                ],
            }
            for topic in topics
        ]

    def _cell(self, topic, column, record, verdict, rounds, works):
        state = record.state if record else transitions.NONE
        cell = {
            "offered": topic.offer_email if column.channel == contact_point.EMAIL else topic.offer_sms,
            "allowed": verdict.allowed,
            "state": self._labels("consent.record", "state")[state],
            "tone": _tone(verdict, state),
            "reason": self._reason(verdict, state),
            "facts": self._facts(record) if record else [],
            "rounds": rounds,
            "point": column.point_id,
            "event": (record.granting_event_id or record.last_event_id).id if record and works else False,
            "may_withdraw": works and state == transitions.GRANTED,
        }
        return cell

    def _reason(self, verdict, state):
        """Return why nothing may be sent, where the state alone does not say so."""
        if verdict.allowed or verdict.reason in (state, "no_consent"):
            return ""
        return self._labels("mailing.trace", "consent_reason").get(verdict.reason, "")

    def _facts(self, record):
        """Return what a state rests on, as pairs of a name and a text: since when, why, how long."""
        facts = [
            (self.env._("Since"), self._day(record.since)),
            (self.env._("Basis"), self._labels("consent.record", "legal_basis").get(record.legal_basis)),
            (self.env._("Until"), self._day(record.valid_until)),
            (self.env._("Wording"), record.notice_id and self.env._("version %s", record.notice_id.version)),
            (self.env._("Proof"), record.evidence_grade),
        ]
        return [[name, text] for name, text in facts if text]

    def _records(self, columns):
        """Return the records of all topics by contact point and topic."""
        points = [column.point_id for column in columns if column.point_id]
        found = self.env["consent.record"].search([("contact_point_id", "in", points), ("topic_id", "!=", False)])
        return {(record.contact_point_id.id, record.topic_id.id): record for record in found}

    def _verdicts(self, topics, columns):
        gate, verdicts = self.env["consent.gate"].sudo(), {}
        for topic in topics:
            company = topic.company_id or self.env.company
            for channel in CHANNELS:
                asked = [column for column in columns if column.channel == channel]
                found = gate._decide(topic, channel, [column.address for column in asked], company)
                verdicts.update({(topic.id, column): found[column.address] for column in asked})
        return verdicts

    def _rounds(self, columns):
        """Return the last yes and no of each contact point and topic, oldest first, to be read at a glance."""
        query = SQL(
            """SELECT contact_point_id, topic_id, type, occurred_at FROM (
                    SELECT event.*, row_number() OVER (PARTITION BY contact_point_id, topic_id
                                                       ORDER BY occurred_at DESC, id DESC) AS age
                      FROM consent_event event
                     WHERE contact_point_id = ANY(%s) AND topic_id IS NOT NULL AND type IN %s) newest
                WHERE age <= %s ORDER BY age DESC""",
            [column.point_id for column in columns],
            tuple(STEPS),
            ROUNDS,
        )
        rounds, labels = defaultdict(list), self._labels("consent.event", "type")
        for point_id, topic_id, kind, at in self.env.execute_query(query):
            step = {"step": STEPS[kind], "label": f"{labels[kind]}, {self._day(at)}"}
            rounds[point_id, topic_id].append(step)
        return {key: steps for key, steps in rounds.items() if len(steps) > 1}

    def _general(self, columns):
        """Return what stands before all marketing: blocks of the addresses, each with its date."""
        points = {column.point_id: column for column in columns if column.point_id}
        records = self.env["consent.record"].search(
            [("contact_point_id", "in", list(points)), ("topic_id", "=", False)]
        )
        records = records.sorted(lambda record: (record.channel, record.id))
        labels, now = self._labels("consent.contact.point", "channel"), clock.consent_now(self.env)
        return [
            {
                "channel": labels[record.channel],
                "text": record._fields[block]._description_string(self.env),
                "when": self._day(record[block]),
                "everywhere": not record.company_id,
            }
            for record in records
            for block in BLOCKS
            if record[block] and (block != "paused_until" or record[block] > now)
        ]

    # -- timeline -------------------------------------------------------------------------------------------------

    def _timeline(self, columns, offset=0):
        events = self.env["consent.event"]
        domain = [("contact_point_id", "in", [column.point_id for column in columns if column.point_id])]
        found = events.search(domain, order="occurred_at desc, id desc", offset=offset, limit=PAGE + 1)
        return {
            "events": [self._show_event(event) for event in found[:PAGE]],
            "more": len(found) > PAGE,
            "next": offset + PAGE,
        }

    def _show_event(self, event):
        type_, fact = (self._labels("consent.event", name)[event[name]] for name in ("type", "fact"))
        late = (event.recorded_at - event.occurred_at).total_seconds() > 3600
        return {
            "id": event.id,
            "tone": TONES.get(event.type, "secondary"),
            "what": type_ if event.type == event.fact else f"{type_}: {fact}",
            "topic": event.topic_id.name or self.env._("All marketing"),
            "channel": self._labels("consent.contact.point", "channel")[event.channel],
            "when": format_datetime(self.env, event.occurred_at, dt_format="medium"),
            "recorded": format_datetime(self.env, event.recorded_at, dt_format="medium") if late else "",
            "where": ": ".join(
                filter(None, (self._labels("consent.event", "source")[event.source], event.source_label))
            ),
            "who": event.actor_label or "",
            "basis": self._labels("consent.event", "legal_basis").get(event.legal_basis, ""),
            "until": self._day(event.until),
            "wording": event.notice_id.body or "",
            "version": event.notice_id.display_name if event.notice_id else "",
        }

    # -- words ----------------------------------------------------------------------------------------------------

    def _labels(self, model, field):
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    def _day(self, moment):
        return format_date(self.env, moment) if moment else ""


def _tone(verdict, state):
    if verdict.allowed:
        return "success"
    if verdict.reason in ("no_consent", "no_topic"):
        return "secondary"
    return "warning" if verdict.reason in ("waiting", "expired", "wording_changed", "evidence_too_weak") else "danger"
