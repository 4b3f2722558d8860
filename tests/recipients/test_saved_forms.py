"""Forms that save, as browsers send them: each request a transaction of its own, on a database of its own."""

import re

import requests
from odoo import SUPERUSER_ID, api
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.database import fresh_registry, served

ANNA, NEW = "anna@lumen.example", "new@lumen.example"
TOKEN = re.compile(r"/consent/(?:access|confirm)/([\w-]+)")


class Visitor:
    """A browser, as far as forms go: follows redirections, and keeps cookies."""

    def __init__(self, address):
        self.address, self.session = address, requests.Session()

    def get(self, path):
        return self.session.get(f"{self.address}{path}", timeout=60)

    def post(self, path, page=None, **form):
        """Send a form of `page`, and return how it was answered and the page after it."""
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', (page or self.get(path)).text)
        form = {**({"csrf_token": csrf[1]} if csrf else {}), **form}
        answer = self.session.post(f"{self.address}{path}", data=form, allow_redirects=False, timeout=60)
        target = answer.headers.get("Location")
        return answer.status_code, self.get(target) if answer.status_code == 303 else answer


def boxes(page):
    """Return which boxes a page has, and whether each is ticked."""
    found = re.findall(r'<input\s[^>]*name="choice"[^>]*>', page.text)
    return {re.search(r'value="([^"]+)"', box)[1]: "checked" in box for box in found}


@tagged("post_install", "-at_install")
class TestSavedForms(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(fresh_registry("forms"))
        with self.environment() as env:
            self.prepare(env)
        self.visitor = Visitor(self.enterContext(served(self.registry.db_name)))

    def environment(self):
        return Environment(self.registry)

    def prepare(self, env):
        self.topic = env["consent.topic"].search([("code", "=", "marketing")], limit=1)
        purpose = self.topic.purpose_id
        if not purpose.notice_ids.filtered(lambda notice: notice.state == "published"):
            values = {"purpose_id": purpose.id, "lang": "en_US", "version": 1, "body": "I want news."}
            env["consent.notice"].create({**values, "privacy_url": "https://lumen.example/privacy"}).action_publish()
        notice = purpose.notice_ids.filtered(lambda notice: notice.state == "published")[:1]
        yes = {"source": "preference_page", "notice": notice.id}
        env["consent.record"].give("marketing", "email", ANNA, **yes)
        env["consent.gate"]._confirm_database()
        env["consent.page"].create({"name": "News", "code": "news", "topic_ids": self.topic.ids})
        partner = env["res.partner"].create({"name": "Anna", "email": ANNA})
        login = {"login": ANNA, "password": "anna-anna-anna", "name": "Anna", "partner_id": partner.id}
        new_test_user(env, groups="base.group_portal", **login)
        env["website"].search([]).auth_signup_uninvited = "b2c"
        self.link = env["consent.link"]._tokens("email", [ANNA], env.company, self.topic)[ANNA]

    def state(self, address=ANNA):
        with self.environment() as env:
            about = [("contact_point_id.address", "=", address), ("topic_id", "=", self.topic.id)]
            return env["consent.record"].search(about).state

    def consent(self):
        names = ["state", "since", "valid_until", "notice_id", "granting_event_id", "legal_basis", "evidence_grade"]
        with self.environment() as env:
            return env["consent.record"].search([("topic_id", "=", self.topic.id)]).read([*names, "proven"])[0]

    def work_off(self):
        with self.environment() as env:
            while batch := env["consent.submission"]._take():
                for submission in batch:
                    submission._work()

    def token(self, address):
        with self.environment() as env:
            mail = env["mail.mail"].search([("email_to", "=", address)], order="id desc", limit=1)
            return TOKEN.search(mail.body_html)[1]

    def prove(self):
        with self.environment() as env:
            token = env["consent.access"]._open("email", ANNA, env.company)
        status, page = self.visitor.post(f"/consent/access/{token}", go="1")
        self.assertEqual((status, page.status_code), (303, 200))
        return page

    @mute_logger("odoo.sql_db")
    def test_the_page_after_saving_shows_what_was_saved_and_saving_it_again_undoes_nothing(self):
        page = self.prove()
        self.assertEqual(list(boxes(page).values()).count(True), 1)
        status, page = self.visitor.post("/consent/me", page, action="save")
        self.assertEqual(status, 303)
        self.assertIn("Saved.", page.text)
        self.assertFalse(any(boxes(page).values()))
        self.assertEqual(self.state(), "withdrawn")
        ticked = [box for box, on in boxes(page).items() if on]
        _status, page = self.visitor.post("/consent/me", page, action="save", choice=ticked)
        self.assertIn("Nothing has changed", page.text)
        self.assertEqual(self.state(), "withdrawn")
        self.assertEqual(self.visitor.get("/consent/me?done=AAAA").text.count("Saved."), 0)

    @mute_logger("odoo.sql_db")
    def test_what_was_saved_is_said_to_who_saved_it_alone(self):
        page = self.prove()
        answer = self.visitor.session.post(
            f"{self.visitor.address}/consent/me",
            data={"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1], "action": "reject_all"},
            allow_redirects=False,
            timeout=60,
        )
        target = answer.headers["Location"]
        self.assertIn("Saved.", self.visitor.get(target).text)
        query = target.partition("?")[2]
        for other in (f"/consent/preferences/{self.link}?{query}", f"/consent/unsubscribe/{self.link}?{query}"):
            self.assertNotIn("Saved.", self.visitor.get(other).text)
        stranger = Visitor(self.visitor.address)
        self.assertNotIn("Saved.", stranger.get(target).text)

    @mute_logger("odoo.sql_db")
    def test_unsubscribing_undoing_and_stopping_by_a_message_link(self):
        before, path = self.consent(), f"/consent/unsubscribe/{self.link}"
        status, page = self.visitor.post(path, action="topic")
        self.assertEqual((status, self.state()), (303, "withdrawn"))
        self.assertIn("You are unsubscribed", page.text)
        undo = re.search(r'name="undo" value="([^"]+)"', page.text)[1]
        status, page = self.visitor.post(path, action="undo", undo=undo)
        self.assertEqual((status, self.state()), (303, "granted"))
        self.assertIn("You are subscribed again", page.text)
        self.assertEqual(self.consent(), before, "the very same consent: event, wording, end")
        status, page = self.visitor.post(f"/consent/preferences/{self.link}", action="stop_company")
        self.assertEqual(status, 303)
        self.assertIn("You have told us to send you no marketing.", page.text)
        self.assertFalse(boxes(page))
        self.assertFalse(any(boxes(self.prove()).values()), "what is not sent is not ticked")

    @mute_logger("odoo.sql_db")
    def test_signing_up_and_confirming(self):
        offered = boxes(self.visitor.get("/consent/page/news"))
        by_email = next(box for box in offered if box.endswith(":email"))
        status, page = self.visitor.post("/consent/page/news", choice=by_email, email="x@")
        self.assertEqual(status, 400)
        self.assertIn('value="x@"', page.text)
        self.assertTrue(boxes(page)[by_email], "what was typed is kept")
        status, page = self.visitor.post("/consent/page/news", choice=by_email, email=NEW)
        self.assertEqual(status, 303)
        self.assertIn("Almost done", page.text)
        self.assertFalse(self.state(NEW))
        self.work_off()
        path = f"/consent/confirm/{self.token(NEW)}"
        status, page = self.visitor.post(path, action="confirm", sure="1")
        self.assertEqual((status, self.state(NEW)), (303, "granted"))
        self.assertIn("Thank you", page.text)
        self.assertIn("You have answered already", self.visitor.get(path).text)

    @mute_logger("odoo.sql_db")
    def test_where_anybody_may_sign_up_a_no_in_the_portal_needs_no_proof_and_a_yes_does(self):
        login = {"login": ANNA, "password": "anna-anna-anna", "redirect": "/my/preferences"}
        _status, page = self.visitor.post("/web/login", **login)
        self.assertIn("We do not know yet that this address is yours", page.text)
        self.assertFalse(boxes(page))
        for action in ("save", "accept_all", "allow", "resume"):
            status, page = self.visitor.post("/my/preferences", action=action, choice=f"1:{self.topic.id}")
            self.assertEqual(status, 400, action)
            self.assertNotIn("Saved", page.text)
        for form, holds in (
            ({"action": "pause", "days": "14"}, "paused_until"),
            ({"action": "stop_company"}, "objected_at"),
            ({"action": "stop_group"}, "objected_at"),
        ):
            status, page = self.visitor.post("/my/preferences", **form)
            self.assertEqual(status, 303)
            self.assertIn("It holds from now on.", page.text)
            with self.environment() as env:
                blocks = env["consent.record"].search([("topic_id", "=", False)])
                self.assertTrue(any(blocks.mapped(holds)), form)
        self.assertEqual(self.state(), "granted")
        status, _page = self.visitor.post("/my/preferences", action="reject_all")
        self.assertEqual((status, self.state()), (303, "withdrawn"))

    @mute_logger("odoo.sql_db")
    def test_known_and_unknown_addresses_cost_the_same_and_queue_the_same(self):
        for path, name, more in (
            ("/consent/find", "address", {}),
            ("/consent/page/news", "email", {"choice": f"{self.topic.id}:email"}),
        ):
            queued = []
            for address in (ANNA, "nobody@elsewhere.example"):
                before = self.counts()
                self.assertEqual(self.visitor.post(path, **{name: address}, **more)[0], 303)
                after = self.counts()
                queued.append({table: after[table] - before[table] for table in after})
            self.assertEqual(queued[0], queued[1], path)
            self.assertEqual(queued[0]["consent_submission"], 1)

    def counts(self):
        tables = ("consent_submission", "ir_cron_trigger", "mail_mail", "consent_request", "consent_access")
        tables += ("consent_throttle", "consent_contact_point")
        with self.environment() as env:
            env.cr.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
            return dict(zip(tables, env.cr.fetchone(), strict=True))


class Environment:
    """An environment of a transaction of its own, committed at its end."""

    def __init__(self, registry):
        self.cursor = registry.cursor()

    def __enter__(self):
        """Open the transaction."""
        return api.Environment(self.cursor.__enter__(), SUPERUSER_ID, {})

    def __exit__(self, *failure):
        """Commit it, or roll it back."""
        return self.cursor.__exit__(*failure)
