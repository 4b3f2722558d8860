from . import test_consent_event, test_mailing_gate, test_tours
