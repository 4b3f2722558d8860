"""What the gate answers."""

from typing import NamedTuple

#: In the order in which the gate looks; the first that holds is the reason.
REASONS = [
    ("database_copy", "Copied or neutralised database"),
    ("no_topic", "No topic that may be sent here"),
    ("unusable_address", "Unusable address"),
    ("suppressed", "Suppressed"),
    ("restricted", "Processing restricted"),
    ("objected", "Objected to marketing"),
    ("blacklisted", "On the blacklist"),
    ("withdrawn", "Withdrawn"),
    ("refused", "Refused"),
    ("waiting", "Waiting for confirmation"),
    ("expired", "Expired"),
    ("wording_changed", "Wording changed since"),
    ("evidence_too_weak", "Evidence too weak"),
    ("reply_to_read", "Reply to read"),
    ("paused", "Paused"),
    ("unreachable", "Unreachable"),
    ("carrier_blocked", "Blocked by the carrier"),
    ("no_consent", "No consent"),
    ("gate_error", "Error in the gate"),
]
REASON_CODES = tuple(code for code, _label in REASONS)
#: What a person or an authority said: when another transaction has said so meanwhile, it wins at once.
SILENT_REASONS = frozenset({"no_consent", "waiting", "database_copy", "no_topic"})
#: What keeps marketing back but no question: nobody said no. Whoever is asked waits, so these hold for all who are.
ASKABLE = frozenset({"waiting", "expired", "wording_changed", "evidence_too_weak", "no_consent"})
#: What ends by itself or by somebody's work, and changes nothing in what mirrors show.
PASSING = frozenset({"database_copy", "waiting", "reply_to_read", "paused", "unreachable", "carrier_blocked"})
FAILURE_TYPE = "consent_withheld"
#: Where Odoo has a word of its own for the reason, reports keep speaking it.
_ODOO_FAILURES = {("blacklisted", "email"): "mail_bl", ("blacklisted", "sms"): "sms_blacklist"}


def failure_type(reason: str, channel: str) -> str:
    """Return the failure type under which Odoo's traces and messages show what was withheld."""
    return _ODOO_FAILURES.get((reason, channel), FAILURE_TYPE)


class Verdict(NamedTuple):
    """Whether a message may be sent: allowed because of an event, or withheld for a reason.

    `event_id` is the authorising event of an allowed one; None where silence allows (opt-out mode).
    """

    reason: str | None = None
    event_id: int | None = None
    legal_basis: str | None = None
    address: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether there is no reason against it."""
        return self.reason is None
