"""What follows the ledger after a commit: mailing lists, contact tags, blacklists, automation rules.

Calls policy, ledger and gate; the gate never reads a mirror. Called by the outbox.
"""

from . import (
    consent_mirror,
    consent_outbox_automation,
    consent_outbox_blacklist,
    consent_outbox_mirror,
    mailing_list,
    mailing_subscription,
)
