"""Links in messages: compact tokens that nobody can forge and that hold for ever.

A token says what a link may do (its capability) and whom and what it is about, under a message authentication code
(HMAC-SHA256, 128 bits). It carries no address. Keys are never thrown away: one signs, all verify, so that a link in an
old message still withdraws after keys were rotated, or the database renamed or copied.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from .placeholders import PAGES

FORMAT = 1
MAC_BYTES = 16
#: What a link may do. A token for one thing is worth nothing for another (threat T-01).
#: message: withdraw, nothing else; the link of every marketing message, which people forward (T-02).
CAPABILITIES = {"message": 1}
_token = re.compile(r"[A-Za-z0-9_-]{26,64}")


class Link(NamedTuple):
    """What a link stands for, as plain numbers: the mailing, list or person may be gone. 0 is none."""

    point_id: int
    company_id: int = 0
    topic_id: int = 0
    mailing_id: int = 0


def sign(keys: Mapping[int, bytes], capability: str, link: Link) -> str:
    """Return the token of `link`, signed with the newest of `keys`.

    :param keys: by number, 1 to 255
    :param capability: a key of `CAPABILITIES`
    """
    number = max(keys)
    head = bytes((FORMAT, number, CAPABILITIES[capability]))
    body = head + b"".join(map(_pack, link))
    return base64.urlsafe_b64encode(body + _mac(keys[number], body)).rstrip(b"=").decode()


def read(keys: Mapping[int, bytes], capability: str, token: object) -> Link | None:
    """Return what `token` stands for, None where it is not ours, or not for this capability.

    :param token: whatever stood in the address bar
    """
    if not isinstance(token, str) or not _token.fullmatch(token):
        return None
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    body, mac = signed[:-MAC_BYTES], signed[-MAC_BYTES:]
    key = keys.get(body[1] if len(body) > 1 else 0, b"")
    # Compared before anything is looked at, and in constant time (T-18).
    known = hmac.compare_digest(_mac(key, body), mac) and bool(key)
    if not known or body[0] != FORMAT or body[2] != CAPABILITIES.get(capability):
        return None
    # One spelling only: base64 leaves bits over that say nothing.
    return _unpack(body[3:]) if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() == token else None


def url(base_url: str, page: str, token: str) -> str:
    """Return the address of a page for recipients.

    :param base_url: of the website that it is on, from the configuration
    :param page: unsubscribe, preferences, why …
    """
    return f"{base_url.rstrip('/')}/consent/{page}/{token}"


def stop_url(base_url: str, token: str) -> str:
    """Return the address that stops SMS, as short as it can be."""
    return f"{base_url.rstrip('/')}/c/{token}"


def urls(base_url: str, token: str) -> dict[str, str]:
    """Return the address of each page that a placeholder can stand for."""
    return {page: url(base_url, page, token) for page in PAGES}


def mailto(mailbox: str, token: str) -> str:
    """Return the address, with its subject, to which an e-mail unsubscribes the token's owner (RFC 6068)."""
    return f"{mailbox}?subject=unsubscribe%20{token}"


def _mac(key, body):
    return hmac.new(key, b"marketing_consent.link:" + body, hashlib.sha256).digest()[:MAC_BYTES]


def _pack(number):
    """Return `number` in as few bytes as it needs, seven bits each (LEB128)."""
    packed = bytearray()
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)
    return bytes(packed)


def _unpack(packed):
    numbers, number, shift = [], 0, 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return Link(*numbers)
