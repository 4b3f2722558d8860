from odoo.tests import HttpCase, new_test_user, tagged

from ..cases.story import ANNA, ConsentStory


@tagged("post_install", "-at_install")
class TestTours(ConsentStory, HttpCase):
    """What people do in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        groups = "mass_mailing.group_mass_mailing_user,marketing_consent.group_user,base.group_partner_manager"
        new_test_user(cls.env, "marketer", groups=groups, password="marketer")

    def mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "body_html": "<p>Look at our lamps.</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", self.partners.ids)],
                **values,
            }
        )

    def open_mailing(self, mailing, tour):
        self.start_tour(f"/odoo/action-mass_mailing.mailing_mailing_action_mail/{mailing.id}", tour, login="marketer")

    def test_a_marketer_sees_who_was_withheld_and_why(self):
        mailing = self.mailing(consent_topic_id=self.news.id)
        mailing.action_send_mail()
        self.open_mailing(mailing, "marketing_consent_marketer_sees_who_was_withheld")

    def test_a_marketer_cannot_send_marketing_without_a_topic(self):
        mailing = self.mailing()
        self.open_mailing(mailing, "marketing_consent_marketer_must_choose_a_topic")
        self.assertEqual(mailing.state, "draft")

    def test_a_sales_person_writes_down_a_withdrawal(self):
        groups = "sales_team.group_sale_salesman,marketing_consent.group_user"
        new_test_user(self.env, "seller", groups=groups, password="seller", name="Sam Seller")
        tour = "marketing_consent_sales_person_writes_down_a_withdrawal"
        self.start_tour(f"/odoo/contacts/{self.anna.id}", tour, login="seller")
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)

    def test_an_officer_verifies_what_a_person_said(self):
        new_test_user(
            self.env,
            "officer",
            groups="marketing_consent.group_officer,base.group_partner_manager",
            password="officer",
        )
        action = self.env.ref("marketing_consent.consent_panel_action")
        self.assertEqual(self.anna.action_open_consent()["id"], action.id)
        tour = "marketing_consent_officer_verifies"
        self.start_tour(f"/odoo/contacts/{self.anna.id}", tour, login="officer")
