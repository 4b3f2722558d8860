from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..cases.story import ANNA, BEN, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentPublish(ConsentCase):
    """A wording is published in several languages at once, seen as the person will see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.manager = new_test_user(cls.env, "manager", groups="marketing_consent.group_manager", lang="en_US")
        cls.purpose = cls.news.purpose_id

    def wizard(self, user=None, **values):
        wizards = self.env["consent.publish"].with_user(user or self.manager)
        wizard = wizards.with_context(active_id=self.purpose.id).create(values)
        return wizard

    def line(self, wizard, lang):
        return wizard.line_ids.filtered(lambda line: line.lang == lang)

    def test_it_begins_with_the_last_wording_in_every_installed_language(self):
        wizard = self.wizard()
        self.assertEqual((wizard.version, wizard.privacy_url), (2, "https://lumen.example/privacy"))
        self.assertEqual(self.line(wizard, "en_US").body, "I want News about lamps. I can stop at any time.")
        self.assertFalse(self.line(wizard, "fr_FR").body)

    def test_all_languages_that_have_a_text_are_published_as_one_version(self):
        wizard = self.wizard(material=True)
        self.line(wizard, "fr_FR").body = "Oui, je veux des lampes."
        wizard.action_publish()
        notices = self.purpose.notice_ids.filtered(lambda notice: notice.version == 2)
        self.assertEqual(sorted(notices.mapped("lang")), ["en_US", "fr_FR"])
        self.assertEqual(set(notices.mapped("state")), {"published"})
        self.assertEqual(self.verdict(ANNA).reason, "wording_changed")

    def test_a_language_left_empty_makes_no_wording(self):
        self.wizard().action_publish()
        self.assertEqual(self.purpose._last_notices().mapped("lang"), ["en_US"])
        self.assertTrue(self.verdict(ANNA).allowed)
        wizard = self.wizard()
        wizard.line_ids.body = "  "
        with self.assertRaises(ValidationError):
            wizard.action_publish()

    def test_the_preview_shows_an_empty_box_the_controller_and_no_markup_of_the_author(self):
        wizard = self.wizard()
        self.line(wizard, "en_US").body = "Yes <b>please</b>"
        preview = self.line(wizard, "en_US").preview
        for part in ("fa-square-o", "News about lamps", self.env.company.name, "Yes &lt;b&gt;please", "/privacy"):
            self.assertIn(part, preview)

    def test_the_form_opens_from_the_purpose(self):
        action = self.env.ref("marketing_consent.consent_publish_action")
        self.assertEqual(action.target, "new")
        view = self.env["consent.publish"].with_user(self.manager).with_context(active_id=self.purpose.id)
        self.assertEqual(Form(view).version, 2)

    def test_only_managers_publish(self):
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        with self.assertRaises(AccessError):
            self.wizard(clerk)

    def test_the_controller_is_named_by_name(self):
        first, group = self.env["res.company"].search([]), self.make_topic("group", "Of the group", company_id=False)
        notice = group.purpose_id.notice_ids
        self.assertEqual(len(first), 1)
        self.assertTrue(notice._statement(group, "email").startswith(f"{first.name}: "))
        self.env["res.company"].create({"name": "Dimly"})
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.publish(group.purpose_id, version=9, lang="fr_FR", body="Oui.")
        names = self.env["res.company"].search([]).mapped("name")
        self.assertTrue(french._statement(group, "email").startswith(f"{' et '.join(names)}: "))

    def test_a_wording_outlives_its_language(self):
        notice = self.publish(self.purpose, version=3, lang="fr_FR", body="Oui, je veux des lampes.")
        self.env["res.lang"]._lang_get("fr_FR").active = False
        self.assertIn("fr_FR", dict(notice._fields["lang"]._description_selection(self.env)))
        self.assertIn("Oui, je veux des lampes.", notice._statement(self.news, "email"))
        self.yes(BEN, notice=notice.id)
        self.assertEqual(self.record(BEN).notice_id, notice)
        self.assertIn(
            "Oui", self.env["consent.panel"].look("res.partner", self.ben.id)["timeline"]["events"][0]["wording"]
        )
        with self.assertRaises(UserError):
            notice.body = "Non"
