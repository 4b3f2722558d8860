"""The website's newsletter blocks, by Odoo's routes and our rules: a wish is confirmed, and nobody joins for others."""

from odoo import SUPERUSER_ID, http
from odoo.addons.website_mass_mailing.controllers.main import MassMailController
from odoo.exceptions import UserError
from odoo.http import request

from ...tools import capture, contact_point
from . import recipient
from .capture import Asked, proven_addresses, public_lists, too_many

#: In the session: the lists that this visitor asked for. Not whether an address is on one: anybody may type any.
ASKED = "consent_asked_lists"
CHANNELS = {"email": contact_point.EMAIL, "mobile": contact_point.SMS}


class NewsletterRoutes(MassMailController):
    """Relied on: `subscribe` and `is_subscriber` by name, and the name of Odoo's captcha of this form."""

    @http.route()
    def is_subscriber(self, list_id=None, subscription_type=None, **post):
        """Answer for an address that the login proves; else only what the visitor did (threat T-03)."""
        own = contact_point.canonical_email(request.env.user.email or "")
        proven = (contact_point.EMAIL, own) in proven_addresses()
        if subscription_type == "email" and proven and public_lists([list_id]):
            return super().is_subscriber(list_id, subscription_type, **post)
        return {"is_subscriber": str(list_id) in request.session.get(ASKED, ()), "value": None}

    @http.route()
    def subscribe(self, list_id=None, value=None, subscription_type=None, consent=None, **post):
        """Join a public list. One that stands for a topic takes a yes to it, under its wording and confirmed.

        :param consent: the values of the ticked boxes, see `consent.capture`
        """
        mailing_list = public_lists([list_id])
        try:
            texts = isinstance(subscription_type, str) and isinstance(value, str)
            if not mailing_list or not texts or subscription_type not in CHANNELS:
                raise UserError(self.env._("This newsletter cannot be joined here."))
            if mailing_list.consent_topic_id:
                answer = self._consent_ask(mailing_list, value, CHANNELS[subscription_type], consent)
            else:
                answer = super().subscribe(list_id, value, subscription_type, **post)
                answer = {**answer, **self._consent_thanks(answer)}
        except UserError as error:
            return {"toast_type": "danger", "toast_content": str(error)}
        request.session[ASKED] = sorted({*request.session.get(ASKED, ()), str(list_id)})
        return answer

    def _consent_thanks(self, answer):
        """Return what is true for everybody: who left the list is asked first, and nobody is told who did (T-03)."""
        if answer.get("toast_type") != "success":
            return {}
        thanks = self.env._(
            "Thank you. If you had left this newsletter, please confirm it in the message that we send you."
        )
        return {"toast_content": thanks}

    @http.route("/consent/come_back/<string:token>", methods=["GET", "POST"], csrf=False, **recipient.ROUTE)
    def come_back(self, token, **_query):
        """Ask who left a list whether they want it again; on POST put them on it."""
        row, company = request.env["mailing.subscription"]._consent_of_link(token), request.env.company
        if not row:
            return recipient.dead_link()
        if request.httprequest.method == "POST" and request.httprequest.form.get("action") == "come_back":
            row.with_user(SUPERUSER_ID).opt_out = False
            return recipient.answer("come_back")
        status = 400 if request.httprequest.method == "POST" else 200
        values = {"name": row.list_id.name, "done": not row.opt_out}
        return recipient.page("recipient_come_back", company=company, status=status, **values)

    def _consent_ask(self, mailing_list, value, channel, consent):
        request.env["ir.http"]._verify_request_recaptcha_token("website_mass_mailing_subscribe")
        ticked = dict.fromkeys(map(str, consent if isinstance(consent, list) else ()))
        values = {f"{capture.PREFIX}_{number}": box for number, box in enumerate(ticked)}
        asked = Asked({**values, capture.ADDRESS_FIELDS[channel][0]: value})
        asked.require(mailing_list.consent_topic_id, channel)
        if not asked.note(f"newsletter/{mailing_list.id}", alone=True):
            raise UserError(too_many())
        return {
            "toast_type": "success",
            "toast_content": self.env._("Almost done: please confirm it in the message we send you."),
        }
