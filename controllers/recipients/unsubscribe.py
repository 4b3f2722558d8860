from functools import partial

from odoo import SUPERUSER_ID, api, http
from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...tools import retry
from . import recipient

ONE_CLICK = "One-Click"
SCOPES = ("topic", "channel", "company", "group")
UNDO = "marketing_consent.undo"
UNDO_HOURS = 1
MAX_REASON = 500
#: What people write into mailings comes with pictures and styles from anywhere.
WEB_COPY_POLICY = "default-src 'none'; img-src * data:; font-src *; style-src * 'unsafe-inline'; frame-ancestors 'none'"


class Unsubscribe(http.Controller):
    """The link of every marketing message: shows a page, withdraws on POST (RFC 8058; requirements R-040 … R-045)."""

    @http.route(
        ["/consent/unsubscribe/<string:token>", "/c/<string:token>"],
        methods=["GET", "POST"],
        # The token in the address is the proof; mail programs bring no cookie (RFC 8058 §3.1, threat T-05).
        csrf=False,
        **recipient.ROUTE,
    )
    def unsubscribe(self, token, **_query):
        """Show what the link is about; withdraw where the mail program or the person says so."""
        link, form = request.env["consent.link"].sudo(), request.httprequest.form
        posted = request.httprequest.method == "POST"
        if posted and form.get("List-Unsubscribe") == ONE_CLICK and link._read(token):
            known = retry.in_request(request.env.cr, partial(_withdraw, token, "topic", "one_click", {}))
            empty = request.make_response("", [("Content-Type", "text/plain")])
            return recipient.dead_link() if known is None else empty
        subject = link._subject(token)
        if not subject:
            return recipient.dead_link()
        if not posted:
            return show(token, subject=subject)
        if form.get("action") == "undo":
            return self._undo(subject, token, form.get("undo"))
        if form.get("action") in SCOPES:
            return self._unsubscribe(subject, token, form)
        # A scanner that posts nothing unsubscribes nobody (requirement R-103).
        return show(token, subject=subject, status=400)

    @http.route("/consent/why/<string:token>", methods=["GET"], **recipient.ROUTE)
    def why(self, token, **_query):
        """Say which choice a message rests on (GDPR art. 15(1)(g); "Why am I getting this?")."""
        subject = request.env["consent.link"].sudo()._subject(token)
        if not subject:
            return recipient.dead_link()
        return recipient.page("recipient_why", token=token, **subject, **self._grounds(subject))

    @http.route("/consent/view/<string:token>", methods=["GET"], **recipient.ROUTE)
    def view(self, token, **_query):
        """Show a mailing in the browser, as its recipient got it. Nothing in it can run."""
        subject = request.env["consent.link"].sudo()._subject(token)
        if not subject:
            return recipient.dead_link()
        urls = request.env["consent.link"]._urls(token, subject["company"], subject["topic"])
        body = subject["mailing"]._consent_web_copy(subject["point"], urls)
        if not body:
            return recipient.dead_link()
        title = subject["mailing"].subject
        answer = recipient.page("recipient_web_copy", company=subject["company"], body=body, title=title)
        answer.headers["Content-Security-Policy"] = WEB_COPY_POLICY
        return answer

    def _grounds(self, subject):
        event = request.env["consent.link"].sudo()._authorising_event(subject)
        if not event:
            return {"event": event, "stopped": request.env["consent.link"].sudo()._stopped(subject)}
        label = partial(_label, event.with_context(lang=recipient.language(subject["company"]).code))
        return {
            "event": event,
            "statement": event._evidence().get("statement"),
            "basis": label("legal_basis"),
            "place": event.source_label or label("source"),
        }

    def _unsubscribe(self, subject, token, form):
        reason, action = _reason(form), form["action"]
        said = reason.name or (form.get("reason") or "")[:MAX_REASON].strip()
        evidence = recipient.evidence(subject["company"], "unsubscribe") | ({"reason": said} if said else {})
        # In a transaction of its own: a rival for the same address delays it, and what fails after it undoes nothing.
        events = retry.in_new_transaction(
            request.env.registry, partial(_withdraw, token, action, "preference_page", evidence)
        )
        if events and reason:
            request.env["consent.leaving"].sudo()._note(subject, action, reason)
        return recipient.answer(action, events or [])

    def _undo(self, subject, token, undo):
        events = _signed(undo)
        if not events:
            return show(token, subject=subject, status=400)

        def work(cr):
            link = api.Environment(cr, SUPERUSER_ID, {})["consent.link"]
            return link._undo(link._subject(token), events, recipient.evidence(subject["company"], "undo"))

        if retry.in_new_transaction(request.env.registry, work):
            return recipient.answer("undone", [])
        return show(token, subject=subject, status=409)


def _withdraw(token, scope, source, evidence, cr):
    link = api.Environment(cr, SUPERUSER_ID, {})["consent.link"]
    subject = link._subject(token)
    return link._withdraw(subject, scope, source=source, evidence=evidence) if subject else None


def _reason(form):
    """Return the reason that was chosen, none where none was."""
    chosen = form.get("reason") or ""
    known = chosen.isascii() and chosen.isdecimal() and len(chosen) < 10
    reasons = request.env["mailing.subscription.optout"].sudo()
    return reasons.search([("id", "=", int(chosen))]) if known else reasons


def _label(record, name):
    return dict(record._fields[name]._description_selection(record.env)).get(record[name])


def show(token, *, subject, status=200):
    """Return the page of a message's link: what holds now, and what the form before it did.

    :param subject: whom it is about; see `consent.link._subject`
    """
    stopped = request.env["consent.link"].sudo()._stopped(subject)
    done, events = recipient.done() or (None, [])
    return recipient.page(
        "recipient_unsubscribe",
        status=status,
        not_undone=status == 409,
        token=token,
        done=((done in SCOPES and done) or stopped) if stopped else (done == "undone" and done),
        several_companies=request.env["res.company"].sudo().search_count([], limit=2) > 1,
        undo=stopped and events and hash_sign(request.env(su=True), UNDO, events, expiration_hours=UNDO_HOURS),
        reasons=request.env["mailing.subscription.optout"].sudo().search([]),
        **subject,
    )


def _signed(undo):
    try:
        return verify_hash_signed(request.env(su=True), UNDO, undo or "")
    except ValueError:  # what is no payload at all raises, instead of being refused
        return None
