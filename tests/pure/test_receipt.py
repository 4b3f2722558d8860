import json
import uuid
from datetime import datetime

import pytest

from ...tools import receipt, transitions

#: Mandatory by the guide to ISO/IEC TS 27560 (requirements table 8.5), by section.
MANDATORY = {
    "record_metadata": {"schema_version", "record_id", "pii_principal_id"},
    "pii_processing": {
        *("privacy_notice", "language", "purposes", "jurisdiction", "recipient_third_parties", "withdrawal_method"),
        *("privacy_rights", "storage_locations", "retention_period"),
    },
    "party_identification": {"party_id", "party_name", "party_address", "party_contact", "party_type", "party_role"},
    "consent_events": {"event_time", "validity_duration", "entity_id", "event_type", "event_state"},
}
OF_A_PURPOSE = {"purpose", "purpose_type", "lawful_basis", "pii_information", "pii_controllers", "collection_method"}
OF_PII = {"pii_type", "pii_attribute_id", "pii_optional", "sensitive_pii_category", "special_pii_category"}

CONSENT = {
    **{"principal": "5f" * 16, "topic": "news", "topic_name": "News", "purpose": "News about lamps"},
    **{"purpose_kind": "marketing", "description": "", "channel": "email", "legal_basis": "consent"},
    **{"notice": "https://lumen.example/privacy", "notice_digest": "ab", "language": "en", "jurisdiction": "BE"},
    **{"collection": "Preference page", "retention": "until withdrawn", "withdrawal": "https://lumen.example/consent"},
    "recipients": ["https://w3id.org/dpv#DataProcessor"],
}
CONTROLLER = {
    **{"id": "company-1", "name": "Lumen Lamps", "address": "Ghent", "email": "", "phone": "", "url": ""},
}
EVENT = {
    **{"type": "given", "resulting_state": "granted", "source": "preference_page", "actor": "data subject"},
    **{"occurred_at": datetime(2026, 1, 2, 3, 4, 5, 678), "valid_until": None},
}


def sections(record):
    return {name: part if isinstance(part, list) else [part] for name, part in record.items()}


def test_a_receipt_has_every_mandatory_field_and_none_of_them_empty():
    made = receipt.receipt([receipt.record(CONSENT, CONTROLLER, [EVENT])], EVENT["occurred_at"])
    assert {"schema_version", "receipt_id"} <= made["receipt_metadata"].keys()
    (record,) = json.loads(json.dumps(made))["consent_records"]
    assert sections(record).keys() == MANDATORY.keys()
    for section, parts in sections(record).items():
        for part in parts:
            assert all(part.get(name) not in (None, "", []) for name in MANDATORY[section]), section
    (purpose,) = record["pii_processing"]["purposes"]
    assert all(purpose.get(name) for name in OF_A_PURPOSE)
    assert all(part.keys() == OF_PII for part in purpose["pii_information"])


def test_a_consent_keeps_its_identifier_and_a_receipt_has_its_own():
    first, second = (receipt.receipt([receipt.record(CONSENT, CONTROLLER, [])], EVENT["occurred_at"]) for _ in "12")
    assert first["consent_records"] == second["consent_records"]
    assert first["receipt_metadata"]["receipt_id"] != second["receipt_metadata"]["receipt_id"]
    identifiers = {
        receipt.record_id(*key)
        for key in (("a", "news", "1"), ("a", "news", "2"), ("a", "new", "s1"), ("b", "news", "1"))
    }
    assert len(identifiers) == 4
    assert {uuid.UUID(identifier).version for identifier in identifiers} == {4}


@pytest.mark.parametrize(("state", "_label"), transitions.STATES)
def test_every_state_has_one_status_and_only_granted_ones_allow_processing(state, _label):
    allows = receipt.status("paused", state).endswith("ConsentGiven")
    assert allows == (state == transitions.GRANTED)


def test_a_bounce_is_no_change_of_consent_and_an_objection_is_one():
    assert receipt.status("bounced", "granted") == receipt.status("given", "granted")
    assert receipt.status("objected", "none") == receipt.DPV + "ConsentWithdrawn"
    assert receipt.status("renewed", "granted") == receipt.DPV + "RenewedConsentGiven"


def test_times_say_that_they_are_utc():
    record = receipt.record(CONSENT, CONTROLLER, [EVENT, EVENT | {"valid_until": datetime(2027, 1, 1)}])
    times = [(event["event_time"], event["validity_duration"]) for event in record["consent_events"]]
    assert times == [
        ("2026-01-02T03:04:05Z", "until withdrawn"),
        ("2026-01-02T03:04:05Z", "2027-01-01T00:00:00Z"),
    ]
