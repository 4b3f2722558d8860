import json
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

from ...tools import clock, ledger

ASKED_WITHIN = timedelta(hours=1)


class Check(NamedTuple):
    """One thing that was verified when the proof was printed."""

    label: str
    #: None: cannot be told, since the evidence was erased.
    holds: bool | None


class ConsentProof(models.AbstractModel):
    """The printable proof of one consent (GDPR art. 7(1), requirement R-021).

    All of it comes from the ledger, its evidence and published wordings, which cannot be deleted: the page or form
    that asked, and the purpose itself, may be gone.
    """

    _name = "report.marketing_consent.consent_proof"
    _description = "Proof of Consent"

    @api.model
    def _get_report_values(self, docids, data=None):
        events = self.env["consent.event"].browse(docids)
        events.check_access("read")
        now = clock.consent_now(self.env)
        return {
            "docs": events,
            "reason": self._reason(events, now),
            "proofs": {event.id: self._proof(event) for event in events},
            "printed_at": format_datetime(self.env, now, tz="UTC"),
        }

    def _reason(self, events, now):
        """Return why the user prints this: asked and noted a moment ago, whatever way led here.

        :raises AccessError: nobody asked, or the user is no officer
        """
        domain = [("kind", "=", "proof"), ("user_id", "=", self.env.uid), ("at", ">=", now - ASKED_WITHIN)]
        noted = self.env["consent.access.log"].search(domain)
        reason = next((log.reason for log in noted if set(events.ids) <= set(log.res_ids)), None)
        if not reason:
            raise AccessError(self.env._("Say first why you need this proof: print it from the event."))
        return reason

    def _proof(self, event):
        """Return what the report shows of one event."""
        evidence = event._evidence()
        asked = self._asked(event)
        record = self._record(event)
        return {
            "statement": evidence.get("statement") or event.notice_id.body or "",
            "steps": [self._step(step) for step in asked | event],
            "after": self._after(event),
            "record": record,
            "address": event.contact_point_id.sudo().address or event.contact_point_id.masked,
            "attachments": self._attachments(event),
            "checks": self._checks(event, evidence),
        }

    def _asked(self, event):
        """Return the sign-up that a confirmation answers: the first step of a double opt-in."""
        domain = [("fact", "=", "requested"), ("seq", "<", event.seq), *self._same(event)]
        found = self.env["consent.event"]
        return found.search(domain, order="seq desc", limit=1) if event.fact == "confirmed" else found

    def _after(self, event):
        """Return what the person said about the same since then, oldest first."""
        domain = [("seq", ">", event.seq), ("type", "!=", "not_applied"), *self._same(event)]
        return self.env["consent.event"].search(domain, order="seq", limit=50)

    def _record(self, event):
        return self.env["consent.record"].search(self._same(event), limit=1)

    def _same(self, event):
        about = [("contact_point_id", "=", event.contact_point_id.id), ("topic_id", "=", event.topic_id.id)]
        return [*about, ("company_id", "=", event.company_id.id)]

    def _step(self, event):
        """Return an event with the circumstances that were kept of it."""
        hidden = {"statement", "request"}
        details = {name: value for name, value in event._evidence().items() if name not in hidden and value}
        return {"event": event, "details": {name: self._text(value) for name, value in details.items()}}

    def _text(self, value):
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def _attachments(self, event):
        evidence = event.sudo().evidence_id
        domain = [("res_model", "=", evidence._name), ("res_id", "in", evidence.ids)]
        return self.env["ir.attachment"].sudo().search(domain)

    def _checks(self, event, evidence) -> list[Check]:
        point, stored = event.contact_point_id.sudo(), event.sudo().evidence_id
        kept = bool(stored.salt)
        notice, statement = event.notice_id, evidence.get("statement")
        checks = [
            Check(
                self.env._("No entry was changed, added or removed: the chain of hashes holds"),
                not point._first_break(),
            ),
            Check(
                self.env._("Address and evidence are the ones recorded then"),
                event._binds(point.address) if kept and point.address else None,
            ),
        ]
        if event.statement_digest:
            holds = ledger.digest(statement) == event.statement_digest if statement else None
            checks.append(Check(self.env._("The text above is the one shown then"), holds))
        if notice:
            same = ledger.digest(notice.body) == event.notice_digest == notice.digest
            checks.append(Check(self.env._("The published wording is unchanged"), same))
        return checks
