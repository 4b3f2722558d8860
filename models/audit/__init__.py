"""Who looked at personal data, when and why."""

from . import (
    consent_access_log,
)
