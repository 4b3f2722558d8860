"""What staff see at a record with an address: panel, status, search, proof.

Calls the rooms above it. Called by the web client.
"""

from . import (
    consent_lens,
    consent_lens_merge,
    consent_panel,
    consent_proof,
    consent_record_carrier,
    consent_search,
    consent_status,
)
