"""How many noes a user may undo on somebody's word before a second person looks at it."""

from collections.abc import Iterable
from datetime import timedelta

from . import objection
from .evidence import APPROVAL
from .transitions import CLAIMABLE_SOURCES, GRANTED, SAID_NO, State

#: The blocks that stand for a no; the others are technical, or end by somebody's work.
NOES = ("suppressed_at", "restricted_at", "objected_at", "paused_until", "carrier_blocked_at")
MOST, WITHIN = 5, timedelta(hours=24)


def is_limited(source: str, proof: str | None) -> bool:
    """Return whether a user vouches alone: neither the person's own act nor a second person stands behind it."""
    return source in CLAIMABLE_SOURCES and proof != APPROVAL


def undoes_no(before: State, after: State, general: Iterable[State]) -> bool:
    """Return whether a step from `before` to `after` undoes a no.

    :param general: what stands before all marketing of the record's company, and of all companies
    """
    if before.state in SAID_NO and after.state == GRANTED:
        return True
    if any(getattr(before, column) and not getattr(after, column) for column in NOES):
        return True
    return any(
        objection.holds(before, row.objected_at) and not objection.holds(after, row.objected_at)
        for row in (after, *general)
    )
