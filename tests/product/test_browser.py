from odoo.tests import new_test_user, tagged

from ..cases.browser import PHONE, BrowserCase

BAD_PAGE = "<html lang='en'><title>x</title><main><h1>x</h1><input><div style='width:2000px'>x</div></main></html>"


@tagged("post_install", "-at_install")
class TestBrowser(BrowserCase):
    """The browser that other tests look through sees what is there."""

    def test_it_sees_pages_of_this_transaction(self):
        new_test_user(self.env, "clerk", groups="base.group_user", password="clerk")
        with self.browsing() as page:
            page.goto("/web/login")
            page.wait_for_selector("input[name=login]")
        with self.browsing("clerk") as page:
            page.goto("/odoo")
            page.wait_for_selector(".o_main_navbar")

    def test_its_checks_bite(self):
        with self.browsing(size=PHONE) as page:
            page.set_content(BAD_PAGE)
            with self.assertRaisesRegex(AssertionError, "label"):
                self.assert_accessible(page)
            with self.assertRaisesRegex(AssertionError, "wider"):
                self.assert_fits(page)
