"""Links in messages: compact tokens that cannot be forged and never expire.

A token states what the link may do (its capability), its person and its topic, under a message authentication code
(HMAC-SHA256, 128 bits). It carries no address. Keys are never deleted: the newest signs, all verify, so a
link in an old message still works after keys were rotated or the database was renamed or copied.
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
#: Capabilities of links. A token for one capability is invalid for every other.
#: message: may only withdraw; the link of every marketing message, which people forward.
CAPABILITIES = {"message": 1}
_token = re.compile(r"[A-Za-z0-9_-]{26,64}")


class Link(NamedTuple):
    """The content of a link as plain ids; the records may no longer exist. 0 means none."""

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
    """Return the content of `token`, None if it is invalid or has another capability.

    :param token: untrusted text from the URL
    """
    if not isinstance(token, str) or not _token.fullmatch(token):
        return None
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    body, mac = signed[:-MAC_BYTES], signed[-MAC_BYTES:]
    key = keys.get(body[1] if len(body) > 1 else 0, b"")
    # Verified in constant time, before anything is decoded.
    known = hmac.compare_digest(_mac(key, body), mac) and bool(key)
    if not known or body[0] != FORMAT or body[2] != CAPABILITIES.get(capability):
        return None
    # Reject other spellings: base64 has unused bits.
    return _unpack(body[3:]) if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() == token else None


def is_canonical(token: str) -> bool:
    """Return whether `token` is plain URL-safe Base64: decoders ignore odd characters and left-over bits."""
    try:
        decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    return base64.urlsafe_b64encode(decoded).rstrip(b"=") == token.encode()


def digest(token: str) -> str:
    """Return what is kept of a token that opens something once (SHA-256, hex): not the token itself (threat T-01)."""
    return hashlib.sha256(token.encode()).hexdigest()


def url(base_url: str, page: str, token: str) -> str:
    """Return the URL of a page for recipients.

    :param base_url: of the website that it is on, from the configuration
    :param page: unsubscribe, preferences, why …
    """
    return f"{base_url.rstrip('/')}/consent/{page}/{token}"


def stop_url(base_url: str, token: str) -> str:
    """Return the shortest URL that stops SMS."""
    return f"{base_url.rstrip('/')}/c/{token}"


def stop_tokens(text: str, base_url: str) -> list[str]:
    """Return what stands where `stop_url` puts a token, in each link of a text to that place: signed by us or not."""
    return re.findall(rf"{re.escape(stop_url(base_url, ''))}({_token.pattern})(?![\w/?#&=%-])", text)


def urls(base_url: str, token: str) -> dict[str, str]:
    """Return the URL of each page that has a placeholder."""
    found = {page: url(base_url, page, token) for page in PAGES}
    # "confirm" is the page to subscribe, with the topic of the message alone.
    return found | {"confirm": f"{found['subscribe']}/topic"}


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
