"""A file of answers that were obtained elsewhere, read line by line and never as a whole. No Odoo here."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import import_encoding

DELIMITERS = ",;\t|"
MAX_COLUMNS = 200
MAX_LINES = 100  # of one row, whose cells may have several
HEAD = 60  # lines among which the headings are looked for
_address = re.compile(r"\s*<?[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+>?\s*")
_contact = re.compile(r"@|\d{7}")
ABOUT = re.compile(
    r"e-? ?mail|courriel|e-? ?post\b|phone|mobil|telefo|téléphone|\btel\b|\bsms\b|\bgsm\b|handy"
    r"|number|nummer|numéro|adres",
    re.IGNORECASE,
)
_separator = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)


class Unreadable(Exception):
    """A file or a line that cannot be understood: `code` says why, `text` is what stood there."""

    def __init__(self, code: str, text: str = ""):
        super().__init__(code)
        self.code, self.text = code, text[:100]


class Row(NamedTuple):
    """A line with anything in it: its number in the file, from 1, and whether its cells may be shifted or merged."""

    number: int
    cells: list[str]
    broken: bool = False


class Table(NamedTuple):
    """An open file: its headings (empty where it has none), what stands outside the table, and an iterator of rows."""

    headings: list[str]
    outside: list[str]
    rows: Iterator[Row]


@contextmanager
def opened(path: str, name: str, encoding: str | None = None) -> Iterator[Table]:
    """Give the table in a file.

    :param path: where it lies
    :param name: what its user calls it: .xlsx is a workbook, all else is text
    :param encoding: of a text file; detected where none is named
    :raises Unreadable: no_text, no_workbook, bad_encoding, hidden_lines, merged_lines,
        not_calculated; also while its rows are read
    """
    if Path(name).suffix.lower() in (".xlsx", ".xlsm"):
        from . import import_workbook  # needs openpyxl, which most processes do not load

        with open(path, "rb") as file:
            yield import_workbook.read(file)
        return
    encoding = encoding or import_encoding.detect(path)
    if not encoding:
        raise Unreadable("no_text")
    try:
        with open(path, encoding=encoding, errors="replace", newline="") as file:
            yield _of_text(file)
    except UnicodeError:
        raise Unreadable("bad_encoding", encoding) from None


# -- text ----------------------------------------------------------------------------------------------------------


def _of_text(file):
    head = list(itertools.islice(file, HEAD))
    if head:
        head[0] = head[0].removeprefix("\ufeff")
    if not any(map(str.strip, head)) and not any(map(str.strip, file)):
        raise Unreadable("no_text")
    stated = _separator.fullmatch(head[0])
    skipped, body = (1, head[1:]) if stated else (0, head)
    delimiter = stated[1] if stated else _delimiter(body)
    rows = [Row(row.number + skipped, row.cells) for row in _records(_Lines(body), delimiter, MAX_COLUMNS)]
    heading = heading_of([row.cells for row in rows])
    start = rows[heading].number if heading is not None else skipped
    file.seek(0)
    lines = _Lines(file, skip=start)
    # The headings themselves may have several lines.
    first = rows[heading + 1].number - 1 if heading is not None and heading + 1 < len(rows) else start
    while lines.number < first and next(lines, None) is not None:
        pass
    lines.taken.clear()
    headings = rows[heading].cells if heading is not None else []
    outside = [delimiter.join(row.cells) for row in rows[: heading or 0]]
    width = len(headings) or max((len(row.cells) for row in rows), default=1)
    return Table(headings, outside, _records(lines, delimiter, width))


def _delimiter(lines):
    """Return what parts the cells: what gives most addresses of their own, then most lines of one width."""

    def worth(delimiter):
        rows = [cells for cells in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, cells))]
        widths = Counter(len(cells) for cells in rows if len(cells) > 1)
        width, often = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        addresses = sum(bool(_address.fullmatch(cell)) for cells in rows for cell in cells if len(cells) > 1)
        return addresses, often, width

    try:
        return max(DELIMITERS, key=worth)
    except csv.Error:
        return max(DELIMITERS, key="".join(lines).count)


def heading_of(rows: list[list[str]]) -> int | None:
    """Return the number of the row with the headings, None where there are none: the first row is an answer."""
    data = next((number for number, cells in enumerate(rows) if any(map(_address.fullmatch, cells))), len(rows))
    before = rows[:data]
    if not before:
        return None
    named = [sum(bool(ABOUT.search(cell)) for cell in cells) for cells in before]
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in before]
    if any(named):
        return max(range(len(before)), key=lambda number: (named[number] > 0, filled[number], -number))
    return max(range(len(before)), key=lambda number: (filled[number], -number)) if data < len(rows) else 0


def _records(lines, delimiter, width):
    """Yield the rows. A quote that is never closed costs its own line, not those that it would swallow."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, Unreadable):
            cells = None
        taken = list(lines.taken)
        if not taken:
            return
        if cells is None or len(taken) > 1 and "".join(text for _number, text in taken).count('"') % 2:
            lines.give_back(taken[1:])
            yield Row(taken[0][0], _torn(taken[0][1], delimiter), broken=True)
        elif len(taken) > 1 and _swallowed(cells, delimiter, width):
            for number, text in taken:
                if text.strip():
                    yield Row(number, _torn(text, delimiter), broken=True)
        elif any(map(str.strip, cells)):
            yield Row(taken[0][0], cells, broken=any(map(str.strip, cells[width:])))


def _torn(text, delimiter):
    """Return the cells of one line whatever its quotes."""
    quoting = csv.QUOTE_NONE if text.count('"') % 2 else csv.QUOTE_MINIMAL
    try:
        cells = next(csv.reader([text[:100_000]], delimiter=delimiter, quoting=quoting), [])
    except csv.Error:
        cells = text[:100_000].split(delimiter)
    return [cell.strip().strip('"') for cell in cells]


def _swallowed(cells, delimiter, width):
    """Return whether a cell holds whole lines of the table."""
    inner = (line for cell in cells if "\n" in cell or "\r" in cell for line in cell.splitlines()[1:])
    return width > 1 and any(line.count(delimiter) + 1 == width and _contact.search(line) for line in inner)


class _Lines:
    """The numbered lines of a text; lines can be given back, and a row may not have too many."""

    def __init__(self, file, skip=0):
        self.lines = iter(file)
        self.back, self.taken, self.number = [], [], 0
        for _line in itertools.islice(self.lines, skip):
            self.number += 1

    def __iter__(self):
        return self

    def __next__(self):
        if len(self.taken) == MAX_LINES:
            raise Unreadable("broken_line")
        if self.back:
            numbered = self.back.pop()
        else:
            text = next(self.lines)
            self.number += 1
            numbered = self.number, text.replace("\0", "") if "\0" in text else text
        self.taken.append(numbered)
        return numbered[1]

    def give_back(self, lines):
        """Let these numbered lines come again, in their order."""
        self.back.extend(reversed(lines))
