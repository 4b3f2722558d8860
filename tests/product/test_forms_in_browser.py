"""The forms that people use most, in the web client: fields are typed in, buttons pressed, dialogs answered.

`test_forms` goes through all forms, without a browser.
"""

from odoo.tests import new_test_user, tagged

from ..cases.client_forms import FIELD, ClientFormCase
from ..cases.roles import FORM_USERS
from ..cases.story import ANNA, BEN, CARLA, NOW, ConsentStory

ADDON = "marketing_consent"


@tagged("post_install", "-at_install")
class TestFormsInBrowser(ConsentStory, ClientFormCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        for role in ("manager", "clerk"):
            new_test_user(cls.env, role, groups=FORM_USERS[role], password=role, email=f"{role}@x.example")
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.purpose = cls.news.purpose_id

    def action(self, name):
        """Return the name of the button that opens an action of ours."""
        return str(self.env.ref(f"{ADDON}.{name}").id)

    def test_a_wording_is_published_with_the_text_of_languages_that_nobody_opened(self):
        with self.browsing("manager") as page:
            self.open_form(page, f"/odoo/consent.purpose/{self.purpose.id}")
            self.press(page, self.action("consent_publish_action"))
            page.locator(".modal .o_kanban_record", has_text="Not written yet").first.click()
            self.fill(page, body="Oui, je veux des lampes.")
            page.locator(".modal .o_form_button_save").last.click()
            self.settle(page)
            self.press(page, "action_publish")
        texts = {notice.lang: notice.body for notice in self.purpose._last_notices()}
        english = "I want News about lamps. I can stop at any time."
        self.assertEqual(texts, {"fr_FR": "Oui, je veux des lampes.", "en_US": english})

    def test_a_wording_is_found_by_typing(self):
        with self.browsing("manager") as page:
            self.open_form(page, "/odoo/consent.import/new")
            file = {"name": "yes.csv", "mimeType": "text/csv", "buffer": b"email\nnora@lumen.example\n"}
            self.fill(page, file=file)
            self.save(page)
            self.fill(page, kind="People who said yes", notice_id=self.purpose.name)
            self.fill(page, topic_id=self.news.name, place="The fair", collected_on="02/01/2026")
            self.save(page)
            self.press(page, "action_check")
        made = self.env["consent.import"].search([], limit=1)
        self.assertEqual((made.notice_id, made.topic_id), (self.purpose.notice_ids, self.news))

    def test_a_topic_is_made_and_changed(self):
        with self.browsing("manager") as page:
            self.open_form(page, "/odoo/consent.topic/new")
            self.fill(page, name="Fairs", code="fairs", purpose_id=self.purpose.name, offer_sms=False)
            self.save(page)
            self.fill(page, description="Once a year.")
            self.save(page)
        made = self.env["consent.topic"].search([("code", "=", "fairs")])
        self.assertEqual((made.purpose_id, made.description), (self.purpose, "Once a year."))

    def test_a_page_is_made_and_changed(self):
        with self.browsing("manager") as page:
            self.open_form(page, "/odoo/consent.page/new")
            self.fill(page, name="Letters", code="letters", topic_ids=self.news.name, intro="Choose.")
            self.save(page)
            self.fill(page, name="Our letters")
            self.save(page)
        made = self.env["consent.page"].search([("code", "=", "letters")])
        self.assertEqual((made.name, made.topic_ids), ("Our letters", self.news))

    def test_an_invitation_is_written_and_checked(self):
        with self.browsing("manager") as page:
            self.open_form(page, "/odoo/consent.invitation/new")
            self.fill(page, name="Fair", topic_ids=self.events.name)
            page.locator(FIELD.format("variant_ids")).get_by_text("Add a line").click()
            self.settle(page)
            self.fill(page, subject="May we write to you?", body="Hello")
            page.locator(".modal .o_form_button_save").last.click()
            self.settle(page)
            self.save(page)
            self.press(page, "action_check")
        made = self.env["consent.invitation"].search([], limit=1)
        self.assertEqual((made.topic_ids, made.variant_ids.subject), (self.events, "May we write to you?"))

    def test_a_reply_is_decided(self):
        replies = self.env["consent.reply"]
        replies._queue(self.env.company, "email", ANNA, sender=ANNA, text="?", received_at=NOW, reason="unclear")
        reply = replies.search([], limit=1)
        with self.browsing("clerk") as page:
            self.open_form(page, f"/odoo/consent.reply/{reply.id}")
            self.press(page, "action_opt_out")
        self.assertEqual(reply.state, "stopped")

    def test_an_address_case_is_decided(self):
        points = [self.record(address).contact_point_id.id for address in (BEN, ANNA)]
        about = {"res_model": "res.partner", "res_id": self.ben.id, "record_name": "Ben"}
        about |= {"old_point_id": points[0], "new_point_id": points[1], "company_id": self.env.company.id}
        case = self.env["consent.address.case"].create(about)
        with self.browsing("clerk") as page:
            self.open_form(page, f"/odoo/consent.address.case/{case.id}")
            self.fill(page, reason="Her mother's")
            self.press(page, "action_other_person")
        self.assertEqual((case.state, case.reason), ("other", "Her mother's"))

    def test_a_clerk_writes_down_a_yes(self):
        with self.browsing("clerk") as page:
            self.open_form(page, f"/odoo/res.partner/{self.carla.id}")
            self.press(page, "action_open_consent")
            page.locator("button[name=record_choice]").click()
            page.locator(".modal .o_form_view").wait_for()
            self.settle(page)
            row = page.locator(".modal .o_data_row").filter(has_text=CARLA).filter(has_text=self.news.name)
            row.locator("[name=change]").click()
            self.choose(page, row.locator(FIELD.format("change")), "Says yes")
            row.locator("td[name=notice_id]").click()
            self.choose(page, row.locator(FIELD.format("notice_id")), self.news.purpose_id.name)
            self.fill(page, note="She called")
            self.press(page, "action_record")
        self.assertEqual(self.record(CARLA).state, "granted")
