"""What stands in the columns of a file, counted over all of it before anybody says what it means. No Odoo here."""

import re
from collections import Counter
from typing import NamedTuple

from . import import_dates, import_words
from .import_file import Table
from .import_lines import value_of

#: A date in somebody's life is none of an answer.
_born = re.compile(r"birth|born|gebor|geburt|naiss|fødsel|födel|fødd|född")
MAX_VALUES = 30  # more than these, besides empty cells and dates: no answer column
MAX_HEADING, MAX_SAMPLE, SAMPLES, LOOKED_AT = 200, 40, 3, 1000
#: Beginnings of headings by which a column is known, in the order of trying; its cells must agree.
MEANINGS = {
    "email": "email e-mail mail courriel epost e-post",
    "phone": "phone mobile mobil telefo telefon téléphone tel gsm sms handy portable nummer",
    "topic": "topic list newsletter onderwerp thema tema sujet liste",
    "date": "date when time datum dato wanneer wann når när quand tidspunkt timestamp zeitstempel tijdstempel",
    "place": "place where source event plaats waar ort quelle kilde källa lieu bron",
    "collector": "collector by staff medewerker mitarbeiter ansatt anställd collecteur employé",
    "country": "country land pays",
    "name": "name naam navn namn nom voornaam vorname prénom firstname lastname surname achternaam nachname full",
    "note": "note remark comment opmerking bemerkung notat anmärkning remarque",
}


class Column(NamedTuple):
    """What stands in a column: (shown, count) by `import_lines.value_of`, None where there are too many values."""

    heading: str
    sample: str
    filled: int
    emails: int
    phones: int
    dated: int
    formats: dict[str, int]
    values: dict[str, tuple[str, int]] | None


class Survey(NamedTuple):
    """The columns of a file, and how many lines it has."""

    columns: list[Column]
    lines: int


def survey(table: Table, limit: int | None = None) -> Survey:
    """Count what stands in the columns of a table, of its first `limit` rows where one is given."""
    counts, lines = [_Count() for _heading in table.headings], 0
    for row in table.rows:
        lines += 1
        if len(row.cells) > len(counts) and not table.headings:
            counts += [_Count(lines - 1) for _cell in row.cells[len(counts) :]]
        for number, count in enumerate(counts):
            count.add(row.cells[number] if number < len(row.cells) else "")
        if lines == limit:
            break
    headings = table.headings or [""] * len(counts)
    return Survey([count.column(heading) for heading, count in zip(headings, counts, strict=True)], lines)


def suggest(columns: list[Column]) -> list[str]:
    """Return what each column probably is, a key of `MEANINGS` or `import_lines.ANSWERS`, or ''."""
    found = [import_words.answer_of(column.heading, column.values) or "" for column in columns]
    for meaning, words in MEANINGS.items():
        named = [
            (_share(column, meaning), -number)
            for number, column in enumerate(columns)
            if not found[number] and _named(column.heading, words.split()) and _share(column, meaning)
        ]
        for _part, number in named if meaning == "name" else [max(named)] if named else []:
            found[-number] = meaning
    return found


def offered_format(column: Column, order: str, short_years: bool) -> str | None:
    """Return the one of `import_dates.FORMATS` that fits more of a column's dates than the chosen one, if it is one.

    :param order: as chosen, with `short_years`
    """
    now = column.formats.get(f"{order}{'2' if short_years else ''}", 0)
    best = max(column.formats.values(), default=0)
    if best <= now:
        return None
    fitting = [form for form in import_dates.FORMATS if column.formats.get(form) == best]
    plain = [form for form in fitting if len(form) == 3] or fitting
    return plain[0] if len(plain) == 1 else None


def _named(heading, words):
    if _born.search(heading.casefold()):
        return False
    parts = import_words.fold(heading).replace("(", " ").split()
    hyphened = heading.casefold().replace("_", " ").split()
    return any(part.startswith(word) for word in words for part in (*parts, *hyphened))


def _share(column, meaning):
    """Return which part of a column's cells may be what its heading says; an empty column may be anything."""
    looked_at = min(column.filled, LOOKED_AT)
    count = {"email": column.emails, "date": min(column.dated, looked_at)}.get(meaning, looked_at)
    return count / looked_at if looked_at else 1


class _Count:
    """Counts the cells of a column as they come."""

    def __init__(self, empty=0):
        self.samples, self.filled, self.emails, self.phones, self.dated = [], 0, 0, 0, 0
        self.formats, self.all_formats = Counter(), 0
        self.values = {import_words.EMPTY: ["", empty]} if empty else {}

    def add(self, cell):
        text = cell.strip()
        if self.values is not None:
            self._count(text)
        if not text:
            return
        self.filled += 1
        if self.filled <= LOOKED_AT:
            self.emails += "@" in text
            self.phones += sum(char.isdigit() for char in text) > 5 and "@" not in text
            if len(self.samples) < SAMPLES:
                self.samples.append(text[:MAX_SAMPLE])
        if self.dated * 2 > self.filled - 20:
            self._read_date(text)

    def _read_date(self, text):
        formats = import_dates.formats(text)
        self.dated += bool(formats)
        if formats is import_dates.ALL:
            self.all_formats += 1
        else:
            self.formats.update(formats)

    def _count(self, text):
        value = value_of(text)
        counted = self.values.setdefault(value, [text[:MAX_SAMPLE], 0])
        counted[1] += 1
        others = len(self.values) - (import_words.EMPTY in self.values) - (import_words.DATE in self.values)
        if others > MAX_VALUES or len(value) > MAX_HEADING:
            self.values = None

    def column(self, heading):
        formats = {form: self.formats[form] + self.all_formats for form in import_dates.FORMATS}
        shown = heading.strip()[:MAX_HEADING]
        counted = (" · ".join(self.samples), self.filled, self.emails, self.phones, self.dated)
        return Column(shown, *counted, {form: count for form, count in formats.items() if count}, self.values)
