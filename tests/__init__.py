from . import test_consent_event, test_consent_record, test_demo, test_mailing_gate, test_tours
