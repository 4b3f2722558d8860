"""Dialogs of the room of this name in `models`."""

from . import (
    consent_composer,
    consent_preflight,
    mail_compose_message,
    mailing_test,
)
