"""Log of access to personal data, with user, time and reason."""

from . import (
    consent_access_log,
)
