"""Asking for consent: invitations, renewals, and what an existing customer may get.

Calls policy, ledger, addresses, gate, recipients and sending. Called by the web client and crons.
"""

from . import (
    consent_asking,
    consent_customers,
    consent_invitation,
    consent_invitation_variant,
    consent_invitee,
    consent_lifecycle,
)
