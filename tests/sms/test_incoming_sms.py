import random
import re
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from werkzeug.datastructures import MultiDict

from ...controllers.sms.twilio.twilio import INCOMING
from ...tools import clock
from ..cases.incoming import OURS, SETTINGS, SID, TOKEN, IncomingStory
from ..cases.optional import library
from ..cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase


@tagged("post_install", "-at_install")
class TestIncomingSms(IncomingStory, ConsentCase):
    def test_stop_ends_all_topics_by_sms_and_leaves_email_alone(self):
        self.yes(ANNA, self.events, channel="sms")
        answer = self.receive("Stop please")
        self.assertEqual(answer, "Lumen: you will get no more messages from us. Send START to get them again.")
        for topic in (self.news, self.events):
            self.assertEqual(self.verdict(ANNA, topic, "sms").reason, "objected")
        self.assertTrue(self.verdict(ANNA).allowed)
        event = self.env["consent.event"].search([], limit=1)
        self.assertEqual((event.type, event.source), ("objected", "sms_keyword"))
        self.assertEqual(event._evidence()["message"], "Stop please")
        self.assertEqual((self.last.action, self.last.contact_point_id), ("stop", event.contact_point_id))

    def test_start_restores_what_that_stop_ended_and_nothing_else(self):
        self.receive("STOP")
        self.assertIn("again", self.receive("START"))
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        self.assertFalse(self.verdict(ANNA, self.events, "sms").allowed)
        self.withdraw(ANNA, channel="sms")
        self.receive("STOP")
        self.receive("START")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "withdrawn")

    def test_start_grants_nothing_to_who_never_agreed_or_objected_elsewhere(self):
        self.assertIn("sign up", self.receive("YES", CARLA))
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "no_consent")
        self.records.object_to("sms", PHONES[ANNA], source="preference_page")
        self.receive("STOP")
        self.assertIn("sign up", self.receive("START"))
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_start_lifts_no_suppression(self):
        self.receive("STOP")
        self.records.block("suppressed", "sms", PHONES[ANNA], source="system")
        self.receive("START")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "suppressed")

    def test_a_year_later_start_restores_nothing(self):
        self.receive("STOP")
        with self.travel(days=400):
            self.assertIn("sign up", self.receive("START"))
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_an_old_start_that_comes_again_changes_nothing(self):
        self.receive("STOP")
        self.receive("START", reference="SMsame")
        self.receive("STOP")
        count = self.env["consent.event"].search_count([])
        self.receive("START", reference="SMsame")
        self.assertEqual(self.env["consent.event"].search_count([]), count)
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_a_start_that_was_sent_before_the_stop_changes_nothing(self):
        self.receive("STOP")
        self.receive("START", received_at=clock.consent_now(self.env) - timedelta(hours=1))
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_one_answer_and_silence_where_the_provider_answered(self):
        for opt_out_type in ("stop", "start", "help", None):
            for word in ("STOP", "AFMELDEN", "HELP", "Hulp", "START", "nothing"):
                with self.subTest(opt_out_type=opt_out_type, word=word), self.travel(days=self.number):
                    answer = self.receive(word, provider_action=opt_out_type, provider_blocks=bool(opt_out_type))
                    self.assertEqual(bool(answer), not opt_out_type and word != "nothing")
                    again = self.receive(word, provider_action=opt_out_type, provider_blocks=bool(opt_out_type))
                    self.assertFalse(again, "two machines talk to each other")

    def test_answers_speak_the_language_of_the_word(self):
        self.assertIn("geen berichten meer", self.receive("AFMELDEN"))
        self.assertIn("Hilfe: hello@lumen.example", self.receive("Hilfe", BEN))

    def test_where_the_provider_blocks_only_a_start_to_it_helps(self):
        self.receive("STOP", provider_action="stop", provider_blocks=True)
        with self.travel(hours=1):
            self.yes(ANNA, channel="sms")  # proven, on the web
            self.assertEqual(self.verdict(ANNA, channel="sms").reason, "carrier_blocked")
            self.receive("START", provider_action="start", provider_blocks=True)
            self.assertTrue(self.verdict(ANNA, channel="sms").allowed)

    def sign_up(self, address=CARLA):
        """Let somebody sign up on a page, and return the code that their phone gets."""
        offer = {"topics": self.news, "notice": self.news.purpose_id.notice_ids[:1]}
        company = self.env.company
        self.env["consent.request"]._sign_up([offer], "sms", self.at(address, "sms"), company, source_label="Our page")
        self.work_off()
        return re.search(r"\d{6}", self.env["sms.sms"].search([("number", "=", self.at(address, "sms"))])[:1].body)[0]

    def test_yes_confirms_the_sign_up_that_waits_and_only_that(self):
        self.sign_up()
        self.assertEqual(self.receive("What is this?", CARLA), None)
        self.receive("Yes", BEN)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "waiting")
        self.assertIn("thank you", self.receive("Yes", CARLA))
        self.assertEqual(self.last.action, "confirm")
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)
        self.assertFalse(self.verdict(CARLA, self.events, "sms").allowed)
        event = self.record(CARLA, channel="sms").granting_event_id
        self.assertEqual(
            (event.type, event.source, event._evidence()["message"]), ("confirmed", "double_opt_in", "Yes")
        )

    def test_the_code_sent_back_confirms_from_the_number_that_got_it_alone(self):
        code = self.sign_up()
        self.receive(code, BEN)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "waiting")
        for refusing in (f"NO {code}", f"Nee {code}", f"never asked for {code}", f"{code} is not mine"):
            self.receive(refusing, CARLA)
            self.assertFalse(self.verdict(CARLA, channel="sms").allowed, refusing)
        self.receive(f"my code: {code}!", CARLA)
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)

    def test_a_yes_to_a_sign_up_opens_the_carrier_and_lifts_no_stop_of_other_topics(self):
        self.yes(ANNA, self.events, channel="sms")
        self.receive("STOP", provider_action="stop", provider_blocks=True)
        with self.travel(hours=1):
            self.sign_up(ANNA)
            self.receive("YES", provider_action="start", provider_blocks=True, received_at=clock.consent_now(self.env))
            self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
            self.assertEqual(self.verdict(ANNA, self.events, "sms").reason, "objected")

    def test_the_table_of_words_is_the_users_to_edit(self):
        keywords = self.env["consent.keyword"]
        self.assertIsNone(self.receive("Lampen aus") or None)
        keywords.create({"word": "Lampen aus!", "action": "stop", "lang": "de"})
        self.receive("LAMPEN, aus")
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")
        with self.assertRaises(ValidationError):
            keywords.search([("word", "=", "stop")]).action = "help"

    def test_companies_hear_of_their_own_messages_only(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.receive("STOP", company=other)
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        user = new_test_user(self.env, "worker6", groups="marketing_consent.group_user")
        self.assertFalse(self.env["consent.incoming.sms"].with_user(user).search([]))


@tagged("post_install", "-at_install")
class TestTwilioWebhook(IncomingStory, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()

    def form(self, text="STOP", **values):
        type(self).number += 1
        values = {"From": PHONES[ANNA], "To": OURS, "AccountSid": SID, "MessageSid": f"SM{self.number:032}", **values}
        return MultiDict({"Body": text, "NumMedia": "0", "FromCity": "", **values})

    def post(self, form, *, url=None, token=TOKEN, signature=None, algorithm=None, path=INCOMING, **headers):
        url = url or self.base_url() + path
        if signature is None:
            validator = library("twilio.request_validator").RequestValidator(token)
            signature = validator.compute_signature(url, form, algorithm)
        if algorithm:
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=sk_1,algorithm={algorithm}"
        body = [(name, value) for name, values in form.lists() for value in values]
        return self.opener.post(
            self.base_url() + path, body, headers={"X-Twilio-Signature": signature, **headers}, allow_redirects=False
        )

    def reason(self, address=ANNA):
        self.env.invalidate_all()
        return self.verdict(address, channel="sms").reason

    def test_a_stop_is_taken_and_answered_in_twiml(self):
        answer = self.post(self.form("Arrêt"))
        self.assertEqual(answer.status_code, 200)
        self.assertIn("text/xml", answer.headers["Content-Type"])
        self.assertIn("<Response><Message>Lumen : vous ne recevrez plus", answer.text)
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual(self.reason(), "objected")

    def test_where_twilio_answers_we_are_silent(self):
        for values in ({"text": "STOP"}, {"text": "anything", "OptOutType": "STOP"}):
            answer = self.post(self.form(**values))
            self.assertNotIn("Message", answer.text)
            self.assertEqual(self.reason(), "objected")
            self.assertTrue(self.record(ANNA, False, "sms").carrier_blocked_at)
        self.env.company.consent_twilio_answers = False
        self.assertIn("Message", self.post(self.form("STOP", From=PHONES[CARLA])).text)

    def test_the_signature_holds_behind_every_proxy(self):
        self.env.company.consent_twilio_url = "https://odoo.lumen.example:8443/"
        for url in (
            "https://odoo.lumen.example:8443" + INCOMING,
            self.base_url() + INCOMING,
            re.sub(r":\d+", "", self.base_url()) + INCOMING,
        ):
            with self.subTest(url):
                self.assertEqual(self.post(self.form(), url=url).status_code, 200)
        self.env.company.consent_twilio_url = "https://odoo.lumen.example"
        for url in ("https://odoo.lumen.example" + INCOMING, "https://odoo.lumen.example:443" + INCOMING):
            self.assertEqual(self.post(self.form(), url=url).status_code, 200)
        for url in ("http://odoo.lumen.example", "https://odoo.lumen.example/", "https://evil.example"):
            self.assertEqual(self.post(self.form(), url=url + INCOMING).status_code, 403, url)
        self.assertEqual(
            self.post(self.form(), url="https://evil.example" + INCOMING, Host="evil.example").status_code, 403
        )

    def test_the_signature_covers_repeated_blank_and_new_parameters_and_the_query(self):
        form = self.form()
        form.setlist("Tag", ["b", "a", "a", ""])
        form.add("NewParameter", "ü €")
        self.assertEqual(self.post(form).status_code, 200)
        path = INCOMING + "?a=1&b=%20x"
        self.assertEqual(self.post(self.form(), path=path).status_code, 200)
        self.assertEqual(self.post(self.form(), path=path, url=self.base_url() + INCOMING).status_code, 403)

    def test_secrets_may_change_and_algorithms_are_not_talked_down(self):
        company = self.env.company
        company.consent_twilio_old_token = "next"
        self.assertEqual(self.post(self.form(), token="next").status_code, 200)
        self.assertEqual(self.post(self.form(), algorithm="HMAC_SHA256").status_code, 403)
        company.consent_twilio_shared_key = "shared"
        self.assertEqual(self.post(self.form(), token="shared", algorithm="HMAC_SHA256").status_code, 200)
        self.assertEqual(self.post(self.form()).status_code, 403)
        self.assertEqual(self.post(self.form(), token="shared").status_code, 403)
        self.assertEqual(self.post(self.form(), token="shared", algorithm="NONE", signature="A" * 28).status_code, 403)

    def test_a_message_counts_once(self):
        form = self.form("Stopp")
        count = self.env["consent.event"].search_count([])
        answers = {self.post(form).text for _time in range(3)}
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.env["consent.event"].search_count([]), count + 1)

    def test_two_companies_with_their_own_accounts_never_mix(self):
        other = self.env["res.company"].create(
            {"name": "Other", **SETTINGS, "sms_twilio_account_sid": "AC" + "2" * 32, "sms_twilio_auth_token": "theirs"}
        )
        number = {"company_id": other.id, "number": "+32460000002", "country_id": self.env.ref("base.be").id}
        self.env["sms.twilio.number"].create(number)
        theirs = {"AccountSid": "AC" + "2" * 32}
        self.assertEqual(self.post(self.form(**theirs, To="+32460000002")).status_code, 403)
        self.assertEqual(self.post(self.form(To="+32460000002")).text.count("Message"), 0)
        self.assertEqual(self.post(self.form(**theirs, To=OURS), token="theirs").status_code, 200)
        self.assertIsNone(self.reason())
        self.assertFalse(self.last)
        self.post(self.form(**theirs, To="+32460000002"), token="theirs")
        self.assertIsNone(self.reason())
        self.assertEqual(self.last.company_id, other)

    def test_one_account_of_two_companies_is_told_apart_by_the_sender(self):
        other = self.env["res.company"].create({"name": "Other", **SETTINGS, "consent_twilio_service_sid": "MG1"})
        self.post(self.form(MessagingServiceSid="MG1", To="+32460000009"))
        self.assertEqual(self.last.company_id, other)
        self.assertIsNone(self.reason())

    def test_rcs_is_sms_and_whatsapp_is_not(self):
        self.post(self.form(From="whatsapp:" + PHONES[ANNA]))
        self.assertIsNone(self.reason())
        self.post(self.form(From="rcs:" + PHONES[ANNA]))
        self.assertEqual(self.reason(), "objected")

    @mute_logger("odoo.http", "odoo.addons.sms_twilio.controllers.controllers", "twilio.request_validator")
    def test_a_thousand_hostile_calls_change_nothing_and_break_nothing(self):
        generator = random.Random(7)
        before = self.env["consent.event"].search_count([])
        odd = ["", "é", "\x00", "A" * 9000, "' OR 1=1 --", "{{7*7}}", "+0", "٣٤", "\ud7ff", "<x>", "AC" + "1" * 32, SID]
        for n in range(1000):
            path = (
                INCOMING
                if n % 3 or n % 50 == 0
                else f"/sms_twilio/status/{'0' * 32 if n % 2 else generator.randbytes(3).hex()}"
            )
            form = MultiDict(
                (name, generator.choice(odd))
                for name in ("AccountSid", "From", "To", "Body", "MessageSid", "SmsStatus", "OptOutType")
                if generator.random() < 0.7
            )
            form["SmsStatus"] = generator.choice(["delivered", "read", "nonsense", ""])
            headers = {
                "X-Twilio-Signature": generator.choice(["", "x", "é".encode().decode("latin-1"), "A" * 28, "=" * 300]),
                "Host": generator.choice(["localhost", "[::1]", "evil.example", "evil.example:1"])
                if n % 50 == 0
                else None,
                "X-Twilio-Webhooks-Signature-Settings": generator.choice(["", "algorithm=", "a,b=c", "algorithm=MD5"]),
            }
            headers = {name: value for name, value in headers.items() if value is not None}
            body = [(name, value) for name, values in form.lists() for value in values]
            answer = self.opener.post(self.base_url() + path, body, headers=headers, allow_redirects=False)
            self.assertLess(answer.status_code, 500, (path, body, headers))
        for body in (b"\xff\xfe", b"%", b"a" * 20000, b"[]", b"AccountSid=%FF"):
            for kind in ("application/x-www-form-urlencoded", "application/json", "text/xml", "multipart/form-data"):
                answer = self.opener.post(self.base_url() + INCOMING, body, headers={"Content-Type": kind})
                self.assertLess(answer.status_code, 500, (body[:9], kind))
        self.assertEqual(self.env["consent.event"].search_count([]), before)
        self.assertFalse(self.last)

    @mute_logger("odoo.http")
    def test_what_twilio_signed_never_breaks_it(self):
        """Missing, repeated, unknown and odd values, in calls whose signature holds."""
        odd = {
            "Body": ["", "\x00STOP\x00", "x" * 9000, "\U0001f600", "STOP"],
            "From": [None, "", PHONES[ANNA] + "\x00", "+", "sms:+1"],
            "To": [None, "", OURS + "\x00", "\x00"],
            "MessageSid": [None, "", "SM\x00" + "1" * 30, "S" * 500],
            "OptOutType": ["", "\x00", "STOP\x00", "WHATEVER"],
            "self": ["x"],
            "uuid": ["x"],
        }
        for name, values in odd.items():
            for value in values:
                form = self.form("Hello")
                form.pop(name, None)
                if value is not None:
                    form[name] = value
                with self.subTest(name=name, value=value):
                    self.assertEqual(self.post(form).status_code, 200)
        for name in ("Body", "From", "To", "MessageSid", "AccountSid"):
            form = self.form("Stopp")
            form.setlist(name, [form[name], "other", ""])
            self.assertIn(self.post(form).status_code, (200, 403), name)
        self.assertEqual(self.reason(), "objected", "the first value counts")

    @mute_logger("odoo.http")
    def test_a_nul_in_a_status_is_a_bad_request(self):
        for path, values in (("%00", {}), ("0" * 32, {"SmsStatus": "\x00"}), ("0" * 32, {"ErrorCode": "\x00"})):
            form = MultiDict({"AccountSid": SID, "MessageSid": "SM1", "SmsStatus": "sent", **values})
            self.assertEqual(self.post(form, path=f"/sms_twilio/status/{path}").status_code, 400)

    def test_an_answer_to_marketing_waits_for_a_person(self):
        self.env["consent.sms.sent"].create(
            {
                "company_id": self.env.company.id,
                "number": PHONES[ANNA],
                "sent_at": clock.consent_now(self.env),
                "marketing": True,
            }
        )
        answer = self.post(self.form("Who is this?"))
        self.assertNotIn("Message", answer.text)
        self.assertEqual(self.reason(), "reply_to_read")
        self.assertEqual(self.env["consent.reply"].search([]).text, "Who is this?")
        self.post(self.form("START"))
        self.assertIsNone(self.reason())
