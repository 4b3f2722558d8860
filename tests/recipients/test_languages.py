import re

from odoo.tests import tagged

from ..cases.browser import PHONE, BrowserCase
from ..cases.inviter import invitation_tokens, invite
from ..cases.pages import PageCase
from ..cases.story import ANNA, BEN, CARLA

CODES = ("de_DE", "fr_FR", "nb_NO", "nl_NL", "sv_SE")
#: Words that are the same in some of the languages.
SAME = {"For", "Name", "e-mail", "SMS", "(SMS)", "Number", "Pause", "Start", "Web", "Version", "Navigation"}
LETTERS = re.compile(r"[A-Za-z]{2}")


class LanguageCase(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in CODES:
            cls.env["res.lang"]._activate_lang(code)
        cls.env["ir.module.module"]._load_module_terms(["marketing_consent"], list(CODES))


@tagged("post_install", "-at_install")
class TestLanguages(LanguageCase):
    def test_every_text_that_recipients_read_is_written_in_each_language(self):
        views = self.env["ir.ui.view"].search([("key", "=like", "marketing\\_consent.%"), ("type", "=", "qweb")])
        views = views.filtered(lambda view: not view.key.endswith("consent_proof"))
        self.assertGreater(len(views), 25)
        terms = views._fields["arch_db"].get_trans_terms
        for code in CODES:
            missing = set()
            for view in views:
                english = terms(view.with_context(lang="en_US").arch_db)
                theirs = set(terms(view.with_context(lang=code).arch_db))
                missing |= {term for term in english if term in theirs and LETTERS.search(term)} - SAME
            with self.subTest(code=code):
                self.assertFalse({term for term in missing if "<" not in term})

    def test_the_confirmation_speaks_the_language_of_the_page(self):
        subjects = set()
        for number, code in enumerate(CODES):
            address = f"carla{number}@lumen.example"
            form = {"choice": f"{self.news.id}:email", "email": address}
            self.url_open(f"/consent/page/newsletters?lang={code}", data=form)
            mail = self.queued(address)
            subjects.add(mail.subject)
            self.assertNotIn("Please confirm", mail.subject)
            self.assertNotIn("If that was you", mail.body_html)
        self.assertEqual(len(subjects), len(CODES))

    def test_the_footer_of_marketing_speaks_the_recipients_language(self):
        for code, word in (("nl_NL", "Afmelden"), ("de_DE", "Abmelden"), ("nb_NO", "Meld"), ("sv_SE", "Avsluta")):
            self.assertNotEqual(self.env(context={"lang": code})._("Unsubscribe"), "Unsubscribe", word)

    def test_a_language_without_a_translation_falls_back_to_english(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.assertIn("Sign up", self.url_open("/consent/page/newsletters?lang=it_IT").text)


@tagged("post_install", "-at_install")
class TestLanguagesInTheBrowser(BrowserCase, LanguageCase):
    def invited(self, code):
        """Return the token of an invitation that Ben gets."""
        invitees = self.env["consent.invitee"]
        invitees._ask(invitees._note(invite(self.env, self.news, self.ben), {BEN: "country"}), self.news, code)
        return invitation_tokens(self.env, BEN)[-1]

    def test_all_pages_in_all_languages_are_accessible_and_fit_a_phone(self):
        self.yes(ANNA, self.events)
        for code in CODES:
            access = self.env["consent.access"]._open("email", ANNA, self.env.company)
            request = self.env["consent.request"]._open(self.news, "email", CARLA, self.news.purpose_id.notice_ids)[1]
            urls = ["/consent/page/newsletters", "/consent/find", f"/consent/confirm/{request}"]
            urls += [self.url(page=page) for page in ("preferences", "unsubscribe", "why")]
            urls.append(f"/consent/invitation/{self.invited(code)}")
            with self.browsing(size=PHONE) as page:
                for url in urls:
                    page.goto(f"{url}?lang={code}")
                    self.look(page, f"lang-{code}-{url.split('/')[2]}")
                    self.assertEqual(page.get_attribute("html", "lang"), code.replace("_", "-"))
                page.goto(f"/consent/access/{access}?lang={code}")
                page.locator("button.primary").click()
                page.locator("table, details").first.wait_for()
                self.look(page, f"lang-{code}-me")
