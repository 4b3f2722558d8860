"""Quiet hours: when marketing by SMS may arrive, in the recipient's local time."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_timezone

SUNDAY = 6
#: Rules that allow no hour would defer a message without end.
MAX_STEPS = 60


class Rule(NamedTuple):
    """Hours without marketing, in hours of the day; they may span midnight. Equal: none."""

    start: float = 0.0
    end: float = 0.0
    sundays: bool = False


@lru_cache(maxsize=4096)
def zones(number: str) -> tuple[str, ...]:
    """Return the possible time zones of a number in E.164, empty if unknown."""
    try:
        found = phone_timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != phone_timezone.UNKNOWN_TIMEZONE)


def next_open(now: datetime, zone_names: Iterable[str], rules: Iterable[Rule]) -> datetime:
    """Return the first time from `now` on (naive UTC) that every rule allows in all zones.

    :return: `now` if it is allowed; None if no time within weeks is
    """
    pairs = [(ZoneInfo(name), rule) for name in zone_names for rule in rules]
    for _step in range(MAX_STEPS):
        ends = [end for zone, rule in pairs if (end := _end(now, zone, rule))]
        if not ends:
            return now
        now = max(ends)
    return None


def seconds_open(now: datetime, zone_names: Iterable[str], rules: Iterable[Rule], most: int) -> int:
    """Return for how many seconds from `now` on sending is allowed, in steps of a minute, at most `most`."""
    pairs = [(ZoneInfo(name), rule) for name in zone_names for rule in rules]
    for minutes in range(most // 60 + 1):
        if any(_end(now + timedelta(minutes=minutes), zone, rule) for zone, rule in pairs):
            return max(60 * (minutes - 1), 0)
    return most


def _end(now, zone, rule):
    """Return the end of the quiet time that contains `now`, None outside of quiet time."""
    local = now.replace(tzinfo=timezone.utc).astimezone(zone)
    if rule.sundays and local.weekday() == SUNDAY:
        return _utc(local, 24.0)
    hour = local.hour + local.minute / 60 + local.second / 3600
    if rule.start == rule.end:
        return None
    if rule.start < rule.end:
        return _utc(local, rule.end) if rule.start <= hour < rule.end else None
    if hour >= rule.start:
        return _utc(local, 24.0 + rule.end)
    return _utc(local, rule.end) if hour < rule.end else None


def _utc(local, hours):
    """Return the naive UTC time of local `hours` on that day; 24 and more mean the next day."""
    days, hours = divmod(hours, 24)
    wall = local.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days, hours=hours)
    return wall.replace(tzinfo=local.tzinfo).astimezone(timezone.utc).replace(tzinfo=None)
