"""May somebody be asked for consent? A question is marketing itself (ePrivacy art. 13; requirements R-010, R-085)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from .verdict import Verdict

#: Why somebody is not asked, beside the reasons of the gate.
REASONS = [
    ("granted", "Said yes already"),
    ("disowned", "Said of a message that they had not asked for it"),
    ("resting", "Asked, or said no, not long ago"),
    ("no_ground", "No ground to ask"),
]
#: On which ground somebody is asked.
GROUNDS = [
    ("opt_out_mode", "Silence counts as a yes here"),
    ("soft_opt_in", "Existing customer"),
    ("country", "The country's profile allows it"),
    ("legal_person", "Company, which its country does not protect like people"),
]
#: Local parts that name a function and nobody in it (RFC 2142, and their like in our languages; requirement R-054).
IMPERSONAL = frozenset(
    (
        "admin administration administratie administrasjon booking bookings buchhaltung company contact einkauf"
        " facturation faktura hello help hostmaster hr info information invoice invoices jobs kontakt kontor mail"
        " marketing office order orders post postmaster press presse privacy reception reservation reservations"
        " sales service support team verkauf verkoop vertrieb webmaster"
    ).split()
)


class Known(NamedTuple):
    """What we know of an address beside the gate's verdict. Times are naive UTC."""

    customer: bool = False  # a soft opt-in of theirs holds
    last_no: datetime | None = None
    last_asked: datetime | None = None
    disowned: bool = False  # they said that they had not asked for what we sent: it is left alone for a year


class Law(NamedTuple):
    """What a country profile says about asking; see `consent.country.profile`."""

    ask_by_mail: bool = False
    legal_persons: str = "opt_in"


def is_impersonal(address: str) -> bool:
    """Return whether an e-mail address names a function, as info@ does, and no person."""
    return address.partition("@")[0].partition("+")[0] in IMPERSONAL


def ground(verdict: Verdict, known: Known, law: Law, channel: str, address: str, is_company: bool) -> str | None:
    """Return the ground on which somebody may be asked, None where there is none.

    :param verdict: the gate's, allowed without an event where silence counts as a yes
    :param law: of the country where they are
    :param is_company: whether the record stands for a company
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
    """Return why somebody must not be asked, None where they may.

    :param verdict: the gate's for marketing
    :param block: the gate's for a question, for which nobody's silence counts
    :param on: see `ground`
    :param rest: for how long nobody is asked again who was asked, or said no to something else
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
