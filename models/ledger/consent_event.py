import json
import secrets
from collections import defaultdict
from datetime import datetime

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...tools import bulk, clock, ledger, transitions
from ..policy.consent_purpose import LEGAL_BASES
from ..policy.hex_field import Hex

#: System parameter: the last event that an officer downloaded.
EXPORTED_EVENT = "marketing_consent.exported_event"
#: Column and PostgreSQL type of what `_append` inserts: one row is one immutable fact.
COLUMNS = {
    "id": "integer",
    "contact_point_id": "integer",
    "company_id": "integer",
    "purpose_id": "integer",
    "topic_id": "integer",
    "type": "text",
    "fact": "text",
    "resulting_state": "text",
    "legal_basis": "text",
    "notice_id": "integer",
    "source": "text",
    "source_label": "text",
    "actor_id": "integer",
    "actor_label": "text",
    "occurred_at": "timestamp",
    "recorded_at": "timestamp",
    "valid_until": "timestamp",
    "until": "timestamp",
    "evidence_grade": "text",
    "proven": "boolean",
    "undoes": "integer",
    "batch": "text",
    "statement_id": "integer",
    "shared_id": "integer",
    "commitment": "bytea",
    "format": "integer",
    "seq": "integer",
    "hash": "bytea",
}

#: What the hash covers of the records that an event refers to.
DIGESTS = ("notice_digest", "statement_digest", "shared_digest")


class ConsentEvent(models.Model):
    """The ledger: append-only, hash-chained per contact point. Nothing but `_append` writes it.

    No foreign key to partners, users or mailings: Odoo's merge and unlink would rewrite or delete rows. No
    `_log_access`, stored compute, default or xmlid either: whatever Odoo would UPDATE later must not exist here.
    """

    _name = "consent.event"
    _description = "Consent Event"
    _inherit = ["consent.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "type"

    contact_point_id = fields.Many2one("consent.contact.point", required=True, ondelete="restrict", readonly=True)
    channel = fields.Selection(related="contact_point_id.channel")
    company_id = fields.Many2one("res.company", ondelete="restrict", readonly=True)
    purpose_id = fields.Many2one("consent.purpose", ondelete="restrict", readonly=True)
    topic_id = fields.Many2one("consent.topic", ondelete="restrict", readonly=True, index="btree_not_null")
    type = fields.Selection(transitions.EVENT_TYPES, required=True, readonly=True)
    fact = fields.Selection(
        transitions.EVENT_TYPES,
        required=True,
        readonly=True,
        help="What the source says. Differs from the type where it was carried over or not applied.",
    )
    resulting_state = fields.Selection(transitions.STATES, required=True, readonly=True)
    legal_basis = fields.Selection(LEGAL_BASES, readonly=True)
    notice_id = fields.Many2one("consent.notice", "Wording", ondelete="restrict", readonly=True, index="btree_not_null")
    notice_digest = fields.Char("Digest of the wording", related="notice_id.digest")
    source = fields.Selection(transitions.SOURCES, required=True, readonly=True)
    source_label = fields.Char("Where", readonly=True, help="Which form, page, file or campaign, as text.")
    actor_id = fields.Integer("Actor (user id)", readonly=True)
    actor_label = fields.Char("Recorded by", readonly=True)
    occurred_at = fields.Datetime("When", required=True, readonly=True, help="When the person did it.")
    recorded_at = fields.Datetime("Recorded on", required=True, readonly=True, help="When we wrote it down.")
    valid_until = fields.Datetime(readonly=True)
    until = fields.Datetime("Paused until", readonly=True)
    evidence_grade = fields.Selection(transitions.GRADES, readonly=True)
    proven = fields.Boolean(readonly=True, help="Whether it may undo a no.")
    undoes = fields.Integer("Takes back event", readonly=True)
    batch = fields.Char(readonly=True, index="btree_not_null")
    statement_id = fields.Many2one("consent.exhibit", ondelete="restrict", readonly=True, groups="base.group_system")
    statement_digest = fields.Char("Digest of the statement", related="statement_id.digest")
    shared_id = fields.Many2one(
        "consent.exhibit", "Evidence of the batch", ondelete="restrict", readonly=True, groups="base.group_system"
    )
    commitment = Hex("Digest of address and evidence", readonly=True)
    format = fields.Integer(required=True, readonly=True)
    seq = fields.Integer("Number", required=True, readonly=True)
    hash = Hex(required=True, readonly=True)
    evidence_id = fields.Many2one("consent.evidence", compute="_compute_evidence_id", groups="base.group_system")

    _seq_unique = models.UniqueIndex("(contact_point_id, seq)")

    @api.depends("type", "topic_id")
    def _compute_display_name(self):
        types = dict(self._fields["type"]._description_selection(self.env))
        for event in self:
            about = event.topic_id.name or self.env._("All marketing")
            event.display_name = f"{types.get(event.type)}, {about}"

    def _compute_evidence_id(self):
        kept = set(self.env["consent.evidence"].sudo().browse(self.ids).exists().ids)
        for event in self:
            event.evidence_id = event.id if event.id in kept else False

    # -- append-only ------------------------------------------------------------------------------------------

    def init(self):
        """Make the table append-only for plain SQL too."""
        self._protect()

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse: events come from the verbs of `consent.record` only."""
        raise self._append_only()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: what happened does not change."""
        raise self._append_only()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._append_only()

    def _append_only(self):
        return AccessError(self.env._("The consent ledger is append-only: record a new fact instead."))

    # -- appending --------------------------------------------------------------------------------------------

    @api.model
    def _append(self, facts: list[dict]) -> list[int | None]:
        """Write `facts` to the ledger and the records that follow from them, in a fixed number of statements.

        The one door to ledger and projection. Whoever calls it has checked and completed the facts. It may fail with
        a serialisation failure when another transaction writes to one of the same contact points: retry in a *new*
        transaction (see `tools.retry`).

        :param facts: mappings with channel, address (canonical), fact, source, occurred_at, company_id (int or None),
            topic_id, purpose_id, and what else of `COLUMNS` applies; `evidence` is a JSON-able dict of personal
            detail, `statement` and `shared` (canonical JSON) are texts that are stored once, `attachments` a list of
            (name, bytes), `proof` as in `tools.evidence`. One `type` may be given:
            carried_over
        :return: the event's id for each fact, None where it changed nothing (a no repeated) and nothing was written
        """
        if not facts:
            return []
        heads = self.env["consent.contact.point"]._lock((fact["channel"], fact["address"]) for fact in facts)
        for fact, (event_id, now) in zip(facts, self._next_ids(len(facts)), strict=True):
            point = heads[fact["channel"], fact["address"]]
            fact.update(id=event_id, contact_point_id=point["id"], recorded_at=now)
        written, rows = self.env["consent.record"]._project(facts)
        if written:
            points = {point["id"]: point for point in heads.values()}
            self._insert(*self._chain(written, points), points)
            self.env["consent.reversal"].sudo()._note(written)
            self.env["consent.record"]._upsert(rows)
            self._notify_appended(written)
        done = {fact["id"] for fact in written}
        return [fact["id"] if fact["id"] in done else None for fact in facts]

    @api.model
    def _notify_appended(self, facts: list[dict]):
        """Tell the rest of Odoo what was appended: mirrors, receipts and the like through the outbox, after commit.

        :param facts: as passed to `_append`, with id, type and resulting_state
        """
        self.env["consent.outbox"].sudo()._post(facts)
        for model in (
            "consent.event",
            "consent.record",
            "consent.contact.point",
            "consent.evidence",
            "consent.status",
        ):
            self.env[model].invalidate_model()

    def _next_ids(self, count):
        """Return as many ids for events, each with the time now."""
        query = SQL("SELECT nextval('consent_event_id_seq'), %s FROM generate_series(1, %s)", clock.now(), count)
        return self.env.execute_query(query)

    def _chain(self, facts, heads):
        """Return the event rows of `facts`, linked to the heads of their points, and their evidence rows."""
        events, evidence, exhibits = [], [], self._exhibits(facts)
        for fact in facts:
            head = heads[fact["contact_point_id"]]
            salt, payload = secrets.token_hex(16), self._payload(fact)
            head["head_seq"] += 1
            event = dict(zip(COLUMNS, map(fact.get, COLUMNS), strict=True)) | {
                "format": ledger.FORMAT,
                "seq": head["head_seq"],
                "commitment": ledger.commitment(salt, fact["address"], payload),
                "statement_id": exhibits.get(fact.get("statement_digest")),
                "shared_id": exhibits.get(fact.get("shared_digest")),
            }
            covered = {**event, **{name: fact.get(name) for name in DIGESTS}}
            previous = head["head_hash"] or ledger.genesis(head["uid"])
            event["hash"] = head["head_hash"] = ledger.link(previous, covered)
            events.append(event)
            evidence.append({"id": fact["id"], "salt": salt, "payload": payload, "fact": fact})
        return events, evidence

    def _exhibits(self, facts):
        """Store the statements and the shared evidence of `facts` and return their ids by digest."""
        texts = set()
        for fact in facts:
            for name in ("statement", "shared"):
                if text := fact.get(name):
                    fact[f"{name}_digest"] = ledger.digest(text)
                    texts.add(text)
        return self.env["consent.exhibit"]._ids_of(texts)

    def _payload(self, fact):
        """Return the canonical JSON of the personal evidence; empty evidence is an empty text."""
        attachments = [
            {"name": name, "sha256": ledger.hashlib.sha256(content).hexdigest()}
            for name, content in fact.get("attachments") or ()
        ]
        payload = (fact.get("evidence") or {}) | ({"attachments": attachments} if attachments else {})
        return ledger.canonical_json(payload) if payload else ""

    def _insert(self, events, evidence, points):
        heads = {event["contact_point_id"] for event in events}
        self.env["consent.contact.point"]._set_heads([points[point_id] for point_id in sorted(heads)])
        columns = SQL(", ").join(SQL.identifier(column) for column in COLUMNS)
        rows = bulk.table(events, COLUMNS, "new")
        self.env.cr.execute(SQL("INSERT INTO consent_event (%s) SELECT %s FROM %s", columns, columns, rows))
        types = {"id": "integer", "salt": "bytea", "payload": "text"}
        self.env.cr.execute(
            SQL(
                "INSERT INTO consent_evidence (id, salt, payload) SELECT id, salt, payload FROM %s",
                bulk.table(evidence, types, "new"),
            )
        )
        self._attach(evidence)

    def _attach(self, evidence):
        self.env["ir.attachment"].sudo().create(
            [
                {"name": name, "raw": content, "res_model": "consent.evidence", "res_id": row["id"]}
                for row in evidence
                for name, content in row["fact"].get("attachments") or ()
            ]
        )

    # -- reading the chain ------------------------------------------------------------------------------------

    @api.model
    def _chain_rows(self, points) -> dict[int, list[dict]]:
        """Return the rows that the chain covers, as the database has them, by contact point and in their order."""
        rows = self.env.execute_query_dict(
            SQL(
                "%s WHERE event.contact_point_id = ANY(%s) ORDER BY event.contact_point_id, event.seq",
                self._covered(),
                points.ids,
            )
        )
        return dict(tools.groupby(rows, lambda row: row["contact_point_id"]))

    @api.model
    def _covered(self) -> SQL:
        """Return the query of events with all that their hashes cover; digests as hex digits."""
        columns = [
            SQL(
                "encode(event.%(name)s, 'hex') AS %(name)s" if kind == "bytea" else "event.%(name)s",
                name=SQL.identifier(name),
            )
            for name, kind in COLUMNS.items()
        ]
        return SQL(
            """SELECT %s, encode(statement.digest, 'hex') AS statement_digest,
                      encode(shared.digest, 'hex') AS shared_digest, encode(notice.digest, 'hex') AS notice_digest
                 FROM consent_event event
                 LEFT JOIN consent_exhibit statement ON statement.id = event.statement_id
                 LEFT JOIN consent_exhibit shared ON shared.id = event.shared_id
                 LEFT JOIN consent_notice notice ON notice.id = event.notice_id""",
            SQL(", ").join(columns),
        )

    @api.model
    def _facts(self, where: SQL) -> dict[tuple[int, int, int], list[transitions.Fact]]:
        """Return the facts of the events that `where` selects, by key of their record."""
        fields_ = (
            "fact",
            "occurred_at",
            "source",
            "legal_basis",
            "notice_id",
            "evidence_grade",
            "valid_until",
            "until",
            "proven",
            "undoes",
            "batch",
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT contact_point_id, COALESCE(topic_id, 0), COALESCE(company_id, 0), id, %s
                     FROM consent_event WHERE %s""",
                SQL(", ").join(SQL.identifier(column) for column in fields_),
                where,
            )
        )
        facts = defaultdict(list)
        for point, topic, company, event_id, *values in rows:
            fact = transitions.Fact(**dict(zip(fields_, values, strict=True)), event_id=event_id)
            facts[point, topic, company].append(fact)
        return facts

    @api.model
    def _as_of(self, channel: str, address: str, topic, company, valid_at: datetime, known_at: datetime):
        """Return the `transitions.State` that held at `valid_at`, by what the ledger had recorded up to `known_at`.

        :param address: canonical address
        :param topic: a topic, or an empty recordset for what concerns all marketing of `company`
        :param company: a company, or an empty recordset for all companies; a topic's own where there is a topic
        """
        point = self.env["consent.contact.point"].sudo()._find(channel, address)
        known = SQL(
            "contact_point_id = %s AND occurred_at <= %s AND recorded_at <= %s", point.id or 0, valid_at, known_at
        )
        company = topic.sudo().company_id if topic else company
        return transitions.fold(self._facts(known).get((point.id, topic.id or 0, company.id or 0), ()))

    def action_verify(self):
        """Check the chains of the contact points of these events, and say where one is broken."""
        self.check_access("read")
        return self.env["consent.record"]._report_check(self.sudo().contact_point_id)

    def action_see_evidence(self):
        """Ask why, then show the personal detail that proves the event."""
        return self.env["consent.access.reason"]._ask(self)

    def action_print_proof(self):
        """Ask why, then print the proof of what was said, for an authority or for the person."""
        return self.env["consent.access.reason"]._ask(self, "proof")

    def _evidence(self):
        """Return the personal detail that proves the event, empty where it was erased."""
        self.ensure_one()
        event = self.sudo()
        statement = {"statement": event.statement_id.content} if event.statement_id.content else {}
        return json.loads(event.shared_id.content or "{}") | json.loads(event.evidence_id.payload or "{}") | statement

    def _undone(self) -> dict | None:
        """Return what takes this withdrawal or objection back, as `consent.record._submit` takes it.

        None where something was said since. The consent is then exactly what it was before.
        """
        self.ensure_one()
        point = self.contact_point_id
        about = [("contact_point_id", "=", point.id), ("topic_id", "=", self.topic_id.id)]
        about.append(("company_id", "=", self.company_id.id))
        if self.search_count([*about, ("seq", ">", self.seq)], limit=1) or not point.address:
            return None
        return self._retraction() if self.fact in transitions.RETRACTABLE else None

    def _retraction(self):
        """Return what makes this no as if it had never been said, as `consent.record._submit` takes it."""
        point = self.contact_point_id
        entry = {"undoes": self.id, "channel": point.channel, "address": point.address}
        fact = "released" if self.fact == "objected" else "retracted"
        return entry | {"fact": fact, "topic": self.topic_id, "company": self.company_id.id}

    def _binds(self, address: str) -> bool:
        """Return whether the event is about `address` (canonical) with its evidence; unknown once that is erased."""
        kept = self.sudo().evidence_id
        return bool(kept.salt) and ledger.commitment(kept.salt, address, kept.payload or "") == self.commitment
