from . import consent_export, consent_preflight, mail_compose_message, mailing_test, sms_composer
