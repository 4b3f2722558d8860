from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES, ConsentCase

NEW, OTHER = "ben@new.example", "ben@other.example"


class AddressCase(ConsentCase):
    """People whose addresses change, by whom, and what follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "sam", "base.group_user,base.group_partner_manager")
        cls.staff = new_test_user(cls.env, "kim", "marketing_consent.group_user,base.group_partner_manager")
        cls.env.cr.flush()

    def commit(self):
        """Do what Odoo does before it commits."""
        self.env.cr.flush()

    def reconcile(self):
        """Run the scheduled job in this transaction."""
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1):
            self.env["consent.address"]._cron_reconcile()

    def cases(self):
        return self.env["consent.address.case"].search([])

    def said(self, address, channel="email"):
        domain = [("contact_point_id.address", "=", address), ("contact_point_id.channel", "=", channel)]
        return self.env["consent.event"].search(domain)


@tagged("post_install", "-at_install")
class TestAddressChange(AddressCase):
    """What becomes of consent when an employee types another address (MISSION N6)."""

    def test_a_no_follows_the_person_and_says_where_from(self):
        self.ben.with_user(self.seller).email = f"Ben <{NEW.upper()}>"
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")
        event = self.said(NEW)
        self.assertEqual((event.type, event.fact, event.source), ("carried_over", "withdrawn", "system"))
        self.assertEqual((event.actor_label, event.source_label), (self.seller.name, "Changed address"))
        self.assertEqual(self.verdict(BEN).reason, "withdrawn", "the old address keeps it")

    def test_a_yes_does_not_follow(self):
        self.anna.email = NEW
        self.assertEqual(self.verdict(NEW).reason, "no_consent")
        self.assertFalse(self.said(NEW))

    def test_a_no_follows_through_an_empty_address(self):
        for model, field in (("res.partner", "email"), ("crm.lead", "email_from"), ("mailing.contact", "email")):
            new = f"two.steps@{model}.example"
            record = self.env[model].create({"name": "Ben", field: BEN})
            self.commit()
            record[field] = False
            self.commit()
            self.assertTrue(self.said(BEN))
            record[field] = new
            self.commit()
            self.assertEqual(self.said(new).fact, "withdrawn", model)

    def test_a_no_of_any_address_of_a_field_follows(self):
        both = self.env["res.partner"].create({"name": "Two", "email": f"two@lumen.example, {BEN}"})
        self.commit()
        both.email = f"two@lumen.example, {NEW}"
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")
        self.assertEqual(self.verdict("two@lumen.example").reason, "no_consent", "it was there before")

    def test_a_no_follows_to_an_address_added_beside(self):
        self.ben.email = f"{BEN}, {NEW}"
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")

    def test_a_no_of_sql_and_of_imports_follows(self):
        self.reconcile()
        self.commit()
        self.env.cr.execute(
            "UPDATE res_partner SET email = %s, email_normalized = %s WHERE id = %s", [NEW, NEW, self.ben.id]
        )
        self.env.invalidate_all()
        self.reconcile()
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")
        xmlid = self.ben.export_data(["id"])["datas"][0][0]
        partners = self.env["res.partner"].with_user(self.seller)
        found = partners.load(["id", "email"], [[xmlid, OTHER]])
        self.assertEqual(found["ids"], self.ben.ids, found["messages"])
        self.assertEqual(self.verdict(OTHER).reason, "withdrawn")

    def test_the_address_of_a_user_and_of_a_company_follow(self):
        user = new_test_user(self.env, "dora", "base.group_user", email=DIRK)
        user.email = "dora@new.example"
        self.assertEqual(self.verdict("dora@new.example").reason, "objected")
        company = self.env["res.company"].create({"name": "Lumen North", "email": DIRK})
        company.email = "north@new.example"
        self.assertEqual(self.verdict("north@new.example").reason, "objected")

    def test_a_lead_follows_its_customer(self):
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.ben.id})
        self.commit()
        self.ben.email = NEW
        self.commit()
        self.assertEqual(lead.email_from, NEW)
        self.assertEqual(len(self.said(NEW)), 1)
        self.assertFalse(self.cases())

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
            self.env.cr.flush()
            for number, partner in enumerate(partners.with_context(tracking_disable=True)):
                partner.email = f"{number}@{len(partners)}.example"
            before = self.cr.sql_log_count
            self.env.cr.flush()
            return self.cr.sql_log_count - before

        values = [{"name": str(n), "email": f"p{n}@lumen.example"} for n in range(400)]
        partners = self.env["res.partner"].create(values)
        for partner in partners[:40]:
            self.records.object_to("email", partner.email, source="staff_phone")
        one, many = count(partners[:1]), count(partners[1:])
        self.assertLessEqual(many, one + 10)

    def test_the_same_address_in_another_spelling_is_no_change(self):
        events = self.env["consent.event"].search_count([])
        self.ben.email = f"Ben Bakker <{BEN.upper()}>"
        self.commit()
        self.ben.email = False
        self.commit()
        self.ben.email = BEN
        self.commit()
        self.assertEqual(self.env["consent.event"].search_count([]), events)

    def test_nothing_follows_to_an_anonymised_address(self):
        for address in ("b_2026_7@anonymized.oca", "x@anonymised.example", "gone@nobody.invalid"):
            partner = self.env["res.partner"].create({"name": "Ben", "email": BEN})
            self.commit()
            partner.email = address
            self.commit()
            self.assertFalse(self.said(address))
            partner.email = f"later.{address.partition('@')[0]}@new.example"
            self.commit()
            self.assertFalse(self.said(partner.email), "who was forgotten is not known again")

    def test_nothing_follows_where_a_record_becomes_another_persons(self):
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.ben.id})
        self.commit()
        lead.partner_id = self.anna
        self.commit()
        self.assertIsNone(self.verdict(ANNA).reason)
        # The link first, by SQL as a merge does it, and the address later.
        lead = self.env["crm.lead"].create({"name": "Lamps", "partner_id": self.ben.id})
        self.reconcile()
        self.env.cr.execute("UPDATE crm_lead SET partner_id = %s WHERE id = %s", [self.anna.id, lead.id])
        self.env.invalidate_all()
        lead.email_from = ANNA
        self.commit()
        self.assertIsNone(self.verdict(ANNA).reason)
        self.assertFalse(self.cases())

    def test_what_was_said_by_somebody_else_does_not_follow(self):
        self.withdraw(CARLA, evidence={"not_me": True})
        self.carla.email = NEW
        self.assertEqual(self.verdict(NEW).reason, "no_consent")

    def test_an_extension_with_two_addresses_is_covered(self):
        names = {"email": ["email", "company_name"], "sms": ["mobile"]}
        contacts = self.env.registry["mailing.contact"]
        with patch.object(contacts, "_consent_address_fields", lambda _self: names):
            contact = self.env["mailing.contact"].create({"email": ANNA, "company_name": BEN})
            self.assertEqual(contact._consent_addresses()[contact.id], {("email", ANNA), ("email", BEN)})
            self.commit()
            contact.company_name = NEW
            self.assertEqual(self.verdict(NEW).reason, "withdrawn")

    def test_a_deleted_record_is_forgotten(self):
        known = self.env["consent.address"].sudo()
        self.reconcile()
        self.assertTrue(known.search([("res_model", "=", "res.partner"), ("res_id", "=", self.ben.id)]))
        ben_id = self.ben.id
        self.ben.unlink()
        self.commit()
        self.assertFalse(known.search([("res_model", "=", "res.partner"), ("res_id", "=", ben_id)]))


@tagged("post_install", "-at_install")
class TestAddressOfAnother(AddressCase):
    """The new address of somebody who said no is known as somebody else's: a person decides, marketing waits."""

    def setUp(self):
        super().setUp()
        self.ben.with_user(self.staff).email = ANNA
        self.commit()

    def test_nothing_is_carried_over_and_marketing_waits(self):
        self.assertEqual(self.verdict(ANNA).reason, "restricted")
        self.assertEqual(self.record(ANNA).state, "granted", "the yes is not touched")
        case = self.cases()
        self.assertEqual((case.record_name, case.state), (self.ben.name, "open"))
        self.assertEqual(case.activity_ids.user_id, self.staff)

    def test_the_same_person(self):
        self.assertEqual(self.cases().with_user(self.staff).action_open_record()["res_id"], self.ben.id)
        self.cases().with_user(self.staff).action_same_person()
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertFalse(self.cases().activity_ids)

    def test_another_person_needs_a_reason_and_leaves_everything_as_it_was(self):
        case = self.cases().with_user(self.staff)
        with self.assertRaisesRegex(Exception, "Say why"):
            case.action_other_person()
        case.reason = "A typing mistake of ours"
        case.action_other_person()
        self.assertIsNone(self.verdict(ANNA).reason)

    def test_who_does_not_work_with_consent_decides_nothing(self):
        with self.assertRaisesRegex(Exception, "allowed|right"):
            self.cases().with_user(self.seller).action_same_person()

    def test_a_restriction_of_the_persons_own_stays(self):
        self.records.block("restricted", "email", CARLA, "news", source="staff_phone")
        self.dirk.with_user(self.staff).email = CARLA
        self.commit()
        case = self.cases()[:1]
        case.reason = "Carla is Carla"
        case.with_user(self.staff).action_other_person()
        self.assertEqual(self.verdict(CARLA).reason, "restricted")


@tagged("post_install", "-at_install")
class TestNeverTheirs(AddressCase):
    """An address that staff had wrong: what somebody else said there does not follow."""

    def wizard(self, user, **values):
        context = {"active_model": "res.partner", "active_id": self.ben.id}
        with Form(self.env["consent.disown"].with_user(user).with_context(**context)) as form:
            for name, value in values.items():
                form[name] = value
        return form.record

    def test_nothing_follows_and_the_record_says_why(self):
        self.wizard(self.staff, right=NEW, reason="A letter too many").action_replace()
        self.commit()
        self.assertEqual(self.ben.email, NEW)
        self.assertEqual(self.verdict(NEW).reason, "no_consent")
        note = self.ben.message_ids.filtered(lambda message: "A letter too many" in message.body)
        self.assertEqual(note.author_id, self.staff.partner_id)
        self.assertNotIn(BEN, note.body)
        # Later changes are of the person again.
        self.withdraw(NEW)
        self.ben.email = OTHER
        self.assertEqual(self.verdict(OTHER).reason, "withdrawn")

    def test_what_stays_beside_it_is_still_theirs(self):
        self.withdraw("two@lumen.example")
        self.ben.email = f"{BEN}, two@lumen.example"
        self.commit()
        self.wizard(self.staff, right=f"two@lumen.example, {NEW}", reason="Not his").action_replace()
        self.assertEqual(self.verdict(NEW).reason, "withdrawn")

    def test_it_takes_the_right_to_record_consent_and_a_reason(self):
        with self.assertRaises(AccessError):
            self.wizard(self.seller, reason="I think so")
        wizard = self.wizard(self.staff, right=NEW, reason="x")
        wizard.reason = " "
        with self.assertRaises(UserError):
            wizard.action_replace()
        self.assertEqual(self.ben.email, BEN)


@tagged("post_install", "-at_install")
class TestListOfSeveral(AddressCase):
    """An opt-out in a list speaks for every address of the contact."""

    def test_an_opt_out_withdraws_at_all_addresses_of_a_field(self):
        self.yes(CARLA)
        mailing_list = self.env["mailing.list"].create({"name": "News"})
        self.news.mailing_list_ids = mailing_list
        contact = self.env["mailing.contact"].create(
            {"email": f"{ANNA}, {CARLA}", "subscription_ids": [Command.create({"list_id": mailing_list.id})]}
        )
        contact.subscription_ids.opt_out = True
        self.assertEqual({self.verdict(ANNA).reason, self.verdict(CARLA).reason}, {"withdrawn"})
