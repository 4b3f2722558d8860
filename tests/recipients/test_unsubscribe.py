import base64
import random

from odoo.tests import tagged

from ...tools import links
from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.pages import HOSTILE, ONE_CLICK, LinkCase
from ..cases.story import ANNA, BEN, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestUnsubscribe(LinkCase):
    def test_looking_at_a_link_changes_nothing(self):
        url, before = self.url(), self.snapshot()
        for method in ("GET", "HEAD", "GET"):
            for page in ("unsubscribe", "why"):
                answer = self.url_open(url.replace("unsubscribe", page), method=method)
                self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.snapshot(), before)

    def test_one_click_unsubscribes_without_cookie_session_or_redirect(self):
        for encoding in ("data", "files"):
            self.yes(ANNA)
            pair = ONE_CLICK if encoding == "data" else {"List-Unsubscribe": (None, "One-Click")}
            self.opener.cookies.clear()
            answer = self.opener.post(f"{self.base_url()}{self.url()}", allow_redirects=False, **{encoding: pair})
            self.assertEqual((answer.status_code, answer.text), (200, ""))
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        event = self.record(ANNA).last_event_id
        self.assertEqual((event.type, event.source), ("withdrawn", "one_click"))

    def test_two_clicks_are_one_withdrawal(self):
        url, count = self.url(), self.env["consent.event"].search_count([])
        for _time in range(2):
            self.assertEqual(self.url_open(url, data=ONE_CLICK).status_code, 200)
        self.assertEqual(self.env["consent.event"].search_count([]), count + 1)

    def test_a_post_that_says_nothing_changes_nothing(self):
        url, before = self.url(), self.snapshot()
        for data in ({"x": "1"}, {"List-Unsubscribe": "no"}, {"action": "give"}, {"action": "undo", "undo": "AAAA"}):
            self.assertEqual(self.url_open(url, data=data).status_code, 400, data)
        self.assertEqual(self.url_open(url, data={"action": "topic", "reason": "x" * 20_000}).status_code, 413)
        self.assertEqual(self.snapshot(), before)

    def test_each_scope_stops_what_it_says(self):
        self.yes(ANNA, self.events)
        reasons = {
            "topic": {"news": "withdrawn", "events": None, "sms": None},
            "channel": {"news": "objected", "events": "objected", "sms": None},
            "company": {"news": "objected", "events": "objected", "sms": "objected"},
            "group": {"news": "objected", "events": "objected", "sms": "objected"},
        }
        for scope, expected in reasons.items():
            with self.subTest(scope), self.cr.savepoint() as savepoint:
                answer = self.url_open(self.url(), data={"action": scope})
                self.assertEqual(answer.status_code, 200)
                self.assertIn("You are unsubscribed", answer.text)
                found = {
                    "news": self.verdict(ANNA).reason,
                    "events": self.verdict(ANNA, self.events).reason,
                    "sms": self.verdict(ANNA, channel="sms").reason,
                }
                self.assertEqual(found, expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_everything_follows_the_person_to_another_address_as_carried_over(self):
        self.url_open(self.url(), data={"action": "company"})
        events = self.env["consent.event"].search([("contact_point_id.address", "=", PHONES[ANNA])], order="id desc")
        self.assertEqual((events[:1].type, events[:1].fact), ("carried_over", "objected"))

    def test_the_reason_and_how_it_reached_us_are_evidence(self):
        self.url_open(
            self.url(), data={"action": "topic", "reason": HOSTILE}, headers={"User-Agent": "Phone", "Referer": "x"}
        )
        event = self.record(ANNA).last_event_id
        self.assertEqual(
            event._evidence(),
            {
                "network": "127.0.0.0/24",
                "user_agent": "Phone",
                "page": "unsubscribe",
                "language": "en_US",
                "reason": HOSTILE,
            },
        )

    def test_a_link_works_for_ever(self):
        mailing = self.env["mailing.mailing"].create(
            {"subject": "x", "mailing_model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        url = self.url(mailing=mailing)
        mailing.unlink()
        self.anna.unlink()
        self.news.active = False
        self.env["ir.config_parameter"].set_param("database.secret", "restored elsewhere")
        self.env["ir.config_parameter"].set_param("database.uuid", "restored elsewhere")
        with self.travel(days=3650):
            self.assertEqual(self.url_open(url).status_code, 200)
            self.url_open(url, data=ONE_CLICK)
        self.assertEqual(self.record(ANNA).state, "withdrawn")

    def test_a_link_tells_nobody_the_address(self):
        url = self.url()
        for text in (url, self.url_open(url).text, self.url_open(url.replace("unsubscribe", "why")).text):
            self.assertNotIn(ANNA, text)
            self.assertNotIn("%40", text)

    def test_undo_brings_back_what_this_click_took_and_no_more(self):
        self.yes(ANNA, self.events)
        self.withdraw(ANNA, self.events)
        undo = self.undo_of(self.url(), "topic")
        self.assertIn("You are subscribed again", self.url_open(self.url(), data=undo).text)
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertEqual(self.verdict(ANNA, self.events).reason, "withdrawn")
        undo = self.undo_of(self.url(), "company")
        self.url_open(self.url(), data=undo)
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)

    def test_undo_is_for_the_person_who_clicked_and_only_until_something_else_is_said(self):
        undo = self.undo_of(self.url(), "topic")
        self.url_open(self.url(BEN), data=undo)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn", "not with another's link")
        self.records.refuse("news", "email", ANNA, source="staff_phone")
        self.url_open(self.url(), data=undo)
        self.assertEqual(self.verdict(ANNA).reason, "refused")

    def undo_of(self, url, scope):
        page = self.url_open(url, data={"action": scope}).text
        return {"action": "undo", "undo": page.split('name="undo" value="')[1].split('"')[0]}

    def test_who_was_never_known_can_unsubscribe_too(self):
        self.url_open(self.url(CARLA), data=ONE_CLICK)
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn")

    def test_the_short_link_of_an_sms_stops_sms_and_leaves_email_alone(self):
        token = self.token(channel="sms")
        self.assertIn("SMS", self.url_open(f"/c/{token}").text)
        self.url_open(f"/c/{token}", data={"action": "topic"})
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "withdrawn")
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_every_link_that_does_not_work_gets_the_same_answer(self):
        good, chance = self.token(), random.Random(1)
        bad = [good[:-1], good + "A", "é" * 40, "%00" * 12, "A" * 5000]
        bad += [self.swapped(good, self.token(BEN)), links.sign({1: b"other"}, "message", links.Link(1, 1, 1))]
        bad += [links.sign(self.env["consent.link"]._keys(), "message", links.Link(2**31 - 1, 1))]
        bad += [base64.urlsafe_b64encode(chance.randbytes(chance.randint(20, 40))).decode() for _n in range(1000)]
        answers, before = set(), self.snapshot()
        for number, token in enumerate(bad):
            for page, data in (("unsubscribe", None), ("unsubscribe", ONE_CLICK), ("why", None), ("view", None)):
                if number > 20 and (page, data) != ("unsubscribe", None):
                    continue
                answer = self.url_open(f"/consent/{page}/{token}", data=data)
                self.assertEqual(answer.status_code, 404, token)
                text = answer.text
                nonce = text.split('nonce="')[1].split('"')[0]
                answers.add(text.replace(nonce, ""))
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.snapshot(), before)

    def swapped(self, one, other):
        """Return the claims of `one` under the seal of `other`."""
        one, other = (base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) for token in (one, other))
        return base64.urlsafe_b64encode(one[:-16] + other[-16:]).decode().rstrip("=")

    def test_a_wrong_link_costs_the_same_whatever_is_wrong(self):
        def queries(token):
            before = self.cr.sql_log_count
            self.url_open(f"/consent/unsubscribe/{token}")
            return self.cr.sql_log_count - before

        good = self.token()
        queries(good[:-1])  # fills the caches
        forged = [good[:-2], good + "AA", "A" * 40, "é" * 30, "x" * 5000, self.swapped(good, self.token(BEN))]
        self.assertEqual(len({queries(token) for token in forged}), 1)

    def test_who_was_unsubscribed_before_sees_it(self):
        self.assertNotIn("You are unsubscribed", self.url_open(self.url()).text)
        self.withdraw(ANNA)
        self.assertIn("You are unsubscribed", self.url_open(self.url()).text)
        self.yes(ANNA)
        self.assertNotIn("You are unsubscribed", self.url_open(self.url()).text)
        self.records.object_to("email", ANNA, source="preference_page")
        self.assertIn("no longer gets marketing", " ".join(self.url_open(self.url()).text.split()))
        self.yes(ANNA)  # a proven yes passes the objection
        self.assertNotIn("You are unsubscribed", self.url_open(self.url()).text)

    def test_the_language_that_was_chosen_stays_chosen(self):
        self.env["res.lang"]._activate_lang("ar_001")
        page = self.url_open(f"{self.url()}?lang=ar_001").text
        action = page.split('action="')[1].split('"')[0]
        self.assertIn('dir="rtl"', self.url_open(action, data={"action": "topic"}).text)

    def test_an_email_that_rests_on_another_ground_says_so(self):
        self.news.purpose_id.allow_soft_opt_in = True
        self.yes(ANNA, legal_basis="soft_opt_in")
        page = self.url_open(self.url(page="why")).text
        self.assertIn("Soft opt-in (existing customer)", page)
        self.assertNotIn("You agreed", page)

    def test_pages_about_a_person_are_kept_and_framed_nowhere(self):
        headers = self.url_open(self.url()).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["X-Robots-Tag"], "noindex, nofollow")
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])

    def test_hostile_names_are_shown_as_text(self):
        self.news.name = self.env.company.name = HOSTILE
        self.env["mailing.subscription.optout"].search([]).name = HOSTILE
        for url, data in ((self.url(), None), (self.url(), {"action": "topic"}), (self.url(page="why"), None)):
            page = self.url_open(url, data=data).text
            self.assertNotIn("<img src=x", page)
            self.assertIn("&lt;img src=x", page)

    def test_why_shows_the_choice_that_the_message_rests_on(self):
        page = self.url_open(self.url(page="why")).text
        self.assertIn("I want News about lamps. I can stop at any time.", page)
        self.assertIn("Preference page", page)
        self.assertIn("you have not objected", self.url_open(self.url(CARLA, page="why")).text)

    def test_a_page_costs_the_same_however_much_was_said(self):
        def queries():
            url = self.url()
            self.url_open(url)  # fills the caches
            before = self.cr.sql_log_count
            self.url_open(url)
            return self.cr.sql_log_count - before

        first = queries()
        for number in range(20):
            topic = self.make_topic(f"t{number}", f"Topic {number}")
            self.yes(ANNA, topic)
            self.withdraw(ANNA, topic)
        self.assertEqual(queries(), first)

    def test_one_click_costs_the_same_however_much_was_said(self):
        def queries():
            self.yes(ANNA)
            url, before = self.url(), self.cr.sql_log_count
            self.url_open(url, data=ONE_CLICK)
            return self.cr.sql_log_count - before

        queries()  # fills the caches
        first = queries()
        for number in range(20):
            self.yes(ANNA, self.make_topic(f"t{number}", f"Topic {number}"))
        queries()
        self.assertEqual(queries(), first)
        self.assertLessEqual(first, 25)


@tagged("post_install", "-at_install")
class TestUnsubscribePages(BrowserCase, LinkCase):
    """What a recipient sees, on a phone and on a desk, with and without JavaScript."""

    def test_a_recipient_unsubscribes_with_one_button_and_without_javascript(self):
        for size in (PHONE, DESKTOP):
            self.yes(ANNA)
            with self.browsing(size=size, javascript=False) as page:
                page.goto(self.url())
                page.get_by_role("button", name="Unsubscribe from News about lamps").click()
                page.get_by_role("heading", name="You are unsubscribed").wait_for()
            self.assertEqual(self.verdict(ANNA).reason, "withdrawn")

    def test_the_pages_are_accessible_and_fit_a_phone(self):
        self.env["res.lang"]._activate_lang("ar_001")
        for name, lang in (("en", "en_US"), ("rtl", "ar_001")):
            for size in (DESKTOP, PHONE):
                self.yes(ANNA)
                with self.browsing(size=size) as page:
                    for step, url in (("unsubscribe", self.url()), ("why", self.url(page="why"))):
                        page.goto(f"{url}?lang={lang}")
                        self.look(page, f"{step}-{name}-{size['width']}")
                    page.goto(f"{self.url()}?lang={lang}")
                    page.locator("button.primary").click()
                    page.get_by_role("status").wait_for()
                    self.look(page, f"unsubscribed-{name}-{size['width']}")
                    page.goto(f"/consent/unsubscribe/wrong?lang={lang}")
                    self.look(page, f"dead-{name}-{size['width']}")
