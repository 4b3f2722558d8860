import tempfile
from pathlib import Path

from odoo.tests import new_test_user, tagged

from ..cases.browser import BrowserCase
from ..cases.imports import ImportStory
from ..cases.story import ANNA, CARLA

TEXT = f"""Email,Portal Unsubscribe,Portal Spam Report,Comment
{ANNA},TRUE,FALSE,
{CARLA},FALSE,FALSE,x
nora@fair.example,FALSE,TRUE,
"""


@tagged("post_install", "-at_install")
class TestImportForm(ImportStory, BrowserCase):
    """The steps that people take in the form, by clicks in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.env.company.consent_four_eyes = True
        for login in ("mia", "max"):
            new_test_user(cls.env, login, "marketing_consent.group_manager,base.group_user", password=login)

    def press(self, page, text):
        page.locator(f".o_statusbar_buttons button:has-text('{text}')").click()

    def save(self, page):
        page.locator(".o_form_button_save").click()
        page.locator(".o_form_status_indicator_buttons.invisible").wait_for(state="attached")

    def choose(self, page, row, value):
        """Choose a meaning in the row of a list."""
        cell = page.locator(f".o_data_row:has-text('{row}') td[name='means']").first
        cell.click()
        field = cell.locator("input, select").first
        field.click()
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
            page.locator(f".o_select_menu_item:has-text('{value}'), .o-dropdown-item:has-text('{value}')").first.click()
        page.locator(".o_form_sheet h2, .o_horizontal_separator").first.click()

    def test_an_import_from_upload_to_ledger_by_clicks(self):
        with tempfile.TemporaryDirectory() as folder, self.browsing("mia") as page:
            path = Path(folder) / "opt-outs.csv"
            path.write_text(TEXT)
            page.goto("/odoo/action-marketing_consent.consent_import_action/new")
            page.locator("[name='file'] input[type=file]").set_input_files(str(path))
            page.locator("[name='place'] input").fill("Old newsletter")
            page.locator("[name='topic_id'] input").fill(self.news.name)
            page.locator(f".o-autocomplete--dropdown-item:has-text('{self.news.name}')").first.click()
            self.save(page)
            self.screenshot(page, "import-1-columns")
            self.assertFalse(page.locator("[name='kind'] input:checked").count(), "nothing is assumed")
            page.locator("label:has-text('A column says which')").click()
            self.save(page)
            self.press(page, "Check the File")
            page.locator(".modal :text('Say what')").first.wait_for()
            self.screenshot(page, "import-2-unsaid")
            page.locator(".modal button:has-text('Close')").first.click()
            page.locator(".nav-link:has-text('What the answers mean')").click()
            self.assertTrue(page.locator(".o_data_row:has-text('here means: left')").count())
            page.locator("button:has-text('Use the Proposals')").click()
            page.locator(".o_data_row td[name='means']:has-text('Said no')").first.wait_for()
            self.screenshot(page, "import-3-meanings")
            self.press(page, "Check the File")
            page.locator(".o_arrow_button_current:has-text('Checked')").wait_for()
            self.screenshot(page, "import-4-checked")
            self.assertIn("3 lines: 2 to record", page.locator("[name='totals']").inner_text())
            self.press(page, "Record the Answers")
            page.locator(".modal button:has-text('Ok')").click()
            page.locator(":text('Another manager has to approve it')").wait_for()
            url = page.url
        with self.browsing("max") as page:
            page.goto(url)
            self.press(page, "Approve")
            page.locator(".o_arrow_button_current:has-text('Being recorded')").wait_for()
        batch = self.env["consent.import"].search([], limit=1)
        batch.sudo()._advance()
        self.env.invalidate_all()
        with self.browsing("max") as page:
            page.goto(url)
            page.locator(".o_arrow_button_current:has-text('Recorded')").wait_for()
            self.screenshot(page, "import-5-recorded")
            self.assertEqual(page.locator("[name='no_count']").first.inner_text(), "2")
        self.assertEqual((batch.state, batch.yes_count, batch.no_count, batch.nothing_count), ("done", 0, 2, 1))
        self.assertEqual((batch.asked_by_id.login, batch.approved_by_id.login), ("mia", "max"))
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
