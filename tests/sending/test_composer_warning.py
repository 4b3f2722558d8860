from odoo.tests import new_test_user, tagged

from ..cases.browser import BrowserCase
from ..cases.story import ANNA, ConsentCase, ConsentStory


@tagged("post_install", "-at_install")
class TestComposerWarning(ConsentCase):
    """Whoever writes to somebody learns beforehand that marketing may not go there."""

    def mail(self, records, **values):
        values = {"composition_mode": "mass_mail", "model": records._name, "res_ids": repr(records.ids), **values}
        return self.env["mail.compose.message"].create(values).consent_warning

    def sms(self, records, **values):
        values = {"composition_mode": "mass", "res_model": records._name, "res_ids": repr(records.ids), **values}
        return self.env["sms.composer"].create({"body": "Hello", **values}).consent_warning

    def test_who_may_get_no_marketing_at_all(self):
        self.yes(self.carla.email, self.events)
        self.assertFalse(self.mail(self.anna | self.carla))
        self.assertRegex(self.mail(self.partners), "^2 of 4 may not get marketing")
        self.assertRegex(self.sms(self.partners), "^3 of 4 may not get marketing")
        self.assertFalse(self.sms(self.anna))

    def test_who_may_not_get_the_topic(self):
        self.assertRegex(self.mail(self.partners, consent_topic_id=self.news.id), "^3 of 4 may not get this topic")
        self.assertRegex(self.mail(self.anna, consent_topic_id=self.events.id), "^1 of 1 may not get this topic")
        self.assertFalse(self.sms(self.anna, consent_topic_id=self.news.id))

    def test_in_a_single_message_the_recipients_count_and_not_the_record(self):
        values = {"composition_mode": "comment", "partner_ids": self.anna.ids}
        self.assertFalse(self.mail(self.ben, **values))
        self.withdraw(ANNA)
        self.assertRegex(self.mail(self.ben, **values), "^1 of 1 may not get marketing")

    def test_it_stays_silent_where_there_is_nobody(self):
        self.assertFalse(self.mail(self.partners.browse()))
        self.assertFalse(self.env["sms.composer"].create({"composition_mode": "numbers", "body": "x"}).consent_warning)


@tagged("post_install", "-at_install")
class TestComposerInTheBrowser(ConsentStory, BrowserCase):
    """The warning stands where one writes."""

    def test_the_warning_is_seen(self):
        self.setUpStory()
        new_test_user(self.env, "seller", groups="base.group_user,base.group_partner_manager", password="seller")
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Write",
                "res_model": "sms.composer",
                "view_mode": "form",
                "context": {
                    **{"default_composition_mode": "mass", "default_res_model": "res.partner"},
                    **{"default_res_ids": repr(self.partners.ids)},
                },
            }
        )
        with self.browsing("seller") as page:
            page.goto(f"/odoo/action-{action.id}", timeout=120_000)
            page.get_by_text("3 of 4 may not get marketing").wait_for()
            self.screenshot(page, "composer_warning")
