"""What a mail to us means: unsubscribe, erase, a spam complaint, a bounce for good, or nothing of ours."""

import re
import unicodedata
from email.message import EmailMessage
from typing import NamedTuple

#: Words by which people unsubscribe in English, Dutch, Norwegian, Swedish, Danish, German, French, Spanish, Italian.
WITHDRAWAL = (
    *("unsubscribe", "opt out", "optout", "remove me", "stop", "afmelden", "uitschrijven", "schrijf me uit"),
    *("avmeld", "meld meg av", "avregistrera", "avsluta", "avprenumerera", "afmeld", "frameld"),
    *("abmelden", "abbestellen", "austragen", "desabonner", "desinscrire", "desinscription", "baja", "cancellami"),
)
#: Beginnings of words by which people ask for erasure (GDPR art. 17). A person decides: some things must be kept.
ERASURE = (
    *("verwijder", "wis mijn", "losch", "slett", "slet mig", "slet mine", "radera", "ta bort mina", "efface"),
    *("supprime", "delete", "erase", "forget me", "vergeet mij", "glem meg", "glom mig", "vergiss mich"),
)
MAX_TEXT = 2000
WITHDRAW, ERASE = "withdraw", "erase"
#: RFC 3463: bad destination mailbox or system, mailbox moved or disabled; "user unknown" and the like.
HARD_BOUNCE = re.compile(r"5\.(1\.[0126]|2\.1)\b")
_token = re.compile(r"\bunsubscribe[\s_:]+([A-Za-z0-9_-]{26,64})\b", re.IGNORECASE)
_our_link = re.compile(r"/(?:consent/unsubscribe|c)/([A-Za-z0-9_-]{26,64})")
_answer = re.compile(r"^\s*>|^\s*(on|op|am|le|den|el|il)\b.{0,200}\b(wrote|schreef|schrieb|ecrit|skrev)\b", re.I)


class Complaint(NamedTuple):
    """A spam complaint in the Abuse Reporting Format (RFC 5965)."""

    kind: str
    token: str | None
    recipient: str | None


def token(subject: str) -> str | None:
    """Return the token in the subject of a mail that unsubscribes, as our List-Unsubscribe header asks for it."""
    found = _token.search(subject or "")
    return found[1] if found else None


def meaning(subject: str, text: str) -> str | None:
    """Return `WITHDRAW`, `ERASE` or None by the words that a person wrote, whatever their case and accents.

    :param text: the plain text; what it quotes does not count, or every answer to a mailing would unsubscribe
    """
    own = _plain(f"{subject or ''}\n{_unquoted(text or '')[:MAX_TEXT]}")
    if any(re.search(rf"\b{re.escape(word)}", own) for word in ERASURE):
        return ERASE
    if any(re.search(rf"\b{re.escape(word)}\b", own) for word in WITHDRAWAL):
        return WITHDRAW
    return None


def is_automatic(message: EmailMessage) -> bool:
    """Return whether a program wrote `message`: it is neither acted on nor answered (RFC 3834 §2)."""
    if (message["Auto-Submitted"] or "no").partition(";")[0].strip().lower() != "no":
        return True
    if (message["Precedence"] or "").strip().lower() in ("bulk", "list", "junk"):
        return True
    return (message["Return-Path"] or "").strip() == "<>" or any(name.lower().startswith("list-") for name in message)


def complaint(message: EmailMessage) -> Complaint | None:
    """Return the spam complaint that `message` is, None where it is none.

    Whom it is about is found by our own link in the mail complained of: reporters black out the address.
    """
    parts = list(message.walk())
    report = next((part for part in parts if part.get_content_type() == "message/feedback-report"), None)
    if report is None:
        return None
    fields = _fields(report)
    original = "\n".join(part.as_string() for part in parts[1:] if part.get_content_type() in _ORIGINAL)
    link = _our_link.search(original.replace("=\n", "").replace("\n ", ""))
    recipient = fields.get("original-rcpt-to") or ""
    return Complaint(fields.get("feedback-type", "other").lower(), link and link[1], recipient.strip(" <>") or None)


def hard_bounces(message: EmailMessage) -> list[str]:
    """Return the addresses that `message`, a delivery report (RFC 3464), says do not exist."""
    found = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = [dict(_lower(group.items())) for group in part.get_payload() if not isinstance(group, str)]
            found += [
                group["final-recipient"].rpartition(";")[2].strip(" <>")
                for group in groups
                if group.get("final-recipient")
                and group.get("action", "").lower() == "failed"
                and HARD_BOUNCE.match(group.get("status", ""))
            ]
    return found


_ORIGINAL = ("message/rfc822", "text/rfc822-headers")


def _fields(part):
    payload = part.get_payload()
    if isinstance(payload, list):  # the parser takes it for a message that has only headers
        return dict(_lower(payload[0].items()))
    lines = (
        line.partition(":") for line in (part.get_payload(decode=True) or b"").decode("ascii", "replace").splitlines()
    )
    return dict(_lower((name, value.strip()) for name, colon, value in lines if colon))


def _lower(items):
    return ((name.strip().lower(), str(value)) for name, value in items)


def _unquoted(text):
    lines = []
    for line in text.splitlines():
        if _answer.search(_plain(line)):
            break
        lines.append(line)
    return "\n".join(lines)


def _plain(text):
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("å", "a"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
