"""The ten statuses by which marketers know a person, as a view over record, request and deliverability.

A status is told, never stored: the record's state stays what the gate reads. (Vicus's "expired" is our lapsed request;
a consent that is no longer valid reads the same.)
"""

from collections.abc import Iterable
from datetime import datetime

#: In the order in which one status leads where a person has several: the best that may still come of it first.
STATUSES = [
    ("confirmed", "Confirmed"),
    ("subscribed", "Subscribed"),
    ("opt_in", "Opt-in"),
    ("invited", "Invited"),
    ("reminded", "Reminded"),
    ("expired", "Expired"),
    ("unsubscribed", "Unsubscribed"),
    ("opt_out", "Opt-out"),
    ("bounced", "Bounced"),
    ("blacklisted", "Blacklisted"),
]
#: Of a request, which waits for an answer until it lapses.
ASKED = ("opt_in", "invited", "reminded")
#: Of a record, in the order in which one hides the next.
ANSWERED = ("blacklisted", "opt_out", "unsubscribed", "bounced", "expired", "confirmed", "subscribed")


def of_record(dates: dict[str, datetime | None]) -> tuple[str, datetime] | None:
    """Return the status of a record and its date: of those that hold, the one that hides the others.

    :param dates: since when each of `ANSWERED` holds; None or absent where it does not
    """
    return next(((status, dates[status]) for status in ANSWERED if dates.get(status)), None)


def of_request(
    stage: str, requested_at: datetime, asked_at: datetime | None, expires_at: datetime, at: datetime
) -> tuple[str, datetime]:
    """Return the status of a request and its date.

    :param stage: one of `ASKED`
    :param asked_at: when it came to that stage
    """
    return ("expired", expires_at) if expires_at <= at else (stage, asked_at or requested_at)


def leading(statuses: Iterable[str]) -> str | None:
    """Return the status that stands for a person who has several, by topic and channel."""
    order = [status for status, _label in STATUSES]
    return min(statuses, key=order.index, default=None)
