"""The ledger's arithmetic: canonical form of an event, hash chain per contact point, salted commitments.

The format is specified in docs/ledger-format.md. The chain covers no personal value in the clear: address and evidence
are bound by a digest whose salt lies in the evidence. Once that is erased, the chain still verifies and reveals
nothing.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple

import rfc8785

FORMAT = 2
#: What the hash of an event of format 2 covers directly, in addition to the previous hash and the digest of `TERMS`.
OWN = ("format", "seq", "occurred_at", "valid_until", "commitment")
#: What the events of a batch usually have in common; one digest covers it.
TERMS = (
    *("type", "fact", "resulting_state", "company_id", "purpose_id", "topic_id", "notice_id", "notice_digest"),
    *("legal_basis", "source", "source_label", "actor_id", "actor_label", "recorded_at", "until", "evidence_grade"),
    *("batch", "statement_digest", "shared_digest", "proven", "undoes"),
)
#: What the hash of an event of format 1 covers. Append-only: a column added later belongs to a new format.
COVERED_BY_1 = tuple(
    sorted({*OWN, *TERMS, "address_digest", "evidence_digest"} - {"commitment", "shared_digest", "proven", "undoes"})
)


class Break(NamedTuple):
    """The first place at which a chain does not hold: `seq` of the row, and why."""

    seq: int
    why: str


def canonical_json(value: object) -> str:
    """Return `value` as canonical JSON (RFC 8785); times become ISO 8601 texts in UTC with microseconds."""
    return rfc8785.dumps(_plain(value)).decode()


def digest(text: str) -> str:
    """Return the SHA-256 of `text` (UTF-8) in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, address: str, payload: str) -> str:
    """Return a digest that binds address and evidence, and reveals nothing without `salt`.

    :param salt: 16 random bytes in hex
    :param address: canonical address
    :param payload: canonical JSON of the evidence, or an empty text
    :return: HMAC-SHA256 in hex
    """
    return hmac.digest(bytes.fromhex(salt), canonical_json([address, payload]).encode(), "sha256").hex()


def genesis(uid: str) -> str:
    """Return the hash that the first event of contact point `uid` follows."""
    return digest(f"consent.contact.point:{uid}")


def link(prev_hash: str, event: Mapping) -> str:
    """Return the hash of `event` after `prev_hash`.

    :param event: with the keys of `OWN` and `TERMS`; times naive UTC, digests in hex
    :raises KeyError: the event's format is unknown
    """
    return _LINKS[event["format"]](prev_hash, event)


def first_break(uid: str, head_seq: int, head_hash: str | None, events: Iterable[Mapping]) -> Break | None:
    """Return where the chain of a contact point is broken, or None if it holds.

    :param uid: the contact point's uid
    :param head_seq: number of events that it claims
    :param head_hash: hash of the last one
    :param events: its events by `seq`, as `link` takes them, with `hash`
    """
    expected, seq = genesis(uid), 0
    for seq, event in enumerate(events, start=1):
        if event["seq"] != seq:
            return Break(seq, "missing")
        expected = link(expected, event) if event["format"] in _LINKS else None
        if event["hash"] != expected:
            return Break(seq, "altered")
    if seq != head_seq:
        return Break(seq + 1, "missing")
    return None if not seq or head_hash == expected else Break(seq, "altered")


def _link_1(prev_hash, event):
    covered = {name: event[name] for name in COVERED_BY_1}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), default=partial(_time, zone=""))
    return digest(prev_hash + text)


def _link_2(prev_hash, event):
    covered = {name: event[name] for name in OWN}
    return digest(canonical_json(covered | {"prev_hash": prev_hash, "terms_digest": _terms_digest(*_terms(event))}))


_LINKS = {1: _link_1, 2: _link_2}
_terms = itemgetter(*TERMS)


@lru_cache(maxsize=256, typed=True)
def _terms_digest(*values):
    return digest(canonical_json(dict(zip(TERMS, values, strict=True))))


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _time(value) if isinstance(value, datetime) else value


def _time(value, zone="Z"):
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + zone
    raise TypeError(f"{type(value).__name__} has no canonical form")
