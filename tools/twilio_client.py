"""Twilio's own client: always with a time-out, never with numbers or secrets in the log (R-235, T-20)."""

import logging

TIMEOUT = 5  # seconds; the SDK's default is for ever
CONSENTS_PER_CALL = 25
CALLS_PER_MINUTE = 100

_quiet = logging.getLogger("odoo.addons.marketing_consent.twilio.silent")
_quiet.setLevel(logging.CRITICAL)  # the SDK writes whole requests to the log


def client(account_sid: str, auth_token: str):
    """Return a client for an account. The SDK is imported here: it takes 20 MB that few processes need.

    :raises ImportError: the SDK is not installed
    """
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    return Client(account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT, max_retries=0, logger=_quiet))


def trouble(error: Exception) -> tuple[str, bool]:
    """Return what went wrong, without addresses or secrets, and whether trying again may help."""
    from twilio.base.exceptions import TwilioRestException

    if isinstance(error, TwilioRestException):
        return f"HTTP {error.status}, {error.code or 'no code'}", error.status == 429 or error.status >= 500
    return type(error).__name__, True


def masked(secret: str | None) -> str:
    """Return a secret so that one can tell two apart and use neither."""
    return f"{secret[:2]}•••{secret[-2:]}" if secret and len(secret) > 12 else "•••" if secret else ""
