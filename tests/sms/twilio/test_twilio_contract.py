"""Twilio's unmodified SDK, and Odoo's sending, against a loopback server that checks both sides against Twilio's own
description of its API: nobody here wrote what is expected of them."""

import json
import os
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import common, new_test_user, tagged
from odoo.tools import mute_logger

from ....tools import clock, twilio_client
from ...cases.incoming import IncomingStory
from ...cases.optional import program
from ...cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase

OURS = "+32460000001"
SEND = common._super_send
LOGS = "odoo.addons.marketing_consent.models.sms.twilio.consent_provider_sync"


class ContractCase(IncomingStory, ConsentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        provider = program("provider")
        cls.account_sid, cls.auth_token = provider.ACCOUNT_SID, provider.AUTH_TOKEN
        cls.provider = cls.enterClassContext(provider.SmsProvider())
        # The SDK and Odoo find the server as they find any proxy.
        cls.enterClassContext(patch.dict(os.environ, cls.provider.environment()))
        cls.env.company.write(
            {
                "sms_twilio_account_sid": cls.account_sid,
                "sms_twilio_auth_token": cls.auth_token,
                "consent_twilio_sync": True,
            }
        )
        cls.queue = cls.env["consent.provider.sync"]

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        # Odoo's test cases let no request out; ours all go to a proxy on loopback that refuses every other host.
        return SEND(session, request, **kwargs)

    def setUp(self):
        super().setUp()
        self.provider.clear()

    def deliver(self):
        """Let the outbox and the queue run, as their crons do."""
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1):
            self.env["consent.outbox"]._cron_deliver()
            self.queue._cron_push()

    def row(self, address):
        return self.queue.search([("contact_point_id.address", "=", self.at(address, "sms"))])


@tagged("post_install", "-at_install")
class TestProviderSync(ContractCase):
    def test_the_provider_hears_of_a_yes_and_of_a_no(self):
        self.yes(BEN, channel="sms")
        self.withdraw(ANNA, channel="sms")
        self.deliver()
        self.assertEqual(self.provider.consents, {(OURS, PHONES[BEN]): "opt-in", (OURS, PHONES[ANNA]): "opt-out"})
        self.assertEqual((self.row(BEN).told, self.row(BEN).pending), ("opt-in", False))
        calls = len(self.provider.calls)
        self.deliver()
        self.assertEqual(len(self.provider.calls), calls)

    def test_e_mail_is_none_of_its_business(self):
        self.yes(CARLA)
        self.deliver()
        self.assertFalse(self.provider.calls)

    def test_sixty_numbers_take_three_calls(self):
        for n in range(60):
            self.yes(f"+3247200{n:04}", channel="sms")
        self.deliver()
        self.assertEqual((len(self.provider.calls), len(self.provider.consents)), (3, 60))

    @mute_logger(LOGS)
    def test_failures_wait_longer_each_time_and_lose_nothing(self):
        self.yes(BEN, channel="sms")
        for number, failure in enumerate(
            [
                (500, json.dumps({"code": 20500, "message": "Internal"}), {}, 0),
                (429, json.dumps({"code": 20429, "message": "Too many"}), {"Retry-After": "1"}, 0),
                (200, b"<html>garbage", {}, 0),
                (503, b"", {}, 0),
            ],
            1,
        ):
            self.provider.failures.append(failure)
            with self.travel(days=number):
                self.deliver()
            row = self.row(BEN)
            self.assertEqual((row.pending, row.attempts), (True, number))
            self.assertGreater(row.retry_at, clock.consent_now(self.env) + timedelta(days=number, minutes=number))
            self.assertNotIn(PHONES[BEN], row.error)
        with self.travel(days=9):
            self.deliver()
        self.assertEqual((self.row(BEN).told, self.row(BEN).error), ("opt-in", False))

    @mute_logger(LOGS)
    def test_a_provider_that_does_not_answer_holds_nobody_up(self):
        self.yes(BEN, channel="sms")
        self.provider.failures.append((200, b"{}", {}, 1))
        with patch.object(twilio_client, "TIMEOUT", 0.2):
            self.deliver()
        self.assertTrue(self.row(BEN).pending)
        self.assertEqual(self.verdict(BEN, channel="sms").reason, None)

    @mute_logger(LOGS)
    def test_one_item_that_fails_fails_alone(self):
        self.yes(BEN, channel="sms")
        self.yes(CARLA, channel="sms")
        known = self.provider._take_consent
        with patch.object(
            self.provider,
            "_take_consent",
            lambda item: known({**item, "contact_id": "+1"} if item["contact_id"] == PHONES[CARLA] else item),
        ):
            self.deliver()
        self.assertEqual((self.row(BEN).told, self.row(CARLA).told), ("opt-in", False))
        self.assertEqual((self.row(CARLA).pending, self.row(CARLA).error), (False, "INVALID_CONTACT_ID"))
        self.row(CARLA).action_retry()
        self.deliver()
        self.assertEqual(self.row(CARLA).told, "opt-in")

    def test_a_new_yes_reopens_what_the_carrier_blocked(self):
        self.receive("STOP", provider_action="stop", provider_blocks=True)
        self.provider.stop(PHONES[ANNA])
        self.deliver()
        self.yes(ANNA, channel="sms")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "carrier_blocked")
        self.assertIn(f"START to {OURS}", self.record(ANNA, channel="sms").carrier_way_out)
        self.deliver()
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        self.env.invalidate_all()
        self.assertFalse(self.record(ANNA, channel="sms").carrier_way_out)
        self.assertNotIn(PHONES[ANNA], self.provider.stopped)

    def test_the_audit_finds_what_either_side_missed(self):
        self.yes(BEN, channel="sms")
        self.yes(CARLA, channel="sms")
        self.deliver()
        lost = self.provider.receive(PHONES[ANNA], "STOP", OURS)
        self.env.company._consent_twilio_client().messages.create(from_=OURS, to=PHONES[BEN], body="Lamps")
        self.provider.messages[-1].update(error_code=21610, status="undelivered")
        self.row(CARLA).told = "opt-out"
        self.queue._cron_audit()
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")
        self.assertEqual(self.last.reference, lost)
        self.assertEqual(self.verdict(BEN, channel="sms").reason, "objected")
        self.assertTrue(all(self.row(who).finding for who in (ANNA, BEN, CARLA)))
        self.assertTrue(self.row(CARLA).pending)
        events = self.env["consent.event"].search_count([])
        self.queue._cron_audit()
        self.assertEqual(self.env["consent.event"].search_count([]), events)


@tagged("post_install", "-at_install")
class TestSending(ContractCase):
    # superuser: the scheduled action hands over to the provider.

    def test_odoo_sends_and_learns_who_sent_stop(self):
        self.yes(BEN, channel="sms")
        self.provider.stop(PHONES[ANNA])
        values = {"body": "Lamps", "consent_topic_id": self.news.id}
        sms = self.env["sms.sms"].create([{**values, "number": PHONES[who]} for who in (ANNA, BEN)])
        sms.send()
        self.assertEqual([message["to"] for message in self.provider.messages], [PHONES[BEN]])
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_the_check_says_in_words_what_is_missing(self):
        setup = self.env["consent.sms.setup"].create({"company_id": self.env.company.id})
        said = self.check(setup)
        self.assertIn(f"{OURS} does not belong to the account.", said[False])
        self.provider.numbers.append((OURS, "https://elsewhere.example"))
        self.assertIn("do not reach us", self.check(setup)[False])
        setup.public_url = "https://odoo.lumen.example"
        self.provider.numbers[:] = [(OURS, setup.webhook_url)]
        said = self.check(setup)
        self.assertEqual(said[False], "")
        self.assertIn("what people answer reaches us", said[True])
        self.env.company.sms_twilio_auth_token = "wrong"
        self.assertIn("does not accept the account SID", self.check(setup)[False])
        self.provider.failures.append((500, b"oops", {}, 0))
        self.assertIn("could not be reached", self.check(setup)[False])

    def check(self, setup):
        setup.action_check()
        return {ok: " ".join(line.message for line in setup.line_ids if line.ok == ok) for ok in (True, False)}

    def test_secrets_are_for_administrators_and_stay_out_of_the_log(self):
        manager = new_test_user(self.env, "manager7", groups="marketing_consent.group_manager")
        for name in ("consent_twilio_shared_key", "consent_twilio_old_token"):
            with self.assertRaises(AccessError):
                self.env.company.with_user(manager).read([name])
        with self.assertRaises(AccessError):
            self.env["consent.sms.setup"].with_user(manager).create({})
        with self.assertLogs(level="DEBUG") as logs:
            self.yes(BEN, channel="sms")
            self.deliver()
            self.env.company._consent_twilio_client().messages.list(limit=1)
        said = "\n".join(record.getMessage() for record in logs.records if not record.name.startswith("odoo.sql"))
        self.assertNotIn(self.auth_token, said)
        self.assertNotIn(PHONES[BEN], said)
        self.assertNotIn(self.auth_token, twilio_client.masked(self.auth_token))
