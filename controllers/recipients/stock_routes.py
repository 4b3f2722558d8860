"""Odoo's own addresses for unsubscribing, in mails and SMS that people have already: they keep working, by our rules.

Looking changes nothing, a withdrawal is about the topic and not a global blacklist, and a link subscribes nobody.
"""

from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from odoo import SUPERUSER_ID, api, http
from odoo.addons.mass_mailing.controllers.main import MassMailController
from odoo.addons.mass_mailing_sms.controllers.main import MailingSMSController
from odoo.http import Response, request
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized, abort

from ...tools import contact_point, retry
from . import recipient
from .unsubscribe import ONE_CLICK

MAX_ID = 2**31 - 1


class StockMailRoutes(MassMailController):
    """Relied on: Odoo's methods by name, and its token over mailing, record and address, which we only verify."""

    def _check_mailing_email_token(self, mailing_id, document_id, email, hash_token, required_mailing_id=False):
        """Refuse what cannot be a token; Odoo would answer some of it with an error of the server (threat T-17)."""
        with suppress(TypeError, ValueError, OverflowError, AssertionError):
            if int(mailing_id or 0) <= MAX_ID:
                return super()._check_mailing_email_token(
                    mailing_id, document_id, email, hash_token, required_mailing_id=required_mailing_id
                )
        raise Unauthorized()

    def _fetch_user_information(self, email, hash_token):
        """Refuse what is no text; Odoo would fail at it."""
        if not all(isinstance(value, str) for value in (email, hash_token) if value):
            abort(Response("Not text\n", status=400, mimetype="text/plain"))
        return super()._fetch_user_information(email, hash_token)

    @http.route()
    def mailing_unsubscribe(self, mailing_id, document_id=None, email=None, hash_token=None, **_post):
        """Ask first. Odoo withdraws as soon as somebody, or a scanner, looks (requirement R-104)."""
        answer = self.mailing_confirm_unsubscribe
        if request.httprequest.method == "POST":
            answer = self.mailing_confirm_unsubscribe_post
        return answer(mailing_id, document_id=document_id, email=email, hash_token=hash_token)

    @http.route(save_session=False)
    def mailing_unsubscribe_oneclick(self, mailing_id, document_id=None, email=None, hash_token=None, **_post):
        """Withdraw where a mail program says so, and not on any POST (requirement R-103)."""
        if request.httprequest.form.get("List-Unsubscribe") != ONE_CLICK:
            raise BadRequest()
        mailing, address = self._consent_proven(mailing_id, document_id, email, hash_token)
        _withdraw(mailing, "email", address, "one_click", {})
        return request.make_response("", [("Content-Type", "text/plain")])

    @http.route()
    def mailing_confirm_unsubscribe_post(self, mailing_id=None, document_id=None, email=None, hash_token=None, **_post):
        """Withdraw what the mailing was about, and show what that means."""
        mailing, address = self._consent_proven(mailing_id, document_id, email, hash_token)
        return _unsubscribed(mailing, "email", address)

    def _consent_proven(self, mailing_id, document_id, email, hash_token):
        """Return the mailing, and the address that the token or the login proves."""
        email, hash_token = self._fetch_user_information(email, hash_token)
        with suppress(NotFound, ValueError, TypeError):
            mailing = self._check_mailing_email_token(int(mailing_id), document_id, email, hash_token, True)
            if address := contact_point.canonical_email(email or ""):
                return mailing, address
        raise Unauthorized()

    @http.route()
    def mailing_update_list_subscription(
        self, mailing_id=None, document_id=None, email=None, hash_token=None, lists_optin_ids=None, **post
    ):
        """Let a link leave lists, and join none: people forward messages (threat T-02).

        Whoever is logged in may join those that stand for no topic; a topic takes a yes with its wording.
        """
        email_found, token = self._fetch_user_information(email, hash_token)
        address = contact_point.canonical_email(email_found or "")
        contacts = self._fetch_contacts(email_found)
        own = contacts.subscription_ids.filtered(lambda subscription: not subscription.opt_out).list_id
        ids = lists_optin_ids if isinstance(lists_optin_ids, list) else []
        wanted = request.env["mailing.list"].sudo().browse(filter(_is_id, ids)).exists()
        kept = (
            wanted & own
            if token
            else wanted.filtered(lambda mailing_list: not mailing_list.consent_topic_id) | (wanted & own)
        )
        result = super().mailing_update_list_subscription(
            mailing_id, document_id, email=email, hash_token=hash_token, lists_optin_ids=kept.ids, **post
        )
        if isinstance(result, int) and address:
            left = (own - kept).consent_topic_id
            _record(
                [{"fact": "withdrawn", "topic": topic, "channel": "email", "address": address} for topic in left],
                request.env.company,
            )
        return result

    @http.route()
    def mailing_send_feedback(self, mailing_id=None, document_id=None, email=None, hash_token=None, **post):
        """Take feedback for one's own address only: Odoo takes any that a logged-in user names."""
        email, _token = self._fetch_user_information(email, hash_token)
        reason = post.get("opt_out_reason_id")
        known = _is_id(reason) and request.env["mailing.subscription.optout"].sudo().browse(reason).exists()
        if not known or any(not isinstance(post.get(name) or "", str) for name in ("last_action", "feedback")):
            return "error"
        return super().mailing_send_feedback(mailing_id, document_id, email=email, hash_token=hash_token, **post)

    @http.route()
    def mail_blocklist_add(self, mailing_id=None, document_id=None, email=None, hash_token=None):
        """Object to all marketing of all companies, which is what Odoo's blacklist stands for."""
        result = super().mail_blocklist_add(mailing_id, document_id, email=email, hash_token=hash_token)
        address = contact_point.canonical_email(self._fetch_user_information(email, hash_token)[0] or "")
        if result is True and address:
            objection = {"fact": "objected", "channel": "email", "address": address, "company": False}
            _record([objection], request.env.company)
        return result

    @http.route()
    def mail_blocklist_remove(self, mailing_id=None, document_id=None, email=None, hash_token=None):
        """Lift one's own objection after login. A link in a message does not: it may be in anybody's hands."""
        email_found, token = self._fetch_user_information(email, hash_token)
        address = contact_point.canonical_email(email_found or "")
        if token:
            return "unauthorized"
        result = super().mail_blocklist_remove(mailing_id, document_id, email=email, hash_token=hash_token)
        if result is True and address:
            released = {"fact": "released", "channel": "email", "address": address, "company": False}
            _record([released], request.env.company)
        return result


class StockSmsRoutes(MailingSMSController):
    """Relied on: Odoo leads who gave the right number on to a page with the number in its address."""

    @http.route()
    def blacklist_page(self, mailing_id, trace_code, **post):
        """Withdraw once the form is posted with the number that the message went to."""
        if mailing_id > MAX_ID:
            raise NotFound()
        posted = request.httprequest.method == "POST"
        answer = super().blacklist_page(mailing_id, trace_code, **(post if posted else {}))
        number = parse_qs(urlsplit(answer.location or "").query).get("sms_number")
        if not (posted and number):
            return answer
        return _unsubscribed(request.env["mailing.mailing"].sudo().browse(mailing_id), "sms", number[0])

    @http.route()
    def blacklist_number(self, mailing_id, trace_code, **_post):
        """Ask first; Odoo withdraws on GET (requirement R-104)."""
        return request.redirect(f"/sms/{mailing_id}/{trace_code}", code=303)


def _unsubscribed(mailing, channel, address):
    evidence = recipient.evidence(mailing.consent_company_id, "unsubscribe")
    token, events = _withdraw(mailing, channel, address, "preference_page", evidence)
    return recipient.answer("topic", events, path=f"/consent/unsubscribe/{token}")


def _withdraw(mailing, channel, address, source, evidence):
    """Withdraw every topic of `mailing`, and leave its lists; return the token of our own page and the events."""

    def work(cr):
        own = mailing.with_env(api.Environment(cr, SUPERUSER_ID, {}))
        link, topics = own.env["consent.link"], own._consent_topics() if own._is_marketing() else None
        token = link._tokens(channel, [address], own.consent_company_id, topics and topics[:1], own)[address]
        subject = link._subject(token)
        events = []
        for topic in topics or [own.env["consent.topic"]]:
            events += link._withdraw({**subject, "topic": topic}, "topic", source=source, evidence=evidence)
        if channel == "email" and own.mailing_on_mailing_list:
            own.contact_list_ids._update_subscription_from_email(address, opt_out=True)
        return token, events

    return retry.in_new_transaction(request.env.registry, work)


def _record(entries, company):
    # In the request's transaction, which Odoo repeats where it conflicts: what Odoo changed beside it goes along.
    env = request.env(user=SUPERUSER_ID, context={"allowed_company_ids": company.ids})
    base = {"source": "preference_page", "evidence": recipient.evidence(company, "mailing_lists")}
    env["consent.record"]._submit([{**base, **entry} for entry in entries])


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID
