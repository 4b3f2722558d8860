"""Times as people and other systems write them."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

TINY = timedelta(microseconds=1)


def read(value: object, zone: str = "UTC", *, last: bool = False) -> datetime:
    """Return `value` as naive UTC.

    :param value: a date, a time, or the ISO 8601 text of one; a time without offset is UTC
    :param zone: IANA name of the zone of a date without time
    :param last: whether a date means its last moment instead of its first
    :raises ValueError: it is none
    """
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is no time")
    try:
        day = value + timedelta(days=1) if last else value
        start = datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc).replace(tzinfo=None)
    except (OverflowError, OSError, LookupError) as error:
        raise ValueError(str(error)) from None
    return start - TINY if last else start


def is_day(value: object) -> bool:
    """Return whether `value` is a date without time."""
    if isinstance(value, str):
        return len(value.strip()) == len("2026-03-01")
    return isinstance(value, date) and not isinstance(value, datetime)


def is_zone(name: object) -> bool:
    """Return whether `name` is the IANA name of a time zone."""
    try:
        return isinstance(name, str) and bool(ZoneInfo(name))
    except (LookupError, ValueError, OSError):
        return False


def _parsed(text):
    if text[4:5] != "-":  # compact forms, whose parts only newer versions of Python tell apart
        raise ValueError(f"{text!r} is no time")
    if is_day(text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)
