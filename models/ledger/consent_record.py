import logging
import operator
from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...exceptions import ConsentError
from ...tools import bulk, clock, objection, reversal, transitions
from ..policy.consent_purpose import LEGAL_BASES
from .consent_intake import DETAILS, Intake

_logger = logging.getLogger(__name__)

FOLLOWING = ("objected", "suppressed", "restricted")
MAX_REPORTED = 50
_of_state = operator.itemgetter(*transitions.State._fields)
UNWRITTEN = 1 << 40  # event ids above all that are
KEY = ("contact_point_id", "topic_id", "company_id")
COLUMNS = (*KEY, "channel", "purpose_id", *transitions.State._fields, "last_event_id", "last_occurred_at")
EMPTY_ROW = dict.fromkeys(COLUMNS) | transitions.State()._asdict()


class ConsentRecord(models.Model):
    """What holds now for a contact point and a topic; with no topic, for all marketing of a company or of all.

    A projection of the ledger, written in the same transaction and equal to its replay at all times. The verbs below
    are the only way to change it.
    """

    _name = "consent.record"
    _description = "Consent Record"
    _log_access = False
    _order = "id desc"
    _rec_name = "contact_point_id"

    contact_point_id = fields.Many2one("consent.contact.point", required=True, ondelete="restrict", readonly=True)
    channel = fields.Selection(
        lambda self: self.env["consent.contact.point"]._fields["channel"].selection, required=True, readonly=True
    )
    topic_id = fields.Many2one("consent.topic", ondelete="restrict", readonly=True, index="btree_not_null")
    purpose_id = fields.Many2one("consent.purpose", ondelete="restrict", readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", ondelete="restrict", readonly=True, index="btree_not_null")
    state = fields.Selection(transitions.STATES, required=True, readonly=True)
    since = fields.Datetime(readonly=True)
    legal_basis = fields.Selection(LEGAL_BASES, readonly=True)
    valid_until = fields.Datetime(readonly=True)
    notice_id = fields.Many2one("consent.notice", "Wording", ondelete="restrict", readonly=True)
    evidence_grade = fields.Selection(transitions.GRADES, readonly=True)
    proven = fields.Boolean(readonly=True, help="The yes came from the person behind the address.")
    granting_event_id = fields.Many2one("consent.event", "Authorising event", ondelete="restrict", readonly=True)
    suppressed_at = fields.Datetime("Suppressed since", readonly=True)
    restricted_at = fields.Datetime("Restricted since", readonly=True)
    objected_at = fields.Datetime("Objected on", readonly=True)
    paused_until = fields.Datetime(readonly=True)
    unreachable_at = fields.Datetime("Unreachable since", readonly=True)
    carrier_blocked_at = fields.Datetime("Blocked by carrier since", readonly=True)
    reply_unread_at = fields.Datetime("Reply to read since", readonly=True)
    last_event_id = fields.Many2one("consent.event", ondelete="restrict", readonly=True)
    last_occurred_at = fields.Datetime("Last event on", readonly=True)

    _valid_until_index = models.Index("(valid_until) WHERE state = 'granted'")
    _key_unique = models.UniqueIndex("(contact_point_id, COALESCE(topic_id, 0), COALESCE(company_id, 0))")

    # -- verbs ------------------------------------------------------------------------------------------------

    @api.model
    def give(self, topic: str, channel: str, address: str, **details) -> int | None:
        """Record a yes to `topic` over `channel` (GDPR art. 6(1)(a), 7).

        :param topic: the topic's code
        :param channel: email or sms
        :param address: as the person wrote it
        :param details: source (required), notice (id) or wording, and see `_submit`
        :return: id of the event
        :raises ConsentError: the input is no basis for an event; nothing was written
        """
        return self._submit([self._entry("given", topic, channel, address, details)])[0]

    @api.model
    def confirm(self, topic: str, channel: str, address: str, **details) -> int | None:
        """Record a yes that the person confirmed from the address itself (double opt-in); see `give`."""
        return self._submit([self._entry("confirmed", topic, channel, address, details)])[0]

    @api.model
    def renew(self, topic: str, channel: str, address: str, **details) -> int | None:
        """Record that the person stands by an earlier yes; see `give`."""
        return self._submit([self._entry("renewed", topic, channel, address, details)])[0]

    @api.model
    def refuse(self, topic: str, channel: str, address: str, **details) -> int | None:
        """Record a no to a question; see `give`. Returns None where the same no stands already."""
        return self._submit([self._entry("refused", topic, channel, address, details)])[0]

    @api.model
    def withdraw(self, topic: str, channel: str, address: str, **details) -> int | None:
        """Record the end of a consent (GDPR art. 7(3)); see `give`. Returns None where it has ended already."""
        return self._submit([self._entry("withdrawn", topic, channel, address, details)])[0]

    @api.model
    def object_to(self, channel: str, address: str, topic: str | None = None, **details) -> int | None:
        """Record an objection to all marketing of a company, or to one topic (GDPR art. 21(2)-(3)).

        It withholds under every legal basis. Only a later yes that the person proved to be theirs passes it, for the
        topic of that yes alone.

        :param details: company=False objects to all companies; see `_submit`
        """
        return self._submit([self._entry("objected", topic, channel, address, details)])[0]

    @api.model
    def block(self, fact: str, channel: str, address: str, topic: str | None = None, **details) -> int | None:
        """Set or lift a block beside consent.

        :param fact: suppressed, restricted, paused (with `until`), bounced, carrier_blocked, reply_received; or, to
            lift one, released, unrestricted, resumed, reachable, carrier_released, reply_read
        """
        if fact not in {*transitions.BLOCK_SET_BY, *transitions.BLOCK_CLEARED_BY}:
            raise ConsentError("unknown_fact", self.env._("“%s” is no block.", fact))
        return self._submit([self._entry(fact, topic, channel, address, details)])[0]

    def _entry(self, fact, topic, channel, address, details):
        unknown = details.keys() - DETAILS
        if unknown:
            raise ConsentError(
                "unknown_detail", self.env._("Unknown detail: %s.", ", ".join(sorted(map(str, unknown))))
            )
        return {**details, "fact": fact, "topic": topic, "channel": channel, "address": address}

    @api.model
    def _submit(self, entries: list[dict]) -> list[int | None]:
        """Check and complete `entries`, all before anything is written, and append them to the ledger.

        :param entries: mappings with fact, topic (code, `consent.topic` or None), channel, address (as written),
            source; optionally company (id; False: all companies; default the topic's, else the current one), notice
            (id or record), wording (text), legal_basis, occurred_at, valid_until, until (naive UTC), country (ISO code
            for national numbers), birth_date, guardian (who consented for a child), source_label, batch, evidence
            (dict), attachments
        :return: event ids, None for a no that stood already
        :raises ConsentError: the first entry that no event may come from
        """
        if not self.env.su and not self.env.user.has_group("marketing_consent.group_user"):
            raise AccessError(self.env._("Recording consent needs the right “Consent: User”."))
        intake = Intake(self.env)
        facts = [intake.complete(entry) for entry in entries]
        facts += [intake.complete(entry) for entry in self._reached(facts)]
        return self.env["consent.event"].sudo()._append(facts)[: len(entries)]

    def _reached(self, facts):
        """Return that what was unreachable is reachable again: who confirms from an address has it (R-114)."""
        confirmed = {(fact["channel"], fact["address"]): fact for fact in facts if fact["fact"] == "confirmed"}
        if not confirmed:
            return []
        domain = [("topic_id", "=", False), ("company_id", "=", False), ("unreachable_at", "!=", False)]
        addresses = [address for _channel, address in confirmed]
        lost = self.sudo().search([*domain, ("contact_point_id.address", "in", addresses)]).contact_point_id
        kept = ("channel", "address", "source", "occurred_at")
        return [
            {**{name: fact[name] for name in kept}, "fact": "reachable", "company": False}
            for key, fact in confirmed.items()
            if key in {(point.channel, point.address) for point in lost}
        ]

    def _noes(self) -> list[dict]:
        """Return the facts that restrict the record now: those that follow a person to another address."""
        facts = [{"fact": fact} for fact in FOLLOWING if self[transitions.BLOCK_SET_BY[fact]]]
        if self.state in transitions.SAID_NO:
            facts.append({"fact": self.state})
        if self.paused_until and self.paused_until > clock.consent_now(self.env):
            facts.append({"fact": "paused", "until": self.paused_until})
        return facts

    # -- projection -------------------------------------------------------------------------------------------

    @api.model
    def _project(self, facts: list[dict]) -> tuple[list[dict], list[dict]]:
        """Complete `facts` with type and resulting_state.

        Called by the ledger alone, which holds the lock of their contact points.

        :return: the facts that are to be written, and the rows of the records that follow from them
        """
        rows, left = self._rows(facts), self._left(facts)
        history, said, written = self._history(facts, rows), _last_said(rows), []
        for fact in facts:
            key = _key(fact)
            row, known = rows.setdefault(key, self._empty_row(key, fact)), history.get(key)
            before = _state(row)
            after = self._after(before, fact, known)
            if after != before and self._waits(fact, before, after, rows, left):
                fact["proven"], fact["reversal"] = False, "waiting"
                after = self._after(before, fact, known)
            fact["no_stands"] = self._no_stands(after, self._general(fact, rows))
            late = row["last_occurred_at"] and fact["occurred_at"] < row["last_occurred_at"]
            news = self._is_news(fact, before, after, known, said)
            fact["type"] = _type(fact, news=news, late=late)
            if fact["type"]:
                if known is not None:
                    known.append(_fact(fact))
                fact["resulting_state"] = after.state
                row.update(zip(after._fields, after, strict=True), last_event_id=fact["id"])
                row["last_occurred_at"] = max(row["last_occurred_at"] or fact["occurred_at"], fact["occurred_at"])
                said[key[0]] = max(said.get(key[0], fact["occurred_at"]), fact["occurred_at"])
                written.append(fact)
        return written, [rows[key] for key in dict.fromkeys(map(_key, written))]

    def _after(self, before, fact, known):
        """Return the state after `fact`; `known`: the history of its record where that has to be folded anew."""
        step = _fact(fact)
        return transitions.apply(before, step) if known is None else transitions.fold([*known, step])

    def _is_news(self, fact, before, after, known, said):
        """Return whether a fact must be written; an objection repeated is one where something was said in between.

        :param said: when something was last said at each contact point
        """
        repeated = fact["fact"] == "objected" and before.objected_at and said[fact["contact_point_id"]]
        if repeated and repeated <= before.objected_at:
            return transitions.must_outlive(known or (), _fact(fact))
        return transitions.is_news(before, after, known or (), _fact(fact))

    def _general(self, fact, rows):
        """Return what holds for all marketing of the company of `fact`, and of all companies."""
        keys = [(fact["contact_point_id"], 0, company) for company in {fact["company_id"] or 0, 0}]
        return [_state(rows[key]) for key in keys if key in rows]

    def _no_stands(self, state, general):
        """Return whether a no stands against a topic: one to it, or an objection."""
        objected = any(objection.holds(state, each.objected_at) for each in (state, *general))
        return objected or state.state in transitions.SAID_NO

    def _left(self, facts):
        """Return how many noes each user may still undo alone; empty where nobody tries."""
        users = {fact["actor_id"] for fact in facts if _is_limited(fact)}
        return self.env["consent.reversal"].sudo()._left(users) if users else {}

    def _waits(self, fact, before, after, rows, left):
        """Return whether a step undoes one no more than its user may undo alone; count it where it does not."""
        if not _is_limited(fact):
            return False
        if not reversal.undoes_no(before, after, self._general(fact, rows)):
            return False
        left[fact["actor_id"]] -= 1
        fact["reversal"] = "done"
        return left[fact["actor_id"]] < 0

    @api.model
    def _foresee(self, facts: list[dict]):
        """Complete `facts` as `_append` would, with type (None: it would write nothing), and write nothing.

        :param facts: see `consent.event._append`
        """
        points, known = self.env["consent.contact.point"].sudo(), {}
        for channel, batch in tools.groupby(facts, lambda fact: fact["channel"]):
            found = points._known(channel, {fact["address"] for fact in batch})
            known.update(((channel, address), id_) for address, id_ in found.items())
        for number, fact in enumerate(facts, 1):
            point = known.setdefault((fact["channel"], fact["address"]), -number)
            fact.update(id=UNWRITTEN + number, contact_point_id=point)
        self._project(facts)

    def _history(self, facts, rows):
        """Return the whole history of the records that a fact is late for, repeats or retracts: folded anew."""
        latest = {key: row["last_occurred_at"] for key, row in rows.items()}
        needed = set()
        for fact in facts:
            key = _key(fact)
            late = key in latest and fact["occurred_at"] <= latest[key]
            if late or fact.get("undoes") or (key in rows and _repeats(fact, _state(rows[key]))):
                needed.add(key)
            latest[key] = max(latest.get(key, fact["occurred_at"]), fact["occurred_at"])
        if not needed:
            return {}
        points = list({key[0] for key in needed})
        found = self.env["consent.event"]._facts(SQL("contact_point_id = ANY(%s)", points))
        return {key: found.get(key, []) for key in needed}

    def _rows(self, facts):
        points = list({fact["contact_point_id"] for fact in facts})
        topics = list({0, *(fact["topic_id"] or 0 for fact in facts)})
        if any(fact["fact"] == "objected" for fact in facts):
            return self._select(SQL("contact_point_id = ANY(%s)", points))
        return self._select(SQL("contact_point_id = ANY(%s) AND COALESCE(topic_id, 0) = ANY(%s)", points, topics))

    def _select(self, where: SQL):
        columns = SQL(", ").join(SQL.identifier(column) for column in COLUMNS)
        rows = self.env.execute_query_dict(SQL("SELECT %s FROM consent_record WHERE %s", columns, where))
        return {_key(row): row for row in rows}

    def _empty_row(self, key, fact):
        return EMPTY_ROW | {
            "contact_point_id": key[0],
            "topic_id": key[1] or None,
            "company_id": key[2] or None,
            "channel": fact["channel"],
            "purpose_id": fact["purpose_id"],
        }

    def _upsert(self, rows):
        if not rows:
            return
        columns = SQL(", ").join(SQL.identifier(column) for column in COLUMNS)
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(column), SQL.identifier(column)) for column in COLUMNS[len(KEY) :]
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_record (%(columns)s) SELECT %(columns)s FROM %(rows)s
                   ON CONFLICT (contact_point_id, COALESCE(topic_id, 0), COALESCE(company_id, 0))
                   DO UPDATE SET %(updates)s""",
                columns=columns,
                rows=bulk.table(rows, {name: self._fields[name].column_type[1] for name in COLUMNS}, "new"),
                updates=updates,
            )
        )

    # -- replay -----------------------------------------------------------------------------------------------

    @api.model
    def _replay(self, points) -> dict[tuple, dict]:
        """Return the rows that the ledger leads to for `points`, by key."""
        facts = self.env["consent.event"]._facts(SQL("contact_point_id = ANY(%s)", points.ids))
        channels = {point.id: point.channel for point in points}
        topics = self.env["consent.topic"].browse({key[1] for key in facts if key[1]})
        purposes = {topic.id: topic.purpose_id.id for topic in topics}
        rows = {}
        for key, history in facts.items():
            start = self._empty_row(key, {"channel": channels[key[0]], "purpose_id": purposes.get(key[1])})
            rows[key] = start | {
                **transitions.fold(history)._asdict(),
                "last_event_id": max(fact.event_id for fact in history),
                "last_occurred_at": max(fact.occurred_at for fact in history),
            }
        return rows

    @api.model
    def _differences(self, points) -> dict[tuple, tuple]:
        """Return, by key, the stored and the replayed row where they differ (None: there is none)."""
        stored, replayed = defaultdict(lambda: None), defaultdict(lambda: None)
        for batch in tools.split_every(1000, points.ids, points.browse):
            stored.update(self._select(SQL("contact_point_id = ANY(%s)", batch.ids)))
            replayed.update(self._replay(batch))
        return {key: (stored[key], replayed[key]) for key in {*stored, *replayed} if stored[key] != replayed[key]}

    @api.model
    def _rebuild(self, points):
        """Make the records of `points` anew from the ledger."""
        self.env["consent.contact.point"].sudo()._lock_again(points)
        differing = self._differences(points)
        self._upsert([replayed for _stored, replayed in differing.values() if replayed])
        surplus = [key for key, (_stored, replayed) in differing.items() if not replayed]
        if surplus:
            self.env.cr.execute(
                SQL(
                    """DELETE FROM consent_record
                        WHERE (contact_point_id, COALESCE(topic_id, 0), COALESCE(company_id, 0)) IN %s""",
                    tuple(surplus),
                )
            )
        self.invalidate_model()

    @api.model
    def _check_ledger(self, points=None) -> list[str]:
        """Return a line for each broken chain and each record that does not equal its replay.

        :param points: the contact points to look at; None: all, a thousand at a time
        """
        batches = self.env["consent.contact.point"].sudo()._in_batches() if points is None else [points]
        lines = self.env["consent.exhibit"].sudo()._altered() if points is None else []
        return lines + [line for batch in batches for line in self._check_points(batch)]

    def _check_points(self, points):
        lines = [
            self.env._(
                "%(point)s: event %(seq)s is %(why)s", point=points.browse(id_).masked, seq=where.seq, why=where.why
            )
            for id_, where in points._first_break().items()
        ]
        for key in self._differences(points):
            point = points.browse(key[0])
            lines.append(self.env._("%s: the record does not equal the replay of its events", point.masked))
        return lines

    @api.model
    def _cron_check_ledger(self):
        """Verify everything; what is wrong goes to the log and to the officers."""
        if lines := self._check_ledger():
            _logger.error("consent ledger: %s", "; ".join(lines))
            officers = self.env.ref("marketing_consent.group_officer").sudo().all_user_ids
            self.env["mail.thread"].sudo().message_notify(
                partner_ids=officers.partner_id.ids,
                subject=self.env._("The consent ledger is not as it was written"),
                body=Markup("<br/>").join(lines[:MAX_REPORTED]),
            )

    def action_check_ledger(self):
        """Verify chain and records of the contact points of these records, and say what is wrong."""
        self.check_access("read")
        return self._report_check(self.sudo().contact_point_id)

    @api.model
    def _report_check(self, points):
        lines = self.env["consent.record"].sudo()._check_ledger(points)
        count = len(points)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if lines else "success",
                "sticky": bool(lines),
                "message": "\n".join(lines)
                or self.env._("%s contact points verified: all is as it was written.", count),
            },
        }


def _key(row) -> tuple[int, int, int]:
    return (row["contact_point_id"], row["topic_id"] or 0, row["company_id"] or 0)


def _state(row) -> transitions.State:
    return transitions.State._make(_of_state(row))


def _fact(fact) -> transitions.Fact:
    return transitions.Fact(
        fact["fact"],
        fact["occurred_at"],
        fact["source"],
        fact["id"],
        *map(fact.get, transitions.Fact._fields[4:]),
    )


def _last_said(rows):
    """Return when something was last said at each contact point, as far as `rows` tell."""
    said = {}
    for (point, _topic, _company), row in rows.items():
        said[point] = max(said.get(point, row["last_occurred_at"]), row["last_occurred_at"])
    return said


def _repeats(fact, state):
    standing = transitions.standing
    return fact["fact"] not in transitions.PERMISSIVE and standing(transitions.apply(state, _fact(fact))) == standing(
        state
    )


def _is_limited(fact):
    return bool(fact.get("proven")) and reversal.is_limited(fact["source"], fact.get("proof"))


def _type(fact, *, news, late):
    """Return the type under which a fact is written, None where it only repeats what holds."""
    if fact["fact"] in transitions.ALWAYS_WRITTEN or news:
        return fact["type"] or fact["fact"]
    kept = late or fact["fact"] in transitions.GRANTS or fact.get("proven") is False
    return "not_applied" if kept else None
