from . import (
    consent_access_reason,
    consent_as_of,
    consent_export,
    consent_preflight,
    consent_publish,
    consent_simulation,
    consent_sms_setup,
    consent_staff_change,
    consent_takeover,
    mail_compose_message,
    mailing_test,
    sms_composer,
)
