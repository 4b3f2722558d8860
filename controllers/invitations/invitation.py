from odoo import http
from odoo.http import request

from ..recipients import recipient
from ..recipients.subscribe import used_link


class Invitation(http.Controller):
    """Where people answer who were asked for their consent. Nothing is ticked for them, and no is as near as yes."""

    @http.route("/consent/invitation/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def answer(self, token, **_query):
        """Show what is asked; on POST write down the answer, or that somebody looks at it."""
        waiting = request.env["consent.request"].sudo()._waiting(token, invited=True)
        if not waiting:
            return used_link(token, invited=True)
        company, form = waiting[:1].company_id, request.httprequest.form
        action = form.get("action") if request.httprequest.method == "POST" else None
        if action == "opened":
            # The page's script says so: what merely fetches a page is no person (requirement R-103).
            waiting.invitee_id._mark("opened")
            return request.make_response("", [("Content-Type", "text/plain")])
        offers = [_offer(each) for each in waiting]
        topics = waiting.topic_ids
        wanted = {
            "accept_all": topics,
            "reject_all": topics.browse(),
            "save": topics.browse({topic.id for topic, _channel in recipient.chosen(form, offers)}),
        }.get(action)
        values = {"company": company, "waiting": waiting, "offers": offers}
        if wanted is None or (action == "save" and not wanted):
            status = 200 if request.httprequest.method == "GET" else 400
            return recipient.page("recipient_invitation", status=status, nothing=action == "save", **values)
        waiting._answer(wanted, recipient.evidence(company, "invitation"), refuse=action == "reject_all")
        return recipient.answer("used")


def _offer(asked):
    """Return a question in the form of `consent.page._offers_of`, under the wording that it was asked with."""
    topics = [(topic, (asked.channel,)) for topic in asked.topic_ids]
    return {"purpose": asked.notice_id.purpose_id, "notice": asked.notice_id, "topics": topics}
