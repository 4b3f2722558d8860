import re

from odoo.tests import tagged

from ..cases.browser import PHONE, BrowserCase
from ..cases.pages import HOSTILE, PortalCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES

NEW = "anna@elsewhere.example"
CHANGE = re.compile(r"/consent/change/([\w-]+)")
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class CorrectionCase(PortalCase):
    def details(self, url="/my/preferences/details", **form):
        """Post the form of one's own data."""
        csrf = CSRF.search(self.url_open(url).text)[1]
        return self.url_open(url, data={"csrf_token": csrf, **form})

    def link(self, address=NEW):
        return CHANGE.search(self.queued(address)[-1].body_html)[0]


@tagged("post_install", "-at_install")
class TestCorrection(CorrectionCase):
    def test_name_and_language_are_corrected_at_once_and_nothing_else(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.enter(ANNA)
        form = {"name": " Anna Maes ", "lang": "fr_FR", "email": NEW, "parent_id": self.ben.id, "active": ""}
        self.assertIn("Saved.", self.details(**form).text)
        self.assertEqual((self.anna.name, self.anna.lang, self.anna.email), ("Anna Maes", "fr_FR", ANNA))
        self.assertFalse(self.anna.parent_id)
        self.details(name="", lang="xx_XX")
        self.assertEqual((self.anna.name, self.anna.lang), ("Anna Maes", "fr_FR"))

    def test_a_new_address_counts_once_proven_and_the_old_one_is_told(self):
        self.enter(ANNA)
        self.assertIn("until then nothing changes", self.details(address=NEW.upper()).text)
        self.assertEqual(self.anna.email, ANNA)
        link = self.link()
        for method in ("GET", "HEAD"):
            self.assertEqual(self.url_open(link, method=method).status_code, 200)
        self.assertEqual(self.anna.email, ANNA, "looking proves nothing")
        self.assertIn("From now on we use", self.url_open(link, data={"action": "change"}).text)
        self.env.invalidate_all()
        self.assertEqual(self.anna.email, NEW)
        self.assertIn("has changed", self.queued(ANNA).subject)
        self.assertNotIn(NEW, self.queued(ANNA).body_html, "whoever reads the old mailbox does not learn the new one")
        self.assertEqual(self.url_open(link, data={"action": "change"}).status_code, 404, "only once")

    def test_a_no_follows_and_a_yes_does_not(self):
        self.yes(ANNA, self.events)
        self.withdraw(ANNA)
        self.records.block("paused", "email", ANNA, source="preference_page", until="2030-01-01 00:00:00")
        self.enter(ANNA)
        self.details(address=NEW)
        self.url_open(self.link(), data={"action": "change"})
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")
        self.assertFalse(self.verdict(NEW, self.events).allowed)
        self.assertFalse(self.record(NEW, self.events))
        self.assertTrue(self.record(NEW, False).paused_until)
        self.assertEqual(self.record(NEW).last_event_id.type, "carried_over")

    def test_an_objection_follows_through_a_fresh_link_too(self):
        self.prove(DIRK)
        self.details("/consent/me/details", address="dirk@elsewhere.example")
        self.url_open(self.link("dirk@elsewhere.example"), data={"action": "change"})
        self.assertEqual(self.verdict("dirk@elsewhere.example").reason, "objected")
        self.env.invalidate_all()
        self.assertEqual(self.dirk.email, "dirk@elsewhere.example")

    def test_a_number_is_proven_by_sms(self):
        self.enter(ANNA)
        self.details(address="+32 470 00 00 99")
        sms = self.env["sms.sms"].search([("number", "=", "+32470000099")])
        self.url_open(CHANGE.search(sms.body)[0], data={"action": "change"})
        self.env.invalidate_all()
        self.assertEqual((self.anna.phone, self.anna.email), ("+32470000099", ANNA))
        self.assertTrue(self.env["sms.sms"].search([("number", "=", PHONES[ANNA])]), "the old number is told")

    def test_who_has_proven_a_number_only_cannot_change_where_passwords_are_sent(self):
        token = self.env["consent.access"]._open("sms", PHONES[ANNA], self.env.company)
        self.url_open(f"/consent/access/{token}", data={"go": "1"})
        self.assertEqual(self.details("/consent/me/details", address=NEW).status_code, 400)
        self.assertFalse(self.queued(NEW))

    def test_a_lapsed_or_replaced_link_changes_nothing(self):
        self.enter(ANNA)
        self.details(address=NEW)
        first = self.link()
        with self.travel(hours=1):
            self.details(address="second@elsewhere.example")
            self.assertEqual(self.url_open(first, data={"action": "change"}).status_code, 404)
        with self.travel(days=2):
            second = self.link("second@elsewhere.example")
            self.assertEqual(self.url_open(second, data={"action": "change"}).status_code, 404)
        self.assertEqual(self.anna.email, ANNA)

    def test_who_shares_an_address_or_works_here_corrects_nothing_by_a_link(self):
        self.carla.email = BEN
        self.prove(BEN)
        self.assertIn("We cannot tell whose data this is", self.url_open("/consent/me/details").text)
        self.carla.email = CARLA
        self.ben.user_ids.group_ids = self.env.ref("base.group_user")
        self.assertIn("We cannot tell whose data this is", self.url_open("/consent/me/details").text)

    def test_what_is_no_address_is_said_and_hostile_names_are_text(self):
        self.enter(ANNA)
        self.assertEqual(self.details(address="nonsense").status_code, 400)
        self.assertNotIn("<img src=x", self.details(name=HOSTILE, address="<script>").text)
        self.assertEqual(self.url_open("/my/preferences/details", data={"name": "x"}).status_code, 400, "no token")


@tagged("post_install", "-at_install")
class TestCorrectionInTheBrowser(BrowserCase, CorrectionCase):
    def test_the_pages_are_accessible_and_fit_a_phone(self):
        with self.browsing(ANNA, size=PHONE) as page:
            page.goto("/my/preferences")
            page.get_by_role("link", name="Correct").click()
            page.get_by_label("New e-mail address or mobile number").fill(NEW)
            page.get_by_role("button", name="Save").click()
            page.get_by_text("until then nothing changes").wait_for()
            self.look(page, "details")
            page.goto(self.link())
            self.look(page, "change")
            page.get_by_role("button", name="Yes, this is my address").click()
            page.get_by_text("From now on we use").wait_for()
