"""Consent for other systems, over RPC.

Calls policy, ledger, gate and recipients. Called by other systems only.
"""

from . import (
    consent_api,
    consent_api_call,
)
