"""What recipients meet: links, pages, sign-up, confirmation, preferences, receipts, mail that comes in.

Calls policy, ledger, addresses and gate. Called by the controllers of the same name, sending and invitations.
"""

from . import (
    consent_access,
    consent_capture,
    consent_confirmation,
    consent_correction,
    consent_inbound,
    consent_leaving,
    consent_link,
    consent_neighbour,
    consent_outbox_receipt,
    consent_page,
    consent_preferences,
    consent_receipt,
    consent_reply,
    consent_request,
    consent_submission,
    consent_throttle,
    consent_used_link,
    ir_http,
    res_users,
)
