from . import consent_export, mail_compose_message, mailing_test, sms_composer
