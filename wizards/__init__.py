from . import (
    consent_access_reason,
    consent_as_of,
    consent_export,
    consent_preflight,
    consent_publish,
    consent_staff_change,
    consent_sms_setup,
    mail_compose_message,
    mailing_test,
    sms_composer,
)
