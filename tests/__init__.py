from . import (
    test_concurrency,
    test_consent_event,
    test_consent_record,
    test_coverage,
    test_demo,
    test_gate_mutation,
    test_install,
    test_mailing_gate,
    test_security,
    test_survival,
    test_tours,
)
