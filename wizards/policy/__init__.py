"""Dialogs of the room of this name in `models`."""

from . import (
    consent_publish,
    consent_simulation,
)
