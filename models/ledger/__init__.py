"""The append-only ledger: contact points, events, their evidence, and the records projected from them.

Calls policy. Every other room writes through the verbs of `consent.record`; after a commit the outbox feeds whoever
follows the ledger.
"""

from . import (
    consent_batch,
    consent_contact_point,
    consent_event,
    consent_evidence,
    consent_exhibit,
    consent_intake,
    consent_outbox,
    consent_proving_client,
    consent_purpose,
    consent_record,
    consent_reversal,
    consent_topic,
)
