"""The origin of a message: the template, server action or composer that it comes from, and the kind which that states.

Odoo passes nothing but text from many of its wizards and crons to the message, so the origin travels in two ways: in
the context, as an `Origin` (a client's JSON cannot express one), and as a signed mark in rendered text, which is
removed where the message is created.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

CONTEXT_KEY = "consent_origin"
UNKNOWN = "unknown"
_MARK = re.compile(r"<!--consent-origin-.*?-->", re.DOTALL)
_SIGNED = re.compile(r"<!--consent-origin-([0-9a-f]{32}):(\d+):([a-z0-9_.,; ]*)-->")


class Origin(NamedTuple):
    """What sends, and its kind: a topic, a service message, held until it has a kind, or none of these.

    :param source: records as `model,id`, separated by blanks
    :param topic_id: the marketing topic, 0 for none
    :param service: whether it is a service message
    :param held: whether its messages wait until a kind is stated
    """

    source: str = ""
    topic_id: int = 0
    service: bool = False
    held: bool = False


#: What somebody wrote by hand: no template or action states its kind.
WRITTEN = Origin()


def of(context: Mapping) -> Origin | None:
    """Return the origin in a context; whatever a client put there is ignored."""
    origin = context.get(CONTEXT_KEY)
    return origin if isinstance(origin, Origin) else None


def within(outer: Origin | None, inner: Origin) -> Origin:
    """Return the origin of what `inner` sends on behalf of `outer`: marketing first, then whatever kind is stated."""
    if not outer:
        return inner
    source = " ".join(dict.fromkeys(f"{outer.source} {inner.source}".split()))
    topic_id, service = outer.topic_id or inner.topic_id, outer.service or inner.service
    return Origin(source, topic_id, service, held=not (topic_id or service) and (outer.held or inner.held))


def stamp(values: dict, origin: Origin | None) -> dict:
    """Return the values of a message with what its origin says of its kind; a topic that is given already stays."""
    if not origin or values.get("consent_topic_id"):
        return values
    if origin.topic_id:
        return {**values, "consent_topic_id": origin.topic_id}
    return {**values, "consent_origin": origin.source} if origin.held else values


def put(text, origin: Origin, key: bytes):
    """Return HTML with a mark at its end if the origin makes it marketing or holds it; `str` or `Markup` as given."""
    if not (origin.topic_id or origin.held):
        return text
    mac = _mac(key, str(origin.topic_id), origin.source)
    return text + type(text)(f"<!--consent-origin-{mac}:{origin.topic_id}:{origin.source}-->")


def take(text, key: bytes):
    """Return the text without marks, of the same type, and its origin, None without a mark.

    A mark that was altered, or made elsewhere, holds the message.
    """
    origin = None
    for mark in _MARK.findall(text):
        origin = within(origin, _read(mark, key))
    return type(text)(_MARK.sub("", text)), origin


def has_mark(text) -> bool:
    """Return whether there is a mark, or what looks like one, in `text`."""
    return "<!--consent-origin-" in (text or "")


def _read(mark, key):
    signed = _SIGNED.fullmatch(mark)
    if not signed or not hmac.compare_digest(signed[1], _mac(key, signed[2], signed[3])):
        return Origin(UNKNOWN, held=True)
    topic_id = int(signed[2])
    return Origin(signed[3], topic_id, held=not topic_id)


def _mac(key, topic_id, source):
    return hmac.new(key, f"{topic_id}:{source}".encode(), hashlib.sha256).hexdigest()[:32]
