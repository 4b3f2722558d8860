from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, http
from odoo.http import request

from ...tools import clock, contact_point, retry
from . import recipient
from .recipient import GRANT

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
        company, points = subject["company"], subject["point"]
        if request.httprequest.method != "POST":
            return link_sent(company) or show(points, company, proven=False)
        if request.httprequest.form.get("action") == "fresh":
            return send_fresh(points.channel, points.address, company)
        return changed(points, company, may_grant=False) or show(points, company, proven=False, status=400)

    @http.route("/consent/find", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def find(self, **_query):
        """Ask for an address; on POST send it a fresh link, if we know it, and say the same to everybody."""
        company, form = request.env.company, request.httprequest.form
        if request.httprequest.method != "POST":
            return link_sent(company) or recipient.page("recipient_find", company=company)
        address = (form.get("address") or "").strip()[:MAX_LENGTH]
        channel = contact_point.EMAIL if "@" in address else contact_point.SMS
        return send_fresh(channel, address, company)

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
        granted = grant()
        if not granted:
            return request.redirect("/consent/find", code=303)
        points = request.env["consent.contact.point"].sudo().browse(granted["points"]).exists()
        company = request.env["res.company"].sudo().browse(granted["company"])
        page = {"proven": True, "data_url": "/consent/me"}
        if request.httprequest.method != "POST":
            return show(points, company, **page)
        if request.httprequest.form.get("action") == "leave":
            request.session.pop(GRANT, None)
            return request.redirect("/consent/find", code=303)
        return changed(points, company, may_grant=True) or show(points, company, status=400, **page)


def send_fresh(channel, address, company):
    """Have a fresh link sent, and return the answer to the form: the same to everybody (threat T-03)."""
    access, source = request.env["consent.access"].sudo(), request.httprequest.remote_addr
    outcome = access._request(channel, address or "", recipient.speaking(company), source)
    if outcome == "queued":
        return recipient.answer("fresh")
    status = 429 if outcome == "too_many" else 400
    return recipient.page("recipient_find", company=company, error=outcome, typed=address, status=status)


def link_sent(company):
    """Return the page after `send_fresh`, None where no such form led here."""
    return recipient.page("recipient_link_sent", company=company) if recipient.done() == ["fresh"] else None


def show(points, company, *, proven, status=200, **more):
    """Return the page on which `points` (contact points) see and change what they get from `company`.

    :param proven: whether the person has shown to be their owner
    :param more: what else the template shows: url of their own data, other addresses, the way home
    """
    choices = request.env["consent.preferences"]._of(points, company, recipient.language(company).code)
    values = {
        "points": points,
        "proven": proven,
        "done": next(iter(recipient.done()), None),
        "error": status >= 400,
        "offers": choices.offers,
        "records": choices.records,
        "gets": {pair for pair in choices.offered if choices.gets(*pair)},
        "blocks": choices.blocks,
        "blocked": choices.blocked,
        "now": clock.consent_now(request.env),
        "pauses": PAUSE_DAYS,
        "often": request.env["consent.frequency"]._of(points, company),
        "history": _history(points) if proven else [],
    }
    return recipient.page("recipient_preferences", company=company, status=status, **values, **more)


def _history(points):
    events = request.env["consent.event"].sudo().search([("contact_point_id", "in", points.ids)], limit=MAX_HISTORY)
    events.evidence_id.fetch(["payload"])
    return [(event, event._evidence().get("statement")) for event in events]


def grant():
    """Return the points and the company that this session has a grant for, empty where it has none or it has lapsed."""
    found = request.session.get(GRANT) or {}
    valid = found and fields.Datetime.to_datetime(found["until"]) > clock.consent_now(request.env)
    return found if valid else {}


def changed(points, company, *, may_grant):
    """Do what the form says, and return the answer to it; None where it says nothing that may be done."""
    done = apply(points, company, may_grant=may_grant)
    return done if done is None else recipient.answer("saved" if done else "unchanged")


def apply(points, company, *, may_grant, also=None):
    """Do what the form says in a transaction of its own, and return whether it changed anything; see `Choices.act`.

    :param also: channel and canonical address of one more point, which may not exist yet
    """
    form = request.httprequest.form
    lang = recipient.language(company).code
    evidence = recipient.evidence(company, "preferences")

    def work(cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        mine = points.with_env(env)
        if also:
            mine |= mine.browse(env["consent.contact.point"]._points(also[0], [also[1]]).values())
        chooser = env["consent.preferences"]._of(mine, company.with_env(env), lang)
        return chooser.act(form, may_grant=may_grant, evidence=evidence)

    return retry.in_new_transaction(request.env.registry, work)
