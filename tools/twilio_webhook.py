"""Whether a call comes from Twilio: its SDK decides, on everything that a proxy may have changed (R-221 … R-224)."""

import re
from collections.abc import Iterable

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
_signature = re.compile(r"[A-Za-z0-9+/=]{20,200}")
_account = re.compile(r"AC[A-Za-z0-9]{32}")


def account(form) -> str | None:
    """Return the account that the call says it comes from: the one thing that is read before it is verified."""
    sid = form.get("AccountSid") or ""
    return sid if _account.fullmatch(sid) else None


def is_genuine(form, headers, urls: Iterable[str], tokens: Iterable[str], shared_key: str | None = None) -> bool:
    """Return whether Twilio signed the call with one of our secrets, for one of the addresses we may be known under.

    :param form: the form as posted, with blank and repeated values (a MultiDict)
    :param headers: of the request
    :param urls: without fragments, with the query as it came
    :param tokens: auth tokens that are valid; empty ones are passed over
    :param shared_key: where there is one, only SHA-256 made with it counts: no header talks us down to less
    :raises ImportError: the SDK is not installed
    """
    from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm

    signature = headers.get(SIGNATURE) or ""
    if not _signature.fullmatch(signature):
        return False
    algorithm = get_signature_algorithm(headers.get(SETTINGS)).upper()
    if algorithm != (HMAC_SHA256 if shared_key else HMAC_SHA1):
        return False
    validators = [RequestValidator(secret) for secret in ([shared_key] if shared_key else filter(None, tokens))]
    try:
        return any(
            validator.validate(url, form, signature, algorithm)
            for url in dict.fromkeys(urls)
            for validator in validators
        )
    except ValueError:  # an impossible port, half a character: nothing that Twilio would have signed
        return False
