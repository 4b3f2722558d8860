"""The ten statuses of a person, as a view over record, request and deliverability.

A status is derived, never stored; the gate reads the record's state. "Expired" covers lapsed requests and consents
that are no longer valid.
"""

from collections.abc import Iterable
from datetime import datetime

#: Order of precedence if a person has several statuses.
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
#: Statuses of a request that waits for an answer.
ASKED = ("opt_in", "invited", "reminded")
#: Statuses of a record, in order of precedence.
ANSWERED = ("blacklisted", "opt_out", "unsubscribed", "bounced", "expired", "confirmed", "subscribed")


def of_record(dates: dict[str, datetime | None]) -> tuple[str, datetime] | None:
    """Return the status of a record and its date: the first that applies, in the order of precedence.

    :param dates: start of each of `ANSWERED`; None or absent if it does not apply
    """
    return next(((status, dates[status]) for status in ANSWERED if dates.get(status)), None)


def of_request(
    stage: str, requested_at: datetime, asked_at: datetime | None, expires_at: datetime, at: datetime
) -> tuple[str, datetime]:
    """Return the status of a request and its date.

    :param stage: one of `ASKED`
    :param asked_at: when it reached that stage
    """
    return ("expired", expires_at) if expires_at <= at else (stage, asked_at or requested_at)


def leading(statuses: Iterable[str]) -> str | None:
    """Return the leading status of a person with several statuses."""
    order = [status for status, _label in STATUSES]
    return min(statuses, key=order.index, default=None)
