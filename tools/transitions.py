"""What an event does to a record: the one transition table.

A record is a pure function of the *set* of its events: `fold` sorts them by the time they happened, not by the time
we heard of them, so the order of arrival never decides. `apply` is the step. SQL, views and tests import the
constants from here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

# -- consent of a record -------------------------------------------------------------------------------------------
NONE, GRANTED, REFUSED, WITHDRAWN, EXPIRED, REVOKED = "none", "granted", "refused", "withdrawn", "expired", "revoked"
STATES = [
    (NONE, "Nothing said"),
    (GRANTED, "Granted"),
    (REFUSED, "Refused"),
    (WITHDRAWN, "Withdrawn"),
    (EXPIRED, "Expired"),
    (REVOKED, "Revoked"),
]
#: Said by the person: only the person (or staff writing down the person's request) can turn these into a yes.
SAID_NO = (REFUSED, WITHDRAWN)

# -- events --------------------------------------------------------------------------------------------------------
EVENT_TYPES = [
    ("requested", "Requested"),
    ("given", "Given"),
    ("confirmed", "Confirmed"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("objected", "Objected"),
    ("released", "Released"),
    ("expired", "Expired"),
    ("renewed", "Renewed"),
    ("paused", "Paused"),
    ("resumed", "Resumed"),
    ("restricted", "Restricted"),
    ("unrestricted", "No longer restricted"),
    ("bounced", "Bounced"),
    ("reachable", "Reachable again"),
    ("carrier_blocked", "Blocked by the carrier"),
    ("carrier_released", "Released by the carrier"),
    ("suppressed", "Suppressed"),
    ("unsuppressed", "Suppression lifted"),
    ("carried_over", "Carried over"),
    ("reply_received", "Reply received"),
    ("reply_read", "Reply read"),
    ("revoked", "Revoked"),
    ("retracted", "A no taken back"),
    ("erased", "Erased"),
    ("not_applied", "Not applied"),
]
GRANTS = ("given", "confirmed", "renewed")
CONSENT_STATE = {
    "given": GRANTED,
    "confirmed": GRANTED,
    "renewed": GRANTED,
    "refused": REFUSED,
    "withdrawn": WITHDRAWN,
    "expired": EXPIRED,
    "revoked": REVOKED,
}
#: Only these states may take the event; every other event may come at any time.
ALLOWED_FROM = {
    "renewed": (GRANTED, EXPIRED),
    "expired": (GRANTED,),
    "revoked": (GRANTED,),
}
#: Blocks stand beside consent: any number of them may hold at once, and each withholds.
BLOCK_SET_BY = {
    "suppressed": "suppressed_at",
    "restricted": "restricted_at",
    "objected": "objected_at",
    "paused": "paused_until",
    "bounced": "unreachable_at",
    "carrier_blocked": "carrier_blocked_at",
    "reply_received": "reply_unread_at",
}
BLOCK_CLEARED_BY = {
    "released": "objected_at",
    "unsuppressed": "suppressed_at",
    "unrestricted": "restricted_at",
    "resumed": "paused_until",
    "reachable": "unreachable_at",
    "carrier_released": "carrier_blocked_at",
    "reply_read": "reply_unread_at",
}
#: Written even where they change nothing. A second reply must move the head of its contact point, or a colleague who
#: closes the first one at the same time would not notice it.
ALWAYS_WRITTEN = frozenset({"requested", "erased", "reply_received"})
#: Facts that may take back one event instead of lifting what stands.
TAKES_BACK = ("released", "retracted")
#: What can turn out never to have been said; suppression and what is technical are lifted instead.
RETRACTABLE = ("refused", "withdrawn", "objected", "paused", "restricted")
#: On a tie in time the restrictive fact comes last, and so wins.
PERMISSIVE = frozenset(GRANTS) | frozenset(BLOCK_CLEARED_BY) | {"requested", "retracted", "erased"}

# -- sources -------------------------------------------------------------------------------------------------------
SOURCES = [
    ("web_form", "Web form"),
    ("double_opt_in", "Double opt-in link"),
    ("preference_page", "Preference page"),
    ("one_click", "One-click unsubscribe"),
    ("sms_keyword", "SMS keyword"),
    ("inbound_mail", "Inbound e-mail"),
    ("import", "Import"),
    ("staff_in_person", "Staff, in person"),
    ("staff_phone", "Staff, by phone"),
    ("paper", "Paper form"),
    ("api", "API"),
    ("sale", "Sale"),
    ("provider", "Provider"),
    ("bounce", "Bounce"),
    ("system", "System"),
]
#: By these the person speaks, not somebody for them: what they say may rest on any legal basis.
OWN_WORD = frozenset({"double_opt_in", "preference_page", "sms_keyword"})
#: A STOP by these is what a START takes back.
SMS_SOURCES = frozenset({"sms_keyword", "provider"})
STAFF = frozenset({"staff_in_person", "staff_phone", "paper"})
#: What users and other systems may claim. The rest is for our own pages and call-backs, which saw it happen.
CLAIMABLE_SOURCES = STAFF | {"import", "api"}
#: A yes can come from nowhere else: no scanner, bounce or provider ever grants.
GRANTING_SOURCES = OWN_WORD | CLAIMABLE_SOURCES | {"web_form", "sale"}

GRADES = [
    ("A", "A: confirmed by the person from the address"),
    ("B", "B: the person's own act, recorded by us"),
    ("C", "C: written down by staff or another system, with proof"),
    ("D", "D: claimed, without proof"),
]


class Fact(NamedTuple):
    """One event, as far as a record depends on it. Times are naive UTC.

    `proven`: whether a yes may follow a no, see `tools.evidence`; False lets a lifted block stand. `undoes`: the id of
    the one event that a retraction or release takes back.
    """

    fact: str
    occurred_at: datetime
    source: str
    event_id: int = 0
    legal_basis: str | None = None
    notice_id: int | None = None
    evidence_grade: str | None = None
    valid_until: datetime | None = None
    until: datetime | None = None
    proven: bool | None = None
    undoes: int | None = None
    batch: str | None = None


class State(NamedTuple):
    """What a record says. The names are the columns of `consent.record`."""

    state: str = NONE
    since: datetime | None = None
    legal_basis: str | None = None
    valid_until: datetime | None = None
    notice_id: int | None = None
    evidence_grade: str | None = None
    proven: bool = False
    granting_event_id: int | None = None
    suppressed_at: datetime | None = None
    restricted_at: datetime | None = None
    objected_at: datetime | None = None
    paused_until: datetime | None = None
    unreachable_at: datetime | None = None
    carrier_blocked_at: datetime | None = None
    reply_unread_at: datetime | None = None


def apply(state: State, fact: Fact) -> State:
    """Return the state after `fact`, the very same `state` where the fact is refused or changes nothing.

    :param state: the record before
    :param fact: a fact that happened after all that made `state`
    """
    if fact.fact in CONSENT_STATE:
        return _decide(state, fact) if _may_follow(state, fact) else state
    if fact.fact in BLOCK_SET_BY:
        column = BLOCK_SET_BY[fact.fact]
        return _replace(state, column, fact.until if fact.fact == "paused" else fact.occurred_at)
    lifts = fact.fact in BLOCK_CLEARED_BY and fact.proven is not False and fact.undoes is None
    return state._replace(**{BLOCK_CLEARED_BY[fact.fact]: None}) if lifts else state


def fold(facts: Iterable[Fact]) -> State:
    """Return the state that all `facts` of one record lead to, in whatever order they are passed.

    A no that was taken back by itself never was; nothing but a no can be.
    """
    facts, state = list(facts), State()
    undone = {fact.undoes for fact in facts if fact.fact in TAKES_BACK}
    for fact in sorted(facts, key=order):
        if fact.event_id not in undone or fact.fact in PERMISSIVE:
            state = apply(state, fact)
    return state


def is_news(before: State, after: State, facts: Iterable[Fact], fact: Fact) -> bool:
    """Return whether a fact must be kept: it changes something, or its no must outlive what may yet happen.

    A retraction after which another no still stands changes nothing.

    :param facts: the history of the record, where it is known
    :param fact: what is said now
    """
    if fact.undoes is not None:
        return standing(before) != standing(after)
    return after != before or (fact.fact not in PERMISSIVE and must_outlive(facts, fact))


def must_outlive(facts: Iterable[Fact], fact: Fact) -> bool:
    """Return whether a no must be kept although the same no stands.

    What stands may be taken back: that of a batch with the batch, a STOP by a START. A claim since may be approved.
    """
    by_sms = fact.source in SMS_SOURCES
    lasting = [
        other._replace(proven=True) if other.proven is False else other
        for other in facts
        if other.batch in (None, fact.batch) and (by_sms or other.source not in SMS_SOURCES)
    ]
    return standing(fold([*lasting, fact])) != standing(fold(lasting))


def standing(state: State) -> tuple:
    """Return what holds, without dates."""
    return (state.state, state.granting_event_id, *(bool(getattr(state, column)) for column in BLOCK_SET_BY.values()))


def order(fact: Fact) -> tuple:
    """Sort key: by time of the act; at the same instant the restrictive fact last (requirement 8.7)."""
    return (fact.occurred_at, fact.fact not in PERMISSIVE, fact.event_id)


def _may_follow(state: State, fact: Fact) -> bool:
    if state.state not in ALLOWED_FROM.get(fact.fact, (state.state,)):
        return False
    return not (fact.fact in GRANTS and state.state in SAID_NO and not fact.proven)


def _decide(state: State, fact: Fact) -> State:
    consent = CONSENT_STATE[fact.fact]
    if consent != GRANTED:
        # A no repeated is the same no: its date stays that of the first (idempotent, RFC 8058 §3.2).
        return state if state.state == consent else _ended(state, consent, fact)
    return state._replace(
        state=GRANTED,
        since=fact.occurred_at,
        legal_basis=fact.legal_basis,
        valid_until=fact.valid_until,
        notice_id=fact.notice_id,
        evidence_grade=fact.evidence_grade,
        proven=bool(fact.proven),
        granting_event_id=fact.event_id,
    )


def _ended(state: State, consent: str, fact: Fact) -> State:
    nothing = State()
    return nothing._replace(
        state=consent,
        since=fact.occurred_at,
        **{column: getattr(state, column) for column in BLOCK_SET_BY.values()},
    )


def _replace(state: State, column: str, value: datetime | None) -> State:
    # A block set twice keeps its first date; the end of a pause counts, and of objections the last: a yes passes it
    # only if it came later.
    if column not in ("paused_until", "objected_at") and getattr(state, column):
        return state
    return state._replace(**{column: value})
