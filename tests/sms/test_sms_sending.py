import random
from contextlib import ExitStack
from datetime import timedelta
from unittest.mock import patch

import requests
from odoo.addons.sms_twilio.controllers.controllers import SmsTwilioController  # noqa: F401
from odoo.tests import tagged
from odoo.tools import mute_logger
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError, SSLError

from ...tools import clock, sms_text
from ..cases.incoming import OURS
from ..cases.sms_sending import SendingCase
from ..cases.story import ANNA, BEN, CARLA, PHONES

SHIELD = "odoo.addons.marketing_consent"


@tagged("post_install", "-at_install")
class TestLearning(SendingCase):
    # superuser: the scheduled action hands over to the provider.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for who in (BEN, CARLA):
            cls.yes(who, channel="sms")

    def test_a_stop_that_the_provider_knows_of_is_a_withdrawal(self):
        sms = self.sms(ANNA, BEN)
        with self.twilio({PHONES[ANNA]: (400, {"code": 21610, "message": "unsubscribed"})}):
            sms.send()
        self.assertEqual(sms.mapped("failure_type"), ["sms_optout", False])
        self.assertEqual(self.verdict(ANNA, self.events, "sms").reason, "objected")
        self.assertTrue(self.record(ANNA, False, "sms").carrier_blocked_at)
        with self.twilio():
            sms[0].resend_failed()
        self.assertEqual(self.posted, [])
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_each_code_teaches_what_the_table_says(self):
        for code, reason in (
            (21610, "objected"),
            (30640, "suppressed"),
            (21211, "unreachable"),
            (21614, "unreachable"),
            (30005, "unreachable"),
            (30006, "unreachable"),
            (30004, "paused"),
            (30003, None),
            (30007, None),
            (99999, None),
        ):
            with self.subTest(code), self.cr.savepoint() as savepoint:
                self.env["consent.sms.lesson"]._learn(self.env.company, {PHONES[ANNA]: str(code)})
                self.assertEqual(self.verdict(ANNA, channel="sms").reason, reason)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_the_carrier_blocks_again_and_again_is_blocked_without_being_a_withdrawal(self):
        for days in (0, 8, 16):
            with self.travel(days=days):
                self.env["consent.sms.lesson"]._learn(self.env.company, {PHONES[ANNA]: 30004})
        self.assertEqual(self.record(ANNA, channel="sms").state, "granted")
        self.assertTrue(self.record(ANNA, False, "sms").carrier_blocked_at)

    def test_a_service_message_to_a_number_that_the_carrier_stopped_is_not_sent(self):
        self.env["consent.sms.lesson"]._learn(self.env.company, {PHONES[ANNA]: 21610})
        with self.twilio():
            sms = self.sms(ANNA, BEN, topic=False)
            sms.send()
        self.assertEqual([posted["To"] for posted in self.posted], [PHONES[BEN]])
        self.assertEqual((sms[0].state, sms[0].failure_type), ("canceled", "sms_optout"))

    @mute_logger(f"{SHIELD}.tools.twilio_api", "odoo.addons.sms_twilio.tools.sms_api")
    def test_odd_answers_lose_nothing_and_stop_nobody_else(self):
        for answer in (
            (200, b"<html>"),
            (400, {"code": "x", "message": None}),
        ):
            with self.subTest(answer), self.twilio({PHONES[ANNA]: answer}):
                sms = self.sms(ANNA, BEN)
                sms.send()
                self.assertEqual(sms.mapped("state"), ["error", "pending"])
                sms.unlink()
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)

    @mute_logger(f"{SHIELD}.tools.twilio_api", "odoo.addons.sms_twilio.tools.sms_api")
    def test_a_provider_that_breaks_is_asked_once_more_and_then_the_message_fails_visibly(self):
        for answer in ((500, b""), (502, b"[]"), (500, {"code": 20500, "message": "Internal"}), (504, b"<html>")):
            with self.subTest(answer), self.twilio({PHONES[ANNA]: answer}):
                sms = self.sms(ANNA, BEN)
                sms.send()
                self.assertEqual(sms.mapped("state"), ["deferred", "pending"])
                with self.travel(seconds=601):
                    self.queue()
                self.assertEqual(sms.mapped("state"), ["error", "pending"])
                self.assertEqual([posted["To"] for posted in self.posted].count(PHONES[ANNA]), 2)
                sms.unlink()

    @mute_logger("odoo.addons.sms_twilio.tools.sms_api")
    def test_a_provider_out_of_reach_loses_nobody(self):
        nowhere = MaxRetryError(None, "/", NewConnectionError(None, "refused"))
        for error in (
            requests.exceptions.ConnectionError(nowhere),
            requests.exceptions.ProxyError(nowhere),
            requests.exceptions.ConnectTimeout(nowhere),
        ):
            with self.subTest(error):
                sms = self.sms(ANNA, BEN, CARLA)
                with self.twilio({PHONES[ANNA]: (0, error)}):
                    sms.send()
                    self.assertEqual((len(self.posted), set(sms.mapped("state"))), (1, {"deferred"}))
                with self.twilio(), self.travel(seconds=61):
                    self.queue()
                    self.assertEqual(len(self.posted), 3)
                sms.unlink()

    @mute_logger("odoo.addons.sms_twilio.tools.sms_api")
    def test_what_the_provider_may_have_taken_fails_visibly_and_the_others_wait(self):
        for error in (
            requests.exceptions.ReadTimeout(ReadTimeoutError(None, "/", "slow")),
            requests.exceptions.ConnectionError(ProtocolError("reset")),
            requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError("broken"))),
            requests.exceptions.Timeout("slow"),
        ):
            with self.subTest(error):
                sms = self.sms(ANNA, BEN)
                with self.twilio({PHONES[ANNA]: (0, error)}):
                    sms.send()
                self.assertEqual(sms.mapped("state"), ["error", "deferred"])
                self.assertEqual(sms[0].failure_type, "sms_server")
                with self.twilio(), self.travel(seconds=61):
                    self.queue()
                    self.assertEqual([posted["To"] for posted in self.posted], [PHONES[BEN]])
                sms.unlink()

    def test_too_many_requests_and_a_wrong_account_stop_the_batch_and_lose_nothing(self):
        for answer, wait in (((429, {"code": 20429}), 60), ((401, {"code": 20003, "message": "Authenticate"}), 3600)):
            with self.subTest(answer), mute_logger(f"{SHIELD}.models.sms.consent_sms_lesson"):
                sms = self.sms(ANNA, BEN, CARLA)
                with self.twilio({PHONES[ANNA]: answer}):
                    sms.send()
                self.assertEqual((len(self.posted), set(sms.mapped("state"))), (1, {"deferred"}))
                with self.twilio():
                    self.queue()
                    self.assertEqual(self.posted, [])
                    with self.travel(seconds=wait + 1):
                        self.queue()
                self.assertEqual({posted["To"] for posted in self.posted}, {PHONES[who] for who in (ANNA, BEN, CARLA)})
                sms.unlink()
        self.assertEqual(self.env.company.consent_twilio_trouble, "20003")

    def test_a_call_back_teaches_as_well(self):
        mailing = self.mailing(self.anna)
        with self.twilio():
            mailing.action_send_mail()
            self.queue()
        tracker = self.env["sms.tracker"].search([("mailing_trace_id", "=", mailing.mailing_trace_ids.id)])
        tracker._action_update_from_twilio_error("undelivered", "21610", "unsubscribed")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")
        self.assertEqual(mailing.mailing_trace_ids.failure_type, "sms_optout")
        with self.twilio():
            mailing.action_retry_failed()
            mailing.action_send_mail()
            self.queue()
        self.assertEqual(self.posted, [])

    def test_what_failed_for_no_known_reason_is_tried_once_more_and_never_at_who_stopped(self):
        mailing = self.mailing(self.anna)
        with self.twilio():
            mailing.action_send_mail()
            self.queue()
        trace = mailing.mailing_trace_ids
        tracker = self.env["sms.tracker"].search([("mailing_trace_id", "=", trace.id)])
        for stops in (True, False):
            with self.subTest(stops=stops), self.cr.savepoint() as savepoint, self.twilio():
                tracker._action_update_from_twilio_error("undelivered", "30008", "unknown")
                if stops:
                    self.withdraw(ANNA, channel="sms")
                self.queue()
                self.assertEqual(len(self.posted), 0 if stops else 1)
                if not stops:
                    tracker._action_update_from_twilio_error("undelivered", "30008", "unknown")
                    self.queue()
                    self.assertEqual(len(self.posted), 1, "once")
                    self.assertEqual(trace.trace_status, "error")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_two_companies_send_through_their_own_accounts(self):
        other = self.env["res.company"].create(
            {"name": "Other", "sms_provider": "twilio", "sms_twilio_account_sid": "AC" + "2" * 32}
        )
        self.env["sms.twilio.number"].create(
            {"company_id": other.id, "number": "+32460000002", "country_id": self.env.ref("base.be").id}
        )
        self.sms(ANNA, BEN, topic=False)
        self.sms(CARLA, topic=False, record_company_id=other.id)
        with self.twilio():
            self.queue()
        senders = {posted["To"]: posted["From"] for posted in self.posted}
        expected = {PHONES[ANNA]: OURS, PHONES[BEN]: OURS, PHONES[CARLA]: "+32460000002"}
        self.assertEqual(senders, expected)


@tagged("post_install", "-at_install")
class TestTextAndTime(SendingCase):
    # superuser: the scheduled action hands over to the provider.

    def test_marketing_says_who_writes_and_how_to_stop_and_the_first_how_to_get_help(self):
        mailing = self.mailing(self.anna)
        with self.twilio():
            mailing.action_send_mail()
            self.queue()
            self.assertRegex(
                self.posted[0]["Body"], r"^Lumen: New lamps\nReply HELP for help.\nStop: http\S+/c/[\w-]{26,}$"
            )
            self.assertTrue(sms_text.is_gsm7(self.posted[0]["Body"]))
            self.mailing(self.anna, body_plaintext="Lumen has lamps").action_send_mail()
            self.queue()
        self.assertRegex(self.posted[1]["Body"], r"^Lumen has lamps\nStop: \S+$")
        token = self.posted[1]["Body"].rpartition("/c/")[2]
        self.assertEqual(self.env["consent.link"]._subject(token)["point"].address, PHONES[ANNA])

    def test_a_service_message_stays_as_it_was_written(self):
        with self.twilio():
            self.sms(ANNA, topic=False).send()
        self.assertEqual(self.posted[0]["Body"], "New lamps")

    def test_a_messaging_service_takes_the_place_of_the_sender(self):
        self.env.company.consent_twilio_service_sid = "MG" + "1" * 32
        with self.twilio():
            self.sms(ANNA).send()
        self.assertEqual(self.posted[0]["MessagingServiceSid"], "MG" + "1" * 32)
        self.assertNotIn("From", self.posted[0])

    def test_what_would_ring_at_night_waits_and_is_judged_again(self):
        self.yes(BEN, channel="sms")
        now = clock.consent_now(self.env)
        hour = (now + timedelta(hours=3)).hour  # Brussels is one or two hours ahead
        self.env.company.write(
            {"consent_quiet_from": hour - 3 if hour >= 3 else 0, "consent_quiet_to": (hour + 1) % 24}
        )
        sms = self.sms(ANNA, BEN)
        service = self.sms(CARLA, topic=False)
        with self.twilio():
            (sms | service).send()
            self.assertEqual([posted["To"] for posted in self.posted], [PHONES[CARLA]])
            self.assertEqual(set(sms.mapped("state")), {"deferred"})
            self.withdraw(BEN, channel="sms")
            with self.travel(hours=6):
                self.queue()
        self.assertEqual([posted["To"] for posted in self.posted[1:]], [PHONES[ANNA]])

    def test_marketing_is_given_up_before_the_night(self):
        self.env.company.consent_sms_validity = 5
        with self.twilio():
            self.sms(ANNA).send()
            self.sms(ANNA, topic=False).send()
        self.assertEqual([posted.get("ValidityPeriod") for posted in self.posted], ["300", None])

    def test_nobody_gets_more_sms_than_the_company_says(self):
        self.env.company.write({"consent_cap_sms": 2, "consent_cap_days": 7})
        with self.twilio():
            for _time in range(3):
                self.mailing(self.anna).action_send_mail()
                self.queue()
            self.assertEqual(len(self.posted), 2)
            waiting = self.env["sms.sms"].search([("state", "=", "deferred")])
            self.assertEqual(len(waiting), 1)
            self.assertFalse(waiting.mailing_id.mailing_trace_ids.consent_reason)
            self.sms(ANNA, topic=False).send()
            with self.travel(days=8):
                self.queue()
        self.assertEqual(len(self.posted), 4)

    def test_nobody_gets_more_than_they_want(self):
        point = self.record(ANNA, channel="sms").contact_point_id
        self.env["consent.frequency"]._choose(point, self.env.company, 7)
        self.yes(CARLA, channel="sms")
        for expected in ({PHONES[ANNA], PHONES[CARLA]}, {PHONES[CARLA]}):
            with self.twilio():
                self.mailing(self.anna + self.carla).action_send_mail()
                self.queue()
            self.assertEqual({posted["To"] for posted in self.posted}, expected)
        waiting = self.env["sms.sms"].search([("state", "=", "deferred")])
        self.assertEqual(waiting.number, PHONES[ANNA])
        self.assertGreater(waiting.consent_due_at, clock.consent_now(self.env) + timedelta(days=6))

    def test_nobody_gets_more_emails_than_the_company_says(self):
        self.env.company.write({"consent_cap_email": 1, "consent_cap_days": 7})
        first, second = (self.mailing(self.anna, mailing_type="mail", body_html="<p>Lamps</p>") for _time in range(2))
        first.action_send_mail()
        first.mailing_trace_ids.set_sent()
        second.action_send_mail()
        mail = self.env["mail.mail"].search([("mailing_id", "=", second.id)])
        mail.send()
        self.assertEqual(mail.state, "outgoing")
        self.assertGreater(mail.scheduled_date, clock.consent_now(self.env) + timedelta(days=6))
        self.assertFalse(second.mailing_trace_ids.consent_reason)


@tagged("post_install", "-at_install")
class TestScale(SendingCase):
    # superuser: the scheduled action hands over to the provider.

    def test_chunks_change_no_verdict(self):
        """On random data, planning in chunks comes to what Odoo's one list comes to, repeated numbers included."""
        generator = random.Random(11)
        numbers = [f"+3247100{n:04}" for n in range(25)]
        partners = self.env["res.partner"].create(
            [{"name": str(n), "phone": generator.choice([*numbers, *numbers, False, "12"])} for n in range(60)]
        )
        for number in generator.sample(numbers, 12):
            self.yes(number, channel="sms")
        for number in generator.sample(numbers, 4):
            self.env["phone.blacklist"].add(number)
        found = []
        for size in (5000, 7, 1):
            with patch(f"{SHIELD}.models.sending.mailing_mailing.SMS_CHUNK", size), self.cr.savepoint() as savepoint:
                mailing = self.mailing(partners)
                mailing.action_send_mail()
                found.append(
                    {(t.res_id, t.trace_status, t.failure_type, t.consent_reason) for t in mailing.mailing_trace_ids}
                )
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        self.assertEqual(len(found[0]), 60)
        self.assertIn("sms_duplicate", {failure for _id, _status, failure, _reason in found[0]})

    def test_a_link_is_looked_up_once_and_not_for_each_recipient(self):
        links = self.env.registry["link.tracker"]
        for kind, body in (("sms", "body_plaintext"), ("mail", "body_html")):
            text = "New lamps, {{ object.name }}: https://lumen.example/new https://lumen.example/old"
            text = f"<a href='https://lumen.example/{kind}'>New</a>" if kind == "mail" else text
            for partner in self.partners:
                self.yes(partner.email, channel="sms" if kind == "sms" else "email")
            mailing = self.mailing(self.partners, **{"mailing_type": kind, body: text})
            with patch.object(links, "search", autospec=True, side_effect=links.search) as searched:
                mailing._action_send_mail()
            self.assertGreater(len(mailing.mailing_trace_ids), 2)
            # Odoo searches a second time for each link that it makes.
            self.assertLessEqual(searched.call_count, 2 * text.count("https://"))

    def test_in_opt_out_mode_random_data_comes_to_what_odoo_makes_of_it(self):
        """Odoo's own composer, with what we override skipped, is asked about the same people."""
        self.news.purpose_id.mode = "opt_out"
        for seed in range(8):
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                partners = self.random_people(random.Random(seed))
                mailing = self.mailing(partners)
                # Of a number that occurs twice, the first one in the mailing's order is kept.
                expected = self.verdicts_of_odoo(partners.browse(mailing._get_remaining_recipients()))
                with patch(f"{SHIELD}.models.sending.mailing_mailing.SMS_CHUNK", 7):
                    mailing.action_send_mail()
                traces = mailing.mailing_trace_ids
                found = {t.res_id: (t.trace_status == "cancel", t.failure_type or "") for t in traces}
                self.assertEqual(found, expected)
                self.assertGreaterEqual(len(set(expected.values())), 4)
                savepoint.rollback()
                self.env.invalidate_all()

    def random_people(self, chance):
        numbers = [f"+32471{chance.randrange(10**6):06}" for _number in range(20)]
        spell = [lambda n: n, lambda n: n.replace("+32", "0"), lambda n: n.replace("+32", "0032 "), lambda n: n + " "]
        phones = [chance.choice([*numbers, *numbers, False, "12", "abc"]) for _person in range(50)]
        phones = [chance.choice(spell)(phone) if phone in numbers else phone for phone in phones]
        for number in chance.sample(numbers, 5):
            self.env["phone.blacklist"].add(number)
        belgium = self.env.ref("base.be").id
        people = [{"name": str(n), "phone": phone, "country_id": belgium} for n, phone in enumerate(phones)]
        return self.env["res.partner"].create(people)

    def verdicts_of_odoo(self, partners):
        """Return, by id, whether Odoo cancels the SMS, and its failure type."""
        values = {"composition_mode": "mass", "res_model": "res.partner", "body": "New lamps"}
        composer = self.env["sms.composer"].create(values)
        ours = next(cls for cls in type(composer).__mro__ if cls.__module__.endswith("wizards.sms.sms_composer"))

        def skipping(name):
            return lambda records, *args, **kwargs: getattr(super(ours, records), name)(*args, **kwargs)

        names = [name for name in vars(ours) if name.startswith("_") and hasattr(super(ours, composer), name)]
        with ExitStack() as skipped:
            for name in (name for name in names if callable(getattr(ours, name)) and not name.startswith("__")):
                skipped.enter_context(patch.object(ours, name, skipping(name)))
            found = composer._prepare_mass_sms_values(partners)
        return {key: (sms["state"] == "canceled", sms["failure_type"]) for key, sms in found.items()}
