from odoo import http
from odoo.http import request

from ...models.recipients.consent_preferences import RESTRICTIVE
from ...tools import contact_point
from . import preference_page, recipient

#: Like the other pages for recipients, and in the name of who is logged in. Odoo's own token protects the forms.
ROUTE = recipient.ROUTE | {"auth": "user", "save_session": True}


class Portal(http.Controller):
    """Preferences in the customer portal: of the person who is logged in, and of nobody else."""

    @http.route("/my/preferences", methods=["GET", "POST"], **ROUTE)
    def preferences(self, **_query):
        """Show what the person gets; on POST do what they say."""
        company, posted = request.env.company, request.httprequest.method == "POST"
        own, action = request.env.user._consent_addresses(), request.httprequest.form.get("action")
        if posted and action == "open":
            for channel, address in filter(own.get, own):
                request.env["consent.contact.point"].sudo()._points(channel, [address])
            return recipient.answer("open")
        if posted and action == "fresh":
            return self._send_fresh(own, request.httprequest.form.get("address"), company)
        points, unproven = proven_points(own)
        if len(points) + len(unproven) < len(own):
            return recipient.page("recipient_access", company=company, csrf=request.csrf_token())
        limited = limited_to_noes(unproven)
        answer = preference_page.link_sent(company) if not posted else self._change(points, company, limited, action)
        page = {"data_url": "/my/preferences", "others": unproven, "limited": limited, "home": "/my"}
        return answer or preference_page.show(points, company, proven=True, status=400 if posted else 200, **page)

    def _change(self, points, company, limited, action):
        """Do what the form says; what only asks for less, at the login's address too, proven or not (rule: no wins)."""
        if not limited or action not in RESTRICTIVE:
            return preference_page.changed(points, company, may_grant=True)
        pair = (limited["channel"], limited["address"])
        done = preference_page.apply(points, company, may_grant=True, also=pair)
        # Whether that was news would tell what the owner of the address has said, who may be somebody else.
        return None if done is None else recipient.answer("holds")

    def _send_fresh(self, own, wanted, company):
        """Prove another address of one's own card: by a link that is sent to it."""
        for channel, address in own:
            if address == wanted:
                return preference_page.send_fresh(channel, address, company)
        return recipient.answer("fresh")


def limited_to_noes(unproven):
    """Return the login's own address among `unproven`, where the login alone proves it to nobody; None where not."""
    login = contact_point.canonical_email(request.env.user.login or "")
    own = (contact_point.EMAIL, login)
    return next((each for each in unproven if (each["channel"], each["address"]) == own), None)


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
