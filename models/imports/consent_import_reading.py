import hashlib
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import models

from ...exceptions import ConsentError
from ...tools import clock, contact_point, import_countries, import_lines, ledger
from ...tools.contact_point import SMS
from ...tools.import_file import Unreadable
from ..ledger.consent_intake import EARLIEST, Intake


class Meaning(NamedTuple):
    """What a file's lines have in common: how to read them, and what each entry begins with."""

    layout: import_lines.Layout
    topic: models.BaseModel
    topics: dict
    countries: dict
    documents: dict
    base: dict
    now: datetime


class Reading(NamedTuple):
    """What some lines say: facts by line, (line, outcome, why) of what is none, hashes of all that was said."""

    facts: list
    refused: list
    hashes: set


class ConsentImportReading(models.AbstractModel):
    """How lines of an import's file become facts, by what its user stated."""

    _name = "consent.import.reading"
    _description = "Reading the Lines of an Import"

    def _read(self, rows, meaning, seen) -> Reading:
        """Return what rows say.

        :param seen: hashes of what earlier rows said, while the file is checked
        """
        who = self.with_user(self.asked_by_id).with_company(self.company_id)
        intake, facts, refused = Intake(who.env), [], []
        for row in rows:
            together, errors = self._entries(row, meaning)
            refused += [(row.number, "error", self._explain(error)) for error in errors]
            for entries in together:
                try:
                    facts += [(row.number, fact) for fact in list(map(intake.complete, entries))]
                except ConsentError as error:
                    refused.append((row.number, "error", self._explain(error)))
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
        return Reading(new, refused, set(map(hash, keys)) if self.state == "checking" else set())

    def _entries(self, row, meaning):
        """Return what a row says as groups of entries that count together, and what is wrong with it.

        An entry is as `consent.record._submit` takes it. The yeses of a row count as a whole or not at all, unless
        each channel has its own answer; of the noes, whatever can be understood.
        """
        line = import_lines.understand(row, meaning.layout)
        yeses, noes, errors = [], [], list(line.errors)
        for said in line.said:
            try:
                found = self._entries_of(row, line, said, meaning)
            except Unreadable as error:
                errors.append(error)
                continue
            (yeses if said.yes else noes).extend(found)
        if meaning.layout.kind != "channels" and errors:
            yeses = []
        apart = meaning.layout.kind == "channels"
        groups = [[entry] for entry in yeses] if apart else [yeses] if yeses else []
        return [*groups, *([entry] for entry in noes)], errors

    def _entries_of(self, row, line, said, meaning):
        """Return what a row says about one address: one entry, of a no one for each topic that may be meant."""
        country = self._country(line, said, meaning)
        when = self._when(said, meaning)
        document = self._document(line, meaning) if said.yes else None
        details = {name: line.details[name] for name in ("name", "collector", "note") if name in line.details}
        evidence = {**details, "line": row.number}
        common = {
            **meaning.base,
            "fact": "given" if said.yes else "withdrawn",
            "channel": said.channel,
            "address": said.address,
            "occurred_at": when,
            "country": country,
            "source": "paper" if document else "import",
            "source_label": line.details.get("place") or meaning.base["source_label"],
            "evidence": {**evidence, "proof": [document]} if document else evidence,
        }
        return [{**common, "topic": topic} for topic in self._topics_of(line, said, meaning)]

    def _when(self, said, meaning):
        """Return when it was said; a no that says it in no way that can be is said now.

        :raises Unreadable: no_date, for a yes
        """
        when = said.when or meaning.base["occurred_at"]
        if said.yes:
            if not when:
                raise Unreadable("no_date")
            return when
        return when if when and EARLIEST <= when <= meaning.now else meaning.now

    def _topics_of(self, line, said, meaning):
        topics = meaning.topics.get(line.topic.casefold()) if line.topic else meaning.topic
        if said.yes and topics and len(topics) > 1:
            raise Unreadable("several_topics", line.topic)
        topics = topics or (meaning.topic if not said.yes else None)
        if not topics:
            raise Unreadable("no_topic", line.topic)
        return topics

    def _country(self, line, said, meaning):
        """Return the country of a number.

        :raises Unreadable: unknown_country, where the number needs one
        """
        written = line.details.get("country")
        if said.channel != SMS or not written or contact_point.is_international(said.address):
            return meaning.base["country"]
        code = import_countries.code_of(written, meaning.countries)
        if not code:
            raise Unreadable("unknown_country", written)
        return code

    def _document(self, line, meaning):
        """Return the document that a line names.

        :raises Unreadable: no_document
        """
        name = line.details.get("document")
        if not name:
            return None
        if name.casefold() not in meaning.documents:
            raise Unreadable("no_document", name)
        return meaning.documents[name.casefold()]

    # -- what was stated ------------------------------------------------------------------------------------------

    def _meaning(self) -> Meaning:
        proofs = [
            {"name": proof.name, "sha256": hashlib.sha256(proof.raw or b"").hexdigest()}
            for proof in self.sudo().proof_ids
        ]
        evidence = {
            "file": self.name,
            "file_sha256": self.file_sha256,
            "collector": self.collected_by,
            "note": self.note,
            "proof": proofs,
        }
        base = {
            "source": "import",
            "company": self.company_id.id,
            "source_label": self.place,
            "notice": self.notice_id.id,
            "wording": self.wording,
            "occurred_at": self.collected_on,
            "country": self.country_id.code or None,
            "batch": self.reference,
            "shared": {name: value for name, value in evidence.items() if value},
        }
        documents = {proof["name"].casefold(): proof for proof in proofs}
        now = clock.consent_now(self.env)
        return Meaning(self._layout(), self.topic_id, self._topics(), self._countries(), documents, base, now)

    def _layout(self):
        columns, values = defaultdict(list), defaultdict(dict)
        for column in self.column_ids.filtered("means"):
            columns[column.means].append(column.number)
        for value in self.value_ids.filtered("means"):
            values[value.column_id.number][value.key or ""] = value.means
        channels = [channel for channel, wanted in zip(("email", "sms"), self._is_about(), strict=True) if wanted]
        zone = ZoneInfo(self.tz)
        return import_lines.Layout(
            self.kind, dict(columns), dict(values), tuple(channels), self.date_order, zone, self.short_years
        )

    def _countries(self):
        """Return codes by the names of countries in the languages of this database, where a column names them."""
        if "country" not in self.column_ids.mapped("means"):
            return {}
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        return {
            country.with_context(lang=language).name.casefold(): country.code
            for country in self.env["res.country"].sudo().search([])
            for language in languages
        }

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
        """Return a digest of all that decides what is recorded: file, columns, values, settings and proof."""
        meaning = self.sudo()._meaning()
        layout = {name: str(value) for name, value in meaning.layout._asdict().items()}
        rest = (layout, meaning.topic.id, self.encoding or self.detected_encoding)
        return ledger.digest(ledger.canonical_json([meaning.base, *rest, self._digest()]))

    # -- what was recorded ----------------------------------------------------------------------------------------

    def _recorded(self, keys):
        """Return the keys of what this import has recorded already: in an earlier line."""
        points = self.env["consent.contact.point"].sudo()
        known = {}
        for channel in {key[0] for key in keys}:
            found = points._known(channel, {key[1] for key in keys if key[0] == channel})
            known.update((id_, (channel, address)) for address, id_ in found.items())
        # By the points, whatever the statistics say of a table that is growing: not by the batch.
        query = """SELECT contact_point_id, COALESCE(topic_id, 0), occurred_at, fact
                     FROM consent_event WHERE contact_point_id = ANY(%s) AND batch || '' = %s"""
        if not known:
            return set()
        self.env.cr.execute(query, [list(known), self.reference])
        return {(*known[point], *said) for point, *said in self.env.cr.fetchall()}

    def _masked(self, fact):
        return contact_point.mask(fact["channel"], fact["address"])


def _key(fact):
    return (fact["channel"], fact["address"], fact["topic_id"] or 0, fact["occurred_at"], fact["fact"])
