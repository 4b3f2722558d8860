"""Rate limits on messages that a visitor can trigger to an unconfirmed address."""

from typing import NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86_400
_DOTLESS = {"gmail.com", "googlemail.com"}


class Limit(NamedTuple):
    """At most `count` times in `seconds` for each value of `key` (address, source or all)."""

    key: str
    seconds: int
    count: int


#: For messages that any visitor can trigger by typing an address. Visitors are not told about them (T-03).
ADDRESS_LIMITS = (
    Limit("address", 10 * MINUTE, 1),
    Limit("address", DAY, 3),
    Limit("address", 30 * DAY, 5),
)
#: For the forms that trigger them. The visitor is told.
FORM_LIMITS = (
    Limit("source", HOUR, 5),
    Limit("source", DAY, 20),
    Limit("all", MINUTE, 60),
)
#: For boxes on forms about something else, which nobody can send again. Staff see what is over the limit.
BOX_LIMITS = (
    Limit("source", HOUR, 60),
    Limit("source", DAY, 200),
    Limit("all", MINUTE, 120),
)
LONGEST = max(limit.seconds for limit in ADDRESS_LIMITS + FORM_LIMITS + BOX_LIMITS)
#: Time in which an address gets one message at most.
SHORTEST = min(limit.seconds for limit in ADDRESS_LIMITS if limit.count == 1)


def fold(address: str) -> str:
    """Return the mailbox behind an address: without tags, and without dots at Gmail.

    For limits only. For consent, each spelling is a separate address.
    """
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in _DOTLESS else local}@{domain}"
