"""The gate's answer at a past time, from states folded from the ledger."""

from collections.abc import Sequence
from datetime import datetime

from . import objection
from .transitions import EXPIRED, GRANTED, NONE, REFUSED, WITHDRAWN, State


def reason(topics: Sequence[State], everything: Sequence[State], at: datetime, mode: str) -> str | None:
    """Return the first reason against sending at `at`, None if it was allowed.

    The order is the gate's (`verdict.REASONS`), without reasons that are not facts about the person:
    blacklists, pending sign-ups, and current policy on wordings and evidence.

    :param topics: the states of the topics, all of which are needed
    :param everything: the states of all marketing: of the company, and of all companies
    :param mode: opt_in or opt_out
    """
    rows = [*topics, *everything]
    silent = (GRANTED, NONE) if mode == "opt_out" else (GRANTED,)
    reasons = {
        "suppressed": any(row.suppressed_at for row in rows),
        "restricted": any(row.restricted_at for row in rows),
        "objected": any(objection.holds(topic, row.objected_at) for row in rows for topic in topics),
        "withdrawn": any(topic.state == WITHDRAWN for topic in topics),
        "refused": any(topic.state == REFUSED for topic in topics),
        "expired": any(_expired(topic, at) for topic in topics),
        "reply_to_read": any(row.reply_unread_at for row in rows),
        "paused": any(row.paused_until and row.paused_until > at for row in rows),
        "unreachable": any(row.unreachable_at for row in rows),
        "carrier_blocked": any(row.carrier_blocked_at for row in rows),
        "no_consent": any(topic.state not in silent for topic in topics),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def _expired(topic, at):
    return topic.state == EXPIRED or bool(topic.state == GRANTED and topic.valid_until and topic.valid_until <= at)
