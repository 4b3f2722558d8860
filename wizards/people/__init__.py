"""Dialogs of the room of this name in `models`."""

from . import (
    base_partner_merge,
    consent_disown,
    consent_staff_change,
)
