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
        "batch",
        "statement_digest",
        "evidence_digest",
        "address_digest",
    ),
}


class Break(NamedTuple):
    """The first place at which a chain does not hold: `seq` of the row, and why."""

    seq: int
    why: str


def canonical_json(value: object) -> str:
    """Return `value` as JSON that has one spelling only: sorted keys, no spaces, ASCII, ISO 8601 times."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)


def digest(text: str) -> str:
    """Return the SHA-256 of `text` (UTF-8) in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, text: str) -> str:
    """Return a digest that binds `text` but tells nothing of it to one who lacks `salt` (hex HMAC-SHA256)."""
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def genesis(uid: str) -> str:
    """Return the hash that the first event of contact point `uid` chains to."""
    return digest(f"consent.contact.point:{uid}")


def link(prev_hash: str, event: Mapping) -> str:
    """Return the hash of `event` (a mapping with the columns of `CHAINED`) that follows `prev_hash`."""
    covered = {column: event[column] for column in CHAINED[event["format"]]}
    return digest(prev_hash + canonical_json(covered))


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


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")
