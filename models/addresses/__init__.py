"""At which addresses a record is written to, and whose address that is.

Calls ledger and policy. Called by the gate's callers, people, sending, imports and invitations.
"""

from . import (
    consent_audience,
)
