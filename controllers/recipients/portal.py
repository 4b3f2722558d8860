from odoo import http
from odoo.http import request

from ...tools import contact_point
from . import preference_page, recipient

#: Like the other pages for recipients, and in the name of who is logged in. Odoo's own token protects the forms.
ROUTE = recipient.ROUTE | {"auth": "user", "save_session": True}


class Portal(http.Controller):
    """Preferences in the customer portal: of the person who is logged in, and of nobody else."""

    @http.route("/my/preferences", methods=["GET", "POST"], **ROUTE)
    def preferences(self, **_query):
        """Show what the person gets; on POST do what they say."""
        company, form = request.env.company, request.httprequest.form
        own = request.env.user._consent_addresses()
        if request.httprequest.method == "POST" and form.get("action") == "open":
            for channel, address in filter(own.get, own):
                request.env["consent.contact.point"].sudo()._points(channel, [address])
            return request.redirect("/my/preferences", code=303)
        if request.httprequest.method == "POST" and form.get("action") == "fresh":
            return self._send_fresh(own, form.get("address"), company)
        points, unproven = proven_points(own)
        if len(points) + len(unproven) < len(own):
            return recipient.page("recipient_access", company=company, csrf=request.csrf_token())
        done, status = None, 200
        if request.httprequest.method == "POST":
            done = preference_page.apply(points, company, may_grant=True)
            status = 200 if done else 400
        return preference_page.show(
            points,
            company,
            proven=True,
            done=done,
            status=status,
            data_url="/my/preferences",
            others=unproven,
            home="/my",
        )

    def _send_fresh(self, own, wanted, company):
        """Prove another address of one's own card: by a link that is sent to it."""
        for channel, address in own:
            if address == wanted:
                source, lang = request.httprequest.remote_addr, recipient.language(company).code
                asked = recipient.speaking(company)
                request.env["consent.access"].sudo()._request(channel, address, asked, source, lang)
        return recipient.page("recipient_link_sent", company=company)


def proven_points(own):
    """Return the contact points of `own` that the person has proven, and the addresses that they have not.

    :param own: see `res.users._consent_addresses`
    """
    points = request.env["consent.contact.point"].sudo()
    hashes = {points._hash(*pair): pair for pair in own}
    found = points.search([("address_hash", "in", list(hashes))])
    shown = preference_page.grant().get("points", ())
    proven = found.filtered(lambda point: own[hashes[point.address_hash]] or point.id in shown)
    known = {hashes[point.address_hash] for point in proven}
    unproven = [
        {"channel": channel, "address": address, "masked": contact_point.mask(channel, address)}
        for (channel, address), by_login in own.items()
        if (channel, address) not in known and not by_login
    ]
    return proven, unproven
