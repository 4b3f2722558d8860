from odoo import SUPERUSER_ID, api, http
from odoo.http import request

from ...tools import contact_point, retry
from . import portal, preference_page, recipient


class OwnDetails(http.Controller):
    """People correct their own data; a changed address counts once proven from there (GDPR art. 16)."""

    @http.route("/my/preferences/details", methods=["GET", "POST"], **portal.ROUTE)
    def by_login(self, **_query):
        """Show one's own data; on POST correct it."""
        return details(request.env.user.partner_id, request.env.company, "/my/preferences", contact_point.CHANNELS)

    @http.route("/consent/me/details", methods=["GET", "POST"], **recipient.ROUTE | {"save_session": True})
    def by_fresh_link(self, **_query):
        """Show the data of the one person that the proven addresses belong to; on POST correct it."""
        granted = preference_page.grant()
        if not granted:
            return request.redirect("/consent/find", code=303)
        points = request.env["consent.contact.point"].sudo().browse(granted["points"]).exists()
        company = request.env["res.company"].sudo().browse(granted["company"])
        return details(only_carrier(points), company, "/consent/me", points.mapped("channel"))

    @http.route("/consent/change/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def change(self, token, **_query):
        """Show the button that proves a changed address; on POST make it the person's."""
        change = request.env["consent.correction"].sudo()._find(token)
        if done := recipient.done():
            company = request.env["res.company"].sudo().browse(done[1])
            return recipient.page("recipient_change", company=company, address=done[2], done=True)
        if not change:
            return recipient.dead_link()
        company, address = change.company_id, change.address
        if request.httprequest.method != "POST":
            return recipient.page("recipient_change", company=company, address=address, done=False)
        evidence = recipient.evidence(company, "change")

        def work(cr):
            found = api.Environment(cr, SUPERUSER_ID, {})["consent.correction"]._find(token)
            return bool(found) and found._use(evidence)

        masked = contact_point.mask(change.channel, address)
        if not retry.in_new_transaction(request.env.registry, work):
            return recipient.dead_link()  # of two clicks at once the other one did it
        return recipient.answer("changed", company.id, masked)


def only_carrier(points):
    """Return the one partner that carries all of `points`, empty where several do or it is a colleague's.

    An address that people share proves none of them; staff correct their data in Odoo.
    """
    partners = [point._carriers("res.partner") for point in points]
    common = set.intersection(*map(set, partners)) if partners else set()
    several = any(len(carriers) > 1 for carriers in partners)
    partner = request.env["res.partner"].sudo().union(*common)
    return partner.browse() if several or any(not user.share for user in partner.user_ids) else partner


def details(partner, company, home, channels):
    """Return the page on which `partner` corrects their data, after doing so on POST.

    :param channels: in which an address may change: who has proven a phone number alone must not get at the e-mail
        address, to which Odoo sends a new password
    """
    partner, form = partner.sudo(), request.httprequest.form
    values = {"partner": partner, "home": home, "csrf": request.csrf_token(), "typed": form}
    if not partner or request.httprequest.method != "POST":
        done = next(iter(recipient.done()), None)
        status = 400 if request.httprequest.method == "POST" else 200
        return recipient.page("recipient_details", company=company, done=done, status=status, **values)
    correction, typed = request.env["consent.correction"].sudo(), (form.get("address") or "").strip()
    asked, sent = recipient.speaking(company), False
    if typed:
        source, typed = request.httprequest.remote_addr, typed[: preference_page.MAX_LENGTH]
        outcome = correction._request(partner, typed, channels, asked, source)
        if outcome != "sent":
            status = 429 if outcome == "too_many" else 400
            return recipient.page("recipient_details", company=company, error=outcome, status=status, **values)
        sent = True
    saved = correction._correct(partner, form.get("name") or "", form.get("lang") or "")
    return recipient.answer("sent" if sent else "saved" if saved else "unchanged")
