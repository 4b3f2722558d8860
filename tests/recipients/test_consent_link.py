from odoo.tests import tagged

from ...tools.links import Link
from ..cases.story import ANNA, CARLA, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentLink(ConsentCase):
    def test_a_link_knows_whom_and_what_it_is_about(self):
        link, company = self.env["consent.link"], self.env.company
        tokens = link._tokens("email", [ANNA, CARLA], company, self.news)
        anna = self.record(ANNA).contact_point_id
        self.assertEqual(link._read(tokens[ANNA]), Link(anna.id, company.id, self.news.id, 0))
        carla = self.env["consent.contact.point"].search([("address", "=", CARLA)])
        self.assertEqual(link._read(tokens[CARLA]).point_id, carla.id, "who is new to us gets a contact point")

    def test_links_are_made_in_a_fixed_number_of_statements(self):
        def statements(addresses):
            before = self.cr.sql_log_count
            self.env["consent.link"]._tokens("email", addresses, self.env.company)
            return self.cr.sql_log_count - before

        statements([ANNA])  # fills the caches
        self.assertEqual(statements(["p@x.example"]), statements([f"p{number}@x.example" for number in range(200)]))

    def test_old_links_work_after_the_keys_were_rotated_and_the_database_copied(self):
        link = self.env["consent.link"]
        token = link._tokens("email", [ANNA], self.env.company)[ANNA]
        link._rotate_keys()
        self.env["ir.config_parameter"].set_param("database.secret", "another")
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertEqual(link._read(token).point_id, self.record(ANNA).contact_point_id.id)
        self.assertNotEqual(link._tokens("email", [ANNA], self.env.company)[ANNA], token)

    def test_links_lead_to_the_companys_own_website(self):
        self.env.company.website_id.domain = "https://lumen.example"
        self.assertEqual(
            self.env["consent.link"]._url("unsubscribe", "TOKEN", self.env.company),
            "https://lumen.example/consent/unsubscribe/TOKEN",
        )
        self.assertEqual(self.env["consent.link"]._stop_url("TOKEN", self.env.company), "https://lumen.example/c/TOKEN")
