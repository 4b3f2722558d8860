"""A file of answers that were obtained elsewhere: read line by line, never as a whole, and understood by its columns.

One line is what one person answered, once, by e-mail, by SMS or by both. No Odoo here.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from .contact_point import EMAIL, SMS

SAMPLE = 65_536
DELIMITERS = ";,\t|"
MAX_COLUMNS = 200
MAX_LINES = 100  # of one row, whose cells may have several
#: What a column can be, with the beginnings of headings by which it is known in six languages, in the order of trying.
MEANINGS = {
    "email": "email e-mail mail courriel epost e-post",
    "phone": "phone mobile mobil telefo telefon tel gsm sms handy portable nummer",
    "topic": "topic list newsletter onderwerp thema tema sujet liste",
    "answer": "answer consent opt antwoord antwort svar reponse réponse toestemming einwilligung samtycke samtykke",
    "date": "date when time datum dato wanneer wann når när quand tidspunkt",
    "place": "place where source event plaats waar ort quelle kilde källa lieu bron",
    "collector": "collector by staff medewerker mitarbeiter ansatt anställd collecteur employé",
    "country": "country land pays",
    "name": "name naam navn namn nom voornaam full",
    "note": "note remark comment opmerking bemerkung notat anmärkning remarque",
}
YES = frozenset("yes y true 1 x ja j oui o si ok opt-in optin subscribed".split())
NO = frozenset("no n false 0 nee nein nei nej non opt-out optout unsubscribed".split())
ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
#: Mailboxes of functions: who reads them changes, and nobody in particular said yes (MISSION M33).
ROLES = frozenset(
    "admin contact contacto help hello hallo hej info kontakt mail marketing noreply no-reply office post postmaster "
    "sales service shop support team verkauf verkoop webmaster".split()
)
OLD = timedelta(days=730)
END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)
_date = re.compile(
    r"(?P<a>\d{1,4})[-/. ]+(?P<b>\d{1,2})[-/. ]+(?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_iso = re.compile(r"\d{4}-\d\d-\d\d(?:[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?", re.ASCII)


class Unreadable(Exception):
    """A file, or a line of it, that cannot be understood. `code` says why, `text` is what stood there."""

    def __init__(self, code: str, text: str = ""):
        super().__init__(code)
        self.code, self.text = code, text[:100]


class Answer(NamedTuple):
    """What a line says. `when` is naive UTC, `topic` as it is written, addresses too, by channel."""

    addresses: dict[str, str]
    yes: bool
    when: datetime | None
    topic: str
    details: dict[str, str]


@contextmanager
def opened(path: str, name: str) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Give the lines of a file with anything in them, as (number from 1, cells), the headings first.

    :param path: where it lies
    :param name: what its user calls it: .xlsx is a workbook, whose first sheet counts; all else is CSV
    :raises Unreadable: no_text, no_workbook; while reading: broken_line
    """
    if Path(name).suffix.lower() in (".xlsx", ".xlsm"):
        with _workbook(path) as rows:
            yield rows
        return
    with open(path, encoding=_encoding(path), errors="replace", newline="") as file:
        yield _csv_rows(file)


def suggest(headings: list[str]) -> list[str]:
    """Return what each column probably is, a key of `MEANINGS` or ''. Each meaning is given once."""
    found = [""] * len(headings)
    for meaning, words in MEANINGS.items():
        for number, heading in enumerate(headings):
            parts = re.split(r"[^\w-]+|_", heading.casefold())
            if not found[number] and any(part.startswith(word) for word in words.split() for part in parts if part):
                found[number] = meaning
                break
    return found


def understand(cells: list[str], columns: dict[str, int], *, channels, order: str) -> Answer:
    """Return what a line says.

    :param columns: number of the column by what it is, a key of `MEANINGS`
    :param channels: those that the answer is about, of email and sms; an empty cell is none
    :param order: of a date's parts, a key of `ORDERS`; a year of four digits in front always comes first
    :raises Unreadable: no_address, unknown_answer, bad_date
    """
    text = {meaning: cells[number].strip() if number < len(cells) else "" for meaning, number in columns.items()}
    cell = {EMAIL: "email", SMS: "phone"}
    addresses = {channel: text[cell[channel]] for channel in channels if text.get(cell[channel])}
    if not addresses:
        raise Unreadable("no_address")
    yes = _answer(text["answer"]) if "answer" in columns else True
    try:
        when = parse_date(text["date"], order, end_of_day=not yes) if text.get("date") else None
    except Unreadable:
        if yes:
            raise
        when = None  # a no counts, whatever its date
    return Answer(
        addresses,
        yes,
        when,
        text.get("topic", ""),
        {name: text[name] for name in ("name", "place", "collector", "note", "country") if text.get(name)},
    )


def parse_date(text: str, order: str, *, end_of_day: bool = False) -> datetime:
    """Return the time that `text` says, in naive UTC; without a zone it counts as UTC.

    :param order: of day, month and year, a key of `ORDERS`: nothing is guessed where a date can be read in two ways
    :param end_of_day: whether a day without a time means its end: on one day, a no comes after a yes
    :raises Unreadable: bad_date
    """
    text = text.strip()
    try:
        when, day = _read_time(text, order)
    except (ValueError, OverflowError):
        raise Unreadable("bad_date", text) from None
    return when + END_OF_DAY if end_of_day and day else when


def _read_time(text, order):
    """Return the time, and whether it is a day without one."""
    if _iso.fullmatch(text):  # most lists: a tenth of the time
        return datetime.fromisoformat(text), len(text) == 10
    found = _date.fullmatch(text)
    if not found:
        raise ValueError(text)
    parts = [int(found[name]) for name in "abc"]
    year, month, day = (parts[place] for place in ORDERS["ymd" if len(found["a"]) == 4 else order])
    clock = [int(found[name] or 0) for name in ("hour", "minute", "second")]
    return datetime(year, month, day, *clock) - _offset(found["zone"]), not found["hour"]


def order_of(text: str) -> str | None:
    """Return in which order a date is written, a key of `ORDERS`, None where it could be another as well."""
    found = _date.fullmatch(text.strip())
    if not found or len(found["a"]) == 4:
        return found and "ymd"
    first, second = int(found["a"]), int(found["b"])
    if "." in text.partition(":")[0] or first > 12:  # with dots, all of Europe begins with the day
        return "dmy"
    return "mdy" if second > 12 else None


def is_role(address: str) -> bool:
    """Return whether an e-mail address belongs to a function and not to a person."""
    return address.partition("@")[0].partition("+")[0] in ROLES


def _answer(text):
    word = text.casefold()
    if word not in YES | NO:
        raise Unreadable("unknown_answer", text)
    return word in YES


def _offset(zone):
    if not zone or zone.upper() in ("Z", "UTC"):
        return timedelta()
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def _encoding(path):
    """Return how a text file is written: by its mark, as UTF-8, or as the Windows of Western Europe writes."""
    with open(path, "rb") as file:
        head = file.read(SAMPLE)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        raise Unreadable("no_text")
    with open(path, encoding="utf-8-sig") as file:
        try:
            while file.read(1 << 20):
                pass
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _csv_rows(file):
    start = file.tell()
    first = next((line for line in file if line.strip()), None)
    if first is None:
        raise Unreadable("no_text")
    delimiter = max(DELIMITERS, key=first.count)
    file.seek(start)
    lines, number = _Lines(file), 0
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.taken = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, Unreadable):
            cells = None
        number += 1
        if cells is None or any(map(str.strip, cells)):
            yield number, cells


class _Lines:
    """The lines of a text file; a row may not have too many: a quote that is never closed would swallow the file."""

    def __init__(self, file):
        self.file = file
        self.taken = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.taken == MAX_LINES:
            raise Unreadable("broken_line")
        self.taken += 1
        return next(self.file).replace("\0", "")


@contextmanager
def _workbook(path):
    import openpyxl  # not for everybody who only sends mail

    with open(path, "rb") as file:
        try:
            sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
        except Exception as error:  # a workbook is a zip of XML: it can be broken in any way
            raise Unreadable("no_workbook") from error
        yield _sheet_rows(sheet)


def _sheet_rows(sheet):
    for number, values in enumerate(_unbroken(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)), 1):
        cells = [_cell(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if any(map(str.strip, cells)):
            yield number, cells


def _unbroken(rows):
    try:
        yield from rows
    except Exception as error:  # see `_workbook`; the damage may lie further down
        raise Unreadable("no_workbook") from error


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat() if value.tzinfo else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a telephone number
    return str(value)
