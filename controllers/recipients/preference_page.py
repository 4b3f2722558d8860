from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, http
from odoo.http import request

from ...tools import clock, contact_point, retry
from . import recipient

#: In the session: the contact points whose owner has shown to be there, the company that the pages speak for, and until
#: when that holds.
GRANT = "consent_grant"
GRANT_HOURS = 1
PAUSE_DAYS = (14, 30, 90)
MAX_HISTORY = 100
MAX_LENGTH = 254


class PreferencePage(http.Controller):
    """Where people see and change what they get.

    The link of a message may take away and shows a masked address; granting, history and the address itself need a
    fresh link, sent to that address (threat T-02).
    """

    @http.route("/consent/preferences/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def by_message(self, token, **_query):
        """Show what the address of a message gets; on POST take away what is no longer ticked."""
        subject = request.env["consent.link"].sudo()._subject(token)
        if not subject:
            return recipient.dead_link()
        company, points, done = subject["company"], subject["point"], None
        if request.httprequest.method == "POST":
            if request.httprequest.form.get("action") == "fresh":
                return self._send_fresh(points, company)
            done = apply(points, company, may_grant=False)
            if not done:
                return show(points, company, proven=False, status=400)
        return show(points, company, proven=False, done=done)

    def _send_fresh(self, point, company):
        if point.address:
            source, lang = request.httprequest.remote_addr, recipient.language(company).code
            request.env["consent.access"].sudo()._request(
                point.channel, point.address, recipient.speaking(company), source, lang
            )
        return recipient.page("recipient_link_sent", company=company)

    @http.route("/consent/find", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def find(self, **_query):
        """Ask for an address; on POST send it a fresh link, if we know it, and say the same to everybody."""
        company, form = request.env.company, request.httprequest.form
        if request.httprequest.method != "POST":
            return recipient.page("recipient_find", company=company, error=False)
        address = (form.get("address") or "").strip()[:MAX_LENGTH]
        channel = contact_point.EMAIL if "@" in address else contact_point.SMS
        access = request.env["consent.access"].sudo()
        source, lang = request.httprequest.remote_addr, recipient.language(company).code
        if not access._request(channel, address, recipient.speaking(company), source, lang):
            return recipient.page("recipient_find", company=company, error=True, status=400)
        return recipient.page("recipient_link_sent", company=company)

    @http.route(
        "/consent/access/<string:token>",
        methods=["GET", "POST"],
        csrf=False,
        **recipient.ROUTE | {"save_session": True},
    )
    def access(self, token, **_query):
        """Show a button; on POST use the fresh link up, and go to the page without a token in its address."""
        access = request.env["consent.access"].sudo()._find(token)
        if not access:
            return recipient.dead_link()
        if request.httprequest.method != "POST":
            return recipient.page("recipient_access", company=access.company_id)
        point, company = access._use()
        points = set(grant().get("points", ())) | {point.id}
        until = clock.consent_now(request.env) + timedelta(hours=GRANT_HOURS)
        request.session[GRANT] = {
            "points": sorted(points),
            "company": company.id,
            "until": fields.Datetime.to_string(until),
        }
        return request.redirect("/consent/me", code=303)

    # Odoo's own token protects the form: this page acts by the session.
    @http.route("/consent/me", methods=["GET", "POST"], **recipient.ROUTE | {"save_session": True})
    def me(self, **_query):
        """Show everything about the proven addresses; on POST do what the person says."""
        granted, done = grant(), None
        if not granted:
            return request.redirect("/consent/find", code=303)
        points = request.env["consent.contact.point"].sudo().browse(granted["points"]).exists()
        company = request.env["res.company"].sudo().browse(granted["company"])
        form, status = request.httprequest.form, 200
        if request.httprequest.method == "POST":
            if form.get("action") == "leave":
                request.session.pop(GRANT, None)
                return request.redirect("/consent/find", code=303)
            done = apply(points, company, may_grant=True)
            status = 200 if done else 400
        return show(points, company, proven=True, done=done, status=status, data_url="/consent/me")


def show(points, company, *, proven, done=None, status=200, **more):
    """Return the page on which `points` (contact points) see and change what they get from `company`.

    :param proven: whether the person has shown to be their owner
    :param done: the action that was done just now
    :param more: what else the template shows: url of their own data, other addresses, the way home
    """
    points.invalidate_recordset()
    offers = request.env["consent.page"].sudo()._offers_of(company, recipient.language(company).code)
    records = points.record_ids.filtered(lambda record: record.company_id in (company, company.browse()))
    values = {
        "points": points,
        "proven": proven,
        "done": done,
        "offers": offers,
        "records": {(record.contact_point_id.id, record.topic_id.id): record for record in records},
        "blocks": records.filtered(lambda record: not record.topic_id),
        "now": clock.consent_now(request.env),
        "pauses": PAUSE_DAYS,
        "often": request.env["consent.frequency"]._of(points, company),
        "history": _history(points) if proven else [],
    }
    return recipient.page("recipient_preferences", company=company, status=status, **values, **more)


def _history(points):
    events = request.env["consent.event"].sudo().search([("contact_point_id", "in", points.ids)], limit=MAX_HISTORY)
    events.evidence_ids  # noqa: B018 – read at once for all of them
    return [(event, event._evidence().get("statement")) for event in events]


def grant():
    """Return the points and the company that this session has a grant for, empty where it has none or it has lapsed."""
    found = request.session.get(GRANT) or {}
    valid = found and fields.Datetime.to_datetime(found["until"]) > clock.consent_now(request.env)
    return found if valid else {}


def apply(points, company, *, may_grant):
    """Do what the form says in a transaction of its own, and return what was done; None where it says nothing known."""
    form = request.httprequest.form
    lang = recipient.language(company).code
    evidence = recipient.evidence(company, "preferences")

    def work(cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        chooser = env["consent.preferences"]._of(points.with_env(env), company.with_env(env), lang)
        return chooser.act(form, may_grant=may_grant, evidence=evidence)

    return retry.in_new_transaction(request.env.registry, work)
