"""Consent boxes on the website's forms: contact, lead, sign-up to an account, address, checkout, registration."""

import json
import logging
import secrets

from odoo import SUPERUSER_ID, api, http
from odoo.addons.auth_signup.controllers.main import AuthSignupHome
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.website.controllers.form import WebsiteForm
from odoo.http import request

from ...exceptions import ConsentError
from ...tools import capture, contact_point, retry
from . import recipient

_logger = logging.getLogger(__name__)
ROUTE = {"type": "http", "auth": "public", "methods": ["GET"], "website": True, "sitemap": False, "multilang": False}
#: Texts, not whether somebody is known, so any page of ours may ask for it; each visit anew, for each has its own time.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff"}


class ConsentBoxes(http.Controller):
    """What stands in the boxes of a block, in the visitor's language: chosen and signed by the server."""

    @http.route("/consent/boxes", **ROUTE)
    def boxes(self, choices="", lists="", form="", newsletter="", channel=None, **_query):
        """Answer with the boxes, never ticked, whatever the query says (requirement R-002).

        :param choices: 'topic:channel,topic:channel'
        :param lists: ids of public mailing lists, which stand for topics
        :param form: 'account': the boxes that the company has for sign-up, checkout and registration
        :param newsletter: the topic that the newsletter of the shop's checkout stands for
        :param channel: only boxes for this one
        """
        company = request.website.company_id.sudo()
        capturing = request.env["consent.capture"].sudo()
        wanted = capture.wanted(choices)
        if lists:
            wanted += capturing._choices_of(public_lists(lists.split(",")).consent_topic_id)
        if form == "account":
            wanted += capturing._choices_of(company.consent_account_topic_ids)
        if newsletter:
            wanted += [pair for pair in capturing._choices_of(newsletter_topic()) if pair[1] == contact_point.EMAIL]
        wanted = [pair for pair in wanted if channel in (None, pair[1])]
        lang = recipient.language(company).code
        groups = capturing._boxes(list(dict.fromkeys(wanted)), company, lang)
        values = {"groups": groups, "prefix": capture.PREFIX, "uid": secrets.token_hex(4)}
        body = request.env["ir.qweb"].sudo()._render("marketing_consent.capture_boxes", values, lang=lang)
        return request.make_response(body, list(HEADERS.items()))


class CaptureForm(WebsiteForm):
    """Forms of the website builder.

    Relied on: `_handle_website_form` gets what was sent, makes the record, and answers with its id as JSON.
    """

    def _handle_website_form(self, model_name, **kwargs):
        """Take the answers to the boxes out first: they are no field and no text of the record."""
        asked = Asked(kwargs)
        if model_name == "mailing.contact" and self._asks_topics_only(asked, kwargs):
            noted = asked.note(f"form/{model_name}", alone=True)
            return json.dumps({"id": True} if noted else {"error": too_many()})
        answer = super()._handle_website_form(model_name, **kwargs)
        if (json.loads(answer) or {}).get("id"):
            asked.note(f"form/{model_name}")
        return answer

    def _asks_topics_only(self, asked, values):
        """Take the lists that stand for a topic out of `values`, and return whether nothing is left.

        One joins them by a yes to the topic, under its wording; there is no mailing contact before it is confirmed.
        Relied on: Odoo refuses private lists in this form itself.
        """
        wanted = str(values.get("list_ids") or "").split(",")
        topical = public_lists(wanted).filtered("consent_topic_id")
        for mailing_list in topical:
            asked.require(mailing_list.consent_topic_id)
        values["list_ids"] = ",".join(id_ for id_ in wanted if not id_.isdecimal() or int(id_) not in topical.ids)
        return bool(topical) and not values["list_ids"]


class CaptureSignup(AuthSignupHome):
    """The page on which somebody makes an account. Relied on: `do_signup` raises where it made none."""

    def do_signup(self, qcontext, do_login=True):
        """Note what was ticked, once the account is there."""
        asked = Asked(dict(request.params))
        result = super().do_signup(qcontext, do_login=do_login)
        asked.note("signup")
        return result


class CapturePortal(CustomerPortal):
    """Address forms of the portal and of the shop's checkout.

    Relied on: what is no field of the address is handed to `_validate_address_values`, and to `_handle_extra_form_data`
    once the address is saved.
    """

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        """Say what is wrong with a ticked box beside what is wrong with the address, before anything is saved.

        Relied on: the shop takes a message for an error where it names a field of the form, and else goes on.
        """
        invalid, missing, messages = super()._validate_address_values(address_values, partner_sudo, *args, **kwargs)
        try:
            Asked({**kwargs, **address_values})
        except ConsentError as error:
            by_sms = any(name.startswith(capture.PREFIX) and name.endswith("_sms") for name in kwargs)
            invalid, messages = {*invalid, "phone" if by_sms else "email"}, [*messages, str(error)]
        return invalid, missing, messages

    def _handle_extra_form_data(self, extra_form_data, address_values):
        """Note what was ticked, for the addresses that were entered with it.

        A newsletter that stands for a topic is joined by the topic's box, whose wording the server knows, and not by
        Odoo's own. Relied on: that is called `newsletter`, and read from this dictionary.
        """
        if newsletter_topic():
            extra_form_data.pop("newsletter", None)
        result = super()._handle_extra_form_data(extra_form_data, address_values)
        Asked({**extra_form_data, **address_values}).note("address")
        return result


class Asked:
    """The boxes that somebody ticked on a form, and the addresses that they are for; checked before the form is used.

    :raises ConsentError: a box could have no effect
    """

    def __init__(self, values: dict):
        """Take the answers out of `values`, which a form sent."""
        self.company = request.website.company_id.sudo()
        capturing = request.env["consent.capture"].sudo()
        self.choices = capturing._read(capture.take(values), self.company)
        self.addresses = capturing._addresses(self.choices, values, self.company)

    def require(self, topic, channel=None):
        """Raise unless a box of `topic` is ticked, over `channel` where one is given."""
        if not any(choice.topic == topic and channel in (None, choice.channel) for choice in self.choices):
            message = request.env._("Please tick the box of “%s”, so that we may write to you.", topic.name)
            raise ConsentError("missing_notice", message)

    def note(self, form: str, *, alone=False) -> bool:
        """Note what was ticked, in a transaction of its own: where it is repeated the form's own mail is not.

        A form about something else succeeds whatever becomes of its boxes; what cannot be noted is counted for staff.

        :param form: which form it was, where the browser does not say on which page
        :param alone: whether it is about the boxes alone, so that its visitor is told
        :return: False where too many forms came from here; see `consent.capture._note`
        """
        if not self.choices:
            return True
        try:
            noted = self._note(form, alone)
        except Exception:
            if alone:
                raise
            _logger.exception("ticked boxes of %s were not noted", form)
            noted = False
        if not noted and not alone:
            request.env["consent.throttle"].sudo()._lose_boxes(self.company)
        return noted

    def _note(self, form, alone):
        http_request, lang = request.httprequest, recipient.language(self.company).code
        website_id = request.website.id
        where = capture.page(http_request.referrer, http_request.host) or form
        details = {
            **{"proven": proven_addresses(), "source": http_request.remote_addr, "source_label": where},
            **{"evidence": recipient.evidence(self.company, where) | {"form": form}, "alone": alone},
        }

        def work(cr):
            env = api.Environment(cr, SUPERUSER_ID, {"lang": lang})
            company = self.company.with_env(env).with_context(website_id=website_id)
            return env["consent.capture"]._note(self.choices, self.addresses, company, **details)

        return retry.in_new_transaction(request.env.registry, work)


class Registration:
    """The boxes on a registration for an event, of Odoo's addon for it, on which ours does not depend.

    Relied on: its form's route, the names of its inputs (see `capture.registrant`), that it leaves ours alone, and that
    it names a `registration_error_code` in the page that it leads to where it registered nobody.
    """

    ROUTE = '/event/<model("event.event"):event>/registration/confirm'

    def __init__(self):
        """Read what was sent. A box that could have no effect has none: it must not cost anybody their seat."""
        values = dict(request.params)
        try:
            self.asked = Asked(values | capture.registrant(values))
        except ConsentError:
            self.asked = None

    def note_if_done(self, response):
        """Note what was ticked if `response` says that somebody was registered."""
        leads_to = getattr(response, "location", None)
        if self.asked and leads_to and "registration_error_code" not in leads_to:
            self.asked.note("registration")


def too_many() -> str:
    """Return what to say to whom the flood guard turned away."""
    return request.env._("Too many people signed up from here in the last hour. Nothing was noted: please try later.")


def proven_addresses() -> set:
    """Return the addresses (channel, address) that the login of the visitor proves to be theirs."""
    user = request.env.user
    return set() if user._is_public() else {pair for pair, proven in user._consent_addresses().items() if proven}


def newsletter_topic():
    """Return the topic that the newsletter of the shop's checkout stands for, none where there is no such newsletter.

    Relied on: `newsletter_id` of the website, in Odoo's addon for it, on which ours does not depend.
    """
    website = request.website.sudo()
    return website.newsletter_id.consent_topic_id if "newsletter_id" in website else request.env["consent.topic"]


def public_lists(ids):
    """Return the mailing lists among `ids` that anybody may join (threat T-11: Odoo takes any number)."""
    numbers = [int(id_) for id_ in map(str, ids) if id_.isdecimal() and len(id_) < 10]
    domain = [("id", "in", numbers), ("is_public", "=", True), ("active", "=", True)]
    return request.env["mailing.list"].sudo().search(domain)
