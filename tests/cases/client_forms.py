"""Forms in the web client, used as people use them: fields are typed in, buttons pressed, dialogs answered."""

from .browser import PATIENCE, BrowserCase

#: By which the web client tells that something went wrong, and that a field lacks a value.
WRONG, REFUSED = ".o_error_dialog", ".o_notification:has(.bg-danger)"
#: Milliseconds without a request after which the web client rests, and how often to look.
QUIET, STEP = 300, 50
FIELD = ".o_field_widget[name='{}']"


class ClientFormCase(BrowserCase):
    """Fills in and saves forms of the web client."""

    def open_form(self, page, path: str):
        """Open a form by its address."""
        self.waiting = set()
        # The bundle of the bus's shared worker never reports its end to the page.
        page.on("request", lambda request: "/bus/" in request.url or self.waiting.add(request))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: self.waiting.discard(request))
        page.goto(path)
        page.locator(".o_form_view").first.wait_for()
        self.settle(page)

    def form(self, page):
        """Return the form in front: that of the last dialog, or of the page."""
        dialogs = page.locator(".modal .o_form_view")
        return dialogs.last if dialogs.count() else page.locator(".o_form_view").first

    def fill(self, page, **values):
        """Type values into fields: text, a file, the name of a record or choice, whether a box is ticked."""
        for name, value in values.items():
            self.choose(page, self.form(page).locator(FIELD.format(name)).first, value)
        self.settle(page)

    def choose(self, page, field, value):
        """Give a field its value."""
        field.wait_for()
        if isinstance(value, dict):
            field.locator("input[type=file]").set_input_files(value)
        elif isinstance(value, bool):
            field.locator("input[type=checkbox]").set_checked(value)
        elif field.locator("select").count():
            field.locator("select").select_option(label=value)
        elif field.locator("input[type=radio]").count():
            field.get_by_label(value, exact=True).check()
        elif field.locator("[contenteditable=true]").count():
            field.locator("[contenteditable=true]").first.click()
            page.keyboard.type(value)
        else:
            self._type(page, field, value)

    def _type(self, page, field, value):
        kind = field.get_attribute("class")
        typed = field.locator("input:visible, textarea:visible").first
        typed.fill(value)
        if "many2one" in kind or "many2many_tags" in kind or "o_field_selection" in kind or "reference" in kind:
            page.locator(".o-autocomplete--dropdown-item, .o_select_menu_item").filter(has_text=value).first.click()
        else:
            typed.press("Tab")

    def save(self, page):
        """Save the form, and fail where the web client or the server refuses."""
        page.locator(".o_form_button_save").click()
        page.locator(".o_form_saved").or_(page.locator(WRONG)).or_(page.locator(REFUSED)).first.wait_for(
            state="attached"
        )
        self.settle(page)

    def press(self, page, name: str):
        """Press a button of the form in front, and say yes where it asks."""
        dialogs = page.locator(".modal")  # which have their buttons in a footer, outside of the form
        place = dialogs.last if dialogs.count() else page
        place.locator(f"button[name='{name}']:visible").first.click()
        self.settle(page)
        asked = page.locator(".modal", has_text="Confirmation").locator("button.btn-primary")
        if asked.count():
            asked.last.click()
            self.settle(page)

    def settle(self, page):
        """Wait until the web client rests, and fail with what it says went wrong."""
        quiet = waited = 0
        while quiet < QUIET:
            page.wait_for_timeout(STEP)
            waited += STEP
            self.assertLess(waited, PATIENCE, [request.url for request in self.waiting])
            quiet = 0 if self.waiting else quiet + STEP
        told = page.locator(f"{WRONG}, {REFUSED}")
        self.assertFalse(told.all_inner_texts())
