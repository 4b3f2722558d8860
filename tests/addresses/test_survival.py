from odoo.tests import new_test_user, tagged

from ..cases.story import ANNA, BEN, CARLA, ConsentCase


@tagged("post_install", "-at_install")
class TestSurvival(ConsentCase):
    """What Odoo does to its own records changes nothing in the ledger, and makes nobody mailable."""

    def digest(self):
        """Return a fingerprint of every row of the ledger."""
        self.env.flush_all()
        self.env.cr.execute("SELECT md5(string_agg(event::text, '|' ORDER BY id)) FROM consent_event event")
        return self.env.cr.fetchone()[0]

    def setUp(self):
        super().setUp()
        self.before = self.digest()

    def tearDown(self):
        self.assertEqual(self.digest(), self.before)
        super().tearDown()

    def merge(self, *partners):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        records = self.env["res.partner"].union(*partners)
        wizard._merge(records.ids, partners[0])

    def reasons(self):
        return {address: self.verdict(address).reason for address in (ANNA, BEN, CARLA)}

    def test_merging_two_partners_with_opposite_answers(self):
        self.merge(self.ben, self.anna)
        self.assertEqual(self.reasons(), {ANNA: None, BEN: "withdrawn", CARLA: "no_consent"})

    def test_merging_three_partners_with_opposite_answers(self):
        self.merge(self.carla, self.ben, self.anna)
        self.assertEqual(self.reasons(), {ANNA: None, BEN: "withdrawn", CARLA: "no_consent"})

    def note(self, record):
        return record.message_ids.filtered(lambda message: "Consent belongs to addresses" in message.body).body

    def test_a_merge_says_on_the_contact_what_became_of_the_consents(self):
        self.merge(self.carla, self.ben)
        self.assertIn("b•••@l•••.example", self.note(self.carla))
        self.assertNotIn(BEN, self.note(self.carla))

    def test_a_converted_lead_says_on_the_customer_what_became_of_its_consents(self):
        for name, address in (("Lamps for a house", BEN), ("More lamps", CARLA)):
            lead = self.env["crm.lead"].create({"name": name, "email_from": address, "type": "lead"})
            wizard = self.env["crm.lead2opportunity.partner"].with_context(
                active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
            )
            wizard.create({"name": "convert", "action": "exist", "partner_id": self.carla.id}).action_apply()
            self.assertEqual(lead.partner_id, self.carla)
        notes = self.carla.message_ids.filtered(lambda message: "Consent belongs" in message.body)
        self.assertEqual(len(notes), 1, "only where somebody said something at another address")
        self.assertEqual(self.reasons()[CARLA], "no_consent")

    def test_merged_leads_say_what_became_of_the_consents(self):
        leads = self.env["crm.lead"].create(
            [{"name": "A", "email_from": CARLA, "probability": 90}, {"name": "B", "email_from": BEN}]
        )
        self.assertIn("b•••@", self.note(leads.merge_opportunity()))

    def test_merging_two_partners_of_one_address(self):
        twin = self.anna.copy({"email": BEN})
        self.merge(twin, self.ben)
        self.assertEqual(self.reasons()[BEN], "withdrawn")

    def test_deleting_partners_users_mailings_and_lists(self):
        user = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        notice = self.events.purpose_id.notice_ids.id
        self.records.with_user(user).give("events", "email", CARLA, source="paper", notice=notice)
        user_id, user_name = user.id, user.name
        self.before = self.digest()
        mailing_list = self.env["mailing.list"].create({"name": "News", "consent_topic_id": self.news.id})
        contact = self.env["mailing.contact"].create({"email": BEN, "list_ids": mailing_list.ids})
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "consent_topic_id": self.news.id,
            }
        )
        for record in (mailing, contact, mailing_list, user, self.partners):
            record.unlink()
        self.assertEqual(self.reasons(), {ANNA: None, BEN: "withdrawn", CARLA: "no_consent"})
        event = self.env["consent.event"].search([("topic_id", "=", self.events.id)])
        self.assertEqual((event.actor_id, event.actor_label), (user_id, user_name))

    def test_archiving_and_a_changed_address(self):
        self.partners.active = False
        self.anna.write({"active": True, "email": CARLA})
        self.assertEqual(self.reasons(), {ANNA: None, BEN: "withdrawn", CARLA: "no_consent"})

    def test_privacy_lookup_that_deletes_all(self):
        wizard = self.env["privacy.lookup.wizard"].create({"email": BEN, "name": "Ben"})
        wizard.action_lookup()
        models = set(wizard.line_ids.mapped("res_model"))
        self.assertFalse({model for model in models if model.startswith("consent.")})
        self.assertIn("res.partner", models)
        for line in wizard.line_ids.filtered(lambda line: line.res_model == "res.partner"):
            line.action_unlink()
        self.env["res.partner"].create({"name": "Ben again", "email": BEN})
        self.assertEqual(self.reasons()[BEN], "withdrawn")
