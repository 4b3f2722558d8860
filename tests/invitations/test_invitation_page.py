from odoo.tests import tagged

from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.inviter import invitation_tokens, invite
from ..cases.pages import PageCase
from ..cases.story import BEN, CARLA


class InvitationPageCase(PageCase):
    """Carla is asked about news and events."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["consent.country.profile"]._for_country_code("BE").ask_by_mail = True
        cls.invitation = invite(cls.env, cls.news | cls.events, cls.carla)
        cls.invitation.action_start()
        cls.invitation._ask_next()
        cls.token = invitation_tokens(cls.env, CARLA)[0]
        cls.invitee = cls.invitation.invitee_ids

    def open(self, token=None, **options):
        return self.url_open(f"/consent/invitation/{token or self.token}", **options)

    def answer(self, **form):
        page = self.open(data=form)
        self.env.invalidate_all()
        return page

    def steps(self):
        self.env.invalidate_all()
        return [name for name in ("opened", "answered", "granted") if self.invitee[f"{name}_at"]]

    def box(self, topic):
        return f"{topic.id}:email"


@tagged("post_install", "-at_install")
class TestInvitationPage(InvitationPageCase):
    """Where people answer."""

    def test_looking_ticks_nothing_and_changes_nothing(self):
        before = self.snapshot()
        page = self.open()
        self.assertEqual(page.status_code, 200)
        for topic in self.news | self.events:
            self.assertIn(topic.name, page.text)
        self.assertNotIn("checked", page.text)
        self.assertNotIn(CARLA, page.text, "the link shows a masked address")
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.steps(), [])

    def test_the_page_says_that_it_runs_and_that_counts_as_looked_at(self):
        self.assertEqual(self.answer(action="opened").status_code, 200)
        self.assertEqual(self.steps(), ["opened"])
        self.assertEqual(self.invitee.opened, 1)

    def test_what_is_ticked_is_consent_with_the_question_and_wording_as_proof(self):
        self.assertEqual(self.answer(action="save", choice=self.box(self.news)).status_code, 200)
        self.assertTrue(self.verdict(CARLA).allowed)
        event = self.record(CARLA).sudo().granting_event_id
        self.assertEqual((event.fact, event.source, event.source_label), ("confirmed", "double_opt_in", "Fair"))
        self.assertEqual(event.notice_id, self.news.purpose_id.notice_ids)
        self.assertEqual(event.evidence_grade, "A")
        self.assertEqual(self.verdict(CARLA, self.events).reason, "no_consent", "silence is no answer")
        self.assertEqual(self.steps(), ["answered", "granted"])
        self.assertIn("You have answered already", self.open().text, "a link answers once")
        self.assertEqual(self.open(data={"action": "reject_all"}).status_code, 410)
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_yes_to_all_is_one_click(self):
        self.answer(action="accept_all")
        self.assertEqual([self.verdict(CARLA, t).allowed for t in (self.news, self.events)], [True, True])

    def test_no_to_all_is_written_down_for_each_topic(self):
        self.answer(action="reject_all")
        self.assertEqual([self.verdict(CARLA, t).reason for t in (self.news, self.events)], ["refused", "refused"])
        self.assertEqual(self.steps(), ["answered"])

    def test_nothing_ticked_is_no_answer(self):
        for form in ({"action": "save"}, {"x": "1"}, {"action": "save", "choice": "999999:email"}):
            self.assertEqual(self.answer(**form).status_code, 400, form)
        self.assertEqual(self.steps(), [])
        self.assertEqual(self.verdict(CARLA).reason, "waiting")

    def test_a_topic_that_was_not_asked_about_cannot_be_chosen(self):
        other = self.make_topic("other", "Other things")
        self.assertEqual(self.answer(action="save", choice=self.box(other)).status_code, 400)

    def test_a_link_that_lapsed_answers_nothing(self):
        with self.travel(days=31):
            self.assertEqual(self.open(data={"action": "accept_all"}).status_code, 404)

    def test_a_no_on_another_way_stands_against_the_open_question_until_it_is_answered(self):
        self.records.withdraw("news", "email", CARLA, source="preference_page")
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn")

    def test_a_sign_up_of_somebody_else_is_no_invitation(self):
        _request, token = self.env["consent.request"]._open(self.news, "email", BEN, self.news.purpose_id.notice_ids)
        self.assertEqual(self.open(token).status_code, 404)


@tagged("post_install", "-at_install")
class TestInvitationPageInTheBrowser(BrowserCase, InvitationPageCase):
    def test_the_page_is_accessible_in_every_width_and_direction_and_says_that_it_runs(self):
        self.env["res.lang"]._activate_lang("ar_001")
        for size, lang in ((DESKTOP, "en_US"), (PHONE, "en_US"), (PHONE, "ar_001")):
            with self.browsing(size=size) as page:
                with page.expect_response(lambda response: response.request.method == "POST") as beacon:
                    page.goto(f"/consent/invitation/{self.token}?lang={lang}")
                self.assertEqual(beacon.value.status, 200)
                self.look(page, f"invitation-{lang}-{size['width']}")
        self.assertEqual(self.steps(), ["opened"])

    def test_people_answer_on_a_phone_without_javascript(self):
        with self.browsing(size=PHONE, javascript=False) as page:
            page.goto(f"/consent/invitation/{self.token}")
            page.get_by_role("button", name="Save my choice").click()
            page.get_by_text("Tick at least one box").wait_for()
            page.get_by_label("News about lamps by e-mail").check()
            page.get_by_role("button", name="Save my choice").click()
            page.get_by_role("heading", name="Thank you").wait_for()
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertEqual(self.steps(), ["answered", "granted"])
