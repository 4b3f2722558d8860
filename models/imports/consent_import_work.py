import hashlib
import logging
from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import NamedTuple

from odoo import api, models, tools
from odoo.tools import SQL

from ...exceptions import ConsentError
from ...tools import clock, contact_point, ledger, opt_in_file, retry, transitions
from ...tools.opt_in_file import Unreadable
from ..ledger.consent_intake import Intake

_logger = logging.getLogger(__name__)

CHUNK = 1000
COUNTS = ("yes_count", "no_count", "error_count", "skipped_count")
DOUBTS = ("role_count", "old_count")
NEXT = {"checking": "checked", "running": "done", "revoking": "revoked"}


class Meaning(NamedTuple):
    """What a file's lines have in common: how to read them, and what each entry begins with."""

    columns: dict
    channels: list
    order: str
    topic: models.BaseModel
    topics: dict
    base: dict
    now: datetime


class ConsentImportWork(models.AbstractModel):
    """How an import's lines are checked, recorded and revoked: a chunk at a time, each with how far it got."""

    _name = "consent.import.work"
    _description = "Work on an Import"

    @api.model
    def _cron_work(self):
        """Go on with what is under way, oldest first, for as long as the scheduler lets us."""
        crons = self.env["ir.cron"]
        for each in self.search([("state", "in", list(NEXT))], order="id"):
            try:
                each._advance(lambda done, each=each: crons._commit_progress(done, remaining=each._remaining()))
            except Exception:
                # What cannot go on does not keep the others waiting: one of them may be a revocation.
                self._roll_back()
                _logger.exception("import %s cannot go on", each.id)
                continue
            if each.state in NEXT:
                return  # no time left: the scheduler calls again
            crons._commit_progress(remaining=0)

    def _remaining(self):
        return max(self.line_count - self.position, 1)

    def _advance(self, commit=None):
        """Go on from where it stands.

        :param commit: called with the number of lines after each chunk; where it returns nothing, this stops
        """
        if self.state != "revoking" and self._fingerprint() != self.checked_sha256:
            self._stop()
            return
        work = self._revoke if self.state == "revoking" else self._record
        for done in work(commit is not None):
            if commit and not commit(done):
                return
        self.state = NEXT[self.state]

    def _stop(self):
        """Take no further line: it is not what was checked, nor what a second person may have approved."""
        why = self.env._(
            "Stopped at line %s: file, columns, settings or proof are not what was checked.", self.position
        )
        if self.state == "checking":
            self._reset()
        else:
            self.state = "stopped"
        self.message_post(body=why)

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

    # -- lines ----------------------------------------------------------------------------------------------------

    def _record(self, commits):
        """Check or record the lines that are left; yields the number of lines after each chunk."""
        seen, meaning = set(), self._meaning()
        with self._opened() as rows:
            next(rows, None)  # headings
            for chunk in tools.split_every(CHUNK, rows, list):
                position = self.position
                left = [row for row in chunk if row[0] > position]
                if len(left) < len(chunk) and self.state == "checking":
                    seen |= self._read(chunk[: -len(left) or None], meaning, seen)[2]  # what was said before a restart
                if left:
                    seen |= self._repeatedly(partial(self._take, left, meaning, seen), commits)
                    yield len(left)
        self.line_count = self.position

    def _take(self, chunk, meaning, seen):
        """Check or record a chunk, and note in the same transaction that it is done; return what it said, as hashes."""
        facts, refused, said = self._read(chunk, meaning, seen)
        written = [fact for _line, fact in facts]
        if self.state == "running":
            self.env["consent.event"].sudo()._append(written)
        else:
            self.env["consent.record"].sudo()._foresee(written)
        refused += [
            (line, fact["type"] or "unchanged", self._masked(fact))
            for line, fact in facts
            if fact["type"] in (None, "not_applied")
        ]
        self._note(chunk[-1][0], [fact for fact in written if fact["type"] not in (None, "not_applied")], refused)
        return said

    def _read(self, chunk, meaning, seen):
        """Return the facts of a chunk, (line, outcome, why) of what is none, and hashes of what it said."""
        who = self.with_user(self.asked_by_id).with_company(self.company_id)
        intake, facts, refused = Intake(who.env), [], []
        for line, cells in chunk:
            try:
                entries = self._entries(line, cells, meaning)
                # A yes counts as a whole or not at all; of a no, whatever can be understood.
                apart = [[entry] for entry in entries] if entries[0]["fact"] == "withdrawn" else [entries]
            except Unreadable as error:
                refused.append((line, "error", self._explain(error)))
                continue
            for together in apart:
                try:
                    facts += [(line, fact) for fact in list(map(intake.complete, together))]
                except ConsentError as error:
                    refused.append((line, "error", self._explain(error)))
        keys = [_key(fact) for _line, fact in facts]
        # What is checked is not in the ledger: it is remembered, as little of it as will do.
        known = self._recorded(keys) if self.state == "running" else {key for key in keys if hash(key) in seen}
        new = []
        for key, (line, fact) in zip(keys, facts, strict=True):
            if key in known:
                refused.append((line, "duplicate", self._masked(fact)))
            else:
                new.append((line, fact))
                known.add(key)
        return new, refused, set(map(hash, keys)) if self.state == "checking" else set()

    def _recorded(self, keys):
        """Return the keys of what this import has recorded already: in an earlier line."""
        points = self.env["consent.contact.point"].sudo()
        known = {}
        for channel in {key[0] for key in keys}:
            found = points._known(channel, {key[1] for key in keys if key[0] == channel})
            known.update((id_, (channel, address)) for address, id_ in found.items())
        # By the points, whatever the statistics say of a table that is growing: not by the batch.
        query = SQL(
            """SELECT contact_point_id, COALESCE(topic_id, 0), occurred_at, fact
                 FROM consent_event WHERE contact_point_id = ANY(%s) AND batch || '' = %s""",
            list(known),
            self.reference,
        )
        rows = self.env.execute_query(query) if known else ()
        return {(*known[point], *said) for point, *said in rows}

    def _entries(self, line, cells, meaning):
        """Return what a line says, as `consent.record._submit` takes it: all of it or nothing.

        :raises Unreadable: it cannot be understood
        """
        if cells is None:
            raise Unreadable("broken_line")
        answer = opt_in_file.understand(cells, meaning.columns, channels=meaning.channels, order=meaning.order)
        base = meaning.base
        topic = meaning.topics.get(answer.topic.casefold()) if answer.topic else meaning.topic
        if topic and len(topic) > 1:
            raise Unreadable("several_topics", answer.topic)
        when = answer.when or base["occurred_at"] or (None if answer.yes else meaning.now)
        if not topic:
            raise Unreadable("no_topic", answer.topic)
        if not when:
            raise Unreadable("no_date")
        details = {name: answer.details[name] for name in ("name", "collector", "note") if name in answer.details}
        country = answer.details.get("country") or base["country"]
        return [
            {
                **base,
                "topic": topic,
                "fact": "given" if answer.yes else "withdrawn",
                "channel": channel,
                "address": address,
                "occurred_at": when if answer.yes else min(when, meaning.now),
                "country": country.upper() if country and len(country) == 2 else base["country"],
                "source_label": answer.details.get("place") or base["source_label"],
                "evidence": {**base["evidence"], **details, "line": line},
            }
            for channel, address in answer.addresses.items()
        ]

    def _meaning(self):
        columns = {column.means: column.number for column in self.column_ids if column.means}
        evidence = {
            "file": self.name,
            "file_sha256": self.file_sha256,
            "collector": self.collected_by,
            "note": self.note,
            "proof": [
                {"name": proof.name, "sha256": hashlib.sha256(proof.raw or b"").hexdigest()}
                for proof in self.sudo().proof_ids
            ],
        }
        base = {
            "source": "import",
            "company": self.company_id.id,
            "source_label": self.place,
            "notice": self.notice_id.id,
            "wording": self.wording,
            "occurred_at": self.collected_on,
            "country": self.country_id.code or self.company_id.country_id.code or None,
            "batch": self.reference,
            "evidence": {name: value for name, value in evidence.items() if value},
        }
        channels = [channel for channel, wanted in (("email", self.by_email), ("sms", self.by_sms)) if wanted]
        now = clock.consent_now(self.env)
        return Meaning(columns, channels, self.date_order, self.topic_id, self._topics(), base, now)

    def _topics(self):
        """Return topics by what a line may call them: several where nothing says which of them is meant.

        The company's own come before the group's, a code before a name; a name may be in any language.
        """
        called = defaultdict(lambda: defaultdict(self.env["consent.topic"].browse))
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for topic in self.env["consent.topic"].sudo().search([("company_id", "in", [self.company_id.id, False])]):
            names = {topic.with_context(lang=language).name for language in languages}
            for text, is_name in [(topic.code, False), *((name, True) for name in names)]:
                called[text.casefold()][not topic.company_id, is_name] |= topic
        return {text: found[min(found)] for text, found in called.items()}

    def _fingerprint(self):
        """Return a digest of all that decides what is recorded: file, columns, settings and proof."""
        meaning = self.sudo()._meaning()
        rest = (meaning.columns, meaning.channels, meaning.order, meaning.topic.id)
        return ledger.digest(ledger.canonical_json([meaning.base, *rest, self._digest()]))

    def _note(self, position, facts, refused):
        """Note what became of the lines up to `position`."""
        yes = [fact for fact in facts if fact["fact"] in transitions.GRANTS]
        added = {
            "yes_count": len(yes),
            "no_count": len(facts) - len(yes),
            "error_count": sum(outcome == "error" for _line, outcome, _why in refused),
            "skipped_count": sum(outcome != "error" for _line, outcome, _why in refused),
        }
        if self.state == "checking":
            old = clock.consent_now(self.env) - opt_in_file.OLD
            added["role_count"] = sum(f["channel"] == "email" and opt_in_file.is_role(f["address"]) for f in yes)
            added["old_count"] = sum(fact["occurred_at"] < old for fact in yes)
        values = {name: self[name] + count for name, count in added.items()}
        self.write({**values, "position": position})
        if refused:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO consent_import_line (import_id, line, outcome, why)
                       SELECT %s, * FROM unnest(%s, %s, %s)""",
                    self.id,
                    *(list(column) for column in zip(*refused, strict=True)),
                )
            )
            self.env["consent.import.line"].invalidate_model()

    def _masked(self, fact):
        return contact_point.mask(fact["channel"], fact["address"])

    def _explain(self, error):
        """Return in words why a line, or a file, cannot be read."""
        if isinstance(error, ConsentError):
            return str(error)
        texts = {
            "no_text": self.env._("This is no text file: save it as CSV (UTF-8) or as .xlsx."),
            "no_workbook": self.env._("This workbook cannot be opened."),
            "broken_line": self.env._("A quote is never closed here."),
            "no_address": self.env._("There is no address."),
            "unknown_answer": self.env._("“%s” is neither yes nor no.", error.text),
            "bad_date": self.env._("“%s” is no date as chosen.", error.text),
            "no_topic": self.env._("There is no topic “%s”.", error.text),
            "several_topics": self.env._("Several topics are called “%s”: write the code.", error.text),
            "no_date": self.env._("There is no date."),
        }
        return texts[error.code]

    # -- taking it back -------------------------------------------------------------------------------------------

    def _revoke(self, commits):
        """Revoke what still rests on this import; yields the number of events looked at, chunk by chunk."""
        while rows := self._resting_after(self.position):
            self._repeatedly(partial(self._revoke_rows, rows), commits)
            yield len(rows)

    def _resting_after(self, event_id):
        query = SQL(
            """SELECT event.id, point.channel, point.address, event.topic_id, record.id
                 FROM (SELECT id, contact_point_id, topic_id FROM consent_event
                        WHERE id > %s AND batch = %s AND fact = 'given' ORDER BY id LIMIT %s) event
                 JOIN consent_contact_point point ON point.id = event.contact_point_id
                 LEFT JOIN consent_record record ON record.contact_point_id = event.contact_point_id
                      AND record.granting_event_id = event.id AND record.state = 'granted'
                ORDER BY event.id""",
            event_id,
            self.reference,
            CHUNK,
        )
        return self.env.execute_query(query)

    def _revoke_rows(self, rows):
        records = self.with_user(self.asked_by_id).env["consent.record"].sudo()
        entries = [
            {
                **{"fact": "revoked", "channel": channel, "address": address},
                "topic": self.env["consent.topic"].browse(topic_id),
                "source": "system",
                "source_label": self.env._("Import “%s” revoked", self.name),
                "evidence": {"import": self.reference},
            }
            for _event, channel, address, topic_id, record in rows
            if record and address
        ]
        records._submit(entries)
        self.position = rows[-1][0]


def _key(fact):
    return (fact["channel"], fact["address"], fact["topic_id"] or 0, fact["occurred_at"], fact["fact"])
