"""What only Twilio knows: telling it what people chose, and comparing daily."""

from . import (
    consent_provider_sync,
)
