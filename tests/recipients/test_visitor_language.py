import json
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.http import GeoIP
from odoo.tests import tagged

from ..cases.pages import PageCase

ENGLISH, FRENCH = "Only essentials", "Seulement l’essentiel"
PAGE = "/consent/page/newsletters"


@tagged("post_install", "-at_install")
class TestVisitorLanguage(PageCase):
    """A website in English with a French translation, and visitors from France."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.site = cls.env.ref("website.default_website")
        french = cls.env.ref("base.lang_fr")
        cls.site.write({"language_ids": [(4, french.id)], "cookies_bar": True})
        cls.env.ref("website.cookies_bar").update_field_translations("arch_db", {"fr_FR": {ENGLISH: FRENCH}})

    @contextmanager
    def visitor_from(self, country):
        """Let requests come from a country; Odoo looks the address up where an operator gave it a database for that."""
        with patch.object(GeoIP, "country", SimpleNamespace(iso_code=country, name=country), create=True):
            yield

    def open(self, path, browser="", cookie=None, **options):
        self.opener.cookies.clear()
        if cookie:
            self.opener.cookies["frontend_lang"] = cookie
        return self.url_open(path, headers={"Accept-Language": browser, "User-Agent": "Mozilla/5.0"}, **options)

    def test_the_cookie_bar_speaks_the_language_of_the_visitor_or_the_country(self):
        for country, browser, cookie, said in (
            ("FR", "", None, FRENCH),
            ("BE", "", None, FRENCH),
            ("DE", "", None, ENGLISH),
            (None, "", None, ENGLISH),
            ("FR", "en-US", None, ENGLISH),
            ("DE", "fr-FR", None, FRENCH),
            ("FR", "", "en_US", ENGLISH),
            ("DE", "", "fr_FR", FRENCH),
        ):
            with self.subTest(country=country, browser=browser, cookie=cookie), self.visitor_from(country):
                bar = self.open("/", browser, cookie).text
                self.assertIn("website_cookies_bar", bar)
                self.assertIn(said, bar)
                self.assertNotIn(({ENGLISH, FRENCH} - {said}).pop(), bar)

    def test_an_address_that_names_a_language_speaks_it(self):
        with self.visitor_from("FR"):
            self.assertIn(ENGLISH, self.open("/en/").text)

    def test_what_is_no_page_of_the_website_speaks_as_before(self):
        germany = self.env.ref("base.de")
        germany.with_context(lang="fr_FR").name = "Allemagne"
        key = self.env["res.users.apikeys"].with_user(self.env.ref("base.user_admin"))
        key = key._generate(None, "test", fields.Datetime.now() + timedelta(days=1))
        headers = {"Authorization": f"bearer {key}", "Accept-Language": "", "Content-Type": "application/json"}
        with self.visitor_from("FR"):
            asked = json.dumps({"ids": germany.ids, "fields": ["name"]})
            answer = self.url_open("/json/2/res.country/read", data=asked, headers=headers)
        self.assertEqual(answer.json()[0]["name"], "Germany")

    def test_our_pages_speak_it_too(self):
        for country, browser, query, said in (
            ("FR", "", "", "fr-FR"),
            ("DE", "", "", "en-US"),
            (None, "", "", "en-US"),
            ("FR", "en-US", "", "en-US"),
            ("FR", "", "?lang=en_US", "en-US"),
        ):
            with self.subTest(country=country, browser=browser, query=query), self.visitor_from(country):
                self.assertIn(f'<html lang="{said}"', self.open(f"{PAGE}{query}", browser).text)

    def test_a_search_engine_gets_the_address_that_it_asked_for(self):
        with self.visitor_from("FR"):
            self.opener.cookies.clear()
            answer = self.url_open(
                "/", headers={"Accept-Language": "", "User-Agent": "Googlebot"}, allow_redirects=False
            )
            self.assertEqual(answer.status_code, 200)
            self.assertIn(ENGLISH, answer.text)
