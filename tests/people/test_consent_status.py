import itertools
from datetime import datetime, timedelta

from odoo.tests import tagged

from ...tools import status, transitions
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase

LONG_AGO = datetime(2026, 1, 1)


@tagged("post_install", "-at_install")
class TestConsentStatus(ConsentCase):
    """The ten statuses of a person, each with its date."""

    def statuses(self, address, channel="email"):
        rows = self.env["consent.status"].search([("address", "=", self.at(address, channel))])
        return {row.topic_id.code or "all": row.status for row in rows}

    def ask(self, address, **values):
        notice = self.news.purpose_id.notice_ids
        request, _token = self.env["consent.request"].sudo()._open(self.news, "email", address, notice, **values)
        return request

    def found(self, name):
        domain = [("consent_status_ids.status", "=", name), ("id", "in", self.partners.ids)]
        return self.env["res.partner"].search(domain).mapped("email")

    def reach_each(self):
        """Let a person come to each of the ten statuses, and return who it is and since when."""
        now = self.env.cr.now()
        people = {name: f"{name.replace('_', '-')}@lumen.example" for name, _label in status.STATUSES}
        self.env["res.partner"].create([{"name": name, "email": email} for name, email in people.items()])
        self.records.confirm(
            "news",
            "email",
            people["confirmed"],
            source="double_opt_in",
            notice=self.news.purpose_id.notice_ids.id,
            occurred_at=LONG_AGO,
        )
        self.yes(people["subscribed"], occurred_at=LONG_AGO)
        self.ask(people["opt_in"])
        self.ask(people["invited"], stage="invited", asked_at=LONG_AGO)
        self.ask(people["reminded"], stage="reminded", asked_at=LONG_AGO)
        self.ask(people["expired"]).expires_at = now - timedelta(days=1)
        self.yes(people["unsubscribed"], occurred_at=LONG_AGO)
        self.withdraw(people["unsubscribed"], occurred_at=LONG_AGO + timedelta(days=1))
        self.records.refuse("news", "email", people["opt_out"], source="staff_phone", occurred_at=LONG_AGO)
        for name, fact in (("bounced", "bounced"), ("blacklisted", "suppressed")):
            self.yes(people[name], occurred_at=LONG_AGO)
            self.records.block(fact, "email", people[name], source="system", occurred_at=LONG_AGO, company=False)
        return people

    def test_each_of_the_ten_is_reached_dated_and_found(self):
        people = self.reach_each()
        for name, address in people.items():
            with self.subTest(name):
                row = self.env["consent.status"].search([("address", "=", address), ("topic_id", "=", self.news.id)])
                self.assertEqual(row.mapped("status"), [name])
                self.assertTrue(row.since)
                partners = self.env["res.partner"].search([("consent_status_ids.status", "=", name)])
                self.assertIn(address, partners.mapped("email"))
                self.assertNotIn(
                    address, self.env["res.partner"].search([("id", "not in", partners.ids)]).mapped("email")
                )
                partner = self.env["res.partner"].search([("email", "=", address)])
                self.assertEqual(partner.consent_status, name)
                self.assertEqual(self.env["res.partner"].search([("consent_status", "=", name)]) & partner, partner)

    def test_lists_are_grouped_and_sorted_by_the_leading_status(self):
        partners = self.env["res.partner"]
        domain = [("id", "in", self.partners.ids)]
        groups = partners._read_group(domain, ["consent_status"], ["id:recordset"])
        self.assertEqual(
            {name: sorted(found.mapped("name")) for name, found in groups},
            {"subscribed": ["Anna"], "unsubscribed": ["Ben"], "opt_out": ["Dirk"], False: ["Carla"]},
        )
        self.assertEqual(partners.fields_get(["consent_status"])["consent_status"]["groupable"], True)
        self.assertEqual(len(partners.search(domain, order="consent_status, id")), 4)

    def test_an_objection_shows_on_every_topic_until_a_proven_yes(self):
        self.assertEqual(self.statuses(DIRK), {"all": "opt_out"})
        self.yes(DIRK, self.events)
        self.assertEqual(self.statuses(DIRK), {"all": "opt_out", "events": "subscribed"})
        self.records.object_to("email", DIRK, source="preference_page")
        self.records.object_to("email", ANNA, source="preference_page")
        self.assertEqual(self.statuses(ANNA), {"all": "opt_out", "news": "opt_out"})
        self.assertEqual(self.statuses(ANNA, "sms"), {"news": "subscribed"})

    def test_a_blacklisted_address_shows_so_and_again_as_before_when_it_is_taken_off(self):
        self.env["mail.blacklist"]._add(ANNA)
        self.assertEqual(self.statuses(ANNA), {"news": "blacklisted"})
        self.assertEqual(self.found("blacklisted"), [ANNA])
        self.env["mail.blacklist"]._remove(ANNA)
        self.env["consent.status"].invalidate_model()
        self.assertEqual(self.statuses(ANNA), {"news": "subscribed"})

    def test_a_consent_past_its_validity_is_expired(self):
        self.yes(CARLA, occurred_at=LONG_AGO, valid_until=LONG_AGO + timedelta(days=30))
        self.assertEqual(self.statuses(CARLA), {"news": "expired"})

    def test_a_request_of_somebody_who_said_no_before_shows_beside_the_no(self):
        request = self.ask(BEN)
        rows = self.env["consent.status"].search([("address", "=", BEN)])
        self.assertEqual(sorted(rows.mapped("status")), ["opt_in", "unsubscribed"])
        self.assertEqual(self.ben.consent_status, "opt_in")
        request.expires_at = self.env.cr.now() - timedelta(days=1)
        self.assertEqual(self.statuses(BEN), {"news": "unsubscribed"})

    def test_the_view_agrees_with_the_rule_for_every_combination(self):
        """The pure function says what SQL says, for each state of consent with each set of blocks."""
        facts = {"granted": ["given"], "withdrawn": ["given", "withdrawn"], "refused": ["refused"], "none": []}
        blocks = ["suppressed", "objected", "bounced", "carrier_blocked"]
        expected = {}
        for number, (state, held) in enumerate(
            itertools.product(facts, [set_ for size in range(3) for set_ in itertools.combinations(blocks, size)])
        ):
            address = f"combination{number}@lumen.example"
            entries = [{"fact": fact, "topic": self.news} for fact in facts[state]]
            entries += [{"fact": fact, "topic": self.news} for fact in held]
            for step, entry in enumerate(entries):
                entry |= {"channel": "email", "address": address, "occurred_at": LONG_AGO + timedelta(days=step)}
                entry |= {"source": "staff_phone" if entry["fact"] in facts[state] else "system", "wording": "Yes"}
            if entries:
                self.records._submit(entries)
                record = self.record(address)
                answer = status.of_record(
                    {
                        "blacklisted": record.suppressed_at or record.carrier_blocked_at,
                        "opt_out": record.objected_at or (record.state == "refused" and record.since),
                        "unsubscribed": record.state == "withdrawn" and record.since,
                        "bounced": record.unreachable_at,
                        "subscribed": record.state == transitions.GRANTED and record.since,
                    }
                )
                expected[address] = answer[0]
        rows = self.env["consent.status"].search([("address", "in", list(expected))])
        self.assertEqual({row.address: row.status for row in rows}, expected)

    def test_a_list_of_eighty_is_one_query_for_all(self):
        def count(partners):
            partners.invalidate_recordset()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            partners.mapped("consent_status")
            return self.env.cr.sql_log_count - before

        people = self.env["res.partner"].create(
            [{"name": f"P{number}", "email": f"p{number}@lumen.example"} for number in range(80)]
        )
        self.records._submit(
            [
                {
                    "fact": "given",
                    "topic": self.news,
                    "channel": "email",
                    "address": partner.email,
                    "source": "paper",
                    "wording": "Yes",
                }
                for partner in people
            ]
        )
        count(people)
        self.assertEqual(count(people), count(people[:1]))
        self.assertEqual(set(people.mapped("consent_status")), {"subscribed"})
