from collections import defaultdict

from odoo import Command, api, fields, models, tools
from odoo.exceptions import UserError

from ...models.sending.consent_mailing_preflight import ODOO_REASONS, REACHED
from ...tools import clock, contact_point, transitions
from ...tools.verdict import REASONS

BATCH = 1000
MOST_LISTED = 1000
WAITS = "outgoing"
NOT_SENT = [*ODOO_REASONS, (WAITS, "Waits to be sent")]


class ConsentAsOf(models.TransientModel):
    """Consent at a past time, as known at a past time, for people or a mailing (two time axes)."""

    _name = "consent.as.of"
    _description = "Consent in the Past"

    mailing_id = fields.Many2one("mailing.mailing", readonly=True)
    contact_point_ids = fields.Many2many("consent.contact.point", string="Whose", readonly=True)
    valid_at = fields.Datetime(
        "What was true on", required=True, help="Only what people had done by then counts, whenever we heard of it."
    )
    known_at = fields.Datetime(
        "As we knew it on", required=True, help="Only what had been written down by then counts."
    )
    reason = fields.Char("Why do you ask?", help="Kept in the log, with your name and the time.")
    answered = fields.Boolean(readonly=True)
    line_ids = fields.One2many("consent.as.of.line", "as_of_id", "Answer", readonly=True)

    @api.model
    def default_get(self, fields):
        """Start from the current record: a mailing, a contact point, a record, or any record with an address."""
        values = super().default_get(fields)
        now = clock.consent_now(self.env)
        values.update(valid_at=now.replace(microsecond=0), known_at=now.replace(microsecond=0))
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if model == "mailing.mailing":
            mailing = self.env[model].browse(ids[:1])
            values.update(mailing_id=mailing.id, valid_at=mailing.sent_date or values["valid_at"])
        elif model:
            values["contact_point_ids"] = [Command.set(self._points_of(self.env[model].browse(ids)).ids)]
        return values

    def _points_of(self, records):
        if records._name == "consent.contact.point":
            return records._filtered_access("read")
        if records._name in self.env["consent.audience"]._models():
            points = self.env["consent.contact.point"].union(*(record._consent_points() for record in records))
            return points._filtered_access("read")
        return records.contact_point_id

    def action_answer(self):
        """Log the question and its reason, and answer it.

        :raises ConsentError: the reason is missing or too short
        """
        self.ensure_one()
        if self.known_at < self.valid_at:
            raise UserError(self.env._("“As we knew it on” cannot be earlier than “What was true on”."))
        about = self.mailing_id or self.contact_point_ids
        about.check_access("read")
        self.env["consent.access.log"]._note_access("as_of", about, self.reason)
        lines = self._of_mailing() if self.mailing_id else self._of_people()
        self.line_ids.unlink()
        self.write({"answered": True, "line_ids": [Command.create(line) for line in lines]})
        return {
            "type": "ir.actions.act_window",
            "name": self._description,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _of_people(self):
        points = self.contact_point_ids[:MOST_LISTED]
        states = self.env["consent.past"]._states(points, self.valid_at, self.known_at)
        companies = {*self.env.companies.ids, 0}
        for (point_id, topic_id, company_id), state in sorted(states.items()):
            if company_id in companies:
                yield {
                    "contact_point_id": point_id,
                    "topic_id": topic_id,
                    "company_id": company_id,
                    "state": state.state,
                    "since": state.since,
                    "blocks": self._blocks(state),
                    "event_id": state.granting_event_id,
                    "count": 1,
                }

    def _blocks(self, state):
        labels = dict(self.env["consent.event"]._fields["type"]._description_selection(self.env))
        blocks = [
            labels[fact]
            for fact, column in transitions.BLOCK_SET_BY.items()
            if getattr(state, column) and (fact != "paused" or state.paused_until > self.valid_at)
        ]
        return ", ".join(blocks)

    # -- a whole mailing --------------------------------------------------------------------------------------

    def _of_mailing(self):
        """Count the recipients by delivery result and by the verdict of that time."""
        found = defaultdict(list)
        traces = self.env["mailing.trace"].search([("mass_mailing_id", "=", self.mailing_id.id)], order="id")
        for batch in tools.split_every(BATCH, traces.ids, traces.browse):
            then = self._then(batch)
            for trace in batch:
                found[self._happened(trace), then[trace.id]].append(trace.id)
            batch.invalidate_recordset()
        for (happened, reason), ids in sorted(found.items(), key=lambda item: -len(item[1])):
            yield {
                "happened": happened or False,
                "reason": reason or False,
                "count": len(ids),
                "trace_ids": ids[:MOST_LISTED],
            }

    def _happened(self, trace):
        """Return why nothing was sent to a recipient, "" if it was."""
        if trace.consent_reason or trace.trace_status == "outgoing":
            return trace.consent_reason or WAITS
        reason = self.mailing_id._aftermath_reason(trace.trace_status, trace.failure_type)
        return "" if reason == REACHED else reason

    def _then(self, traces):
        """Return by trace the reason at that time, "" if it was allowed."""
        mailing, points = self.mailing_id.sudo(), self.env["consent.contact.point"].sudo()
        channel = mailing._consent_channel()
        hashes = {
            trace.id: points._hash(channel, address)
            for trace in traces
            if (address := contact_point.canonical(channel, trace.email or trace.sms_number or ""))
        }
        known = points.search([("address_hash", "in", list(set(hashes.values())))])
        by_hash = {point.address_hash: point.id for point in known}
        reasons = self.env["consent.past"]._reasons(
            known, mailing._consent_topics(), mailing.consent_company_id, self.valid_at, self.known_at
        )
        unknown = self._of_the_unknown(mailing)
        return {trace.id: reasons.get(by_hash.get(hashes.get(trace.id)), unknown) or "" for trace in traces}

    def _of_the_unknown(self, mailing):
        gate, topics = self.env["consent.gate"].sudo(), mailing._consent_topics()
        modes = {gate._mode(rule, mailing.consent_company_id) for rule in gate._rules(topics)}
        return "" if modes == {"opt_out"} else "no_consent"


class ConsentAsOfLine(models.TransientModel):
    """One answer: the state of a record, or a group of recipients with its size."""

    _name = "consent.as.of.line"
    _description = "Answer about the Past"
    _order = "id"

    as_of_id = fields.Many2one("consent.as.of", required=True, readonly=True, ondelete="cascade")
    contact_point_id = fields.Many2one("consent.contact.point", readonly=True)
    topic_id = fields.Many2one("consent.topic", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Selection(transitions.STATES, readonly=True)
    since = fields.Datetime(readonly=True)
    blocks = fields.Char(readonly=True)
    event_id = fields.Many2one("consent.event", "Authorising event", readonly=True)
    happened = fields.Selection(REASONS + NOT_SENT, "Not sent because", readonly=True)
    reason = fields.Selection(REASONS, "Reason then", readonly=True)
    verdict = fields.Char("The ledger of then", compute="_compute_words")
    outcome = fields.Char("What happened", compute="_compute_words")
    count = fields.Integer("People", readonly=True)
    trace_ids = fields.Json(readonly=True)

    @api.depends("happened", "reason")
    def _compute_words(self):
        labels = dict(self._fields["happened"]._description_selection(self.env))
        for line in self:
            line.outcome = labels.get(line.happened) or self.env._("Sent")
            line.verdict = labels.get(line.reason) or self.env._("Allowed")

    def action_open(self):
        """Open the recipients behind the number (the first thousand)."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("mass_mailing.mailing_trace_action")
        return {**action, "domain": [("id", "in", self.trace_ids or [])], "context": {}}
