"""Consent boxes on forms of the website: what they are called, whose answer they are, and what a form need not ask."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree, html

from . import contact_point

#: How the inputs of boxes are called. Each carries what was shown, signed by us: what a client makes up says nothing.
PREFIX = "consent_choice"
#: Where forms of Odoo have an address, in the order of how much it is the person's own.
ADDRESS_FIELDS = {
    contact_point.EMAIL: ("email_from", "email", "partner_email", "login"),
    contact_point.SMS: ("phone", "mobile", "partner_phone"),
}
#: What a message needs beside the address: nothing but what to call the person, and in which language.
NEEDED = {"name", "contact_name", "first_name", "last_name", "lang", "list_ids"}
#: A form that has one of these is about more than messages: somebody asks or orders something.
_ABOUT_MORE = {"subject", "description", "body_html", "product_id", "job_id", "event_id"}
MAX_CHOICES = 50
MAX_PAGE = 256
#: The class of the block that the boxes stand in.
BLOCK = "s_marketing_consent"
_UNTYPED = {"hidden", "submit", "button", "image", "reset"}
_attendee = re.compile(r"\d{1,4}-(email|phone)-\d{1,9}")
_choice = re.compile(r"(\d{1,9}):(email|sms)")


def wanted(text: object) -> list[tuple[int, str]]:
    """Return the pairs of topic id and channel that a block names, as 'topic:channel,topic:channel'."""
    parts = text.split(",")[:MAX_CHOICES] if isinstance(text, str) else []
    found = [match for part in parts if (match := _choice.fullmatch(part.strip()))]
    return list(dict.fromkeys((int(match[1]), match[2]) for match in found))


def take(values: dict) -> list[str]:
    """Remove the answers to boxes from what a form sent, and return those that were ticked."""
    names = [name for name in values if isinstance(name, str) and name.startswith(PREFIX)]
    return [value for name in names if isinstance(value := values.pop(name), str) and value][:MAX_CHOICES]


def address(values: Mapping, channel: str, country: str | None = None) -> str | None:
    """Return the canonical address in what a form sent, None where there is no usable one.

    :param country: ISO code, for national numbers
    """
    texts = (values.get(name) for name in ADDRESS_FIELDS[channel])
    usable = (contact_point.canonical(channel, text, country) for text in texts if isinstance(text, str) and text)
    return next(filter(None, usable), None)


def registrant(values: Mapping) -> dict[str, object]:
    """Return e-mail address and phone of the first person on a registration for an event, empty where they are.

    It has one of each for everybody who comes, or for all together: '1-email-12', '0-phone-3'. Only the first are of
    the person who fills it in, and says something.
    """
    found = {}
    for name, value in values.items():
        if match := _attendee.fullmatch(str(name)):
            found.setdefault(match[1], value)
    return found


def page(referrer: str | None, host: str) -> str:
    """Return the path of the page that a form was sent from: no query, which may name a person (requirement R-065)."""
    try:
        found = urlsplit(referrer or "")
    except ValueError:
        return ""
    return found.path[:MAX_PAGE] if found.netloc == host else ""


class Form(NamedTuple):
    """A form with consent boxes: names of what people fill in, and pairs of topic id and channel that it asks for."""

    names: frozenset[str]
    choices: tuple[tuple[int, str], ...]


def forms(text: str) -> list[Form]:
    """Return the forms with consent boxes in a page of a website.

    :param text: XML of a view, or HTML
    """
    try:
        root = etree.fromstring(text)
    except (etree.XMLSyntaxError, ValueError):
        root = html.fromstring(text or "<p/>")
    found = []
    for form in root.iter("form"):
        blocks = [each for each in form.iter(etree.Element) if BLOCK in (each.get("class") or "").split()]
        choices = wanted(",".join(block.get("data-choices") or "" for block in blocks))
        typed = (each for each in form.iter("input", "select", "textarea") if each.get("type") not in _UNTYPED)
        names = frozenset(each.get("name") for each in typed if each.get("name"))
        found += [Form(names, tuple(choices))] if choices else []
    return found


def surplus(names: Iterable[str], channels: Iterable[str], needed: Iterable[str] = ()) -> set[str]:
    """Return which fields of a form are more than messages over `channels` need (GDPR art. 5(1)(c), mission M35).

    A form that is about something else beside, such as a question, is not judged: its own purpose says what it needs.

    :param names: of the fields that people fill in
    :param needed: names of fields that the purposes need besides
    """
    names = {name for name in names if not name.startswith(PREFIX)}
    if names & _ABOUT_MORE:
        return set()
    return names - NEEDED - set(needed) - {name for channel in channels for name in ADDRESS_FIELDS[channel]}
