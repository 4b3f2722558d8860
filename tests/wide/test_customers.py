from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...tools import clock
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES, ConsentCase


@tagged("post_install", "-at_install")
class TestCustomers(ConsentCase):
    """Soft opt-in from confirmed sales (M20; requirement R-051)."""

    CHOICE = "Below the order button: tick here if you want no news of similar lamps."

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(cls.env.registry["ir.cron"], "_commit_progress", lambda self, *args, **kwargs: 1)
        cls.offers = cls.make_topic("offers", "Similar lamps", allow_soft_opt_in=True)
        cls.env.company.write({"consent_customer_choice": cls.CHOICE, "consent_customer_topic_id": cls.offers.id})
        cls.lamp = cls.env["product.product"].create({"name": "Desk lamp"})
        cls.law = cls.env["consent.country.profile"]._for_country_code("BE")
        cls.law.soft_opt_in = "email"

    def sell(self, partner, **delta):
        with self.travel(minutes=1, **delta):
            now = clock.consent_now(self.env)
        sale = self.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": self.lamp.id})]}
        )
        sale.action_confirm()
        sale.date_order = now
        return sale

    def note(self, **delta):
        with self.travel(minutes=2, **delta):
            self.env["consent.lifecycle"]._cron_run()

    def basis(self, address, channel="email"):
        verdict = self.verdict(address, self.offers, channel)
        return verdict.legal_basis if verdict.allowed else verdict.reason

    def test_who_bought_may_be_written_to_with_the_conditions_on_record(self):
        sale = self.sell(self.carla)
        self.note()
        self.assertEqual(self.basis(CARLA), "soft_opt_in")
        event = self.record(CARLA, self.offers).sudo().granting_event_id
        self.assertEqual((event.source, event.source_label, event.occurred_at), ("sale", sale.name, sale.date_order))
        evidence = event._evidence()
        self.assertEqual((evidence["sale"], evidence["products"]), (sale.name, ["Desk lamp"]))
        self.assertEqual((evidence["choice_offered"], evidence["statement"]), (self.CHOICE, self.CHOICE))
        self.assertEqual(self.record(CARLA, self.offers).valid_until.year, sale.date_order.year + 3)

    def test_the_law_of_the_customers_country_decides(self):
        self.sell(self.carla)
        self.env["consent.country.profile"]._for_country_code("DE").soft_opt_in = "none"
        self.ben.country_id = self.env.ref("base.de")
        self.sell(self.ben)
        self.note()
        self.assertEqual(self.basis(CARLA, "sms"), "no_consent", "by e-mail only")
        self.assertEqual(self.basis(BEN), "no_consent")

    def test_by_sms_too_where_the_law_says_so(self):
        self.law.soft_opt_in = "all"
        self.sell(self.carla)
        self.note()
        self.assertEqual(self.basis(CARLA, "sms"), "soft_opt_in")
        self.assertTrue(PHONES[CARLA])

    def test_it_is_gone_at_the_first_no_and_no_sale_brings_it_back(self):
        self.sell(self.carla)
        self.note()
        self.withdraw(CARLA, self.offers)
        self.sell(self.carla, days=1)
        self.note(days=1)
        self.assertEqual(self.basis(CARLA), "withdrawn")

    def test_who_objected_gives_none_by_buying(self):
        self.sell(self.dirk)
        self.records.object_to("email", CARLA, source="preference_page", company=False)
        self.sell(self.carla)
        self.note()
        for address in (DIRK, CARLA):
            self.assertFalse(self.record(address, self.offers), "else it would count once the objection is taken back")

    def test_a_consent_is_not_replaced_and_a_later_sale_prolongs(self):
        self.yes(ANNA, self.offers)
        self.sell(self.anna)
        first = self.sell(self.carla)
        self.note()
        later = self.sell(self.carla, days=100)
        self.note(days=100)
        self.assertEqual(self.basis(ANNA), "consent")
        record = self.record(CARLA, self.offers)
        self.assertEqual(
            (record.since, later.date_order - first.date_order > timedelta(days=99)), (later.date_order, True)
        )

    def test_a_sale_is_noted_once_and_earlier_ones_never(self):
        self.sell(self.carla)
        self.sell(self.ben, days=-1)
        self.note()
        self.note()
        events = self.env["consent.event"].search([("topic_id", "=", self.offers.id)])
        self.assertEqual(events.mapped("contact_point_id.address"), [CARLA])
        self.assertEqual(len(events), 1)

    def test_a_sale_of_tomorrow_counts_when_its_day_has_come_and_stops_nobody(self):
        self.sell(self.ben, days=3)
        self.sell(self.carla)
        self.note()
        self.assertEqual((self.basis(CARLA), self.basis(BEN)), ("soft_opt_in", "no_consent"))
        self.note(days=3)
        self.assertEqual(self.basis(BEN), "soft_opt_in")

    def test_a_purpose_that_closed_stops_nobody(self):
        self.sell(self.carla)
        self.offers.purpose_id.allow_soft_opt_in = False
        self.note()
        self.assertEqual(self.basis(CARLA), "no_consent")

    def test_another_topic_or_choice_was_not_offered_to_earlier_customers(self):
        self.sell(self.carla)
        other = self.make_topic("other", "Other lamps", allow_soft_opt_in=True)
        with self.travel(minutes=5):
            self.env.company.consent_customer_topic_id = other
        self.note(hours=1)
        self.assertFalse(self.record(CARLA, other))
        self.sell(self.ben, hours=2)
        with self.travel(hours=3):
            self.env.company.consent_customer_choice = "Write to us."
        self.note(hours=4)
        self.assertFalse(self.record(BEN, other))

    def test_a_company_that_has_it_from_the_start_counts_from_then(self):
        topic = self.make_topic("x", "X", company_id=False, allow_soft_opt_in=True)
        values = {"consent_customer_topic_id": topic.id, "consent_customer_choice": self.CHOICE}
        company = self.env["res.company"].create({"name": "Other", **values})
        self.assertTrue(company.consent_customer_since)
        self.note()

    def test_a_draft_is_no_sale_and_an_unusable_address_stops_nobody(self):
        self.env["sale.order"].create({"partner_id": self.ben.id})
        odd = self.env["res.partner"].create({"name": "Odd", "email": "odd@localhost"})
        self.sell(odd)
        self.sell(self.carla)
        self.note()
        self.assertEqual(self.basis(CARLA), "soft_opt_in")
        self.assertEqual(self.basis(BEN), "no_consent")

    def test_without_the_choice_or_the_purposes_leave_it_cannot_be_switched_on(self):
        company = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "say no"):
            company.consent_customer_topic_id = self.make_topic("x", "X", company_id=False, allow_soft_opt_in=True)
        with self.assertRaisesRegex(ValidationError, "not open"):
            self.env.company.consent_customer_topic_id = self.news
