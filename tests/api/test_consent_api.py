import functools
import re
import xmlrpc.client
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import requests
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME, get_db_name
from odoo.tools import mute_logger

from ...exceptions import ConsentError
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase, ConsentStory

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "api.md"
WORDING = "Yes, news about lamps. I can stop at any time."


@tagged("post_install", "-at_install")
class TestManual(ConsentStory, HttpCase):
    """The manual's examples run as they stand, over HTTP, with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.clerk = new_test_user(cls.env, "clerk", groups="marketing_consent.group_user")

    @mute_logger("odoo.http")
    def test_every_example_of_the_manual_runs(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(self.clerk)._generate(None, "manual", tomorrow)
        blocks = re.findall(r"^```python\n(.*?)^```", MANUAL.read_text(), re.DOTALL | re.MULTILINE)
        self.assertGreaterEqual(len(blocks), 8)
        names = {
            "BASE_URL": self.base_url(),
            "API_KEY": key,
            "DATABASE": get_db_name(),
            "LOGIN": "clerk",
            "NOTICE_ID": self.news.purpose_id.notice_ids.id,
        }
        cookie = f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
        proxy = functools.partial(xmlrpc.client.ServerProxy, headers=[("Cookie", cookie)])
        with (
            self.allow_requests(all_requests=True),
            self._sessions(),
            patch.object(xmlrpc.client, "ServerProxy", proxy),
        ):
            for number, block in enumerate(blocks):
                with self.subTest(block=number):
                    exec(compile(block, f"{MANUAL.name}[{number}]", "exec"), names)
        self.check_ledger()

    def _sessions(self):
        key = self.http_request_key

        class Session(requests.Session):
            """One that talks to this test's transaction."""

            def __init__(self):
                super().__init__()
                self.cookies.set(TEST_CURSOR_COOKIE_NAME, key, domain=HOST)

        return patch.object(requests, "Session", Session)


@tagged("post_install", "-at_install")
class TestConsentApi(ConsentCase):
    """Plain values in and out; nothing is done twice or by halves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "clerk", groups="marketing_consent.group_user")
        cls.api = cls.env["consent.api"].with_user(cls.clerk)

    def written(self):
        return self.env["consent.event"].search_count([])

    def item(self, address, **values):
        return {"topic": "news", "channel": "email", "address": address, **values}

    def test_what_staff_of_another_system_heard_brings_the_person_a_receipt_at_their_own_address_alone(self):
        forged = {"receipt": {"channel": "email", "person": "", "lang": "en_US", "addresses": {"email": BEN}}}
        self.api.withdraw(**self.item(ANNA, source="staff_phone", evidence=forged))
        self.api.give(**self.item(CARLA, wording=WORDING, evidence=forged))
        rows = self.env["consent.outbox"].search([("consumer", "=", "receipt")])
        before = self.env["mail.mail"].search([])
        self.assertTrue(rows)
        self.env["consent.outbox"]._deliver_receipt(rows.event_id)
        rows.unlink()
        self.assertEqual((self.env["mail.mail"].search([]) - before).mapped("email_to"), [ANNA])

    def test_check_answers_as_the_gate_does(self):
        answers = self.api.check([self.item(address) for address in (ANNA, BEN, CARLA, DIRK, "nobody")])
        self.assertEqual(
            [answer["reason"] for answer in answers],
            ["", "withdrawn", "no_consent", "objected", "unusable_address"],
        )
        self.assertEqual(answers[0]["event"], self.record(ANNA).granting_event_id.id)
        self.assertTrue(all(answer["ok"] for answer in answers))

    def test_check_asks_once_for_each_topic_and_channel(self):
        items = [self.item(f"p{n}@lumen.example") for n in range(50)]

        def statements(items):
            before = self.cr.sql_log_count
            self.api.check(items)
            return self.cr.sql_log_count - before

        statements(items)
        self.assertEqual(statements(items[:1]), statements(items))

    def test_what_cannot_be_stored_is_refused_by_its_code_and_holds_up_no_other(self):
        faulty = [
            {"wording": "a\0b"},
            {"wording": "\ud800"},
            {"source_label": "\0"},
            {"source_label": "\ud800"},
            {"source": ["api"]},
            {"legal_basis": ["consent"]},
            {"notice": True},
            {"evidence": {"a": "\ud800"}},
            {"evidence": {"a": xmlrpc.client.Binary(b"x")}},
            {"attachments": [{"name": "a\0", "content": "eA=="}]},
            {"attachments": [{"name": "\ud800", "content": "eA=="}]},
            {"key": "k\0"},
            {"key": "\ud800"},
            {"key": "k1", "occurred_at": xmlrpc.client.DateTime("20260301T10:00:00")},
            {"address": "\ud800@lumen.example"},
            {"batch": "import-0123456789abcdef"},
        ]
        deep = []
        for _level in range(900):
            deep = [deep]
        faulty.append({"evidence": {"a": deep}})
        for details in faulty:
            with self.subTest(details=str(details)[:60]), self.assertRaises(ConsentError):
                self.api.give(**self.item(CARLA, wording=WORDING) | details)
        items = [self.item(CARLA, wording=WORDING) | details for details in faulty]
        answers = self.api.give([*items, self.item("erik@lumen.example", wording=WORDING)])
        self.assertEqual([answer["ok"] for answer in answers], [False] * len(faulty) + [True])
        with self.assertRaises(ConsentError):
            self.records.with_user(self.clerk).withdraw("news", "email", "\ud800@lumen.example", source="api")

    def test_the_good_ones_are_done_the_bad_ones_coded_and_none_half_done(self):
        items = [
            self.item(CARLA, wording=WORDING),
            self.item("nobody", wording=WORDING),
            self.item(CARLA, topic="nonsense", wording=WORDING),
            self.item(CARLA),
            self.item(CARLA, channel="letter", wording=WORDING),
            self.item(CARLA, wording=WORDING, source="double_opt_in"),
            self.item(CARLA, wording=WORDING, occurred_at="2999-01-01"),
            self.item(CARLA, wording=WORDING, colour="red"),
            self.item(CARLA, wording=WORDING, company=[1]),
            self.item(CARLA, wording=WORDING, attachments=[{"name": "x", "content": "%"}]),
            self.item("erik@lumen.example", wording=WORDING),
        ]
        before = self.written()
        answers = self.api.give(items)
        codes = [answer["error"]["code"] if not answer["ok"] else None for answer in answers]
        self.assertEqual(
            codes,
            [
                *(None, "unusable_address", "unknown_topic", "missing_notice", "unknown_channel"),
                *("source_not_allowed", "impossible_date", "unknown_detail", "wrong_company", "unknown_detail", None),
            ],
        )
        self.assertEqual(self.written(), before + 2)
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_one_bad_item_raises_with_its_code(self):
        with self.assertRaises(ConsentError) as caught:
            self.api.give(**self.item("nobody", wording=WORDING))
        self.assertEqual(
            (caught.exception.code, caught.exception.context), ("unusable_address", {"code": "unusable_address"})
        )
        for broken in ([1], "x", {"a": 1}):
            with self.assertRaises(ConsentError):
                self.api.check(broken)
        with self.assertRaises(ConsentError):
            self.api.check([self.item(ANNA)] * 10_001)

    def test_a_key_repeats_nothing_and_answers_the_same(self):
        item = self.item(CARLA, wording=WORDING)
        first = self.api.give(key="a", **item)
        before = self.written()
        self.assertEqual(self.api.give(key="a", **item), first)
        self.assertEqual(self.written(), before)
        for other in ({**item, "address": ANNA}, {**item, "evidence": {"note": "x"}}):
            with self.assertRaises(ConsentError) as caught:
                self.api.give(key="a", **other)
            self.assertEqual(caught.exception.code, "key_reused")
        with self.assertRaises(ConsentError):
            self.api.withdraw(key="a", **self.item(CARLA))
        self.assertEqual(self.written(), before)

    def test_keys_count_for_each_item_user_and_company(self):
        items = [self.item(CARLA), self.item("nobody"), self.item(ANNA, key="mine")]
        first = self.api.withdraw(items, key="night")
        self.assertEqual([answer["ok"] for answer in first], [True, False, True])
        before = self.written()
        items[1]["address"] = BEN  # was refused, so its key is still free
        second = self.api.withdraw(items, key="night")
        self.assertEqual([second[0], second[2]], [first[0], first[2]])
        self.assertEqual(second[1], {"ok": True, "event": False, "changed": False})
        self.assertEqual(self.written(), before)
        self.assertFalse(self.api.withdraw(key="mine", **self.item(ANNA))["event"] is False)
        colleague = new_test_user(self.env, "colleague", groups="marketing_consent.group_user")
        others = self.env["consent.api"].with_user(colleague)
        self.assertFalse(others.withdraw(key="mine", **self.item(ANNA))["changed"], "withdrawn already: another key")

    def test_the_same_key_twice_in_one_call_is_refused(self):
        answers = self.api.withdraw([self.item(ANNA, key="k"), self.item(CARLA, key="k"), self.item(DIRK, key=7)])
        self.assertEqual([a["ok"] or a["error"]["code"] for a in answers], [True, "key_reused", "bad_key"])

    def test_keys_are_forgotten_after_a_month_and_hold_no_address(self):
        self.api.withdraw(key="a", **self.item(ANNA))
        calls = self.env["consent.api.call"].search([])
        self.assertNotIn(ANNA, repr(calls.read()))
        with self.travel(days=29):
            calls._gc_calls()
        self.assertTrue(calls.exists())
        with self.travel(days=31):
            calls._gc_calls()
        self.assertFalse(calls.exists())

    def test_withdrawing_without_a_topic_objects_to_everything(self):
        self.api.withdraw(channel="email", address=ANNA)
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertFalse(self.record(ANNA, topic=False).company_id - self.env.company)

    def test_history_tells_what_was_said_there_and_nothing_of_other_companies(self):
        other = self.env["res.company"].create({"name": "Candles"})
        topic = self.make_topic("candles", "News about candles", company_id=other.id)
        self.yes(BEN, topic, company=other.id)
        events = self.api.history(channel="email", address=BEN)["events"]
        self.assertEqual(
            [(event["type"], event["topic"]) for event in events], [("withdrawn", "news"), ("given", "news")]
        )
        self.assertEqual(events[1]["wording"], "News about lamps v1 (English (US))")
        both = self.api.history([self.item(BEN, topic="events"), {"channel": "email", "address": "x"}])
        self.assertEqual((both[0]["events"], both[1]["error"]["code"]), ([], "unusable_address"))
        with self.assertRaises(ConsentError) as caught:
            self.api.check(topic="candles", channel="email", address=BEN)
        self.assertEqual(caught.exception.code, "wrong_company")
        with self.assertRaises(ConsentError):
            self.api.check(**self.item(BEN, company=other.id))

    def test_who_may_call_it(self):
        marketer = new_test_user(self.env, "marketer", groups="mass_mailing.group_mass_mailing_user")
        internal = new_test_user(self.env, "internal", groups="base.group_user")
        self.assertTrue(self.env["consent.api"].with_user(marketer).check(**self.item(ANNA))["allowed"])
        for user, methods in (
            (marketer, ("give", "withdraw", "history", "request")),
            (internal, ("check", "give", "withdraw", "history", "request")),
        ):
            for method in methods:
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(self.env["consent.api"].with_user(user), method)(**self.item(ANNA))
