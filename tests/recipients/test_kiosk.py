from odoo.tests import new_test_user, tagged

from ..cases.pages import PageCase
from ..cases.story import ANNA, CARLA


@tagged("post_install", "-at_install")
class TestKiosk(PageCase):
    """A stand at a fair: a hundred people on one tablet, so from one address on the internet."""

    def sign_up(self, number, **form):
        form = {"choice": f"{self.news.id}:email", "email": f"visitor{number}@fair.example", **form}
        return self.url_open("/consent/page/newsletters", data=form, allow_redirects=False)

    def queue(self):
        return self.env["consent.submission"].search_count([])

    def test_who_is_turned_away_is_told_so_keeps_the_input_and_staff_see_it(self):
        self.assertEqual({self.sign_up(number).status_code for number in range(5)}, {303})
        answer = self.sign_up(6)
        self.assertEqual((answer.status_code, self.queue()), (429, 5))
        self.assertIn("Your sign-up was not stored", answer.text)
        self.assertIn('value="visitor6@fair.example"', answer.text)
        manager = new_test_user(self.env, "manager", groups="marketing_consent.group_manager")
        page = self.page.with_user(manager)
        self.assertEqual((page.sign_up_count, page.turned_away_count), (5, 1))
        with self.travel(hours=25):
            page.invalidate_recordset()
            self.assertEqual((page.sign_up_count, page.turned_away_count), (0, 0))

    def test_a_kiosk_takes_as_many_as_staff_allow_it(self):
        self.page.write({"is_kiosk": True, "kiosk_limit": 40})
        self.assertEqual({self.sign_up(number).status_code for number in range(40)}, {303})
        self.assertEqual(self.sign_up(41).status_code, 429)
        self.work_off()
        self.assertEqual(self.env["consent.request"].search_count([("source_label", "=", "Our newsletters")]), 40)
        self.assertEqual((self.page.sign_up_count, self.page.turned_away_count), (40, 1))
        with self.travel(hours=1, minutes=1):
            self.assertEqual(self.sign_up(42).status_code, 303)

    def test_a_kiosk_keeps_nothing_of_one_visitor_for_the_next(self):
        self.page.is_kiosk = True
        sent = self.url_open(self.sign_up(1).headers["Location"])
        self.assertIn("Next person", sent.text)
        form = self.url_open("/consent/page/newsletters").text
        self.assertNotIn("visitor1", form + sent.text)
        self.assertNotIn('autocomplete="email"', form)

    def test_a_kiosk_lifts_the_limit_of_its_own_page_only(self):
        self.page.write({"is_kiosk": True, "kiosk_limit": 40})
        self.env["consent.page"].create({"name": "Plain", "code": "plain", "topic_ids": self.news.ids})
        for number in range(6):
            self.sign_up(number)
        form = {"choice": f"{self.news.id}:email"}
        answers = [
            self.url_open("/consent/page/plain", data={**form, "email": f"p{n}@fair.example"}, allow_redirects=False)
            for n in range(6)
        ]
        self.assertEqual([answer.status_code for answer in answers], [303] * 5 + [429])

    def test_too_many_wishes_for_a_link_are_answered_with_the_truth(self):
        for number in range(5):
            self.url_open("/consent/find", data={"address": f"p{number}@fair.example"})
        answer = self.url_open("/consent/find", data={"address": ANNA})
        self.assertEqual(answer.status_code, 429)
        self.assertIn("None was sent", answer.text)
        self.assertFalse(self.queued(ANNA))

    def test_only_managers_make_a_kiosk(self):
        user = new_test_user(self.env, "user", groups="marketing_consent.group_user")
        with self.assertRaisesRegex(Exception, "not allowed"):
            self.page.with_user(user).is_kiosk = True


@tagged("post_install", "-at_install")
class TestSubscribeByMessage(PageCase):
    def ask(self, path, **form):
        return self.url_open(path, data=form)

    def test_the_link_to_subscribe_shows_more_topics_and_has_them_confirmed_from_the_mailbox(self):
        path = self.url(page="subscribe")
        self.assertIn("I want Evenings in the shop.", self.url_open(path).text)
        answer = self.ask(path, choice=f"{self.events.id}:email")
        self.assertIn("Almost done", answer.text)
        self.assertFalse(self.verdict(ANNA, self.events).allowed, "the message may have been forwarded")
        token = self.token_of(self.queued(ANNA))
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(ANNA, self.events).allowed)

    def test_the_link_to_confirm_is_about_the_topic_of_the_message_alone(self):
        path = f"{self.url(CARLA, page='subscribe')}/topic"
        page = self.url_open(path).text
        self.assertIn("Confirm: News about lamps", " ".join(page.split()))
        self.assertNotIn("Evenings in the shop", page)
        self.assertEqual(self.ask(path, choice=f"{self.events.id}:email").status_code, 400)
        self.ask(path, choice=f"{self.news.id}:email")
        token = self.token_of(self.queued(CARLA))
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_a_link_that_lost_its_owner_explains_itself(self):
        for page in ("unsubscribe", "preferences", "why", "subscribe", "confirm", "view"):
            answer = self.url_open(f"/consent/{page}")
            self.assertEqual(answer.status_code, 200)
            self.assertIn("This link does not say whose it is", answer.text)


@tagged("post_install", "-at_install")
class TestReasons(PageCase):
    def test_reasons_can_be_counted_and_name_nobody(self):
        [first, second] = self.env["mailing.subscription.optout"].search([], limit=2)
        for address, reason in ((ANNA, first.id), (CARLA, first.id), (ANNA, second.id), (ANNA, 999_999), (ANNA, "x")):
            self.yes(CARLA) if address == CARLA else None
            self.url_open(self.url(address), data={"action": "topic", "reason": reason})
        user = new_test_user(self.env, "user", groups="marketing_consent.group_user")
        groups = self.env["consent.leaving"].with_user(user)._read_group([], ["reason_id", "topic_id"], ["__count"])
        self.assertEqual(groups, [(first, self.news, 2)], "who has left already leaves no second time")
        self.assertFalse({"contact_point_id", "address"} & set(self.env["consent.leaving"]._fields))
