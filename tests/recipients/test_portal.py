import contextlib
import json

from odoo.tests import tagged

from ...exceptions import ConsentError
from ...tools import transitions
from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.pages import HOSTILE, OWN_PAGES, TOKEN, PortalCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    def test_the_portals_first_page_leads_to_the_preferences(self):
        self.enter(ANNA)
        self.assertIn('href="/my/preferences"', self.url_open("/my").text)

    def test_who_is_logged_in_sees_and_changes_what_their_login_gets(self):
        self.enter(ANNA)
        page = self.url_open("/my/preferences").text
        self.assertIn(ANNA, page)
        self.assertIn("What we have written down", page)
        self.post(action="save", choice=self.box(topic=self.events))
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        event = self.record(ANNA, self.events).granting_event_id
        self.assertEqual((event.source, event.evidence_grade), ("preference_page", "B"))
        self.assertIn("I want Evenings in the shop.", event._evidence()["statement"])

    def test_who_never_said_anything_can_begin_here_and_looking_writes_nothing(self):
        self.enter(CARLA)
        count = self.env["consent.contact.point"].search_count([])
        for method in ("GET", "HEAD", "GET"):
            for page in OWN_PAGES:
                self.assertEqual(self.url_open(f"/my/preferences{page}", method=method).status_code, 200, page)
        self.assertEqual(self.env["consent.contact.point"].search_count([]), count)
        self.assertIn("Your preferences", self.url_open("/my/preferences").text)
        self.assertIn("News about lamps", self.post(action="open").text)
        self.post(action="save", choice=self.box(CARLA))
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_a_login_proves_no_other_address_until_a_link_sent_there_is_opened(self):
        self.enter(ANNA)
        page = self.url_open("/my/preferences").text
        self.assertIn("Your other addresses", page)
        self.post(action="reject_all")
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        self.assertIn("Look at your messages", self.post(action="fresh", address=PHONES[ANNA]).text)
        self.work_off()
        sms = self.env["sms.sms"].search([("number", "=", PHONES[ANNA])])
        self.url_open(f"/consent/access/{TOKEN.search(sms.body)[1]}", data={"go": "1"})
        self.assertNotIn("Your other addresses", self.url_open("/my/preferences").text)
        self.post(action="reject_all")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "withdrawn")

    def test_a_victims_address_on_ones_own_card_opens_nothing(self):
        self.carla.email = ANNA
        self.enter(CARLA)
        for page in OWN_PAGES:
            text = self.url_open(f"/my/preferences{page}").text
            self.assertNotIn("I want News about lamps.", text, page)
        self.assertIn("Your addresses", self.url_open("/my/preferences").text)
        self.post(action="reject_all")
        self.post(action="save", choice=self.box(ANNA, self.events))
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertFalse(self.record(ANNA, self.events))

    def test_where_anybody_may_sign_up_a_login_proves_nothing(self):
        self.env["website"].search([]).auth_signup_uninvited = "b2c"
        self.enter(ANNA)
        self.assertNotIn("I want News about lamps.", self.url_open("/my/preferences").text)
        self.assertFalse(self.url_open("/my/preferences/receipt.json").json()["consent_records"])

    def test_nobody_writes_to_strangers_through_the_portal(self):
        self.enter(ANNA)
        self.post(action="fresh", address=BEN)
        self.assertFalse(self.queued(BEN))

    def test_other_peoples_boxes_and_forms_without_their_token_do_nothing(self):
        self.enter(CARLA)
        self.post(action="open")
        self.post(action="save", choice=[self.box(BEN), self.box(DIRK, self.events), "1:1", "x"])
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertEqual(self.url_open("/my/preferences", data={"action": "accept_all"}).status_code, 400)
        self.assertFalse(self.record(CARLA))

    def test_without_login_there_is_nothing(self):
        self.authenticate(None, None)
        for page in OWN_PAGES:
            answer = self.url_open(f"/my/preferences{page}", allow_redirects=False)
            self.assertIn("/web/login", answer.headers["Location"])


@tagged("post_install", "-at_install")
class TestOwnData(PortalCase):
    def test_the_receipt_is_the_same_on_every_way_and_tells_the_whole_story(self):
        self.prove(BEN)
        by_link = self.url_open("/consent/me/receipt.json").json()
        self.enter(BEN)
        by_login = self.url_open("/my/preferences/receipt.json").json()
        self.assertEqual(by_link["consent_records"], by_login["consent_records"])
        (consent,) = by_login["consent_records"]
        self.assertEqual(consent["party_identification"][0]["party_name"], self.env.company.name)
        self.assertEqual(consent["pii_processing"]["privacy_notice"], "https://lumen.example/privacy")
        self.assertEqual(consent["pii_processing"]["purposes"][0]["service"], "News about lamps")
        states = [event["event_state"].split("#")[1] for event in consent["consent_events"]]
        self.assertEqual(states, ["ConsentGiven", "ConsentWithdrawn"])
        self.assertNotIn(BEN, json.dumps(by_login), "a receipt names the person by a number")

    def test_the_export_holds_every_event_with_its_proof(self):
        self.records.block("paused", "email", ANNA, source="preference_page", until="2030-01-01 00:00:00")
        self.enter(ANNA)
        answer = self.url_open("/my/preferences/data.json")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        data = answer.json()
        events = self.env["consent.event"].search([("contact_point_id.address", "=", ANNA)])
        self.assertEqual({event["hash"] for event in data["events"]}, set(events.mapped("hash")))
        self.assertIn("I want News about lamps.", json.dumps(data["events"]))
        self.assertEqual([point["address"] for point in data["contact_points"]], [ANNA])
        self.assertIn("2030-01-01T00:00:00Z", [held.get("paused_until") for held in data["holds_now"]])
        self.assertEqual([person["name"] for person in data["people"]], ["Anna"])

    def test_the_export_names_every_block(self):
        until = {"paused": {"until": "2030-01-01 00:00:00"}}
        for fact in transitions.BLOCK_SET_BY:
            with contextlib.suppress(ConsentError):
                self.records.block(fact, "email", ANNA, source="staff_phone", **until.get(fact, {}))
        record = self.record(ANNA, False)
        held = {name for name in transitions.BLOCK_SET_BY.values() if record[name]}
        self.enter(ANNA)
        data = self.url_open("/my/preferences/data.json").json()
        named = set().union(*data["holds_now"]) & set(transitions.BLOCK_SET_BY.values())
        self.assertEqual(named, held)
        self.assertGreaterEqual(len(named), 6)

    def test_nothing_of_others_is_in_it(self):
        self.enter(BEN)
        self.assertNotIn(ANNA, self.url_open("/my/preferences/data.json").text)
        self.assertNotIn(PHONES[BEN], self.url_open("/my/preferences/data.json").text)

    def test_the_link_of_a_message_opens_no_data(self):
        token = self.token()
        for page in OWN_PAGES[1:]:
            self.assertEqual(self.url_open(f"/consent/preferences/{token}{page}").status_code, 404)
            self.assertIn("Send me the link", self.url_open(f"/consent/me{page}").text)

    def test_it_costs_the_same_however_much_was_said(self):
        def queries(page):
            self.url_open(page)
            before = self.cr.sql_log_count
            self.url_open(page)
            return self.cr.sql_log_count - before

        self.enter(ANNA)
        pages = [f"/my/preferences{page}" for page in OWN_PAGES]
        first = [queries(page) for page in pages]
        for number in range(8):
            topic = self.make_topic(f"t{number}", f"Topic {number}")
            self.yes(ANNA, topic)
            self.withdraw(ANNA, topic)
        self.assertEqual([queries(page) for page in pages], first)

    def test_hostile_names_are_shown_as_text(self):
        self.news.name = self.news.purpose_id.description = self.env.company.name = self.env.company.street = HOSTILE
        self.enter(ANNA)
        for page in OWN_PAGES[:2]:
            self.assertNotIn("<img src=x", self.url_open(f"/my/preferences{page}").text)
        self.assertEqual(self.url_open("/my/preferences/data.json").headers["X-Content-Type-Options"], "nosniff")


@tagged("post_install", "-at_install")
class TestPortalInTheBrowser(BrowserCase, PortalCase):
    def test_a_customer_goes_from_the_account_to_the_receipt_and_needs_no_javascript(self):
        self.env["res.lang"]._activate_lang("ar_001")
        for size, lang in ((DESKTOP, "en_US"), (PHONE, "en_US"), (PHONE, "ar_001")):
            with self.browsing(ANNA, size=size) as page:
                page.goto("/my")
                page.get_by_text("What you get from us").click()
                page.get_by_role("heading", name="What we have written down").wait_for()
                page.goto(f"/my/preferences?lang={lang}")
                self.look(page, f"portal-{lang}-{size['width']}")
                page.get_by_role("link", name="Receipt").click()
                page.get_by_role("heading", name="Receipt of your consent").wait_for()
                self.look(page, f"receipt-{lang}-{size['width']}")
        with self.browsing(ANNA, size=PHONE, javascript=False) as page:
            page.goto("/my/preferences")
            page.get_by_label("Evenings in the shop by e-mail").check()
            page.get_by_role("button", name="Save", exact=True).click()
            page.get_by_text("Saved.").wait_for()
        self.assertTrue(self.verdict(ANNA, self.events).allowed)
