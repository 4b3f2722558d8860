import logging

from odoo import SUPERUSER_ID, api, http
from odoo.addons.sms_twilio.controllers.controllers import SmsTwilioController
from odoo.http import request
from odoo.tools.urls import urljoin
from werkzeug.exceptions import BadRequest

from ....tools import contact_point, keywords, retry, twilio_webhook

_logger = logging.getLogger(__name__)

INCOMING = "/consent/sms/twilio"
MAX_BODY = 16 * 1024
#: What Twilio says of messages beyond the states that Odoo knows (requirement R-228).
OTHER_STATUS = {"read": "delivered", "partially_delivered": "delivered"}
#: Twilio treats them as one channel with SMS; WhatsApp is another (requirement R-207).
PREFIXES = ("rcs:",)


class Twilio(SmsTwilioController):
    """What Twilio tells us. Its signature is verified before anything else is read."""

    @http.route(INCOMING, type="http", auth="public", methods=["POST"], csrf=False, save_session=False, sitemap=False)
    def incoming(self, **_form):
        """Take an SMS that somebody sent to us, and answer it (requirements R-220 … R-227)."""
        company = self._caller()
        if not company:
            return request.make_response("", status=403)
        form = request.httprequest.form
        company = self._addressee(company, form)
        number = _number(form.get("From"))
        if not company or not number:
            _logger.info("Twilio: an incoming message is not for us")
            return _twiml()
        return _twiml(self._receive(company, number, form))

    def _receive(self, company, number, form):
        """Act in a transaction of its own, so that a rival for the same number delays it and never loses it."""
        text = _text(form, "Body")
        reference = _text(form, "MessageSid") or _text(form, "SmsSid")
        trusted = (form.get("OptOutType") or "").lower()
        trusted = trusted if trusted in keywords.TWILIO_DEFAULTS else None
        acts = trusted or request.env["consent.incoming.sms"]._provider_acts(company, text)

        def work(cr):
            env = api.Environment(cr, SUPERUSER_ID, {})
            return env["consent.incoming.sms"]._receive(
                env["res.company"].browse(company.id),
                number,
                text,
                reference=reference[:64] or None,
                recipient=_text(form, "To")[:64],
                provider_action=acts,
                provider_blocks=bool(acts),
            )

        return retry.in_new_transaction(request.env.registry, work)

    def _caller(self):
        """Return the companies whose account the call comes from; none where it is not Twilio's."""
        http_request = request.httprequest
        if (
            http_request.content_length or 0
        ) > MAX_BODY or http_request.mimetype != "application/x-www-form-urlencoded":
            return request.env["res.company"]
        sid = twilio_webhook.account(http_request.form)
        companies = request.env["res.company"].sudo()
        companies = companies.search([("sms_twilio_account_sid", "=", sid)]) if sid else companies
        return companies.filtered(self._is_genuine)

    def _is_genuine(self, company):
        http_request = request.httprequest
        query = http_request.query_string.decode("latin-1")
        target = http_request.path + (f"?{query}" if query else "")
        bases = (company.consent_twilio_url, company.get_base_url())
        urls = [*(urljoin(base, target) for base in bases if base), http_request.url]
        tokens = (company.sms_twilio_auth_token, company.consent_twilio_old_token)
        return twilio_webhook.is_genuine(
            http_request.form, http_request.headers, urls, tokens, company.consent_twilio_shared_key
        )

    def _addressee(self, companies, form):
        """Return the one company whose sender the message came to; none where it is nobody's."""
        service, number = form.get("MessagingServiceSid"), _number(form.get("To"))
        for company in companies:
            if service and service == company.consent_twilio_service_sid:
                return company
            if number and number in company.sms_twilio_number_ids.mapped("number"):
                return company
        return None

    @http.route()
    def update_sms_status(self, uuid, SmsStatus=None, ErrorCode=None, ErrorMessage=None, **kwargs):
        """Understand statuses that Odoo does not know. Relied on: it answers 404 to whatever it does not take."""
        if any("\0" in (text or "") for text in (uuid, SmsStatus, ErrorCode, ErrorMessage)):
            raise BadRequest  # PostgreSQL takes no NUL
        status = OTHER_STATUS.get(SmsStatus, SmsStatus)
        return super().update_sms_status(
            uuid, SmsStatus=status, ErrorCode=ErrorCode, ErrorMessage=ErrorMessage, **kwargs
        )

    def _validate_twilio_signature(self, request, uuid):
        """Verify by the SDK, with the secrets of the message's own company.

        Odoo compares by a function that raises on odd characters, drops repeated values, asks the token of whatever
        company the visitor is in once the message is gone, and never asks whose message it is.
        """
        if sms := request.env["sms.sms"].sudo().search([("uuid", "=", uuid)]):
            return self._is_genuine(sms._get_sms_company().sudo())
        tracker = request.env["sms.tracker"].sudo().search([("sms_uuid", "=", uuid)])
        message = request.httprequest.form.get("MessageSid")
        return bool(self._caller()) and bool(message) and message == tracker.sms_twilio_sid


def _text(form, name):
    """Return what the form says, without NUL, which PostgreSQL does not take."""
    return (form.get(name) or "").replace("\0", "")


def _number(text):
    """Return a number in E.164 without the prefix of its channel; None for what is none, or another channel's."""
    text = (text or "").strip()
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return text if contact_point.is_e164(text) else None


def _twiml(text=None):
    from twilio.twiml.messaging_response import MessagingResponse

    response = MessagingResponse()
    if text:
        response.message(text)
    return request.make_response(str(response), [("Content-Type", "text/xml; charset=utf-8")])
