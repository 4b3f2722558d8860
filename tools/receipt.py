"""Consent receipts: JSON in the structure of ISO/IEC TS 27560:2023.

The four sections and their field names follow the guide of the W3C Data Privacy Vocabularies group to that
specification.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from . import transitions

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560"
DPV = "https://w3id.org/dpv#"
GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"

PURPOSES = {
    "marketing": "DirectMarketing",
    "tracking": "UserInterfacePersonalisation",
    "profiling": "Personalisation",
    "sharing": "ThirdPartyMarketing",
}
LEGAL_BASES = {
    "consent": "A6-1-a",
    "soft_opt_in": "A6-1-f",
    "contract": "A6-1-b",
    "legitimate_interest": "A6-1-f",
}
PII = {"email": "EmailAddress", "sms": "TelephoneNumber", "web": "DeviceIdentifier"}
STATUS = {
    transitions.NONE: "ConsentUnknown",
    transitions.GRANTED: "ConsentGiven",
    transitions.REFUSED: "ConsentRefused",
    transitions.WITHDRAWN: "ConsentWithdrawn",
    transitions.EXPIRED: "ConsentExpired",
    transitions.REVOKED: "ConsentInvalidated",
}
#: Event types with a status of their own, more specific than the resulting state.
STATUS_BY_TYPE = {
    "requested": "ConsentRequested",
    "renewed": "RenewedConsentGiven",
    "objected": "ConsentWithdrawn",
    "suppressed": "ConsentWithdrawn",
}
#: Sources in which the person acted; other sources are statements by staff or systems.
EXPLICIT_SOURCES = frozenset({"web_form", "double_opt_in", "preference_page", "one_click", "sms_keyword"})
RIGHTS = ["A7-3", "A13", "A15", "A16", "A17", "A18", "A20", "A21", "A77"]


def status(event_type: str, resulting_state: str) -> str:
    """Return the IRI of the consent status of an event. Bounces and pauses do not change it."""
    return DPV + STATUS_BY_TYPE.get(event_type, STATUS[resulting_state])


def record_id(principal: str, topic: str, company: str) -> str:
    """Return the UUID of a consent: stable across receipts and independent of database ids.

    :param principal: random identifier of the contact point
    """
    digest = hashlib.sha256("\n".join((principal, topic, company)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def receipt(records: Iterable[Mapping], issued_at: datetime) -> dict:
    """Return a receipt of `records` (see `record`), with its own identifier."""
    return {
        "receipt_metadata": {
            "schema_version": SCHEMA,
            "receipt_id": str(uuid.uuid4()),
            "issued_at": time(issued_at),
        },
        "consent_records": list(records),
    }


def record(consent: Mapping, controller: Mapping, events: Iterable[Mapping]) -> dict:
    """Return one consent: header, processing, parties and events.

    :param consent: mapping with principal, topic, topic_name, purpose, purpose_kind, description, channel,
        legal_basis, notice, notice_digest, language, jurisdiction, collection, retention, withdrawal, recipients
    :param controller: mapping with id, name, address, email, phone, url
    :param events: mappings with type, resulting_state, source, actor, occurred_at, valid_until; oldest first
    """
    return {
        "record_metadata": {
            "schema_version": SCHEMA,
            "record_id": record_id(consent["principal"], consent["topic"], controller["id"]),
            "pii_principal_id": consent["principal"],
        },
        "pii_processing": _processing(consent, controller),
        "party_identification": [_party(controller)],
        "consent_events": [_event(event) for event in events],
    }


def _processing(consent, controller):
    return {
        "privacy_notice": consent["notice"],
        "privacy_notice_digest": consent["notice_digest"],
        "language": consent["language"],
        "purposes": [{**_purpose(consent), "pii_controllers": [controller["id"]]}],
        "jurisdiction": consent["jurisdiction"],
        "recipient_third_parties": consent["recipients"],
        "withdrawal_method": consent["withdrawal"],
        "privacy_rights": [GDPR + right for right in RIGHTS],
        "storage_locations": [consent["jurisdiction"]],
        "retention_period": consent["retention"],
    }


def _purpose(consent):
    return {
        "purpose": consent["purpose"],
        "purpose_type": DPV + PURPOSES[consent["purpose_kind"]],
        "purpose_description": consent["description"],
        "service": consent["topic_name"],
        "lawful_basis": GDPR + LEGAL_BASES[consent["legal_basis"]],
        "collection_method": consent["collection"],
        "processing_method": "https://w3id.org/dpv#Use",
        "pii_information": [
            {
                "pii_type": f"https://w3id.org/dpv/pd#{PII[consent['channel']]}",
                "pii_attribute_id": consent["channel"],
                "pii_optional": True,
                "sensitive_pii_category": False,
                "special_pii_category": False,
            }
        ],
    }


def _party(controller):
    return {
        "party_id": controller["id"],
        "party_type": DPV + "Organisation",
        "party_role": DPV + "DataController",
        "party_name": controller["name"],
        "party_address": controller["address"],
        "party_email": controller["email"],
        "party_phone": controller["phone"],
        "party_url": controller["url"],
        "party_contact": controller["email"] or controller["phone"] or controller["address"],
    }


def _event(event):
    explicit = event["source"] in EXPLICIT_SOURCES
    return {
        "event_time": time(event["occurred_at"]),
        "validity_duration": time(event["valid_until"]) if event["valid_until"] else "until withdrawn",
        "entity_id": event["actor"],
        "event_type": DPV + ("ExplicitlyExpressedConsent" if explicit else "ExpressedConsent"),
        "event_state": status(event["type"], event["resulting_state"]),
        "event_name": event["type"],
        "event_source": event["source"],
    }


def time(moment: datetime) -> str:
    """Return a naive UTC time in ISO 8601."""
    return moment.replace(microsecond=0).isoformat() + "Z"
