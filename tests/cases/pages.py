"""Pages that recipients see: by link, by form, in the portal."""

import json
import re

from odoo.tests import HttpCase, new_test_user
from odoo.tools.misc import hmac

from .story import ANNA, ConsentStory

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}<t t-esc='1'/>"


class LinkCase(ConsentStory, HttpCase):
    """The story, and links as messages carry them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()

    def tearDown(self):
        self.check_ledger()
        super().tearDown()

    def token(self, address=ANNA, topic=None, channel="email", **about):
        about = {"company": self.env.company, "topic": self.news if topic is None else topic, **about}
        address = self.at(address, channel)
        return self.env["consent.link"]._tokens(channel, [address], **about)[address]

    def url(self, *args, page="unsubscribe", **kwargs):
        return f"/consent/{page}/{self.token(*args, **kwargs)}"

    def snapshot(self):
        """Return a fingerprint of all that a page could change: each table's rows, but for technical ones."""
        self.env.flush_all()
        self.env.cr.execute("SELECT count(*), max(id) FROM consent_event")
        events = self.env.cr.fetchone()
        self.env.cr.execute("SELECT md5(string_agg(r::text, '' ORDER BY id)) FROM consent_record r")
        return events, self.env.cr.fetchone()


TOKEN = re.compile(r"/consent/(?:access|confirm)/([\w-]+)")


class PageCase(LinkCase):
    """The story, with a page on which people sign up, and what was queued for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = cls.env["consent.page"].create(
            {"name": "Our newsletters", "code": "newsletters", "intro": "Choose.", "topic_ids": cls.news.ids}
        )

    def queued(self, address=ANNA):
        """Return the mails that wait for an address."""
        self.work_off()
        return self.env["mail.mail"].search([("state", "=", "outgoing"), ("email_to", "=", address)], order="id")

    def token_of(self, mail):
        return TOKEN.search(mail.body_html)[1]

    def box(self, address=ANNA, topic=None, channel="email"):
        """Return the value of a box on a preference page."""
        point = self.env["consent.contact.point"].search(
            [("address", "=", self.at(address, channel)), ("channel", "=", channel)]
        )
        return f"{point.id}:{(topic or self.news).id}"

    def prove(self, address=ANNA):
        """Open a fresh link, as its owner does."""
        token = self.env["consent.access"]._open("email", address, self.env.company)
        return self.url_open(f"/consent/access/{token}", data={"go": "1"})

    def act(self, **form):
        """Post the form of the proven page."""
        page = self.url_open("/consent/me").text
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return self.url_open("/consent/me", data={"csrf_token": csrf, **form})


NEW = "nora@lumen.example"
PAGE = "/contactus"


class CaptureCase(PageCase):
    """The story, and forms of the website with boxes."""

    def boxes(self, *pairs, **query):
        """Return the inputs that the server puts into a block: name and value by (topic, channel)."""
        query = {"choices": ",".join(f"{topic.id}:{channel}" for topic, channel in pairs), **query}
        self.page_of_boxes = self.url_open("/consent/boxes", params=query).text
        found = re.findall(r'name="(consent_choice_(\d+)_(\w+))" value="([^"]+)"', self.page_of_boxes)
        topics = self.env["consent.topic"]
        return {(topics.browse(int(id_)), channel): (name, value) for name, id_, channel, value in found}

    def url_open(self, url, params=None, **kwargs):
        """Open a page with a query."""
        if params:
            return self.opener.get(f"{self.base_url()}{url}", params=params, timeout=30)
        return super().url_open(url, **kwargs)

    def contact(self, ticked=(), model="mail.mail", **values):
        """Send the contact form, and return what it answers."""
        values = {
            "email_from": NEW,
            "subject": "A lamp",
            "description": "Do you have it in red?",
            "email_to": "info@lumen.example",
            **values,
            **dict(ticked),
        }
        signature = self.env["ir.model"]._get(model)
        values["website_form_signature"] = self.signature(values["email_to"]) if model == "mail.mail" else ""
        headers = {"Referer": f"{self.base_url()}{PAGE}?email=secret@lumen.example"}
        self.assertTrue(signature.website_form_access)
        answer = self.url_open(f"/website/form/{model}", data=values, headers=headers)
        self.env.invalidate_all()
        self.work_off()
        return json.loads(answer.text)

    def signature(self, email_to):
        return hmac(self.env(su=True), "website_form_signature", email_to)

    def waiting(self, address=NEW, channel="email"):
        self.work_off()
        return self.env["consent.request"].search([("address", "=", address), ("channel", "=", channel)])


OWN_PAGES = ("", "/receipt", "/receipt.json", "/data.json")


class PortalCase(PageCase):
    """The story, where Anna, Ben and Carla have a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for partner in (cls.anna, cls.ben, cls.carla):
            login = {"login": partner.email, "password": partner.email, "name": partner.name}
            new_test_user(cls.env, groups="base.group_portal", partner_id=partner.id, **login)
        cls.env["website"].search([]).auth_signup_uninvited = "b2b"

    def enter(self, address):
        """Log in as the owner of an address."""
        self.authenticate(address, address)

    def post(self, **form):
        """Post the form of one's own page."""
        page = self.url_open("/my/preferences").text
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return self.url_open("/my/preferences", data={"csrf_token": csrf, **form})
