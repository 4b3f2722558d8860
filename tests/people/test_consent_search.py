import re
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from ...models.addresses.consent_audience import LONGEST_PLAIN, PLAIN
from ...tools import contact_point
from ..cases.optional import library
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentSearch(ConsentCase):
    """Consent in domains: what a search finds is what the gate would answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.two = cls.env["res.partner"].create({"name": "Two", "email": f"{ANNA}, {BEN}"})
        cls.both = cls.env["res.partner"].create({"name": "Twice", "email": f'"Anna" <{ANNA}>, {ANNA.upper()}'})
        cls.leads = cls.env["crm.lead"].create(
            [
                {"name": "Own address", "email_from": ANNA, "phone": "+32470000001"},
                {"name": "Of a customer who withdrew", "partner_id": cls.ben.id},
                {"name": "Of a customer who may", "partner_id": cls.anna.id},
                {"name": "Nothing"},
            ]
        )
        cls.contacts = cls.env["mailing.contact"].create([{"email": ANNA}, {"email": BEN}, {"name": "Nobody"}])
        cls.everybody = cls.partners | cls.two | cls.both

    def find(self, records, *condition):
        return records.search(Domain("id", "in", records.ids) & Domain([condition]))

    def test_it_finds_whom_the_gate_allows(self):
        may = self.find(self.everybody, "consent_allowed_email_topic_ids", "in", self.news.ids)
        self.assertEqual(may, self.anna | self.both)
        self.assertEqual(self.find(self.everybody, "consent_allowed_sms_topic_ids", "in", self.news.ids), self.anna)
        self.assertFalse(self.find(self.everybody, "consent_allowed_sms_topic_ids", "in", self.events.ids))

    def test_search_compute_and_gate_agree_for_every_lens_channel_and_mode(self):
        self.yes(CARLA, self.events, channel="sms")
        self.env["mail.blacklist"]._add(CARLA)
        gate = self.env["consent.gate"].sudo()
        for mode in ("opt_in", "opt_out"):
            self.env.company.consent_mode = mode
            for records in (self.everybody, self.leads, self.contacts):
                for channel in ("email", "sms"):
                    field = f"consent_allowed_{channel}_topic_ids"
                    records.invalidate_recordset()
                    parties = gate._addresses(records._name, records.ids, channel)
                    for topic in self.news | self.events:
                        with self.subTest(mode=mode, model=records._name, channel=channel, topic=topic.code):
                            verdicts = gate._judge(parties, topic, channel, self.env.company)
                            expected = records.filtered(lambda r, v=verdicts: r.id in v and v[r.id].allowed)
                            self.assertEqual(self.find(records, field, "in", topic.ids), expected)
                            self.assertEqual(records.filtered(lambda r, f=field, t=topic: t in r[f]), expected)

    def test_what_the_database_takes_for_plain_is_canonical_as_it_stands(self):
        hypothesis, st = library("hypothesis"), library("hypothesis.strategies")
        plain = re.compile(PLAIN["email"])
        parts = st.sampled_from(
            ["a", "b9", "x" * 40, ".", "-", "--", "+", "_", "@", "xn--", "lumen", "example", "1", ""]
        )
        taken = []

        @hypothesis.settings(max_examples=3000, database=None, deadline=None)
        @hypothesis.given(st.lists(parts, max_size=12).map("".join))
        def check(text):
            for address in (text, f"{text}@lumen.example", f"anna@{text}.example"):
                if len(address) <= LONGEST_PLAIN and plain.search(address):
                    taken.append(address)
                    self.assertEqual(contact_point.canonical_email(f" {address} "), address)
                    self.assertEqual(contact_point._canonical_address(address), address)

        check()
        self.assertGreater(len(taken), 300)
        for usual in ("a.b@t-online.de", "anna@lumen.example", "a.b.c+news@mail.lumen.co.uk"):
            self.assertTrue(plain.search(usual), usual)

    def test_it_can_be_asked_in_every_way_of_a_domain(self):
        field = "consent_allowed_email_topic_ids"
        may, others = self.anna, self.ben | self.carla | self.dirk
        for condition, expected in (
            ((field, "in", self.news.ids), may),
            ((field, "=", self.news.id), may),
            ((field, "not in", self.news.ids), others),
            ((field, "!=", self.news.id), others),
            ((f"{field}.code", "=", "news"), may),
            ((field, "ilike", "about lamps"), may),
            ((field, "any", [("purpose_id", "=", self.news.purpose_id.id)]), may),
            ((field, "=", False), others),
            ((field, "!=", False), may),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(self.find(self.partners, *condition), expected)
                self.assertEqual(self.partners.filtered_domain([condition]), expected)

    def test_a_no_and_the_want_of_any_basis_are_found(self):
        soon = fields.Datetime.now() + timedelta(hours=1)
        ago = fields.Datetime.now() - timedelta(days=30)
        said_no = self.ben | self.dirk
        self.assertEqual(self.find(self.partners, "consent_said_no_at", ">=", ago), said_no)
        self.assertEqual(self.find(self.partners, "consent_said_no_at", ">=", "-30d"), said_no)
        self.assertEqual(self.find(self.partners, "consent_said_no_at", "<", soon), said_no)
        self.assertFalse(self.find(self.partners, "consent_said_no_at", ">", soon))
        self.assertEqual(self.find(self.partners, "consent_said_no_at", "=", False), self.anna | self.carla)
        self.assertEqual(self.ben.consent_said_no_at, self.record(BEN).since)
        self.assertEqual(self.dirk.consent_said_no_at, self.record(DIRK, topic=False).objected_at)
        self.assertFalse(self.anna.consent_said_no_at)
        self.assertEqual(self.find(self.partners, "consent_without_basis", "=", True), self.partners - self.anna)
        self.assertEqual(self.find(self.partners, "consent_without_basis", "=", False), self.anna)
        self.assertEqual(self.partners.filtered("consent_without_basis"), self.partners - self.anna)

    def test_every_address_of_several_counts_and_that_of_the_contact_for_other_records(self):
        texts = (f"{CARLA}, {BEN}", f"Carla <{CARLA}>; Anna <{ANNA}>")
        several = self.env["res.partner"].create([{"name": text, "email": text} for text in texts])
        contacts = self.env["mailing.contact"].create([{"email": text} for text in texts])
        leads = self.env["crm.lead"].create([{"name": "X", "partner_id": partner.id} for partner in several])
        for one, other in (several, contacts, leads):
            with self.subTest(model=one._name):
                self.assertEqual(self.find(one | other, "consent_said_no_at", "!=", False), one)
                self.assertEqual(one.consent_said_no_at, self.record(BEN).since)
                self.assertFalse(other.consent_said_no_at)
                self.assertEqual(self.find(one | other, "consent_without_basis", "=", True), one)
                self.assertEqual((one | other).filtered("consent_without_basis"), one)
        users = self.env["res.users"].create([{"login": f"u{p.id}", "partner_id": p.id} for p in several])
        self.assertEqual(self.find(users, "partner_id.consent_without_basis", "=", True), users[0])

    def test_a_withdrawal_counts_at_once_in_a_mailings_filter_and_in_a_servers_action(self):
        mailing_filter = self.env["mailing.filter"].create(
            {
                "name": "May get the news",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": repr([("consent_allowed_email_topic_ids.code", "=", "news")]),
            }
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "mailing_model_id": mailing_filter.mailing_model_id.id,
                "mailing_filter_id": mailing_filter.id,
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Thank whom we may write to",
                "model_id": mailing_filter.mailing_model_id.id,
                "state": "code",
                "code": "records.filtered('consent_allowed_email_topic_ids').write({'comment': 'thanked'})",
            }
        )
        self.assertIn(self.anna.id, mailing._get_recipients())
        self.withdraw(ANNA)
        self.assertNotIn(self.anna.id, mailing._get_recipients())
        self.yes(CARLA)
        action.with_context(active_model="res.partner", active_ids=self.partners.ids).run()
        self.assertEqual(self.partners.filtered("comment"), self.carla)

    def test_companies_stay_apart(self):
        other = self.env["res.company"].create({"name": "Candles"})
        topic = self.make_topic("candles", "News about candles", company_id=other.id)
        self.yes(CARLA, topic, company=other.id)
        here, there = self.partners.with_company(self.env.company), self.partners.with_company(other)
        here = here.with_context(allowed_company_ids=self.env.company.ids)
        there = there.with_context(allowed_company_ids=other.ids)
        self.assertTrue(here.filtered(lambda partner: partner == self.carla).consent_without_basis)
        self.assertEqual(self.find(there, "consent_without_basis", "=", False), self.carla)
        self.assertFalse(self.find(there, "consent_said_no_at", "!=", False))
        self.assertFalse(here.consent_allowed_email_topic_ids & topic)

    def test_only_who_may_see_consent_can_ask(self):
        internal = new_test_user(self.env, "internal", groups="base.group_user")
        field = "consent_allowed_email_topic_ids"
        self.assertNotIn(field, self.env["res.partner"].with_user(internal).fields_get())
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        self.assertEqual(self.find(self.partners.with_user(clerk), field, "in", self.news.ids), self.anna)

    def test_a_search_costs_the_same_number_of_statements_for_any_number_of_people(self):
        def statements():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["res.partner"].search([("consent_allowed_email_topic_ids", "in", self.news.ids)])
            return self.cr.sql_log_count - before

        statements()  # fills the caches
        few = statements()
        self.env["res.partner"].create([{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(100)])
        self.env.cr.flush()
        self.assertEqual(statements(), few)
