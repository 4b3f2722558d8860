from odoo.tests import new_test_user, tagged

from ..cases.browser import PHONE, BrowserCase
from ..cases.story import ConsentStory

FORM = "/odoo/action-mass_mailing.mailing_mailing_action_mail"
ASSETS = 120_000  # the first page of a run waits for assets to be built (milliseconds)


@tagged("post_install", "-at_install")
class TestMarketer(ConsentStory, BrowserCase):
    """A marketer chooses a topic, looks who will get it, sends, and reads why the others did not."""

    # superuser: makes the mailing that the marketer looks at in the browser.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        groups = "mass_mailing.group_mass_mailing_user,marketing_consent.group_user,base.group_partner_manager"
        cls.marketer = new_test_user(cls.env, "marketer", groups=groups, password="marketer")
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "body_html": "<p>Look at our lamps.</p>",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", cls.partners.ids)],
                "user_id": cls.marketer.id,
            }
        )

    def test_they_choose_a_topic_look_who_will_get_it_and_send(self):
        with self.browsing("marketer") as page:
            page.goto(f"{FORM}/{self.mailing.id}", timeout=ASSETS)
            page.get_by_role("radio", name="Marketing: only people who may get the topic").check()
            page.get_by_placeholder("Topic: only people who said yes to it").fill("News about")
            page.get_by_role("option", name="News about lamps").click()
            self.screenshot(page, "mailing_form")
            page.get_by_role("button", name="Who Will Get It").click()
            dialog = page.get_by_role("dialog")
            withdrawn = dialog.locator(".o_kanban_record", has_text="Withdrawn")
            withdrawn.wait_for()
            self.screenshot(page, "preflight")
            self.assertEqual(dialog.locator(".o_kanban_record", has_text="Reached").count(), 1)
            withdrawn.get_by_role("button", name="See the people").click()
            page.locator(".o_data_row", has_text="ben@lumen.example").wait_for()
            self.assertEqual(page.locator(".o_data_row").count(), 1)
            page.go_back()
            page.get_by_role("button", name="Who Will Get It").click()
            page.get_by_role("dialog").get_by_role("button", name="Send Now").click()
            page.get_by_role("dialog").wait_for(state="detached")
        self.assertEqual(self.mailing.state, "in_queue")

    def test_afterwards_they_find_the_way_back_to_the_event(self):
        self.mailing.consent_topic_id = self.news
        self.mailing.action_send_mail()
        with self.browsing("marketer") as page:
            page.goto(f"{FORM}/{self.mailing.id}", timeout=ASSETS)
            page.get_by_role("button", name="Who Got It").click()
            dialog = page.get_by_role("dialog")
            got = dialog.locator(".o_kanban_record", has_text="Reached")
            got.wait_for()
            self.screenshot(page, "aftermath")
            got.get_by_role("button", name="See the people").click()
            page.locator(".o_data_row", has_text="anna@lumen.example").first.click()
            self.screenshot(page, "trace")
            page.locator("button[name=action_open_consent_event]").click()
            page.get_by_text("News about lamps v1").first.wait_for()
            self.screenshot(page, "event")

    def test_the_picture_fits_a_phone(self):
        self.mailing.consent_topic_id = self.news
        with self.browsing("marketer", size=PHONE) as page:
            page.goto(f"{FORM}/{self.mailing.id}", timeout=ASSETS)
            self.screenshot(page, "mailing_form_phone")
            self.press_hidden(page, "Who Will Get It")
            page.locator(".o_kanban_record", has_text="Withdrawn").wait_for()
            self.screenshot(page, "preflight_phone")
            self.assert_fits(page)
