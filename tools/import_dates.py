"""Dates as people and programs write them into files. Nothing is guessed where a date can be read in two ways."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
#: The languages in which names of months are known.
LANGUAGES = ("en", "nl", "de", "fr", "nb", "sv", "da")
END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)
#: Days since this are how spreadsheets count.
SERIAL_START, SERIALS = datetime(1899, 12, 30), range(34_700, 73_050)  # 1995 to 2099
#: Zones whose letters mean the same everywhere.
ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}

_clock = r"""(?:(?:T|[ ,]+|\s+at\s+)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?
    \s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>[A-Z]{1,4}|(?:UTC|GMT)?\s*[+-]\d{1,2}(?::?\d{2})?)?)?"""
_flags = re.ASCII | re.IGNORECASE | re.VERBOSE
_numbers = re.compile(r"(?P<a>\d{1,4})(?:[-/.]\ *|\ +)(?P<b>\d{1,2})(?:[-/.]\ *|\ +)(?P<c>\d{1,4})\.?" + _clock, _flags)
_day_month = re.compile(r"(?P<day>\d{1,2})\.?[-\ ]+(?P<month>[^\W\d_]+)\.?[-\ ,]+(?P<year>\d{4})" + _clock, re.I | re.X)
_month_day = re.compile(
    r"(?P<month>[^\W\d_]+)\.?\ +(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\ +(?P<year>\d{4})" + _clock, re.I | re.X
)
_iso = re.compile(r"\d{4}-\d\d-\d\d(?:[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?", re.ASCII)
_dots = re.compile(r"\d{1,2}\.\s*\d{1,2}\.", re.ASCII)
_serial = re.compile(r"(\d{5})(?:[.,](\d{1,12}))?", re.ASCII)
#: How a column's dates can be read: an order, with “2” after it where years have two digits.
FORMATS = tuple(f"{order}{short}" for short in ("", "2") for order in ORDERS)
ALL = frozenset(FORMATS)


def parse(text: str, order: str, *, zone: tzinfo = timezone.utc, short_years=False, end_of_day=False) -> datetime:
    """Return the time that `text` says, in naive UTC.

    :param order: of day, month and year, a key of `ORDERS`; a year of four digits in front always comes first
    :param zone: of what does not name its own
    :param short_years: whether years may have two digits, of this century
    :param end_of_day: whether a day without a time means its end: on one day, a no comes after a yes
    :raises ValueError: it is no date as chosen
    """
    text = text.strip()
    try:
        when, offset, is_day = _read(text, order, short_years)
        when += END_OF_DAY if end_of_day and is_day else timedelta()
        if offset is not None:
            return when - offset
        if zone is timezone.utc:
            return when
        return when.replace(tzinfo=zone).astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(text) from None


def formats(text: str) -> frozenset[str]:
    """Return in which of `FORMATS` a text is a date; empty where it is none."""
    text = text.strip()
    if _iso.fullmatch(text):
        return ALL
    if len(text) > 60 or not any(char.isdigit() for char in text):
        return frozenset()
    # With dots, all of Europe begins with the day.
    return frozenset(form for form in FORMATS if _reads(text, form) and not (form[:3] == "mdy" and _dots.match(text)))


def _reads(text, form):
    try:
        _read(text, form[:3], len(form) > 3)
    except (ValueError, OverflowError):
        return False
    return True


def _read(text, order, short_years):
    """Return the time, its offset from UTC where it names one, and whether it is a day without a time."""
    if _iso.fullmatch(text):  # most lists: a tenth of the time
        return datetime.fromisoformat(text), None, len(text) == 10
    if serial := _serial.fullmatch(text):
        return _of_serial(*serial.groups())
    found = _numbers.fullmatch(text)
    if found:
        parts = [found[name] for name in "abc"]
        year, month, day = (parts[place] for place in ORDERS["ymd" if len(parts[0]) == 4 else order])
        month = int(month)
    else:
        found = _day_month.fullmatch(text) or _month_day.fullmatch(text)
        if not found:
            raise ValueError(text)
        year, month, day = found["year"], _months()[found["month"].casefold().rstrip(".")], found["day"]
    return datetime(_year(year, short_years), month, int(day), *_time(found)), _offset(found["zone"]), not found["hour"]


def _of_serial(days, fraction):
    if int(days) not in SERIALS:
        raise ValueError(days)
    seconds = round(float(f"0.{fraction or 0}") * 86_400)
    return SERIAL_START + timedelta(days=int(days), seconds=seconds), None, not seconds


def _year(text, short_years):
    if len(text) == 4:
        return int(text)
    if len(text) == 2 and short_years:
        return 2000 + int(text)
    raise ValueError(text)


def _time(found):
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(found["hour"])
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    return hour, minute, second


def _offset(zone):
    if not zone:
        return None
    name, sign, digits = re.fullmatch(r"([A-Z]*)\s*([+-]?)([\d:]*)", zone.upper()).groups()
    if name and name not in ZONES:
        raise ValueError(zone)
    digits = digits.replace(":", "")
    hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes))
    return timedelta(hours=ZONES.get(name, 0)) + (-ahead if sign == "-" else ahead)


class _Months(dict):
    def __missing__(self, name):
        raise ValueError(name)


@lru_cache(maxsize=1)
def _months():
    """Return the numbers of months by their names, and drop names that mean different months in two languages."""
    from babel.dates import get_month_names

    found = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, "format", language).items():
                found.setdefault(name.casefold().rstrip("."), set()).add(number)
    return _Months({name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1})
