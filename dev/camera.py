"""Photograph the pages that stdin lists, wide and narrow, light and dark; say what is wrong with them at sight."""

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

SIZES = {"desktop": {"width": 1366, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
SHOWN = ".o_view_controller, .o_consent_panel, .o_dialog, main, .article"
MORE = ".o_statusbar_buttons .dropdown-toggle, .o-form-buttonbox .o_button_more"  # where a phone hides buttons
LIGHT, DARK = "**/web.assets_web.min.css", "/web/assets/any/web.assets_web_dark.min.css"  # of those who work in Odoo
BUSY = ".o_loading_indicator, .o_blockUI"
PATIENCE = 20_000
#: What a designer would mend: labels that are empty, the names of programmers, and headings cut off on a wide screen.
FAULTS = """(odoos) => {
    const faults = [];
    for (const label of document.querySelectorAll("label.o_form_label, th[data-name], .o_stat_text, button")) {
        const text = label.innerText.trim();
        if (!label.offsetWidth || (odoos && !label.dataset.name?.startsWith("consent"))) continue;
        if (!text && label.matches("label.o_form_label")) faults.push(`empty label for ${label.htmlFor}`);
        if (/^[a-z]+([._][a-z]+)+$/.test(text)) faults.push(`technical name ${text}`);
        const inner = label.querySelector(".text-truncate") ?? label;
        if (innerWidth > 1000 && label.matches("th") && inner.scrollWidth > inner.clientWidth + 1) {
            faults.push(`cut off: ${text}`);
        }
    }
    return faults;
}"""


def main(address, out, *wanted):
    """Take the pictures, and return 1 if a page failed or has faults."""
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
                    picture = Path(out) / f"{page['name']}-{size}-{scheme}.png"
                    if problem := _photograph(windows[page.get("login")], page, picture):
                        problems.append(picture.stem)
                        print(f"{picture.stem}: {problem}", flush=True)
                for window in windows.values():
                    window.context.close()
        browser.close()
    print(f"{len(problems)} pages to mend" if problems else "All pages fit, and every label is there and whole.")
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
    if look["color_scheme"] == "dark":
        # Odoo's scripts go by the cookie; its free edition sends the light style nevertheless.
        context.add_cookies([{"name": "color_scheme", "value": "dark", "url": address}])
        context.route(LIGHT, lambda route: route.continue_(url=f"{address}{DARK}"))
    return context.new_page()


def _photograph(page, what, picture):
    """Take one picture, and return what is wrong with the page."""
    try:
        page.goto(what["path"], wait_until="domcontentloaded")
        _settle(page)
        for selector in what.get("click", ()):
            _click(page, selector)
            _settle(page)
        page.screenshot(path=picture, full_page=not what.get("login"))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults = [f"{wide} pixels wider than its window"] if wide > 0 else []
        return ", ".join(faults + page.evaluate(FAULTS, what.get("odoos", False)))
    except Error as error:
        page.screenshot(path=picture)
        return str(error).splitlines()[0]


def _click(page, selector):
    found = page.locator(selector).locator("visible=true")
    for more in page.locator(MORE).locator("visible=true").all():
        if not found.count():
            more.click()
            page.wait_for_timeout(300)
    found.first.click()


def _settle(page):
    page.wait_for_selector(SHOWN, state="attached")
    page.wait_for_function(f"!document.querySelector('{BUSY}')")
    page.wait_for_timeout(1200)  # pictures, fonts, and what the page asks for once it stands


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
