"""What may undo a no, over RPC as the lowest user who can record it."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...exceptions import ConsentError
from ...tools import clock
from ..cases.roles import RoleCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase

DENIED = "odoo.exceptions.AccessError"
REFUSED = "odoo.addons.marketing_consent.exceptions.ConsentError"
WORDING = "Yes, news about lamps."


@tagged("post_install", "-at_install")
class TestUndoing(ConsentCase):
    """A no stands until the person, or somebody who can prove it, says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "clerk", groups="marketing_consent.group_user", tz="America/New_York")
        cls.officer = new_test_user(cls.env, "officer", groups="marketing_consent.group_officer")
        cls.api = cls.env["consent.api"].with_user(cls.clerk)

    def claim(self, address=BEN, user=None, **details):
        details = {"source": "staff_phone", "wording": WORDING, "evidence": {"note": "Rang us"}, **details}
        return self.records.with_user(user or self.clerk).give("news", "email", address, **details)

    def after(self, **delta):
        return clock.consent_now(self.env) + timedelta(**delta)

    # -- proof ----------------------------------------------------------------------------------------------------

    def test_what_staff_write_down_with_a_note_undoes_a_no(self):
        for source in ("staff_phone", "staff_in_person", "paper"):
            with self.subTest(source=source), self.undone():
                self.claim(source=source)
                self.assertTrue(self.verdict(BEN).allowed)

    def test_a_claim_without_proof_leaves_the_no(self):
        for details in (
            {"evidence": {}},
            {"evidence": {"note": "  "}},
            {"evidence": {"note": True}},
            {"evidence": {"proof": None}},
            {"evidence": {"note": "."}},
            {"evidence": {"note": [""]}},
            {"evidence": {"note": {"by": None}}},
            {"evidence": {"proof": [[]]}},
            {"source": "import"},
            {"source": "import", "attachments": [("form.txt", b"yes")]},
            {"source": "api"},
            {"source": "api", "occurred_at": self.after(seconds=-1)},
        ):
            for address, reason in ((BEN, "withdrawn"), (DIRK, "objected")):
                with self.subTest(address=address, **details), self.undone():
                    self.claim(address, **details)
                    self.assertEqual(self.verdict(address).reason, reason)

    def test_a_claim_before_the_no_leaves_the_no(self):
        self.claim(occurred_at=self.after(days=-1))
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")

    def test_nobody_vouches_for_a_claim_by_passing_what_our_own_code_passes(self):
        for name, value in (("proof", "approval"), ("proven", True), ("undoes", 1), ("type", "given")):
            with self.subTest(name=name), self.assertRaises(ConsentError) as refused:
                self.claim(**{name: value})
            self.assertEqual(refused.exception.code, "unknown_detail")

    def test_a_trusted_system_undoes_a_no_by_its_own_confirmation(self):
        item = {"topic": "news", "channel": "email", "address": BEN, "wording": WORDING}
        item["occurred_at"] = str(self.after(seconds=-1))
        self.withdraw(BEN, occurred_at=self.after(days=-1))
        trusted = {"user_id": self.clerk.id, "reason": "Its double opt-in was audited in March"}
        with self.assertRaises(AccessError):
            self.env["consent.proving.client"].with_user(self.clerk).create(trusted)
        self.env.cr.execute("SELECT 1")
        later = self.after(seconds=0)
        self.env["consent.proving.client"].with_user(self.officer).create(trusted)
        for missing in ({"occurred_at": None}, {"occurred_at": str(later.date())}):
            with self.undone():
                self.assertTrue(self.api.give(**{**item, **missing})["no_stands"])
        with self.travel(hours=1):
            answer = self.api.give(**{**item, "occurred_at": str(later + timedelta(minutes=30))})
        self.assertEqual((answer["changed"], answer["no_stands"], answer["remedy"]), (True, False, ""))
        self.assertTrue(self.verdict(BEN).allowed)

    def test_only_a_fresh_claim_may_be_confirmed(self):
        item = {"topic": "news", "channel": "email", "wording": WORDING}
        for address in (BEN, DIRK):
            fresh = self.api.give(**item, address=address)
            old = self.api.give(**item, address=address, occurred_at=str(self.after(days=-8)))
            self.assertEqual([answer["remedy"] for answer in (fresh, old)], ["request", ""])
            self.assertTrue(fresh["no_stands"] and not fresh["changed"])

    # -- times ----------------------------------------------------------------------------------------------------

    def test_a_yes_dated_ahead_within_the_clock_skew_beats_no_no(self):
        ahead = self.after(minutes=4)
        self.yes(CARLA, occurred_at=ahead)
        self.assertLessEqual(self.record(CARLA).since, clock.consent_now(self.env))
        self.withdraw(CARLA)
        self.yes(ANNA, occurred_at=ahead)
        self.records.object_to("email", ANNA, source="preference_page")
        self.yes(BEN, occurred_at=ahead)
        self.yes(DIRK, occurred_at=ahead)
        with self.travel(minutes=5):
            reasons = [self.verdict(address).reason for address in (CARLA, ANNA, BEN, DIRK)]
        self.assertEqual(reasons, ["withdrawn", "objected", "withdrawn", "objected"])

    def test_a_yes_dated_further_ahead_is_an_error_and_a_no_counts_from_now(self):
        with self.assertRaises(ConsentError):
            self.yes(CARLA, occurred_at=self.after(minutes=6))
        for when in (self.after(days=400), "2999-01-01", str(self.after(days=1))):
            with self.subTest(when=when), self.undone():
                self.withdraw(ANNA, occurred_at=when)
                self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
                self.assertLessEqual(self.record(ANNA).since, clock.consent_now(self.env))

    def test_a_date_counts_from_its_start_for_a_yes_and_from_its_end_for_a_no(self):
        with self.travel(days=-3):
            day = clock.consent_now(self.env).date()
        details = {"source": "paper", "wording": WORDING, "evidence": {"note": "Form"}, "occurred_at": str(day)}
        records = self.records.with_user(self.clerk)
        records.give("events", "email", CARLA, **details, tz="Asia/Tokyo")
        self.assertEqual(str(self.record(CARLA, self.events).since), f"{day - timedelta(days=1)} 15:00:00")
        records.withdraw("events", "email", CARLA, source="paper", occurred_at=str(day))
        since = self.record(CARLA, self.events).since
        self.assertEqual(str(since)[:16], f"{day + timedelta(days=1)} 04:59"[:16])
        with self.assertRaises(ConsentError):
            records.give("events", "email", CARLA, **details, tz="Mars/Olympus")

    # -- many -----------------------------------------------------------------------------------------------------

    def noes(self, count):
        addresses = [f"no{number}@lumen.example" for number in range(count)]
        for address in addresses:
            self.withdraw(address)
        return addresses

    def test_the_sixth_no_that_a_user_undoes_waits_for_a_second_person(self):
        addresses = self.noes(7)
        for address in addresses[:4]:
            self.claim(address)
        items = [
            {"topic": "news", "channel": "email", "address": address, "source": "staff_phone", "wording": WORDING}
            | {"evidence": {"note": "Rang us"}}
            for address in addresses[4:]
        ]
        answers = self.api.give(items=items)
        self.assertEqual([answer["waits"] for answer in answers], [False, True, True])
        self.assertEqual([self.verdict(a).allowed for a in addresses], [True] * 5 + [False] * 2)
        with self.travel(hours=23):
            self.claim(addresses[5])
        self.assertFalse(self.verdict(addresses[5]).allowed)
        with self.travel(hours=25):
            self.claim(addresses[6])
        self.assertTrue(self.verdict(addresses[6]).allowed)

    def test_a_first_yes_is_never_counted(self):
        for number in range(8):
            self.claim(f"new{number}@lumen.example")
        self.assertFalse(self.env["consent.reversal"].search([]))

    def test_another_person_approves_what_waits_and_a_later_no_prevails(self):
        manager = new_test_user(self.env, "manager", groups="marketing_consent.group_manager")
        self.clerk.group_ids |= self.env.ref("marketing_consent.group_manager")
        addresses = self.noes(7)
        for address in addresses:
            self.claim(address, evidence={"note": f"{address} rang"})
        waiting = self.env["consent.reversal"].search([("state", "=", "waiting")])
        self.assertEqual(len(waiting), 2)
        with self.assertRaises(AccessError):
            waiting.with_user(self.clerk).action_approve()
        with self.assertRaises(AccessError):
            waiting.with_user(manager).write({"state": "approved"})
        self.withdraw(addresses[6])
        waiting.with_user(manager).action_approve()
        self.assertEqual([self.verdict(a).allowed for a in addresses[5:]], [True, False])
        event = self.record(addresses[5]).granting_event_id
        self.assertEqual((event.actor_id, event._evidence()["note"]), (self.clerk.id, f"{addresses[5]} rang"))

    def test_another_person_declines_what_waits_and_the_no_stays(self):
        manager = new_test_user(self.env, "manager", groups="marketing_consent.group_manager")
        addresses = self.noes(6)
        for address in addresses:
            self.claim(address)
        waiting = self.env["consent.reversal"].search([("state", "=", "waiting")])
        with self.assertRaises(AccessError):
            waiting.with_user(self.clerk).action_decline()
        self.clerk.group_ids |= self.env.ref("marketing_consent.group_manager")
        with self.assertRaises(AccessError):
            waiting.with_user(self.clerk).action_decline()
        waiting.with_user(manager).action_decline()
        waiting.with_user(manager).action_approve()
        self.assertEqual((waiting.state, self.verdict(addresses[5]).allowed), ("declined", False))

    def test_an_objection_made_again_after_a_yes_holds(self):
        self.yes(DIRK)
        self.assertTrue(self.verdict(DIRK).allowed)
        for _again in range(2):
            self.records.object_to("email", DIRK, source="one_click")
            self.assertEqual(self.verdict(DIRK).reason, "objected")
        self.assertEqual(self.record(DIRK, topic=False).contact_point_id.event_ids.mapped("fact").count("objected"), 2)

    # -- taking a false no back -----------------------------------------------------------------------------------

    def imported_no(self, address, **details):
        entry = {"fact": "withdrawn", "topic": "news", "channel": "email", "address": address, "source": "import"}
        return self.records._submit([{**entry, "batch": "list", **details}])

    def retract(self):
        after = 0
        while done := self.env["consent.batch"]._retract("list", after, label="List retracted", limit=2):
            after = done[0]

    def test_a_false_no_is_retracted_and_the_earlier_consent_is_as_it_was(self):
        before = {name: self.record(ANNA)[name] for name in ("since", "valid_until", "granting_event_id", "notice_id")}
        for address in (ANNA, CARLA, "eva@lumen.example"):
            self.imported_no(address)
        self.imported_no(DIRK)
        self.retract()
        self.assertEqual({name: self.record(ANNA)[name] for name in before}, before)
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertEqual((self.verdict(CARLA).reason, self.verdict(DIRK).reason), ("no_consent", "objected"))
        written = self.env["consent.event"].search_count([])
        self.retract()
        self.assertEqual(self.env["consent.event"].search_count([]), written)

    def test_a_no_that_the_person_repeated_outlives_the_retraction(self):
        self.imported_no(ANNA)
        self.withdraw(ANNA, source="one_click")
        self.imported_no(BEN)  # who said no before
        self.retract()
        self.assertEqual((self.verdict(ANNA).reason, self.verdict(BEN).reason), ("withdrawn", "withdrawn"))
        self.assertNotIn("retracted", self.record(ANNA).contact_point_id.event_ids.mapped("type"))

    def test_an_undone_unsubscription_leaves_the_consent_exactly_as_it_was(self):
        self.yes(CARLA, valid_until=self.after(days=30))
        before = self.record(CARLA).read()[0]
        link = self.env["consent.link"].sudo()
        token = link._tokens("email", [CARLA], self.env.company, self.news)[CARLA]
        subject = link._subject(token)
        for scope in ("topic", "channel", "company", "group"):
            events = link._withdraw(subject, scope, source="preference_page", evidence={})
            self.assertFalse(self.verdict(CARLA).allowed)
            self.assertTrue(link._undo(subject, events, {}))
            after = self.record(CARLA).read()[0]
            moved = {"last_event_id", "last_occurred_at"}
            self.assertEqual(
                {k: v for k, v in after.items() if k not in moved}, {k: v for k, v in before.items() if k not in moved}
            )
        self.assertTrue(self.verdict(CARLA).allowed)


@tagged("post_install", "-at_install")
class TestLifting(RoleCase):
    """Over RPC, as each role: who lifts which block."""

    def lift(self, role, fact, **details):
        self.authenticate(role, f"{role}-password")
        details = {"source": "staff_phone", **details}
        return self.call("consent.record", "block", fact, "email", DIRK, **details)

    def setUp(self):
        super().setUp()
        blocks = {"suppressed": {}, "restricted": {}, "carrier_blocked": {}, "bounced": {}}
        for fact, details in {**blocks, "paused": {"until": "2999-01-01"}}.items():
            self.records.block(fact, "email", DIRK, source="system", **details)

    def standing(self):
        record = self.record(DIRK, topic=False)
        record.invalidate_recordset()
        names = (
            "suppressed_at",
            "restricted_at",
            "objected_at",
            "paused_until",
            "unreachable_at",
            "carrier_blocked_at",
        )
        return {name for name in names if record[name]}

    @mute_logger("odoo.http")
    def test_staff_release_an_objection_on_a_documented_request_and_nothing_else(self):
        before = self.standing()
        note = {"evidence": {"note": "Asked by phone for our news again"}}
        for fact in ("released", "unsuppressed", "unrestricted", "resumed", "reachable", "carrier_released"):
            self.assertEqual(self.lift("clerk", fact), DENIED)
        for fact in ("unsuppressed", "unrestricted", "reachable", "carrier_released", "suppressed"):
            self.assertEqual(self.lift("clerk", fact, **note), DENIED)
            self.assertEqual(self.lift("manager", fact, **note), DENIED)
        self.assertEqual(self.standing(), before)
        self.assertEqual(self.lift("clerk", "released", source="api", **note), DENIED)
        self.assertIsInstance(self.lift("clerk", "released", **note), int)
        self.assertEqual(before - self.standing(), {"objected_at"})
        self.assertIsInstance(self.lift("clerk", "resumed", **note), int)
        self.assertEqual(before - self.standing(), {"objected_at", "paused_until"})

    @mute_logger("odoo.http")
    def test_an_objection_to_all_companies_is_released_by_who_works_for_all(self):
        self.records.object_to("email", DIRK, company=False, source="system")
        documented = {"company": False, "evidence": {"note": "Asked by phone for our news again"}}
        other = self.env["res.company"].create({"name": "Another"})
        self.assertEqual(self.lift("clerk", "released", **documented), REFUSED)
        clerk = self.env["res.users"].search([("login", "=", "clerk")])
        clerk.company_ids += self.env["res.company"].search([]) | other
        self.assertIsInstance(self.lift("clerk", "released", **documented), int)

    @mute_logger("odoo.http")
    def test_the_officer_lifts_with_a_reason_and_a_restriction_after_telling_the_person(self):
        reason = {"reason": "Mistaken identity"}
        for fact in ("released", "unsuppressed", "unrestricted"):
            self.assertEqual(self.lift("officer", fact), REFUSED)
            self.assertEqual(self.lift("officer", fact, evidence={"reason": " "}), REFUSED)
        self.assertEqual(self.lift("officer", "unrestricted", evidence=reason), REFUSED)
        told = {"told": "By letter of 1 March"}
        self.assertIsInstance(self.lift("officer", "unrestricted", evidence=reason | told), int)
        self.assertIsInstance(self.lift("officer", "unsuppressed", evidence=reason), int)
        self.assertIsInstance(self.lift("officer", "released", evidence=reason), int)
        self.assertFalse(self.standing() & {"suppressed_at", "restricted_at", "objected_at"})

    @mute_logger("odoo.http")
    def test_only_a_trusted_system_reports_a_confirmation(self):
        self.authenticate("clerk", "clerk-password")
        for source in ("staff_phone", "api", "import", "double_opt_in"):
            details = {"source": source, "wording": WORDING, "evidence": {"note": "Rang us"}}
            self.assertEqual(self.call("consent.record", "confirm", "news", "email", BEN, **details), REFUSED)
