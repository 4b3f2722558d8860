import secrets

from odoo import http
from odoo.http import request

from ...tools import contact_point, keywords
from ...tools.placeholders import PAGES
from . import recipient

#: A field that people do not see and programs fill in.
HONEYPOT = "website"
FIELDS = {contact_point.EMAIL: "email", contact_point.SMS: "phone"}
MAX_LENGTH = 254


class Subscribe(http.Controller):
    """Pages on which anybody signs up without a login: nothing counts until confirmed from the address itself."""

    @http.route("/consent/page/<string:code>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def page(self, code, **_query):
        """Show the topics of a page, or what its form did; on POST note the wishes and have them confirmed."""
        page = _page(code)
        if not page:
            return recipient.dead_link()
        if request.httprequest.method == "POST":
            return self._sign_up(page, request.httprequest.form)
        done, details = recipient.done() or (None, None)
        if done == "signed_up":
            return self._show_sent(page, **details)
        if done == "confirmed":
            topics = request.env["consent.topic"].sudo().browse(details).exists()
            return recipient.page("recipient_confirmed", company=page._speaker(), style=page, topics=topics)
        return self._show(page)

    def _sign_up(self, page, form):
        offers = page._offers(recipient.language(page._speaker()).code)
        chosen = recipient.chosen(form, offers)
        typed = {channel: (form.get(name) or "").strip()[:MAX_LENGTH] for channel, name in FIELDS.items()}
        wanted = sorted({channel for _topic, channel in chosen})
        error = self._error(page, wanted, typed)
        if error:
            return self._show(page, status=400, error=error, typed=typed, ticked=chosen)
        sent = {"wanted": wanted, "at_once": self._count_at_once(page, chosen, typed)}
        if contact_point.SMS in wanted:
            sent["handle"] = secrets.token_urlsafe(16)
        if not form.get(HONEYPOT):
            if not request.env["consent.throttle"].sudo()._admit(request.httprequest.remote_addr, page):
                return self._show(page, status=429, error="too_many", typed=typed, ticked=chosen)
            for channel in wanted:
                self._note(page, offers, channel, typed[channel], chosen, sent.get("handle"))
        return recipient.answer("signed_up", sent)

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
        page, form = _page(code), request.httprequest.form
        if not page:
            return recipient.dead_link()
        handle, sent = (form.get("handle") or "")[:MAX_LENGTH], keywords.code(form.get("code") or "")
        evidence = recipient.evidence(page._speaker(), f"page/{page.code}/code")
        requests, source = request.env["consent.request"].sudo(), request.httprequest.remote_addr
        topics = handle and sent and requests._confirm_on_page(handle, sent, evidence, source)
        if not topics:
            return self._show_sent(page, [contact_point.SMS], handle, status=400, error=True)
        return recipient.answer("confirmed", topics.ids, path=f"/consent/page/{page.code}")

    @http.route("/consent/page/<string:code>/logo", methods=["GET"], **recipient.ROUTE)
    def logo(self, code, **_query):
        """Answer with the picture that a page has of its own."""
        page = _page(code)
        if not page.logo:
            return recipient.dead_link()
        return request.env["ir.binary"].sudo()._get_image_stream_from(page, "logo").get_response()

    def _show_sent(self, page, wanted, handle=None, status=200, error=None, at_once=False):
        values = {"page": page, "wanted": wanted, "handle": handle, "error": error, "at_once": at_once}
        return recipient.page("recipient_sign_up_sent", company=page._speaker(), style=page, status=status, **values)

    def _error(self, page, wanted, typed):
        """Return what is missing or wrong: 'nothing' is ticked, or the channel whose address cannot be used."""
        country = page.company_id.country_id.code
        unusable = (channel for channel in wanted if not contact_point.canonical(channel, typed[channel], country))
        return next(unusable, None) if wanted else "nothing"

    def _note(self, page, offers, channel, address, chosen, handle):
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
            handle=handle if channel == contact_point.SMS else None,
            may_skip=True,
            source_label=page.name,
            evidence=recipient.evidence(company, f"page/{page.code}"),
        )

    def _show(self, page, status=200, error=None, typed=None, ticked=()):
        return recipient.page(
            "recipient_sign_up",
            company=page._speaker(),
            style=page,
            status=status,
            page=page,
            offers=page._offers(recipient.language(page._speaker()).code),
            error=error,
            typed=typed or {},
            ticked=ticked,
        )


def _page(code):
    return request.env["consent.page"].sudo().search([("code", "=", code)])


class SubscribeByMessage(http.Controller):
    """The links of a message to subscribe to more, or to confirm its topic: asked for here, confirmed from the mailbox.

    A message may have been forwarded, so its link grants nothing by itself (threat T-02).
    """

    @http.route(
        ["/consent/subscribe/<string:token>", "/consent/subscribe/<string:token>/<any(topic):only>"],
        methods=["GET", "POST"],
        csrf=False,
        **recipient.ROUTE,
    )
    def subscribe(self, token, only=None, **_query):
        """Show what the address of a message can have; on POST have what is ticked confirmed from there."""
        subject = request.env["consent.link"].sudo()._subject(token)
        if not subject or not subject["point"].address:
            return recipient.dead_link()
        company, point = subject["company"], subject["point"]
        if recipient.done() == ["asked"]:
            return recipient.page("recipient_asked", company=company, point=point)
        offers = _offers_at(point, company, subject["topic"] if only else None)
        form, posted = request.httprequest.form, request.httprequest.method == "POST"
        chosen = recipient.chosen(form, offers) if posted else set()
        error = "nothing" if posted and not chosen else None
        throttle = request.env["consent.throttle"].sudo()
        if posted and not error and not throttle._admit(request.httprequest.remote_addr):
            error = "too_many"
        if posted and not error:
            self._ask(offers, {topic for topic, _channel in chosen}, point, company)
            return recipient.answer("asked")
        status = {"nothing": 400, "too_many": 429}.get(error, 200)
        values = {"point": point, "offers": offers, "error": error, "ticked": chosen}
        topic = only and subject["topic"]
        return recipient.page("recipient_subscribe", company=company, status=status, topic=topic, **values)

    def _ask(self, offers, wanted, point, company):
        mine = [{"notice": o["notice"], "topics": [t for t, _c in o["topics"] if t in wanted]} for o in offers]
        topics = request.env["consent.topic"].sudo()
        mine = [{**offer, "topics": topics.union(*offer["topics"])} for offer in mine if offer["topics"]]
        request.env["consent.request"].sudo()._sign_up(
            mine,
            point.channel,
            point.address,
            recipient.speaking(company),
            source_label=request.env._("Link in a message"),
            evidence=recipient.evidence(company, "subscribe"),
        )


def _offers_at(point, company, topic):
    """Return what can be subscribed to over the channel of `point`; see `consent.page._offers_of`.

    :param topic: only this one; None or empty: all
    """
    pages = request.env["consent.page"].sudo()
    offers = pages._offers_of(company, recipient.language(company).code, topic or None)
    offers = [
        {**offer, "topics": [(t, (point.channel,)) for t, channels in offer["topics"] if point.channel in channels]}
        for offer in offers
    ]
    return [offer for offer in offers if offer["topics"]]


class BareLinks(http.Controller):
    """Placeholders of messages that lost whose they are: a forwarded copy, a text that is no marketing."""

    @http.route([f"/consent/{page}" for page in (*PAGES, "view")], methods=["GET"], **recipient.ROUTE)
    def bare(self, **_query):
        """Explain it, and lead to where one's own link is sent."""
        return recipient.page("recipient_bare_link", company=request.env.company)


class DoubleOptIn(http.Controller):
    """The link of a confirmation message: a scanner that opens it, or submits the form untouched, confirms nothing."""

    @http.route("/consent/confirm/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def confirm(self, token, **_query):
        """Show what is to be confirmed; on POST confirm what is ticked, or take it all back."""
        requests = request.env["consent.request"].sudo()
        waiting, posted = requests._waiting(token), request.httprequest.method == "POST"
        if not waiting:
            return used_link(token)
        company, form = waiting[:1].company_id, request.httprequest.form
        if posted and form.get("action") == "disown":
            requests._disown(token)
            return recipient.answer("used")
        if posted and form.get("action") == "confirm" and form.get("sure"):
            requests._confirm(token, recipient.evidence(company, "confirm"))
            return recipient.answer("used")
        return recipient.page("recipient_confirm", company=company, status=400 if posted else 200, waiting=waiting)


def used_link(token, *, invited=False):
    """Return the page of a link whose question was answered, which says with what; a dead link's where it was none."""
    used = request.env["consent.used.link"].sudo()._find(token, invited=invited)
    if not used:
        return recipient.dead_link()
    values = {"used": used, "topics": used._granted(), "first": recipient.done() == ["used"]}
    status = 200 if request.httprequest.method != "POST" else 410
    return recipient.page("recipient_used_link", company=used.company_id, status=status, **values)
