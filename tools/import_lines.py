"""What one line of a file of answers says, by what its user stated of columns and values. No Odoo here.

A no counts whatever else is wrong with its line; a yes is only what is certain.
"""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from . import contact_point, import_dates, import_words, refusal
from .contact_point import EMAIL, SMS
from .import_file import Row, Unreadable
from .import_words import DATE, EMPTY, NO, NOTHING, YES

#: What a file can be: its user says so, nothing is assumed.
KINDS = ("yes", "no", "answer", "channels")
ADDRESS = {EMAIL: "email", SMS: "phone"}
#: Columns that say yes or no: to all chosen channels, or to one.
ANSWERS = {"answer": (EMAIL, SMS), "answer_email": (EMAIL,), "answer_sms": (SMS,)}
#: What several columns of a file may be.
SEVERAL = frozenset({"email", "phone", "name", "note", "ignored", *ANSWERS})
NOW = datetime.max
OLD = timedelta(days=730)
DETAILS = ("name", "place", "collector", "note", "country", "document")
#: Mailboxes of functions: who reads them changes, and nobody in particular said yes (MISSION M33).
ROLES = frozenset(
    "admin contact contacto help hello hallo hej info kontakt mail marketing noreply no-reply office post postmaster "
    "sales service shop support team verkauf verkoop webmaster".split()
)
_numbers = re.compile(r"\s*(?:[/;,|&\n]|\s(?:or|of|ou|oder|eller|and|en|et|und|och|og)\s)\s*", re.IGNORECASE)

#: In a text that no mail program reads as one: “Ern (ern@example.com)”.
_address_within = re.compile(r"[^\s@,;:<>()\[\]{}|=\"'/]+@[^\s@,;:<>()\[\]{}|=\"'/]+\.\w{2,}")
_TEXT_MARK = "'"  # by which a spreadsheet is told that a cell is text


class Layout(NamedTuple):
    """How to read the lines of a file.

    `columns` are the numbers of columns by what they are, `values` what each value of an answer column means, by
    `import_words.key`; `order`, `zone` and `short_years` as in `import_dates.parse`.
    """

    kind: str
    columns: dict[str, list[int]]
    values: dict[int, dict[str, str]]
    channels: tuple[str, ...]
    order: str
    zone: tzinfo
    short_years: bool = False


class Said(NamedTuple):
    """What a line says about one address. `when` is naive UTC, None where the line does not say, `NOW` for a no whose
    date cannot be read."""

    channel: str
    address: str
    yes: bool
    when: datetime | None


class Line(NamedTuple):
    """What a line says, what is wrong with it, and its details by name; both empty: it says nothing."""

    said: list[Said]
    errors: list[Unreadable]
    topic: str
    details: dict[str, str]


def understand(row: Row, layout: Layout) -> Line:
    """Return what a line says. What is wrong with it (`Line.errors`) keeps back a yes, never a no."""
    text = {meaning: _texts(row.cells, numbers) for meaning, numbers in layout.columns.items()}
    said, errors, spoke = [], [], False
    for channel in layout.channels:
        try:
            answer, cell = _answer(row, layout, channel)
            if answer != NOTHING:
                spoke = True
                said += _said(row, text, layout, channel, yes=answer == YES, cell=cell)
        except Unreadable as error:
            errors.append(error)
    if spoke and not said and not errors:
        errors.append(Unreadable("no_address"))
    if any(each.yes for each in said) and (denials := list(filter(_denies, text.get("note", ())))):
        errors.append(Unreadable("note_says_no", denials[0]))
        said = [each for each in said if not each.yes]
    if errors and (row.broken or layout.kind != "channels"):
        said = [each for each in said if not each.yes]  # a yes counts as a whole or not at all
    details = {name: " ".join(text[name]) for name in DETAILS if text.get(name)}
    return Line(said, errors, " ".join(text.get("topic", ())), details)


def _said(row, text, layout, channel, *, yes, cell):
    """Return what a line says over one channel.

    :param cell: of the answer, where it is a date
    :raises Unreadable: it is a yes, and not certain
    """
    addresses = _addresses(row, text.get(ADDRESS[channel], ()), channel, yes=yes)
    if yes and row.broken:
        raise Unreadable("broken_line")
    if yes and not addresses and layout.kind == "channels":
        raise Unreadable("no_address")
    when = _when(text, layout, channel, cell, yes=yes) if addresses else None
    return [Said(channel, address, yes, when) for address in addresses]


def is_role(address: str) -> bool:
    """Return whether an e-mail address belongs to a function and not to a person."""
    return address.partition("@")[0].partition("+")[0] in ROLES


@lru_cache(maxsize=4096)  # answers are few, lines are many
def value_of(cell: str) -> str:
    """Return under which key a cell of an answer column is counted."""
    word = import_words.key(cell)
    if word != EMPTY and word[:1].isdigit() | word[-1:].isdigit() and len(word) > 4 and import_dates.formats(cell):
        return DATE
    return word


@lru_cache(maxsize=4096)
def _denies(note):
    """Return whether a note beside a yes says no."""
    return import_words.sense(note) == NO or refusal.judge(note).kind in (refusal.CLEAR, refusal.ERASE)


def numbers(text: str) -> list[str]:
    """Return the telephone numbers in a cell, as they are written."""
    text = text.strip().lstrip(_TEXT_MARK)
    parts = [part for part in _numbers.split(text) if part]
    # “0470/11 22 33” is one number: a part of its own has at least six digits.
    return parts if all(sum(char.isdigit() for char in part) > 5 for part in parts) else [text]


def _texts(cells, columns):
    found = (cells[number].strip() for number in columns if number < len(cells))
    return [text for text in found if text]


def _answer(row, layout, channel):
    """Return what a line says over a channel (yes, no, nothing), and the cell that says when, if it is a date.

    :raises Unreadable: unknown_answer, no meaning was stated for a value
    """
    if layout.kind in (YES, NO):
        return layout.kind, None
    found, unknown, dates = set(), None, {}
    for meaning, channels in ANSWERS.items():
        for number in layout.columns.get(meaning, ()) if channel in channels else ():
            cell = row.cells[number] if number < len(row.cells) else ""
            value = value_of(cell)
            means = layout.values.get(number, {}).get(value)
            unknown = unknown or (cell if means is None else None)
            found.add(means)
            if value == DATE:
                dates[means] = cell
    if NO in found or row.broken and _says_no_somewhere(row, layout):
        return NO, dates.get(NO)
    if unknown is not None:
        raise Unreadable("unknown_answer", unknown)
    return (YES, dates.get(YES)) if YES in found else (NOTHING, None)


def _says_no_somewhere(row, layout):
    """Return whether a cell of a line whose cells may be shifted is one that was stated to mean no."""
    noes = {value for values in layout.values.values() for value, means in values.items() if means == NO}
    words = noes - {EMPTY, DATE} - import_words.TRUE - {"0"}
    return any(value_of(cell) in words for cell in row.cells)


def _addresses(row, texts, channel, *, yes):
    """Return the addresses of a line: all of them for a no, the one there is for a yes.

    :raises Unreadable: several_addresses, for a yes
    """
    texts = [text.strip(_TEXT_MARK).strip() or text for text in texts]
    if not texts and row.broken and channel == EMAIL and not yes:
        texts = [cell for cell in row.cells if "@" in cell]
    if not yes:
        return list(dict.fromkeys(part for text in texts for part in _parts(text, channel)))
    if len({part.casefold() for text in texts for part in _parts(text, channel)}) > 1:
        raise Unreadable("several_addresses", "; ".join(texts))
    return list(texts[:1])


def _parts(text, channel):
    if channel == SMS:
        return numbers(text)
    if contact_point.is_plain(text):
        return [text]
    found = contact_point.canonical_emails(text)
    if not found.usable and (inside := _address_within.findall(text)):
        return list(dict.fromkeys(inside))
    return list(dict.fromkeys([*found.usable, *found.unusable])) or [text]


def _when(text, layout, channel, cell, *, yes):
    """Return when it was said, None where the line does not say, `NOW` where a no does not say it readably.

    :raises Unreadable: bad_date, for a yes
    """
    of_channel = "date_email" if channel == EMAIL else "date_sms"
    written = next((found[0] for found in (text.get(of_channel), text.get("date")) if found), None) or cell
    if not written:
        return None
    try:
        return import_dates.parse(
            written.lstrip(_TEXT_MARK),
            layout.order,
            zone=layout.zone,
            short_years=layout.short_years,
            end_of_day=not yes,
        )
    except ValueError:
        if yes:
            raise Unreadable("bad_date", written) from None
        return NOW
