"""A real browser that looks at pages as people do: on a phone, without JavaScript, with a screen reader's rules.

dev/test names the folder with axe-core's npm package in MARKETING_CONSENT_NODE.
"""

import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME

from .optional import library

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
#: Milliseconds: the machine may be busy with other things, and nobody waits longer than it takes.
PATIENCE = 120_000
#: Web Content Accessibility Guidelines 2.2, levels A and AA.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def _memory_unlimited():
    """Lift the bound that Odoo sets on its own address space: Chromium reserves far more than it uses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class BrowserCase(HttpCase):
    """Drives Chromium against this test's transaction."""

    @classmethod
    def setUpClass(cls):
        """Start the browser once for the class."""
        super().setUpClass()
        with _memory_unlimited():
            playwright = cls.enterClassContext(library("playwright.sync_api").sync_playwright())
        path = next(filter(None, map(shutil.which, BROWSERS)))
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        cls.chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        cls.addClassCleanup(cls.chromium.close)

    @contextmanager
    def browsing(self, login: str | None = None, *, size=DESKTOP, javascript=True, **options):
        """Give a page of a new browser session; requests are served from this test's transaction meanwhile.

        :param login: of the user, whose password must be the same; None: a visitor
        :param size: `DESKTOP` or `PHONE`
        :param options: of Playwright's `new_context`: locale, color_scheme …
        """
        # Odoo renders pages with JavaScript even where a test asserts on the first answer: nothing is prefetched.
        with self.allow_requests(all_requests=True), patch.object(self, "http_request_allow_all", True):
            context = self.chromium.new_context(
                base_url=self.base_url(),
                viewport=size,
                is_mobile=size is PHONE,
                has_touch=size is PHONE,
                java_script_enabled=javascript,
                **options,
            )
            context.set_default_timeout(PATIENCE)
            try:
                context.add_cookies([self._cookie(TEST_CURSOR_COOKIE_NAME, self.http_request_key)])
                if login:
                    self.authenticate(login, login)
                    context.add_cookies([self._cookie("session_id", self.session.sid)])
                self.cr.flush()
                self.cr.clear()
                yield context.new_page()
            finally:
                context.close()
                self._wait_remaining_requests()
        self.env.invalidate_all()

    def _cookie(self, name, value):
        return {"name": name, "value": value, "domain": HOST, "path": "/"}

    def assert_accessible(self, page, within: str = "html", without: str | None = None):
        """Fail with what axe-core finds on `page` (WCAG 2.2 AA).

        :param within: selector of the part to judge, which must be there
        :param without: selector of parts of it that are not ours
        """
        page.locator(within).first.wait_for(state="attached")
        # Not as a script of the page: its content security policy may rightly refuse any.
        page.evaluate((Path(os.environ["MARKETING_CONSENT_NODE"]) / "axe-core" / "axe.min.js").read_text())
        part = {"include": [within], "exclude": [without] if without else []}
        result = page.evaluate("([part, tags]) => axe.run(part, {runOnly: tags})", [part, AXE_TAGS])
        found = [
            f"{violation['id']}: {violation['help']}\n  {node['html']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
        self.assertFalse(found, "\n".join(found))

    def assert_fits(self, page):
        """Fail where `page` scrolls sideways (WCAG 1.4.10, reflow)."""
        root = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        self.assertLessEqual(root[0], root[1], "the page is wider than its window")

    def press_hidden(self, page, text: str):
        """Press a button that a phone keeps behind the last one of the status bar.

        Odoo's sheet with them slides in and scrolls: Playwright's own click waits for it to rest, and may miss it.
        """
        page.locator(".o_statusbar_buttons button").last.click()
        page.get_by_text(text).last.dispatch_event("click")

    def look(self, page, name: str):
        """Take a picture, and assert that everybody can use the page at this width."""
        self.screenshot(page, name)
        self.assert_accessible(page)
        self.assert_fits(page)

    def screenshot(self, page, name: str):
        """Keep a picture of the whole `page` in the folder MARKETING_CONSENT_SCREENSHOTS names, if it names one."""
        if folder := os.environ.get("MARKETING_CONSENT_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
