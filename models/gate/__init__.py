"""Verdicts: may this topic be sent over this channel to this address now, and if not, why.

Calls policy, ledger and addresses. Called by everything that sends, counts or asks.
"""

from . import (
    consent_database,
    consent_frequency,
    consent_gate,
    consent_past,
    consent_timing,
    consent_warning,
    mail_blacklist,
)
