"""Odoo's client of Twilio, taught to wait, to stop, and to say what it heard."""

import logging

import requests
from odoo.addons.sms_twilio.tools.sms_api import SmsApiTwilio
from urllib3.exceptions import MaxRetryError

from . import twilio_codes

_logger = logging.getLogger(__name__)

STOPPED_STATE = "consent_stopped"


class ConsentSmsApiTwilio(SmsApiTwilio):
    """Sending through Twilio, as Odoo does it, with what a sender needs to know besides.

    Relied on: one call of `_sms_twilio_send_request` for each message, whose answer is read as JSON; a message without
    a result stays in the queue.

    After a batch, `codes` has the error by message (uuid), and `later` the seconds to wait for those to be tried again,
    which certainly were not sent. A request without an answer may have been taken: the message fails, for a person to
    decide. Where the provider breaks (HTTP 5xx), a message waits only once; those in `waited` fail.
    """

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiTwilio.PROVIDER_TO_SMS_FAILURE_TYPE | {STOPPED_STATE: "sms_optout"}

    def __init__(self, env, account=None):
        super().__init__(env, account=account)
        self.codes, self.later, self.parameters, self.waited = {}, {}, {}, set()
        self._stopped_by = self._session = None

    def start(self):
        """Begin with a batch of messages, which may be handed over one by one: what stops it stops the rest."""
        self._stopped_by = None

    def _sms_twilio_send_request(self, session, to_number, body, uuid):
        """Send one message, unless the batch is stopped; never raise for what came back."""
        if self._stopped_by:
            self.later[uuid] = twilio_codes.WAITS[self._stopped_by]
            return None
        self._session = self._session or session  # one connection for all that are handed over one by one
        session = _WithParameters(self._session, self.parameters.get(uuid, {}))
        response = super()._sms_twilio_send_request(session, to_number, body, uuid)
        if response is None:
            self._stopped_by = twilio_codes.SILENT
            if _never_sent(session.failure):
                self.later[uuid] = twilio_codes.WAITS[twilio_codes.SILENT]
            return None
        answer = _json(response)
        if answer is None:
            _logger.warning("Twilio: an answer of status %s that is no JSON", response.status_code)
        if response.ok:
            return response if answer is not None else None
        code = twilio_codes.code_of(response.status_code, answer or {})
        self.codes[uuid] = code
        if code in twilio_codes.WAITS:
            self.later[uuid] = _wait(response, twilio_codes.WAITS[code])
        elif response.status_code >= 500 and uuid not in self.waited:
            self.later[uuid] = _wait(response, twilio_codes.WAITS[twilio_codes.BROKEN])
            self.waited.add(uuid)
        if code in twilio_codes.STOPS_BATCH:
            self._stopped_by = code
        return response if answer is not None else None

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """Leave out what is to be tried again: without a result a message stays where it is."""
        results = super()._send_sms_batch(messages, delivery_reports_url=delivery_reports_url)
        return [result for result in results if result["uuid"] not in self.later]

    def _twilio_error_code_to_odoo_state(self, response_json):
        """Tell a carrier's STOP from an unknown error (requirement R-230)."""
        if twilio_codes.lesson(response_json.get("code") or response_json.get("error_code")) == twilio_codes.STOPPED:
            return STOPPED_STATE
        return super()._twilio_error_code_to_odoo_state(response_json)


class _WithParameters:
    """A session that adds parameters to what is posted; those that are None are taken out.

    Keeps the exception of a request that failed, which Odoo only logs.
    """

    def __init__(self, session, parameters):
        self.session, self.parameters, self.failure = session, parameters, None

    def post(self, url, data, **kwargs):
        data = {name: value for name, value in {**data, **self.parameters}.items() if value is not None}
        try:
            return self.session.post(url, data=data, **kwargs)
        except requests.exceptions.RequestException as failure:
            self.failure = failure
            raise


def _never_sent(failure):
    """Return whether no connection came about, so that the provider cannot have taken the message."""
    if isinstance(failure, requests.exceptions.SSLError):  # also where a connection broke
        return False
    return bool(failure and failure.args and isinstance(failure.args[0], MaxRetryError))


def _json(response):
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _wait(response, default):
    after = response.headers.get("Retry-After", "") if getattr(response, "headers", None) else ""
    return min(int(after), 86400) if after.isascii() and after.isdigit() else default
