from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ...exceptions import ConsentError
from ...tools import clock, transitions
from ..cases.optional import library
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentRecord(ConsentCase):
    def test_a_yes_is_a_record_that_names_its_event(self):
        record = self.record(ANNA)
        self.assertEqual((record.state, record.legal_basis, record.evidence_grade), ("granted", "consent", "B"))
        self.assertEqual(record.notice_id, self.news.purpose_id.notice_ids)
        self.assertEqual(record.granting_event_id.contact_point_id.address, ANNA)

    def test_email_and_sms_are_apart(self):
        self.withdraw(ANNA, channel="sms")
        self.assertEqual((self.record(ANNA).state, self.record(ANNA, channel="sms").state), ("granted", "withdrawn"))

    def test_an_imported_yes_older_than_a_no_is_recorded_as_not_applied(self):
        event = self.yes(BEN, source="import", occurred_at=datetime(2020, 1, 1))
        event = self.env["consent.event"].browse(event)
        self.assertEqual((event.type, event.fact, event.resulting_state), ("not_applied", "given", "withdrawn"))
        self.assertEqual(self.record(BEN).state, "withdrawn")

    def test_an_import_never_undoes_a_no_even_where_it_claims_to_be_newer(self):
        self.withdraw(CARLA, occurred_at=datetime(2026, 1, 1))
        self.yes(CARLA, source="import", occurred_at=datetime(2026, 2, 1))
        self.assertEqual(self.record(CARLA).state, "withdrawn")

    def test_a_late_no_takes_its_place_in_time(self):
        self.yes(CARLA, source="import", occurred_at=datetime(2026, 2, 1))
        self.withdraw(CARLA, occurred_at=datetime(2026, 1, 1))
        self.assertEqual(self.record(CARLA).state, "withdrawn", "the import came after a no, so it never counted")
        self.yes(DIRK, occurred_at=datetime(2026, 2, 1))
        self.withdraw(DIRK, occurred_at=datetime(2026, 1, 1))
        self.assertEqual(self.record(DIRK).state, "granted", "the person said yes after the no")

    def test_a_no_repeated_writes_nothing(self):
        before = self.record(BEN).contact_point_id.head_seq
        self.assertIsNone(self.withdraw(BEN))
        self.assertEqual(self.record(BEN).contact_point_id.head_seq, before)

    def test_both_time_axes_can_be_asked(self):
        old, middle = datetime(2026, 1, 10), datetime(2026, 2, 10)
        self.yes(CARLA, occurred_at=datetime(2026, 1, 1))
        known = clock.consent_now(self.env)
        self.withdraw(CARLA, occurred_at=datetime(2026, 2, 1))
        now = clock.consent_now(self.env)

        def as_of(valid_at, known_at):
            return (
                self.env["consent.event"]
                ._as_of("email", CARLA, self.news, self.env["res.company"], valid_at, known_at)
                .state
            )

        self.assertEqual((as_of(old, now), as_of(middle, now)), ("granted", "withdrawn"))
        self.assertEqual(as_of(middle, known), "granted", "we did not know of the withdrawal yet")
        self.assertEqual(as_of(datetime(2025, 1, 1), now), "none")

    def test_what_holds_now_is_what_the_ledger_says_of_now(self):
        hypothesis, st = library("hypothesis"), library("hypothesis.strategies")
        person = iter(range(10_000))
        sources = st.sampled_from(["preference_page", "import", "web_form", "paper"])
        acts = st.tuples(st.sampled_from(["given", "withdrawn", "refused", "objected"]), sources, st.integers(1, 6))

        @hypothesis.settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=[hypothesis.HealthCheck.differing_executors, hypothesis.HealthCheck.too_slow],
        )
        @hypothesis.given(st.lists(acts, min_size=1, max_size=6))
        def check(acts):
            address = f"person{next(person)}@lumen.example"
            notice = self.news.purpose_id.notice_ids
            common = {"topic": self.news, "channel": "email", "address": address, "notice": notice}
            for fact, source, month in acts:
                entry = {**common, "fact": fact, "source": source, "occurred_at": datetime(2026, month, 1)}
                self.records._submit([entry])
            record = self.record(address)
            now = clock.consent_now(self.env)
            state = self.env["consent.event"]._as_of("email", address, self.news, self.env["res.company"], now, now)
            stored = {name: record[name].id if name.endswith("_id") else record[name] for name in state._fields}
            self.assertEqual(
                {k: v or None for k, v in stored.items()}, {k: v or None for k, v in state._asdict().items()}
            )

        check()

    def test_ten_thousand_events_take_as_many_statements_as_ten(self):
        def submit(count):
            notice = self.news.purpose_id.notice_ids
            entries = [
                {"fact": "given", "topic": "news", "channel": "email", "address": f"p{n}@of{count}.example"}
                | {"source": "import", "notice": notice, "occurred_at": datetime(2026, 1, 1), "batch": str(count)}
                for n in range(count)
            ]
            before = self.env.cr.sql_log_count
            self.assertEqual(len(set(self.records._submit(entries))), count)
            return self.env.cr.sql_log_count - before

        submit(1)  # fills the caches
        self.assertEqual(submit(10_000), submit(10))

    def test_rebuilding_repairs_altered_deleted_and_surplus_records(self):
        points = self.env["consent.contact.point"].search([])
        before = {record.id: record.state for record in self.records.search([])}
        self.env.cr.execute("UPDATE consent_record SET state = 'granted' WHERE state = 'withdrawn'")
        self.env.cr.execute("UPDATE consent_record SET objected_at = NULL")
        self.env.cr.execute(
            "INSERT INTO consent_record (contact_point_id, channel, state, proven, topic_id, company_id)"
            " VALUES (%s, 'email', 'granted', TRUE, %s, %s)",
            [self.record(ANNA).contact_point_id.id, self.events.id, self.env.company.id],
        )
        self.env.invalidate_all()
        self.assertEqual(len(self.records._check_ledger()), 3)
        self.records._rebuild(points)
        self.assertEqual({record.id: record.state for record in self.records.search([])}, before)
        self.assertEqual(self.record(DIRK, topic=False).objected_at.year, clock.consent_now(self.env).year)

    def test_rebuilding_intact_records_changes_nothing(self):
        points = self.record(ANNA).contact_point_id
        before = self.records._select(SQL("contact_point_id = ANY(%s)", points.ids))
        self.records._rebuild(points)
        self.assertEqual(self.records._select(SQL("contact_point_id = ANY(%s)", points.ids)), before)

    def test_silence_and_mode_switches_grant_nothing(self):
        self.env.company.consent_mode = "opt_out"
        self.assertEqual(self.verdict(CARLA).reason, None)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.env.company.consent_mode = "opt_in"
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")
        self.assertFalse(self.record(CARLA))

    def test_an_objection_is_passed_only_by_a_later_proven_yes_to_that_topic(self):
        self.assertEqual(self.verdict(DIRK).reason, "objected")
        self.yes(DIRK, source="web_form")
        self.assertEqual(self.verdict(DIRK).reason, "objected")
        self.yes(DIRK, source="preference_page")
        self.assertTrue(self.verdict(DIRK).allowed)
        self.assertEqual(self.verdict(DIRK, topic=self.events).reason, "objected")

    def test_an_unread_reply_withholds_all_topics_of_the_company_until_it_is_read(self):
        self.yes(ANNA, self.events)
        for _reply in range(2):
            self.assertTrue(self.records.block("reply_received", "email", ANNA, source="inbound_mail"))
        for topic in (self.news, self.events):
            self.assertEqual(self.verdict(ANNA, topic).reason, "reply_to_read")
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        at = clock.consent_now(self.env)
        self.records.block("reply_read", "email", ANNA, source="inbound_mail")
        self.assertTrue(self.verdict(ANNA).allowed)
        state = self.env["consent.event"]._as_of("email", ANNA, self.env["consent.topic"], self.env.company, at, at)
        self.assertTrue(state.reply_unread_at)

    def test_what_changes_with_time(self):
        self.news.purpose_id.validity_months = 12
        self.yes(ANNA)
        self.records.block("paused", "email", BEN, source="preference_page", until=datetime(2099, 1, 1))
        with self.travel(days=360):
            self.assertTrue(self.verdict(ANNA).allowed)
        with self.travel(days=370):
            self.assertEqual(self.verdict(ANNA).reason, "expired")

    def test_a_material_change_of_wording_withholds_until_renewed(self):
        self.publish(self.news.purpose_id, version=2)
        self.assertTrue(self.verdict(ANNA).allowed)
        new = self.publish(self.news.purpose_id, version=3, material=True)
        self.assertEqual(self.verdict(ANNA).reason, "wording_changed")
        self.yes(ANNA, notice=new.id)
        self.assertTrue(self.verdict(ANNA).allowed)


BAD_INPUT = [
    ("unknown_topic", {"topic": "nonsense"}),
    ("unknown_topic", {"topic": ["news"]}),
    ("unknown_topic", {"topic": None}),
    ("unknown_channel", {"channel": "fax"}),
    ("unknown_channel", {"channel": None}),
    ("unusable_address", {"address": "nobody"}),
    ("unusable_address", {"address": None}),
    ("unusable_address", {"address": {"a": 1}}),
    ("unusable_address", {"address": "a@x.example, b@x.example"}),
    ("unusable_address", {"address": "a" * 100_000}),
    ("unusable_address", {"channel": "sms", "address": "0470123456"}),
    ("missing_notice", {"notice": None}),
    ("missing_notice", {"notice": "soon"}),
    ("missing_notice", {"notice": 10**9}),
    ("unknown_source", {"source": "hearsay"}),
    ("unknown_source", {"source": None}),
    ("source_not_allowed", {"source": "bounce"}),
    ("source_not_allowed", {"source": "one_click"}),
    ("basis_not_allowed", {"legal_basis": "legitimate_interest"}),
    ("basis_not_allowed", {"legal_basis": "whim"}),
    ("impossible_date", {"occurred_at": "2999-01-01 00:00:00"}),
    ("impossible_date", {"occurred_at": "1066-10-14 00:00:00"}),
    ("impossible_date", {"occurred_at": "yesterday"}),
    ("impossible_date", {"valid_until": "2000-01-01 00:00:00"}),
    ("unknown_detail", {"colour": "red"}),
    ("unknown_detail", {"evidence": "because"}),
    ("unknown_detail", {"source_label": "x" * 100_000}),
    ("wrong_company", {"company": 10**6}),
]


@tagged("post_install", "-at_install")
class TestBadInput(ConsentCase):
    def test_each_gets_its_code_and_writes_nothing(self):
        notice = self.news.purpose_id.notice_ids.id
        before = self.env["consent.event"].search_count([])
        for code, change in BAD_INPUT:
            entry = {"topic": "news", "channel": "email", "address": "eva@lumen.example"}
            entry |= {"source": "paper", "notice": notice, **change}
            with self.subTest(**change), self.assertRaises(ConsentError) as refused:
                self.records.give(entry.pop("topic"), entry.pop("channel"), entry.pop("address"), **entry)
            self.assertEqual(refused.exception.code, code, change)
        self.assertEqual(self.env["consent.event"].search_count([]), before)

    def test_a_closed_purpose_takes_no_yes_but_every_no(self):
        self.news.purpose_id.active = False
        with self.assertRaises(ConsentError) as refused:
            self.yes(CARLA)
        self.assertEqual(refused.exception.code, "closed_purpose")
        self.withdraw(ANNA)
        self.assertEqual(self.record(ANNA).state, "withdrawn")

    def test_a_batch_with_one_bad_entry_writes_nothing(self):
        before = self.env["consent.event"].search_count([])
        good = {"fact": "withdrawn", "topic": "news", "channel": "email", "address": ANNA, "source": "paper"}
        with self.assertRaises(ConsentError):
            self.records._submit([good, {**good, "address": "nobody"}])
        self.assertEqual(self.env["consent.event"].search_count([]), before)

    def test_users_cannot_claim_what_only_our_own_pages_see(self):
        user = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        notice = self.news.purpose_id.notice_ids.id
        for source, _label in transitions.SOURCES:
            allowed = source in ("staff_in_person", "staff_phone", "paper", "import", "api")
            give = self.records.with_user(user).give
            if allowed:
                self.assertTrue(give("news", "email", f"{source}@lumen.example", source=source, notice=notice))
                continue
            with self.assertRaises(ConsentError):
                give("news", "email", "eva@lumen.example", source=source, notice=notice)

    def test_others_cannot_record_anything(self):
        user = new_test_user(self.env, "stranger", groups="base.group_user,mass_mailing.group_mass_mailing_user")
        with self.assertRaises(AccessError):
            self.records.with_user(user).withdraw("news", "email", ANNA, source="paper")

    def test_one_company_does_not_speak_for_another(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        with self.assertRaises(ConsentError) as refused:
            self.records.with_user(user).object_to("email", ANNA, source="paper", company=other.id)
        self.assertEqual(refused.exception.code, "wrong_company")


@tagged("post_install", "-at_install")
class TestRequest(ConsentCase):
    def ask(self, address=CARLA, **details):
        return self.env["consent.request"]._open(
            self.news | self.events, "email", address, self.news.purpose_id.notice_ids, **details
        )

    def test_a_request_is_no_consent_and_no_contact_point(self):
        self.ask("eva@lumen.example")
        self.assertEqual(self.verdict("eva@lumen.example").reason, "waiting")
        self.assertFalse(self.env["consent.contact.point"].search([("address", "=", "eva@lumen.example")]))

    def test_only_the_token_confirms_and_only_once(self):
        request, token = self.env["consent.request"]._open(
            self.news, "email", CARLA, self.news.purpose_id.notice_ids, evidence={"ip": "192.0.2.7"}
        )
        self.assertFalse(self.env["consent.request"]._confirm("nonsense"))
        events = self.env["consent.event"].browse(self.env["consent.request"]._confirm(token, {"ip": "192.0.2.8"}))
        self.assertEqual((events.type, events.evidence_grade, events.source), ("confirmed", "A", "double_opt_in"))
        self.assertEqual(events._evidence()["request"]["ip"], "192.0.2.7")
        self.assertFalse(request.exists())
        self.assertFalse(self.env["consent.request"]._confirm(token))

    def test_a_second_sign_up_supersedes_the_first(self):
        _request, old = self.ask()
        _request, new = self.ask()
        self.assertFalse(self.env["consent.request"]._confirm(old))
        self.assertEqual(self.env["consent.request"].search_count([("address", "=", CARLA)]), 1)
        self.assertTrue(new)

    def test_a_request_lapses_and_is_deleted(self):
        request, token = self.ask(days=7)
        with self.travel(days=8):
            self.assertFalse(self.env["consent.request"]._confirm(token))
            self.env["consent.request"]._cron_lapse()
        self.assertFalse(request.exists())

    def test_a_soft_opt_in_needs_the_sale_and_the_choice_that_was_offered_on_record(self):
        self.news.purpose_id.allow_soft_opt_in = True
        found = {"sale": "S00042", "choice_offered": "Tick here if you want no news."}
        base = {"fact": "given", "topic": "news", "channel": "email", "source": "api", "wording": "News"}
        base["legal_basis"] = "soft_opt_in"
        entries = [{**base, "address": f"c{n}@lumen.example", "evidence": found} for n in range(2)]
        for name in found:
            with self.subTest(without=name), self.assertRaises(ConsentError) as refusal:
                self.records._submit([entries[0], {**entries[1], "evidence": {name: ""} | found | {name: ""}}])
            self.assertEqual(refusal.exception.code, "missing_condition")
        self.assertTrue(all(self.records._submit(entries)))

    def test_a_claim_on_another_basis_passes_no_no(self):
        self.news.purpose_id.allow_legitimate_interest = True
        details = {"source": "api", "legal_basis": "legitimate_interest", "wording": "News"}
        self.records.give("news", "email", BEN, **details)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.records.give("news", "email", DIRK, **details)
        self.assertEqual(self.verdict(DIRK).reason, "objected")

    def test_turning_double_opt_in_off_upgrades_nobody(self):
        self.ask()
        self.news.purpose_id.double_opt_in = False
        self.env.company.consent_mode = "opt_out"
        self.assertEqual(self.verdict(CARLA).reason, "waiting")

    def test_a_period_is_not_longer_than_thirty_days(self):
        request, _token = self.ask(days=365)
        self.assertLessEqual(request.expires_at - request.requested_at, timedelta(days=30))
