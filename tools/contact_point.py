"""Contact points: one spelling for every address, so that a no holds however the address is written."""

import hmac
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import idna
import phonenumbers

EMAIL, SMS, WEB = "email", "sms", "web"
CHANNELS = (EMAIL, SMS, WEB)

#: Addresses that are canonical as they stand. For Python's `re` and for PostgreSQL's `~`, where it serves as fast path.
PLAIN_EMAIL = (
    r"^[a-z0-9_+-]{1,30}(\.[a-z0-9_+-]{1,30}){0,1}"
    r"@([a-z0-9]{1,30}(-[a-z0-9]{1,20}){0,1}\.){1,3}[a-z]{2,24}$"
)
E164 = r"^\+[1-9][0-9]{6,14}$"
_plain_email = re.compile(PLAIN_EMAIL)
_e164 = re.compile(E164)
_local_part = re.compile(r"[^\s@,;:<>()\[\]\\\"\ud800-\udfff]{1,64}")
_dot_atom = re.compile(r'"([^\s@,;:<>()\[\]\\"]+)"')
_domain = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+([a-z]+|xn--[a-z0-9-]*[a-z0-9])")
_web = re.compile(r"[A-Za-z0-9_-]{16,64}")
_several_numbers = re.compile(r"\d{5}[^\d+]*[/;,|&\n][^\d]*\d{5}|\+.*\+")
_anonymous = re.compile(r"@(anonymi[sz]ed\.|.*\.invalid$)")
_JOINERS = "\u200c\u200d"  # meaningful in the domain names of some scripts (RFC 5892 appendix A)


class Addresses(NamedTuple):
    """What a field holds: canonical addresses, and texts that a message might go to but that have no canonical form."""

    usable: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()


def canonical(channel: str, text: str, country_code: str | None = None) -> str | None:
    """Return the one spelling of an address in `channel`, or None where it is unusable.

    :param channel: a value of `CHANNELS`
    :param text: as somebody wrote it
    :param country_code: ISO 3166 alpha-2, for numbers without a country
    """
    if channel == EMAIL:
        return canonical_email(text)
    if channel == SMS:
        return canonical_phone(text, country_code)
    return text if channel == WEB and _web.fullmatch(text) else None


def canonical_email(text: str) -> str | None:
    """Return the one address in `text`, None where there is none, more than one, or an unusable one.

    Case, zero-width characters, composition (Unicode NFC), a trailing dot and the two forms of an international domain
    (RFC 5890) make no difference. Dots and plus-tags of the local part do: they are other mailboxes elsewhere.
    """
    if plain := _plain(text):
        return plain
    found = {_canonical_address(address) for address in _split(text)}
    return found.pop() if len(found) == 1 else None


def canonical_emails(text: str) -> Addresses:
    """Return all addresses in a free-form field, as Odoo finds them there to send to."""
    if plain := _plain(text):
        return Addresses((plain,), ())
    found = {address: _canonical_address(address) for address in _split(text)}
    if not found and text.strip():
        return Addresses((), (text,))
    usable = dict.fromkeys(address for address in found.values() if address)
    return Addresses(tuple(usable), tuple(text for text, address in found.items() if not address))


def is_plain(text: str) -> bool:
    """Return whether a text is one e-mail address of the usual letters, and nothing else."""
    return bool(_plain(text))


def canonical_phone(text: str, country_code: str | None = None) -> str | None:
    """Return the number in E.164, None where it is unusable; a missing country is never guessed.

    The same number that Odoo derives (`phone_sanitized`), or its blacklists would speak of others than we do.
    """
    from odoo.addons.phone_validation.tools import phone_validation
    from odoo.exceptions import UserError

    text = _visible(text).strip()
    if _e164.match(text) is None and (not text or len(text) > 40 or _several_numbers.search(text)):
        return None
    try:
        number = phone_validation.phone_format(text, country_code, None, force_format="E164")
    except UserError:
        return None
    return number if is_e164(number) else None


def is_e164(text: str) -> bool:
    """Return whether `text` is an international number in E.164, as providers and Odoo store it."""
    return bool(_e164.match(text)) and text.isascii()


def is_international(text: str) -> bool:
    """Return whether a written number names its country: +32 …, 0032 …"""
    return text.strip().lstrip("(").startswith(("+", "00", "＋"))


def phone_region(address: str) -> str | None:
    """Return the country of a number in E.164 (ISO 3166 alpha-2), None where it has none, or is no number."""
    if not is_e164(address):
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return None


def is_anonymous(address: str) -> bool:
    """Return whether nobody is behind `address`: what a record gets that was made anonymous (RFC 2606 §2)."""
    return bool(_anonymous.search(address))


def mask(channel: str, address: str) -> str:
    """Return `address` so that its owner knows it again and nobody else learns it."""
    if channel == EMAIL:
        local, _at, domain = address.rpartition("@")
        host, _dot, top = domain.rpartition(".")
        return f"{local[:1]}•••@{host[:1]}•••.{top}"
    return f"{address[:3]}•••{address[-3:]}" if channel == SMS else f"{address[:4]}•••"


def address_hash(key: bytes, channel: str, address: str) -> str:
    """Return the keyed hash of a canonical address in hex (HMAC-SHA256).

    Keyed, since all phone numbers can be hashed in seconds (requirement R-062).
    """
    return hmac.digest(key, f"{channel}:{address}".encode(), "sha256").hex()


def _plain(text):
    plain = text.strip().lower()
    return plain if _plain_email.match(plain) and plain.isascii() else None


def _split(text):
    from odoo.tools.mail import email_split

    # What Odoo finds counts as it stands: an invisible character may hide an address from it, or part one in two.
    visible = _visible(text).strip()
    return list(dict.fromkeys([*email_split(visible), *(email_split(text) if visible != text else ())]))


def _canonical_address(address):
    local, at, domain = _visible(address).strip().rpartition("@")
    local, domain = _canonical_local(local), _canonical_domain(domain)
    usable = at and local and domain and _local_part.fullmatch(local)
    return f"{local}@{domain}" if usable and len(f"{local}@{domain}".encode()) <= 254 else None


def _canonical_local(local):
    quoted = _dot_atom.fullmatch(local)
    local = quoted[1] if quoted else local
    local = "".join(char for char in local if char not in _JOINERS)
    # Folding case can undo the composition and the other way round: until neither changes anything.
    while (folded := unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).casefold())) != local:
        local = folded
    return local


@lru_cache(maxsize=4096)  # a list of people has few domains, and each costs 20 µs
def _canonical_domain(domain):
    domain = domain.strip().rstrip(".").lower()
    without_joiners = "".join(char for char in domain if char not in _JOINERS)
    try:
        domain = without_joiners if without_joiners.isascii() else domain
        encoded = idna.encode(domain, uts46=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return None
    return encoded if _domain.fullmatch(encoded) else None


def _visible(text):
    """Return `text` without control and format characters (zero-width spaces, byte order marks …)."""
    return "".join(
        " " if char in "\r\n\t" else char
        for char in text
        if char in "\r\n\t" + _JOINERS or unicodedata.category(char) not in ("Cc", "Cf")
    )
