"""Wizards of the settings."""

from . import (
    consent_database_confirm,
)
