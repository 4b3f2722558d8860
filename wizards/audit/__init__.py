"""Dialogs of the room of this name in `models`."""

from . import (
    consent_access_reason,
    consent_as_of,
    consent_export,
)
