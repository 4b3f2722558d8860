"""All routes of ours and all of Odoo's that we changed, from the routing map: a new one is tried too."""

import json
import re
import threading
from unittest.mock import patch
from urllib.parse import quote

from odoo.tests import tagged

from ..cases.inviter import invitation_tokens, invite
from ..cases.pages import ONE_CLICK, CaptureCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES

OURS = "odoo.addons.marketing_consent.controllers."
#: What a POST answers. form: 303 to a page; one_click, webhook: 200 from what was committed; json: 200 likewise.
POSTS = {
    "/c/<string:token>": "form one_click",
    "/consent/access/<string:token>": "form",
    "/consent/change/<string:token>": "form",
    "/consent/come_back/<string:token>": "form",
    "/consent/confirm/<string:token>": "form",
    "/consent/find": "form",
    "/consent/invitation/<string:token>": "form",
    "/consent/me": "form",
    "/consent/me/details": "form",
    "/consent/page/<string:code>": "form",
    "/consent/page/<string:code>/code": "form",
    "/consent/preferences/<string:token>": "form",
    "/consent/sms/twilio": "webhook",
    "/consent/subscribe/<string:token>": "form",
    "/consent/subscribe/<string:token>/<any(topic):only>": "form",
    "/consent/unsubscribe/<string:token>": "form one_click",
    "/mailing/<int:mailing_id>/unsubscribe": "form",
    "/mailing/<int:mailing_id>/unsubscribe_oneclick": "one_click",
    "/mailing/blocklist/add": "json",
    "/mailing/blocklist/remove": "json",
    "/mailing/confirm_unsubscribe": "form",
    "/mailing/feedback": "json",
    "/mailing/list/update": "json",
    "/my/preferences": "form",
    "/my/preferences/details": "form",
    "/sms/<int:mailing_id>/<string:trace_code>": "form",
    "/sms/<int:mailing_id>/unsubscribe/<string:trace_code>": "form",
    "/sms_twilio/status/<string:uuid>": "webhook",
    "/website_mass_mailing/is_subscriber": "json",
    "/website_mass_mailing/subscribe": "json",
}
#: Any POST uses these up, which open once and which nothing but a form posts to.
ANY_POST = ("/consent/access/", "/consent/change/")
#: Text that no database stores, and what no form has.
HOSTILE = ["a\0b", "é" * 300, "' OR 1=1 --", "1" * 400, "١٢٣²"]
#: JSON that is no text.
NO_TEXT = [True, -1, 2**70, {"a": 1}, [[{}]], "\ud800"]


class RouteCase(CaptureCase):
    """The routes with an address of each that means something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.env["mailing.list"].create({"name": "Plain", "is_public": True})
        contact = cls.env["mailing.contact"].create({"email": DIRK, "list_ids": cls.plain.ids})
        contact.subscription_ids.opt_out = True
        cls.come_back = contact.subscription_ids._consent_token()
        model = cls.env["ir.model"]._get_id("res.partner")
        common = {"subject": "Lamps", "consent_topic_id": cls.news.id}
        cls.mailing, cls.sms = cls.env["mailing.mailing"].create(
            [
                {**common, "mailing_model_id": model, "body_html": "<p>x</p>"},
                {**common, "mailing_model_id": model, "mailing_type": "sms", "body_plaintext": "x"},
            ]
        )
        # Carla's address was never written to by us: a link to her makes no contact point before she presses it.
        cls.proof = {"document_id": cls.carla.id, "email": CARLA}
        cls.proof["hash_token"] = cls.mailing._generate_mailing_recipient_token(cls.carla.id, CARLA)
        cls.env["mailing.trace"].create(
            {"mass_mailing_id": cls.sms.id, "trace_type": "sms", "model": "res.partner", "res_id": cls.anna.id}
            | {"sms_number": PHONES[CARLA], "sms_code": "abc"}
        )

    def rules(self):
        """Return the methods of our routes, by path."""
        with patch.object(threading.current_thread(), "dbname", self.cr.dbname, create=True):  # for Odoo's log
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        ours = [rule for rule in rules if rule.endpoint.func.__module__.startswith(OURS)]
        return {rule.rule: (rule.endpoint.routing["type"], rule.endpoint.routing["methods"]) for rule in ours}

    def tokens(self):
        company, notice = self.env.company, self.news.purpose_id.notice_ids[:1]
        invitation = invite(self.env, self.news, self.ben)
        invitees = self.env["consent.invitee"]
        invitees._ask(invitees._note(invitation, {BEN: "country"}), self.news, "en_US")
        correction = self.env["consent.correction"].with_context(lang="en_US")
        return {
            "access": self.env["consent.access"]._open("email", ANNA, company),
            "change": correction._open(self.anna, "email", "anna@new.example", company),
            "come_back": self.come_back,
            "confirm": self.env["consent.request"]._open(self.news, "email", CARLA, notice)[1],
            "invitation": invitation_tokens(self.env, BEN)[-1],
        }

    def address(self, rule, tokens, **wrong):
        """Return an address of a route, with a value of its own for each part that `wrong` names."""
        page = rule.split("/")[2] if rule.count("/") > 1 else ""
        values = {
            **{"token": tokens.get(page) or self.token(), "code": "newsletters", "only": "topic", "trace_code": "abc"},
            "mailing_id": self.sms.id if rule.startswith("/sms/") else self.mailing.id,
            **{"uuid": "u" * 32, "what": "data.json", "import_id": 1, "file": "x", "id": 1},
            **wrong,
        }
        found = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda part: quote(str(values[part[1]]), safe=""), rule)
        return found + ("?" + "&".join(f"{k}={v}" for k, v in self.proof.items()) if "/mailing/" in rule else "")

    def changes(self):
        """Return how many rows this transaction has inserted, updated or deleted so far, by table."""
        self.env.flush_all()
        self.cr.precommit.run()
        self.cr.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
                WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
        )
        return dict(self.cr.fetchall())

    def raw(self, url, method="GET", **options):
        """Send a request, and follow nothing."""
        return self.opener.request(method, f"{self.base_url()}{url}", allow_redirects=False, timeout=30, **options)


@tagged("post_install", "-at_install")
class TestRoutes(RouteCase):
    def test_each_route_that_takes_a_post_says_what_it_answers(self):
        posts = {
            rule
            for rule, (type_, methods) in self.rules().items()
            if type_ == "jsonrpc" or "POST" in (methods or "POST")
        }
        self.assertEqual(posts, set(POSTS))

    def test_looking_writes_nothing_not_even_a_contact_point(self):
        tokens = self.tokens()
        self.authenticate("admin", "admin")
        self.url_open("/consent/find")  # fills what Odoo makes once
        for rule, (type_, _methods) in self.rules().items():
            url = self.address(rule, tokens)
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(rule=rule, method=method):
                    before = self.changes()
                    answer = self.raw(url, method, data={"action": "topic", "sure": "1", **ONE_CLICK})
                    self.assertLess(answer.status_code, 500)
                    self.assertEqual(self.changes(), before)
                    if method == "OPTIONS":
                        # Odoo itself refuses what is no JSON where JSON is wanted.
                        self.assertEqual(answer.status_code, 415 if type_ == "jsonrpc" else 204)

    def test_odoos_pages_of_a_mailing_write_nothing_either(self):
        query = "&".join(f"{name}={value}" for name, value in self.proof.items())
        for page in ("view", "unsubscribe", "confirm_unsubscribe"):
            before = self.changes()
            for method in ("GET", "HEAD"):
                self.assertEqual(self.raw(f"/mailing/{self.mailing.id}/{page}?{query}", method).status_code, 200, page)
            self.assertEqual(self.changes(), before, page)

    def test_other_methods_are_refused(self):
        tokens = self.tokens()
        for rule in self.rules():
            for method in ("PUT", "DELETE", "PATCH"):
                with self.subTest(rule=rule, method=method):
                    before = self.changes()
                    status = self.raw(self.address(rule, tokens), method, data=ONE_CLICK).status_code
                    self.assertIn(status, (400, 404, 405, 415))
                    self.assertEqual(self.changes(), before)

    def test_hostile_values_are_refused_and_change_nothing(self):
        tokens, names = self.tokens(), ["action", "address", "email", "phone", "code", "choice", "reason", "undo"]
        names += [
            "days",
            "handle",
            "often",
            "name",
            "lang",
            "done",
            "hash_token",
            "document_id",
            "mailing_id",
            "sms_number",
        ]
        with self.assertNoLogs("odoo", "ERROR"):
            for rule, (type_, _methods) in self.rules().items():
                if type_ == "jsonrpc":
                    continue
                parts = re.findall(r"<string:(\w+)>", rule)
                for value in HOSTILE:
                    with self.subTest(rule=rule, value=value):
                        before = self.changes()
                        urls = [self.address(rule, tokens, **{part: value}) for part in parts]
                        urls += [] if rule.startswith(ANY_POST) else [self.address(rule, tokens)]
                        for url in urls:
                            form = dict.fromkeys(names, value)
                            for answer in (
                                self.raw(url, params={"lang": value, "done": value, "choices": value}),
                                self.raw(url, "POST", data={**form, "action": "pause"}),
                            ):
                                self.assertLess(answer.status_code, 500)
                                self.assertNotIn("Traceback", answer.text)
                        changed = {t for t, n in self.changes().items() if n != before.get(t)}
                        self.assertFalse(changed - {"consent_throttle"}, "a code that was typed is counted")

    def test_a_value_that_comes_twice_is_refused(self):
        tokens = self.tokens()
        for url in (self.url(), self.url(page="preferences"), "/consent/find", "/consent/page/newsletters"):
            before = self.changes()
            answer = self.raw(url, "POST", data=[("action", "topic"), ("action", "save"), ("address", ANNA)])
            self.assertEqual((answer.status_code, answer.text), (400, "Pass once: action\n"), url)
            self.assertEqual(self.changes(), before)
        url = self.address("/mailing/<int:mailing_id>/unsubscribe", tokens)
        self.assertEqual(self.raw(f"{url}&email={ANNA}").status_code, 400)
        twice = [("List-Unsubscribe", "One-Click"), ("x", "1"), ("x", "2")]
        self.assertEqual(self.raw(self.url(), "POST", data=twice).status_code, 200, "a mail program's no always counts")

    def test_json_that_is_no_text_is_refused(self):
        names = ["list_id", "value", "subscription_type", "consent", "mailing_id", "document_id", "email", "hash_token"]
        names += ["lists_optin_ids", "last_action", "opt_out_reason_id", "feedback"]
        with self.assertNoLogs("odoo", "ERROR"):
            for rule, (type_, _methods) in self.rules().items():
                if type_ != "jsonrpc":
                    continue
                calls = [{}, *(dict.fromkeys(names, value) for value in NO_TEXT)]
                proven = {**self.proof, "mailing_id": self.mailing.id}
                calls += [{**proven, name: value} for name in names for value in NO_TEXT]
                for params in calls:
                    with self.subTest(rule=rule, params=params):
                        self.assert_refused(rule, params)
                for params in ("x", [1], 7, None):
                    body = {"jsonrpc": "2.0", "params": params}
                    self.assertEqual(self.raw(rule, "POST", json=body).status_code, 400, params)

    def assert_refused(self, rule, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        answer = self.raw(rule, "POST", data=body, headers={"Content-Type": "application/json"})
        self.assertIn(answer.status_code, (200, 400))
        self.assertNotIn("Traceback", answer.text)
