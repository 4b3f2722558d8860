from odoo.tests import new_test_user, tagged

from ..cases.story import ANNA, BEN, DIRK, PHONES, ConsentCase

NEW = "ben@new.example"


@tagged("post_install", "-at_install")
class TestAddressChange(ConsentCase):
    """What becomes of consent when an employee types another address (MISSION N6)."""

    def test_a_no_follows_the_person_and_says_where_from(self):
        seller = new_test_user(self.env, "sam", "base.group_user,base.group_partner_manager")
        self.ben.with_user(seller).email = f"Ben <{NEW.upper()}>"
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")
        event = self.env["consent.event"].search([("contact_point_id.address", "=", NEW)])
        self.assertEqual((event.type, event.fact, event.source), ("carried_over", "withdrawn", "system"))
        self.assertEqual((event.actor_label, event.source_label), (seller.name, "Changed address"))
        self.assertEqual(self.verdict(BEN).reason, "withdrawn", "the old address keeps it")

    def test_a_yes_does_not_follow(self):
        self.anna.email = NEW
        self.assertEqual(self.verdict(NEW).reason, "no_consent")
        self.assertFalse(self.env["consent.event"].search([("contact_point_id.address", "=", NEW)]))

    def test_an_objection_follows_in_leads_and_mailing_contacts_too(self):
        for model, field in (("crm.lead", "email_from"), ("mailing.contact", "email")):
            new = f"{model}@new.example"
            record = self.env[model].create({"name": "Dirk", field: DIRK})
            record[field] = new
            self.assertEqual(self.verdict(new).reason, "objected", model)

    def test_a_stop_by_sms_follows_to_another_number(self):
        self.records.object_to("sms", PHONES[ANNA], source="sms_keyword")
        self.anna.phone = "+32 470 99 88 77"
        self.assertEqual(self.verdict("+32470998877", channel="sms").reason, "objected")

    def test_many_changes_cost_as_much_as_one(self):
        def count(partners):
            self.env.flush_all()
            before = self.cr.sql_log_count
            partners.write({"email": f"{len(partners)}@one.example"})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        values = [{"name": str(n), "email": f"p{n}@lumen.example"} for n in range(40)]
        partners = self.env["res.partner"].create(values)
        for partner in partners:
            self.records.object_to("email", partner.email, source="staff_phone")
        self.assertLessEqual(count(partners[1:]), count(partners[:1]) + 5)

    def test_the_same_address_in_another_spelling_is_no_change(self):
        events = self.env["consent.event"].search_count([])
        self.ben.email = f"Ben Bakker <{BEN.upper()}>"
        self.ben.email = False
        self.ben.email = BEN
        self.assertEqual(self.env["consent.event"].search_count([]), events)
