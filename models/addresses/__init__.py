"""At which addresses a record is written to, and whose address that is.

Calls ledger and policy. Called by the gate's callers, people, sending, imports and invitations.
"""

from . import (
    consent_address,
    consent_address_case,
    consent_audience,
    consent_contact_point,
    consent_lens,
)
