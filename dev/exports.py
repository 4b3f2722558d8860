"""Exports of other programs, read from their own headings: what HubSpot's opt-outs and Shopify's customers say.

No Odoo and none of the addon's code here, as in `people`: what the campaign compares its outcome with rests on this.
"""

import csv
import io
from datetime import datetime
from typing import NamedTuple

import people
from people import Answer

TOPIC = "Newsletter"
OPT_OUTS = ("Portal Unsubscribe", "Portal Spam Report", "Marketing Information")
#: The addon's preset for an export, by headings that only this export has.
PRESETS = {"hubspot_unsubscribes": OPT_OUTS[:2], "shopify": ("Accepts Email Marketing", "Accepts SMS Marketing")}


class Export(NamedTuple):
    """What an export says: answers as of `people`, everybody in it as (name, email, phone), the addon's preset."""

    answers: list
    everybody: list
    preset: str


def read(content: bytes, now: datetime) -> Export | None:
    """Return what an export says, None where the file is none of them.

    :param now: naive UTC, when what has no date of its own was said
    """
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace"))))
    headings = set(rows[0]) if rows else set()
    preset = next((name for name, needed in PRESETS.items() if headings.issuperset(needed)), None)
    if not preset:
        return None
    said = _opt_outs if preset == "hubspot_unsubscribes" else _customer
    answers, everybody = [], []
    for line, row in enumerate(rows, 2):
        name = f"{row.get('First Name') or ''} {row.get('Last Name') or ''}".strip() or row["Email"]
        email = people.canonical_email(row["Email"]) or ""
        phone = _phone(row)
        everybody.append((name, email, phone))
        answers += [
            Answer(line, name, email, phone, TOPIC, channel, yes, now, "export")
            for channel, yes in said(row)
            if (email if channel == "email" else phone)
        ]
    return Export(answers, everybody, preset)


def outcomes(answers: list) -> dict:
    """Return what must follow: (topic, channel, address) → 'sent' or 'withdrawn'; in an export nobody is only asked."""
    said = {(answer.topic, answer.channel, answer.address): answer.yes for answer in answers}
    noes = {(answer.topic, answer.channel, answer.address) for answer in answers if not answer.yes}
    return {key: "withdrawn" if key in noes else "sent" for key in said}


def _opt_outs(row):
    """TRUE means that somebody left; nobody in this file said yes."""
    return [("email", False)] if any((row.get(name) or "").upper() == "TRUE" for name in OPT_OUTS) else []


def _customer(row):
    answers = {"email": row["Accepts Email Marketing"], "sms": row["Accepts SMS Marketing"]}
    return [(channel, text == "yes") for channel, text in answers.items() if text in ("yes", "no")]


def _phone(row):
    text = (row.get("Phone") or "").lstrip("'")
    return people.canonical_phone(text, row.get("Default Address Country Code") or None) or "" if text else ""
