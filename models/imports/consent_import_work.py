import logging
from functools import partial

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import clock, import_lines, retry, transitions
from ...tools.verdict import REASONS
from . import consent_import_reading  # noqa: F401  # what it inherits has to be loaded before

_logger = logging.getLogger(__name__)

CHUNK = 1000
#: Lines: each is counted once. Answers: a line may have one for each channel.
LINES = ("recorded_count", "nothing_count", "skipped_count", "error_count")
COUNTS = (*LINES, "yes_count", "no_count", "withheld_count")
DOUBTS = ("role_count", "old_count")
OLD = import_lines.OLD
NEXT = {"reading": "draft", "checking": "checked", "running": "done"}
NEXT |= {"revoking": "revoked", "retracting": "retracted"}
#: What keeps marketing from somebody whose yes is recorded, and what its user should know before.
WITHHELD = frozenset(
    {"suppressed", "restricted", "objected", "blacklisted", "expired", "wording_changed", "evidence_too_weak"}
    | {"unreachable", "carrier_blocked"}
)


class ConsentImportWork(models.AbstractModel):
    """How an import's file is read, checked, recorded and revoked: a chunk at a time, each with how far it got."""

    _name = "consent.import.work"
    _description = "Work on an Import"
    _inherit = "consent.import.reading"

    @api.model
    def _cron_work(self):
        """Go on with what is under way, oldest first, for as long as the scheduler lets us."""
        crons = self.env["ir.cron"]
        for each in self.search([("state", "in", list(NEXT))], order="id"):
            try:
                each._advance(lambda done, each=each: crons._commit_progress(done, remaining=each._remaining()))
            except UserError as error:  # the file itself: it cannot be opened, or is damaged further down
                self._roll_back()
                each._stop(str(error))
            except Exception:
                # What cannot go on does not keep the others waiting: one of them may be a revocation.
                self._roll_back()
                _logger.exception("import %s cannot go on", each.id)
                continue
            if each.state in NEXT:
                return  # no time left: the scheduler calls again
            crons._commit_progress(remaining=0)

    def _remaining(self):
        return max(self.line_count - sum(self[name] for name in LINES), 1)

    def _advance(self, commit=None):
        """Go on from where it stands.

        :param commit: called with the number of lines after each chunk; where it returns nothing, this stops
        """
        if self.state in ("checking", "running") and self._fingerprint() != self.checked_sha256:
            self._stop(self.env._("Something of file, columns, values, settings or proof is not what was checked."))
            return
        work = {"reading": self._survey, "revoking": self._revoke, "retracting": self._retract}.get(
            self.state, self._record
        )
        for done in work(commit is not None):
            if commit and not commit(done):
                return
        self.state = NEXT[self.state]

    def _stop(self, why):
        """Go no further: it is not what was checked, nor what a second person may have approved."""
        message = self.env._("Stopped after line %(line)s: %(why)s", line=self.position, why=why)
        if self.state in ("checking", "reading"):
            self._reset()
        else:
            self.state = "stopped"
        self.message_post(body=message)

    def _repeatedly(self, work, commits):
        """Do a chunk, anew while other writers to the ledger were faster, and return what `work` returns."""

        def once():
            result = work()
            self.env.flush_all()
            return result

        return retry.repeatedly(once, before_again=self._roll_back) if commits else once()

    def _roll_back(self):
        self.env.cr.rollback()
        self.env.invalidate_all()

    def _record(self, commits):
        """Check or record the lines that are left; yields the number of lines after each chunk."""
        seen, meaning = set(), self._meaning()
        with self._opened() as table:
            for chunk in tools.split_every(CHUNK, table.rows, list):
                position = self.position
                left = [row for row in chunk if row.number > position]
                if len(left) < len(chunk) and self.state == "checking":
                    # what was said before a restart
                    seen |= self._read(chunk[: -len(left) or None], meaning, seen).hashes
                if left:
                    seen |= self._repeatedly(partial(self._take, left, meaning, seen), commits)
                    yield len(left)
        counted = sum(self[name] for name in LINES)
        if self.line_count != counted:
            self.line_count = counted

    def _take(self, chunk, meaning, seen):
        """Check or record a chunk, and note in the same transaction that it is done; return what it said, as hashes."""
        reading = self._read(chunk, meaning, seen)
        written = [fact for _line, fact in reading.facts]
        if self.state == "running":
            self.env["consent.event"].sudo()._append(written)
        else:
            self.env["consent.record"].sudo()._foresee(written)
        new = [(line, fact) for line, fact in reading.facts if fact["type"] not in (None, "not_applied")]
        notes = reading.refused + [
            (line, self._outcome(fact), self._masked(fact))
            for line, fact in reading.facts
            if fact["type"] in (None, "not_applied")
        ]
        withheld = self._withheld(new) if self.state == "checking" else []
        self._note(chunk, new, notes, withheld)
        return reading.hashes

    def _outcome(self, fact):
        """Return why a fact is no new answer."""
        if not fact["type"]:
            return "unchanged"
        is_yes = fact["fact"] in transitions.GRANTS
        return "not_applied" if is_yes and fact["resulting_state"] in transitions.SAID_NO else "older"

    # -- what the gate will say -----------------------------------------------------------------------------------

    def _withheld(self, new):
        """Return (line, withheld, why) of each new yes that the gate will not let through."""
        yeses = [(line, fact) for line, fact in new if fact["fact"] in transitions.GRANTS]
        labels = dict(REASONS)
        notes = []
        for (topic_id, channel), group in tools.groupby(yeses, lambda pair: (pair[1]["topic_id"], pair[1]["channel"])):
            topic = self.env["consent.topic"].sudo().browse(topic_id)
            addresses = [fact["address"] for _line, fact in group]
            gate = self.env["consent.gate"].sudo()
            standing = gate._decide(topic, channel, addresses, self.company_id)
            rule = gate._rule(topic_id)
            for line, fact in group:
                reason = standing[fact["address"]].reason
                reason = reason if reason in WITHHELD else self._weakness(fact, rule)
                if reason:
                    notes.append((line, "withheld", f"{labels[reason]}: {self._masked(fact)}"))
        return notes

    def _weakness(self, fact, rule):
        """Return the gate's reason against a yes itself, as if it were recorded already."""
        if fact["valid_until"] and fact["valid_until"] <= clock.consent_now(self.env):
            return "expired"
        version = self.env["consent.notice"].sudo().browse(fact["notice_id"] or ()).version
        if version < rule.min_notice_version:
            return "wording_changed"
        return "evidence_too_weak" if fact["evidence_grade"] > rule.min_evidence else None

    # -- how far it got -------------------------------------------------------------------------------------------

    def _note(self, chunk, new, notes, withheld):
        """Note what became of the lines of a chunk: each of them is counted once."""
        yes = [fact for _line, fact in new if fact["fact"] in transitions.GRANTS]
        errors = {line for line, outcome, _why in notes if outcome == "error"}
        recorded = {line for line, _fact in new} - errors
        skipped = {line for line, _outcome, _why in notes} - errors - recorded
        added = {
            "error_count": len(errors),
            "recorded_count": len(recorded),
            "skipped_count": len(skipped),
            "nothing_count": len(chunk) - len(errors) - len(recorded) - len(skipped),
            "yes_count": len(yes),
            "no_count": len(new) - len(yes),
            "withheld_count": len(withheld),
        }
        if self.state == "checking":
            old = clock.consent_now(self.env) - OLD
            added["role_count"] = sum(f["channel"] == "email" and import_lines.is_role(f["address"]) for f in yes)
            added["old_count"] = sum(fact["occurred_at"] < old for fact in yes)
        values = {name: self[name] + count for name, count in added.items()}
        self.write({**values, "position": chunk[-1].number})
        self._list([*notes, *withheld])

    def _list(self, notes):
        if not notes:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_import_line (import_id, line, outcome, why)
                   SELECT %s, * FROM unnest(%s, %s, %s)""",
                self.id,
                *(list(column) for column in zip(*notes, strict=True)),
            )
        )
        self.env["consent.import.line"].invalidate_model()
