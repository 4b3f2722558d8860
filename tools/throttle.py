"""How often one may make us write to somebody who has not confirmed anything yet (threats T-07, T-08)."""

from typing import NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86_400
_DOTLESS = {"gmail.com", "googlemail.com"}


class Limit(NamedTuple):
    """At most `count` times in `seconds` for each value of `key` (address, source or all)."""

    key: str
    seconds: int
    count: int


#: For messages that anybody can have us send by typing an address.
LIMITS = (
    Limit("address", 10 * MINUTE, 1),
    Limit("address", DAY, 3),
    Limit("address", 30 * DAY, 5),
    Limit("source", HOUR, 5),
    Limit("source", DAY, 20),
    Limit("all", MINUTE, 60),
)
LONGEST = max(limit.seconds for limit in LIMITS)
#: Time in which an address gets one message and no second.
SHORTEST = min(limit.seconds for limit in LIMITS if limit.key == "address" and limit.count == 1)


def fold(address: str) -> str:
    """Return the mailbox behind an address as far as spellings of it are known: tags, and dots at Gmail.

    For limits only: as to consent, each spelling is an address of its own (threat T-10).
    """
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in _DOTLESS else local}@{domain}"
