import json

from odoo import http
from odoo.http import content_disposition, request

from . import portal, preference_page, recipient


class OwnData(http.Controller):
    """What we keep of a person, for that person: after a fresh link or a login, never by the link of a message."""

    @http.route("/consent/me/<any('receipt','receipt.json','data.json'):what>", methods=["GET"], **recipient.ROUTE)
    def by_fresh_link(self, what, **_query):
        """Show or hand over the data of the addresses that this session has proven."""
        granted = preference_page.grant()
        if not granted:
            return request.redirect("/consent/find", code=303)
        points = request.env["consent.contact.point"].sudo().browse(granted["points"]).exists()
        return hand_over(what, points, request.env["res.company"].sudo().browse(granted["company"]), "/consent/me")

    @http.route("/my/preferences/<any('receipt','receipt.json','data.json'):what>", methods=["GET"], **portal.ROUTE)
    def by_login(self, what, **_query):
        """Show or hand over the data of one's own proven addresses."""
        points, _unproven = portal.proven_points(request.env.user._consent_addresses())
        return hand_over(what, points, request.env.company, "/my/preferences")


def hand_over(what, points, company, url):
    """Return the receipt as a page, or the receipt or all data as a file (GDPR art. 15(3), 20(1))."""
    lang = recipient.language(company).code
    receipts = request.env["consent.receipt"].sudo().with_context(lang=lang)
    points = points.with_env(receipts.env)
    if what == "receipt":
        types = dict(receipts.env["consent.event"]._fields["type"]._description_selection(receipts.env))
        values = {"receipt": receipts._of(points, company), "types": types, "url": url}
        return recipient.page("recipient_receipt", company=company, **values)
    data = receipts._of(points, company) if what == "receipt.json" else receipts._export(points, company)
    headers = {
        **recipient.HEADERS,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": content_disposition(f"consent-{what}"),
    }
    return request.make_response(json.dumps(data, ensure_ascii=False, indent=2), list(headers.items()))
