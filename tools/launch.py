"""What is launched: one digest for each part of a mailing, to tell later what was changed."""

import hashlib
import json

#: The parts of a mailing, as its owner knows them. The people who get it are no part: they are found when it leaves.
PARTS = {
    "model": "recipients",
    "lists": "mailing lists",
    "domain": "recipients",
    "sender": "sender",
    "reply_address": "reply address",
    "subject": "subject",
    "text": "text",
    "sms": "SMS text",
    "attachments": "attachments",
    "message_class": "kind of message",
    "topics": "topics",
    "company": "company",
    "test": "A/B test",
}


def digests(parts: dict) -> dict[str, str]:
    """Return the SHA-256 of each part; values are anything that JSON can hold."""
    return {name: _digest(parts[name]) for name in PARTS}


def changes(before: dict | None, after: dict) -> list[str]:
    """Return the names of the parts that differ, each once, in the order of `PARTS`."""
    before = before or {}
    return list(dict.fromkeys(label for name, label in PARTS.items() if before.get(name) != after[name]))


def _digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
