from odoo import http
from odoo.http import request

from ...exceptions import ConsentError
from ...tools import contact_point, keywords
from . import recipient

#: A field that people do not see and programs fill in.
HONEYPOT = "website"
FIELDS = {contact_point.EMAIL: "email", contact_point.SMS: "phone"}
MAX_LENGTH = 254


class Subscribe(http.Controller):
    """Pages on which anybody signs up without a login: nothing counts until confirmed from the address itself."""

    @http.route("/consent/page/<string:code>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def page(self, code, **_query):
        """Show the topics of a page; on POST note the wishes and have them confirmed."""
        page = request.env["consent.page"].sudo().search([("code", "=", code)])
        if not page:
            return recipient.dead_link()
        offers = page._offers(recipient.language(page._speaker()).code)
        if request.httprequest.method != "POST":
            return self._show(page, offers)
        return self._sign_up(page, offers, request.httprequest.form)

    def _sign_up(self, page, offers, form):
        chosen = recipient.chosen(form, offers)
        typed = {channel: (form.get(name) or "").strip()[:MAX_LENGTH] for channel, name in FIELDS.items()}
        wanted = {channel for _topic, channel in chosen}
        error = self._error(wanted, typed)
        if error:
            return self._show(page, offers, status=400, error=error, typed=typed)
        if not form.get(HONEYPOT):
            for channel in sorted(wanted):
                try:
                    self._note(page, offers, channel, typed[channel], chosen)
                except ConsentError as refusal:
                    return self._show(page, offers, status=400, error=str(refusal), typed=typed)
        return self._show_sent(page, wanted, typed[contact_point.SMS], at_once=self._count_at_once(page, chosen, typed))

    def _count_at_once(self, page, chosen, typed):
        """Return whether nothing of `chosen` has to be confirmed. It depends on no person: the answer tells nothing."""
        country = page.company_id.country_id.code
        return not any(
            topic.purpose_id._wants_double_opt_in(
                channel, contact_point.canonical(channel, typed[channel], country) or "", page.company_id
            )
            for topic, channel in chosen
        )

    @http.route("/consent/page/<string:code>/code", methods=["POST"], csrf=False, **recipient.ROUTE)
    def confirm_by_code(self, code, **_query):
        """Confirm the number that was typed on a page, by the code that was sent to it."""
        page = request.env["consent.page"].sudo().search([("code", "=", code)])
        if not page:
            return recipient.dead_link()
        company, form = page._speaker(), request.httprequest.form
        phone = (form.get(FIELDS[contact_point.SMS]) or "")[:MAX_LENGTH]
        number = contact_point.canonical(contact_point.SMS, phone, company.country_id.code)
        sent = keywords.code(form.get("code") or "")
        evidence = recipient.evidence(company, f"page/{page.code}/code")
        requests, source = request.env["consent.request"].sudo(), request.httprequest.remote_addr
        topics = number and sent and requests._confirm_by_sms(number, company, evidence, code=sent, source=source)
        if not topics:
            return self._show_sent(page, {contact_point.SMS}, phone, status=400, error=True)
        return recipient.page("recipient_confirmed", company=company, style=page, topics=topics)

    @http.route("/consent/page/<string:code>/logo", methods=["GET"], **recipient.ROUTE)
    def logo(self, code, **_query):
        """Answer with the picture that a page has of its own."""
        page = request.env["consent.page"].sudo().search([("code", "=", code)])
        if not page.logo:
            return recipient.dead_link()
        return request.env["ir.binary"].sudo()._get_image_stream_from(page, "logo").get_response()

    def _show_sent(self, page, wanted, phone, status=200, error=None, at_once=False):
        values = {"page": page, "wanted": wanted, "phone": phone, "error": error, "at_once": at_once}
        return recipient.page("recipient_sign_up_sent", company=page._speaker(), style=page, status=status, **values)

    def _error(self, wanted, typed):
        if not wanted:
            return "nothing"
        return next((channel for channel in sorted(wanted) if not typed[channel]), None)

    def _note(self, page, offers, channel, address, chosen):
        of_channel = [
            {"notice": offer["notice"], "topics": topics}
            for offer in offers
            if (
                topics := request.env["consent.topic"]
                .sudo()
                .union(*(topic for topic, _channels in offer["topics"] if (topic, channel) in chosen))
            )
        ]
        company = page._speaker()
        request.env["consent.request"].sudo()._sign_up(
            of_channel,
            channel,
            address,
            recipient.speaking(company),
            source=request.httprequest.remote_addr,
            may_skip=True,
            source_label=page.name,
            evidence=recipient.evidence(company, f"page/{page.code}"),
        )

    def _show(self, page, offers, status=200, error=None, typed=None):
        return recipient.page(
            "recipient_sign_up",
            company=page._speaker(),
            style=page,
            status=status,
            page=page,
            offers=offers,
            error=error,
            typed=typed or {},
        )


class DoubleOptIn(http.Controller):
    """The link of a confirmation message: a scanner that opens it, or submits the form untouched, confirms nothing."""

    @http.route("/consent/confirm/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def confirm(self, token, **_query):
        """Show what is to be confirmed; on POST confirm what is ticked, or take it all back."""
        requests = request.env["consent.request"].sudo()
        waiting = requests._waiting(token)
        if not waiting:
            return recipient.dead_link()
        company, form = waiting[:1].company_id, request.httprequest.form
        if request.httprequest.method == "POST" and form.get("action") == "disown":
            requests._disown(token)
            return recipient.page("recipient_disowned", company=company)
        if request.httprequest.method == "POST" and form.get("action") == "confirm" and form.get("sure"):
            topics = waiting.topic_ids
            requests._confirm(token, recipient.evidence(company, "confirm"))
            return recipient.page("recipient_confirmed", company=company, topics=topics)
        status = 400 if request.httprequest.method == "POST" else 200
        return recipient.page("recipient_confirm", company=company, status=status, waiting=waiting)
