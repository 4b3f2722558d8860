from odoo.tests import new_test_user, tagged

from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.story import ANNA, ConsentStory

ASSETS = 120_000  # the first page of a run waits for assets to be built (milliseconds)
MAILINGS = "/odoo/action-mass_mailing.mailing_mailing_action_mail"
#: Odoo's own: items of menus have a state that their role does not allow, badges are too faint, bars have no role.
ODOOS_ITEMS, ODOOS_BADGES, ODOOS_BARS = ".o-dropdown-item", ".o_field_badge .badge", ".o_progress"
PANEL, MENU, DIALOG = ".o_consent_panel", ".o-dropdown--menu", ".o_dialog .modal-body"


@tagged("post_install", "-at_install")
class TestAccessible(ConsentStory, BrowserCase):
    """Everybody can read what staff see of consent (WCAG 2.2 AA); Odoo's own markup around it is not judged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.withdraw(ANNA)
        cls.yes(ANNA)
        groups = "mass_mailing.group_mass_mailing_user,marketing_consent.group_officer,base.group_partner_manager"
        cls.officer = new_test_user(cls.env, "officer", groups=groups, password="officer")
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", cls.partners.ids)],
                "consent_topic_id": cls.news.id,
                "user_id": cls.officer.id,
            }
        )

    def test_the_panel_as_a_page_with_wordings_and_menus_open(self):
        for size in (DESKTOP, PHONE):
            with self.subTest(size=size), self.browsing("officer", size=size) as page:
                page.goto(f"/odoo/contacts/{self.anna.id}", timeout=ASSETS)
                if size == PHONE:
                    page.locator(".o-form-buttonbox .o_button_more").click()
                page.locator("button[name=action_open_consent]").click()
                page.locator(".o_consent_page").wait_for()
                for summary in page.locator(".o_consent_timeline summary").all():
                    summary.click()
                self.assert_accessible(page, within=PANEL)
                page.locator(f"{PANEL} button[name=withdraw]").first.click()
                self.assert_accessible(page, within=MENU, without=ODOOS_ITEMS)
                self.assert_fits(page)

    def test_the_panel_in_the_form_of_whoever_objects_and_of_whoever_has_no_address(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        for partner in (self.dirk, nobody):
            with self.subTest(partner=partner.name), self.browsing("officer") as page:
                page.goto(f"/odoo/contacts/{partner.id}", timeout=ASSETS)
                page.locator("a[name=consent]").click()
                self.assert_accessible(page, within=PANEL)

    def test_the_mailings_form_and_its_preflight(self):
        for size in (DESKTOP, PHONE):
            with self.subTest(size=size), self.browsing("officer", size=size) as page:
                page.goto(f"{MAILINGS}/{self.mailing.id}", timeout=ASSETS)
                page.locator("div[name=consent]").wait_for(timeout=ASSETS)
                self.screenshot(page, "mailing")
                self.assert_accessible(page, within="div[name=consent]")
                if size == PHONE:
                    self.press_hidden(page, "Who Will Get It")
                else:
                    page.get_by_text("Who Will Get It").last.click()
                page.locator(f"{DIALOG} .o_kanban_record", has_text="Withdrawn").wait_for()
                self.assert_accessible(page, within=DIALOG, without=ODOOS_BARS)

    def test_badges_in_lists_and_kanbans(self):
        for view in ("list", "kanban"):
            with self.subTest(view=view), self.browsing("officer") as page:
                page.goto(f"/odoo/action-contacts.action_contacts?view_type={view}", timeout=ASSETS)
                self.assert_accessible(page, within=".o_field_widget[name=consent_status]", without=ODOOS_BADGES)
