"""Dialogs of the room of this name in `models`."""

from . import (
    sms_composer,
    twilio,
)
