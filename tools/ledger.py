"""The ledger's arithmetic: canonical form of an event, hash chain per contact point, salted commitments.

The chain covers no personal value in the clear. The address and the evidence are bound by salted digests whose salt
lies in the evidence: erasing the evidence leaves every link of the chain verifiable and makes the address
unguessable from it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

FORMAT = 1
#: Columns of `consent.event` that the chain covers, in the order of format 1. Append-only, like the ledger itself:
#: a column added later belongs to a new format.
CHAINED = {
    1: (
        "format",
        "seq",
        "type",
        "fact",
        "resulting_state",
        "company_id",
        "purpose_id",
        "topic_id",
        "notice_id",
        "notice_digest",
        "legal_basis",
        "source",
        "source_label",
        "actor_id",
        "actor_label",
        "occurred_at",
        "recorded_at",
        "valid_until",
        "until",
        "evidence_grade",
        "proven",
        "undoes",
        "batch",
        "statement_digest",
        "evidence_digest",
        "address_digest",
    ),
}
#: Of what the chain covers, what differs from event to event of a batch, sorted. The rest is spelled once for all.
OWN = ("address_digest", "evidence_digest", "occurred_at", "seq")


class Break(NamedTuple):
    """The first place at which a chain does not hold: `seq` of the row, and why."""

    seq: int
    why: str


def canonical_json(value: object) -> str:
    """Return `value` as JSON that has one spelling only: sorted keys, no spaces, ASCII, ISO 8601 times."""
    return _encoder.encode(value)


def digest(text: str) -> str:
    """Return the SHA-256 of `text` (UTF-8) in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, text: str) -> str:
    """Return a digest that binds `text` but tells nothing of it to one who lacks `salt` (hex HMAC-SHA256)."""
    return hmac.digest(salt.encode(), text.encode(), "sha256").hex()


def genesis(uid: str) -> str:
    """Return the hash that the first event of contact point `uid` chains to."""
    return digest(f"consent.contact.point:{uid}")


def link(prev_hash: str, event: Mapping) -> str:
    """Return the hash of `event` (a mapping with the columns of `CHAINED`) that follows `prev_hash`."""
    number = event["format"]
    first, *others = _around(number, *_values_of(number)(event))
    text = prev_hash + first
    for column, piece in zip(OWN, others, strict=True):
        text += _spelled(event[column]) + piece
    return digest(text)


def first_break(uid: str, head_seq: int, head_hash: str | None, events: Iterable[Mapping]) -> Break | None:
    """Return where the chain of a contact point is broken, or None where it holds.

    :param uid: the contact point's uid
    :param head_seq: number of events that it claims
    :param head_hash: hash of the last one
    :param events: its events by `seq`, with the columns of `CHAINED` and prev_hash, hash
    """
    expected, seq = genesis(uid), 0
    for seq, event in enumerate(events, start=1):
        if event["seq"] != seq:
            return Break(seq, "missing")
        if event["prev_hash"] != expected or event["hash"] != link(expected, event):
            return Break(seq, "altered")
        expected = event["hash"]
    if seq != head_seq:
        return Break(seq + 1, "missing")
    return None if not seq or head_hash == expected else Break(seq, "altered")


@lru_cache
def _values_of(number):
    return itemgetter(*_common(number))


def _common(number):
    return [column for column in sorted(CHAINED[number]) if column not in OWN]


@lru_cache(typed=True)
def _around(number, *values):
    """Return the pieces of an event's canonical JSON that stand before, between and behind the columns of `OWN`."""
    common = dict(zip(_common(number), values, strict=True))
    pieces, text, mark = [], "", "{"
    for column in sorted(CHAINED[number]):
        text, mark = f'{text}{mark}"{column}":', ","
        if column in OWN:
            pieces.append(text)
            text = ""
        else:
            text += canonical_json(common[column])
    return [*pieces, text + "}"]


def _spelled(value):
    if isinstance(value, datetime):
        return f'"{_plain(value)}"'
    return str(value) if type(value) is int else canonical_json(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")


# Made once: json.dumps would make one for each event.
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)
