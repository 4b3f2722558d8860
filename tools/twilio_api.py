"""Odoo's client of Twilio, taught to wait, to stop, and to say what it heard."""

import logging

from odoo.addons.sms_twilio.tools.sms_api import SmsApiTwilio

from . import twilio_codes

_logger = logging.getLogger(__name__)

STOPPED_STATE = "consent_stopped"


class ConsentSmsApiTwilio(SmsApiTwilio):
    """Sending through Twilio, as Odoo does it, with what a sender needs to know besides.

    Relied on: one call of `_sms_twilio_send_request` for each message, whose answer is read as JSON; a message without
    a result stays in the queue.

    After a batch, `codes` has the error by message (uuid), and `later` the seconds to wait for those to be tried again.
    """

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiTwilio.PROVIDER_TO_SMS_FAILURE_TYPE | {STOPPED_STATE: "sms_optout"}

    def __init__(self, env, account=None):
        super().__init__(env, account=account)
        self.codes, self.later, self.parameters = {}, {}, {}
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
    """A session that adds parameters to what is posted; those that are None are taken out."""

    def __init__(self, session, parameters):
        self.session, self.parameters = session, parameters

    def post(self, url, data, **kwargs):
        data = {name: value for name, value in {**data, **self.parameters}.items() if value is not None}
        return self.session.post(url, data=data, **kwargs)


def _json(response):
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _wait(response, default):
    after = response.headers.get("Retry-After", "") if getattr(response, "headers", None) else ""
    return min(int(after), 86400) if after.isascii() and after.isdigit() else default
