"""Photograph the pages that stdin lists, wide and narrow, light and dark; say which are wider than their window."""

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

SIZES = {"desktop": {"width": 1366, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
SHOWN = ".o_view_controller, .o_consent_panel, main, .article"
BUSY = ".o_loading_indicator, .o_blockUI"
PATIENCE = 20_000


def main(address, out, *wanted):
    """Take the pictures, and return 1 if a page failed or does not fit."""
    pages = [page for page in json.load(sys.stdin) if not wanted or any(text in page["name"] for text in wanted)]
    problems = []
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        sessions = {login: _log_in(browser, address, login) for login in {page.get("login") for page in pages}}
        for size, viewport in SIZES.items():
            for scheme in SCHEMES:
                look = {"viewport": viewport, "is_mobile": size == "phone", "color_scheme": scheme}
                # One window for each person: what it has loaded once it need not load again.
                windows = {login: _window(browser, address, session, look) for login, session in sessions.items()}
                for page in pages:
                    # Odoo's free edition has no dark style for those who work in it.
                    if scheme == "dark" and page.get("login"):
                        continue
                    picture = Path(out) / f"{page['name']}-{size}-{scheme}.png"
                    if problem := _photograph(windows[page.get("login")], page, picture):
                        problems.append(f"{picture.stem}: {problem}")
                for window in windows.values():
                    window.context.close()
        browser.close()
    print("\n".join(problems) or "All pages fit.")
    return bool(problems)


def _log_in(browser, address, login):
    """Return the cookies of a session of somebody whose password is the login."""
    if not login:
        return None
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]:has-text('Log in')")
    page.wait_for_selector(".o_web_client", timeout=120_000)  # the first page builds the assets
    state = context.storage_state()
    context.close()
    return state


def _window(browser, address, session, look):
    """Return a page of somebody's session that looks at everything in one way."""
    context = browser.new_context(base_url=address, storage_state=session, **look)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    return page


def _photograph(page, what, picture):
    """Take one picture, and return what is wrong with the page."""
    try:
        page.goto(what["path"], wait_until="domcontentloaded")
        _settle(page)
        for selector in what.get("click", ()):
            page.locator(selector).locator("visible=true").first.click()
            _settle(page)
        page.screenshot(path=picture, full_page=not what.get("login"))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return f"{wide} pixels wider than its window" if wide > 0 else None
    except Error as error:
        page.screenshot(path=picture)
        return str(error).splitlines()[0]


def _settle(page):
    page.wait_for_selector(SHOWN, state="attached")
    page.wait_for_function(f"!document.querySelector('{BUSY}')")
    page.wait_for_timeout(1200)  # pictures, fonts, and what the page asks for once it stands


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
