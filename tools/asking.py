"""Rules for asking for consent: the question itself is marketing (ePrivacy art. 13)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from .verdict import Verdict

#: Reasons against asking, in addition to those of the gate.
REASONS = [
    ("granted", "Said yes already"),
    ("disowned", "Said of a message that they had not asked for it"),
    ("resting", "Asked, or said no, not long ago"),
    ("no_ground", "No ground to ask"),
]
#: Legal grounds for asking.
GROUNDS = [
    ("opt_out_mode", "Silence counts as a yes here"),
    ("soft_opt_in", "Existing customer"),
    ("country", "The country's profile allows it"),
    ("legal_person", "Company, which its country does not protect like people"),
]
#: Local parts of role addresses (RFC 2142, and similar words in our languages).
IMPERSONAL = frozenset(
    (
        "admin administration administratie administrasjon booking bookings buchhaltung company contact einkauf"
        " facturation faktura hello help hostmaster hr info information invoice invoices jobs kontakt kontor mail"
        " marketing office order orders post postmaster press presse privacy reception reservation reservations"
        " sales service support team verkauf verkoop vertrieb webmaster"
    ).split()
)


class Known(NamedTuple):
    """Facts about an address in addition to the gate's verdict. Times are naive UTC."""

    customer: bool = False  # a soft opt-in is in force
    last_no: datetime | None = None
    last_asked: datetime | None = None
    disowned: bool = False  # reported a message as not requested; left alone for a year


class Law(NamedTuple):
    """The part of a country profile that concerns asking; see `consent.country.profile`."""

    ask_by_mail: bool = False
    legal_persons: str = "opt_in"


def is_impersonal(address: str) -> bool:
    """Return whether an e-mail address is a role address, such as info@."""
    return address.partition("@")[0].partition("+")[0] in IMPERSONAL


def ground(verdict: Verdict, known: Known, law: Law, channel: str, address: str, is_company: bool) -> str | None:
    """Return the legal ground for asking, None if there is none.

    :param verdict: the gate's; allowed without an event means opt-out mode
    :param law: of the person's country
    :param is_company: whether the record is a company
    """
    if verdict.allowed and not verdict.event_id:
        return "opt_out_mode"
    if known.customer:
        return "soft_opt_in"
    if channel != "email":
        return None
    if law.ask_by_mail:
        return "country"
    unprotected = {"opt_in": False, "opt_out": is_company or is_impersonal(address)}
    return "legal_person" if unprotected.get(law.legal_persons, is_impersonal(address)) else None


def reason_against(
    verdict: Verdict, block: Verdict, known: Known, on: str | None, now: datetime, rest: timedelta
) -> str | None:
    """Return the reason against asking, None if asking is allowed.

    :param verdict: the gate's verdict for marketing
    :param block: the gate's verdict for a question, which ignores missing consent
    :param on: see `ground`
    :param rest: waiting time after the last question or no
    """
    if verdict.reason == "waiting":
        return "waiting"  # for an answer, or for the confirmation of a sign-up
    if block.reason:
        return block.reason
    if verdict.allowed and verdict.event_id:
        return "granted"
    if known.disowned:
        return "disowned"
    if not on:
        return "no_ground"
    last = max(filter(None, (known.last_no, known.last_asked)), default=None)
    return "resting" if last and last > now - rest else None
