"""A workbook (.xlsx) of answers, read row by row. No Odoo here."""

import itertools
import re

import openpyxl

from .import_file import ABOUT, HEAD, MAX_COLUMNS, Row, Table, Unreadable, heading_of

BLOCK = 1 << 18
OVERLAP = 20_000  # the longest formula has 8,192 characters
_hidden = re.compile(rb"<(?:\w+:)?row\b[^>]*?\bhidden=[\"'](?:1|true)[\"']")
_merged = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"'][A-Z]+(\d+):[A-Z]+(\d+)[\"']")
#: A formula without a result; an empty text is one.
_uncalculated = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str)[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def read(file) -> Table:
    """Return the table of a workbook: the first visible sheet that holds one.

    :raises Unreadable: see `import_file.opened`
    """
    try:
        sheets = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets
        heads = [[row.cells for row in itertools.islice(_rows(sheet), HEAD)] for sheet in sheets]
        visible = [sheet.sheet_state == "visible" for sheet in sheets]
    except Exception as error:  # a workbook is a zip of XML: it can be broken in any way
        raise Unreadable("no_workbook") from error
    if not any(heads):
        raise Unreadable("no_text")
    chosen = max(
        range(len(sheets)),
        key=lambda number: (bool(heads[number]), visible[number], _holds_table(heads[number]), -number),
    )
    heading = heading_of(heads[chosen])
    rows = _rows(sheets[chosen])
    before = list(itertools.islice(rows, (heading + 1) if heading is not None else 0))
    headings = before[-1].cells if before else []
    _check_complete(sheets[chosen], before[-1].number if before else 0)
    outside = ["; ".join(row.cells) for row in before[:-1]]
    outside += [sheet.title for number, sheet in enumerate(sheets) if number != chosen and heads[number]]
    return Table(headings, outside, (_with_width(row, len(headings)) for row in rows) if headings else rows)


def _with_width(row, width):
    return row._replace(broken=any(map(str.strip, row.cells[width:])))


def _holds_table(rows):
    heading = heading_of(rows)
    names = rows[heading] if rows and heading is not None else []
    return bool(rows) and (heading is None or any(map(ABOUT.search, names)) and len(rows) > heading + 1)


def _rows(sheet):
    sheet.reset_dimensions()  # some programs state a size that is too small
    for number, row in enumerate(_unbroken(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1)), 1):
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(map(str.strip, cells)):
            yield Row(number, cells)


def _unbroken(rows):
    try:
        yield from rows
    except Exception as error:  # see `read`; the damage may lie further down
        raise Unreadable("no_workbook") from error


def _check_complete(sheet, heading):
    """Refuse a sheet that shows its user something else than its cells say.

    Hidden lines are often those that a filter left out; only the first of merged cells has the text; a formula that was
    never calculated has no value. openpyxl tells none of this without loading the whole sheet.

    :param heading: line of the headings, above which merged cells are titles
    """
    for part in _unbroken(_parts(sheet)):
        if _hidden.search(part):
            raise Unreadable("hidden_lines", sheet.title)
        if _uncalculated.search(part):
            raise Unreadable("not_calculated", sheet.title)
        for first, last in _merged.findall(part):
            if int(last) > max(int(first), heading):
                raise Unreadable("merged_lines", f"{first.decode()}-{last.decode()}")


def _parts(sheet):
    """Yield the XML of a sheet in overlapping parts."""
    tail = b""
    with sheet._get_source() as source:
        while block := source.read(BLOCK):
            yield tail + block
            tail = (tail + block)[-OVERLAP:]


def _cell(value):
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        text = value.isoformat(" ", "seconds") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
        return text.removesuffix(" 00:00:00")  # a day: nobody says yes at midnight
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a telephone number
    return str(value)
