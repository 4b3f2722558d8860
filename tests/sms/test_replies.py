"""Answers to marketing by SMS and mail: what acts at once, what a person reads, and what is left alone.

Mail comes in as bytes through the mail gateway; whether marketing leaves is judged by the bytes in the sink and by what
the provider was handed.
"""

from datetime import timedelta
from email import policy
from email.message import EmailMessage

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...tools import clock
from ..cases.gate import GateCase
from ..cases.incoming import IncomingStory
from ..cases.roles import RoleCase
from ..cases.sms_sending import SendingCase
from ..cases.story import ANNA, BEN, CARLA, PHONES

ALIAS = "marketing-unsubscribe@lumen.example"
UNCLEAR = ("What is this about?", "👍", "Nee, zaterdag kan ik niet", "Bitte nicht abmelden", "Who are you?")


@tagged("post_install", "-at_install")
class TestSmsReplies(SendingCase):
    # superuser: the scheduled action sends what people answer to.

    def setUp(self):
        super().setUp()
        self.replies = self.env["consent.reply"]

    def send_marketing(self, *people, **values):
        with self.twilio():
            self.sms(*(people or (ANNA,)), **values).send()

    def texted(self, *people):
        """Return whether marketing to each of the people reaches the provider."""
        with self.twilio():
            self.sms(*people).send()
        numbers = {message["To"] for message in self.posted}
        return [PHONES[who] in numbers for who in people]

    def reason(self, who=ANNA):
        return self.verdict(who, channel="sms").reason

    def test_a_clear_no_acts_whatever_was_sent_before(self):
        for text in ("Haal me van de lijst", "STOP2", "laissez-moi tranquille", "Keine Werbung mehr", "arrêtez"):
            with self.subTest(text), self.undone():
                self.receive(text)
                self.assertEqual(self.reason(), "objected")
                self.assertEqual(self.texted(ANNA), [False])

    def test_a_bare_no_acts_only_as_an_answer_to_marketing(self):
        for text in ("No", "nee", "Nein danke", "nej tack", "Non merci", "Kein Interesse", "👎"):
            with self.subTest(text), self.undone():
                self.receive(text)
                self.assertIsNone(self.reason(), "nobody asked them anything")
                self.assertFalse(self.replies.search([]))
                self.send_marketing()
                self.receive(text)
                self.assertEqual(self.reason(), "objected")

    def test_a_no_to_an_appointment_is_none_to_marketing(self):
        self.send_marketing()
        self.send_marketing(topic=False, body="Does Tuesday at ten suit you?")
        for text in ("Nee", "No, Tuesday doesn't work", "OK"):
            self.receive(text)
        self.assertIsNone(self.reason())
        self.assertFalse(self.replies.search([]), "conversation is not read")
        self.assertEqual(self.texted(ANNA), [True])

    def test_a_yes_to_an_appointment_takes_no_stop_back(self):
        for word in ("Ja", "YES", "oui!"):
            with self.subTest(word), self.undone():
                self.receive("STOP")
                self.send_marketing(topic=False, body="Does Tuesday at ten suit you?")
                self.assertFalse(self.receive(word))
                self.assertEqual(self.reason(), "objected")
                self.receive("START")
                self.assertIsNone(self.reason())

    def test_a_yes_where_no_question_is_open_takes_a_stop_back(self):
        self.send_marketing()
        self.receive("STOP")
        self.receive("Yes")
        self.assertIsNone(self.reason())

    def test_a_no_after_a_week_answers_nothing(self):
        self.send_marketing()
        with self.travel(days=8):
            self.receive("Nee", received_at=clock.consent_now(self.env))
            self.assertIsNone(self.reason())

    def test_a_message_that_never_left_is_not_answered(self):
        with self.twilio({PHONES[ANNA]: (400, {"code": 30003, "message": "no"})}):
            self.sms(ANNA).send()
        self.receive("What?")
        self.assertFalse(self.replies.search([]))

    def test_what_else_answers_marketing_waits_for_a_person_and_so_does_marketing(self):
        self.yes(ANNA, self.events, channel="sms")
        for text in UNCLEAR:
            with self.subTest(text), self.undone():
                self.send_marketing()
                self.assertFalse(self.receive(text), "we answer nothing")
                reply = self.replies.search([])
                self.assertEqual((reply.text, reply.sender, reply.state), (text, PHONES[ANNA], "unread"))
                for topic in (self.news, self.events):
                    self.assertEqual(self.verdict(ANNA, topic, "sms").reason, "reply_to_read")
                self.assertTrue(self.verdict(ANNA).allowed, "another address")
                self.assertEqual(self.texted(ANNA), [False])
                event = self.env["consent.event"].search([], limit=1)
                self.assertEqual((event.type, event.source), ("reply_received", "sms_keyword"))

    def test_the_text_is_kept_in_full(self):
        self.send_marketing()
        text = "I am not sure what to think of it. " * 30
        self.receive(text)
        self.assertEqual(self.replies.search([]).text, text)

    def test_the_hold_ends_by_a_decision_and_never_by_itself(self):
        self.send_marketing()
        self.receive("What is this?")
        reply = self.replies.search([])
        self.assertLessEqual(
            reply.activity_ids.date_deadline, (reply.received_at + timedelta(hours=48)).date(), "in two days"
        )
        with self.travel(days=300):
            reply.activity_ids.unlink()
            self.assertEqual(self.reason(), "reply_to_read")
            reply.action_no_objection()
            self.assertIsNone(self.reason())
        self.assertEqual((reply.state, reply.decided_by_id), ("continued", self.env.user))
        self.assertFalse(reply.activity_ids)

    def test_two_replies_are_both_read_before_marketing_goes_on(self):
        self.send_marketing()
        for text in ("What is this?", "Hello?"):
            self.receive(text)
        second, first = self.replies.search([])
        first.action_no_objection()
        self.assertEqual(self.reason(), "reply_to_read")
        second.action_no_objection()
        self.assertIsNone(self.reason())

    def test_an_opt_out_objects_and_may_follow_a_wrong_decision(self):
        self.send_marketing()
        self.receive("What is this?")
        reply = self.replies.search([])
        reply.action_no_objection()
        reply.action_opt_out()
        self.assertEqual((self.reason(), reply.state), ("objected", "stopped"))
        reply.action_no_objection()
        self.assertEqual(self.reason(), "objected")
        self.assertEqual(self.texted(ANNA), [False])

    def test_start_works_while_something_is_unread(self):
        self.send_marketing()
        self.receive("What is this?")
        self.assertIn("again", self.receive("START"))
        self.assertIsNone(self.reason())
        self.assertEqual(self.replies.search([]).state, "answered")
        self.receive("STOP")
        self.send_marketing()
        self.receive("don't stop")
        self.assertEqual(self.reason(), "objected")
        with self.travel(minutes=10):
            self.receive("START", received_at=clock.consent_now(self.env))
            self.assertIsNone(self.reason())

    def test_start_lifts_no_restriction_that_somebody_else_set(self):
        self.records.block("restricted", "sms", PHONES[ANNA], source="staff_phone")
        self.send_marketing()
        self.receive("START")
        self.assertEqual(self.reason(), "restricted")

    def test_a_yes_elsewhere_lifts_no_hold(self):
        self.send_marketing()
        self.receive("What is this?")
        self.yes(ANNA, channel="sms")
        self.assertEqual(self.reason(), "reply_to_read")

    def test_a_request_to_be_erased_ends_marketing_and_asks_a_person(self):
        self.receive("Please delete all my data")
        reply = self.replies.search([])
        self.assertEqual((self.reason(), reply.reason), ("objected", "erase"))

    def test_what_a_phone_writes_by_itself_is_no_answer(self):
        self.send_marketing()
        self.receive("I'm driving with Focus turned on. I'll see your message when I get there.")
        self.assertIsNone(self.reason())
        self.assertFalse(self.replies.search([]))

    def test_one_stop_ends_all_or_one_topic_as_the_country_says(self):
        self.yes(ANNA, self.events, channel="sms")
        profile = self.env.ref("marketing_consent.consent_country_profile_be")
        for scope, events_go_on in (("all", False), ("topic", True)):
            with self.subTest(scope), self.undone():
                profile.stop_scope = scope
                self.send_marketing(topic=self.news)
                answer = self.receive("Stop")
                self.assertEqual("about News" in answer, events_go_on)
                self.assertEqual(self.reason(), "objected")
                self.assertEqual(self.verdict(ANNA, self.events, "sms").allowed, events_go_on)

    def test_where_one_topic_ends_stop_all_ends_all_and_start_takes_back(self):
        self.yes(ANNA, self.events, channel="sms")
        self.env.ref("marketing_consent.consent_country_profile_be").stop_scope = "topic"
        self.send_marketing(topic=self.news)
        self.receive("Stop")
        self.receive("START")
        self.assertIsNone(self.reason())
        self.receive("STOP ALL")
        for topic in (self.news, self.events):
            self.assertEqual(self.verdict(ANNA, topic, "sms").reason, "objected")

    def test_any_reasonable_means_counts_for_american_numbers(self):
        anna, profile = "+12025550147", self.env.ref("marketing_consent.consent_country_profile_us")
        self.yes(anna, channel="sms")
        for scope in ("all", "topic"):
            profile.stop_scope = scope
            for text in ("please quit texting me", "I no longer wish to receive these texts", "lose my number", "🛑"):
                with self.subTest(scope=scope, text=text), self.undone():
                    self.send_marketing(anna)
                    self.receive(text, anna)
                    self.assertEqual(self.verdict(anna, channel="sms").reason, "objected")

    def test_a_no_to_everything_is_one_to_mail_too(self):
        self.receive("Stop all your emails and texts")
        self.assertEqual((self.reason(), self.verdict(ANNA).reason), ("objected", "objected"))

    def test_every_marketing_sms_says_who_writes_and_how_to_stop(self):
        for text in ("New lamps", "Stop by!", "", "{{ object.name }}", "Lumen"):
            with self.subTest(text), self.twilio():
                self.sms(ANNA, body=text or " ").send()
                [message] = self.posted
                self.assertIn("Lumen", message["Body"])
                self.assertRegex(message["Body"], r"Stop: http\S+/c/\S+")

    def test_what_was_sent_is_noted_by_as_many_statements_for_many(self):
        counts = []
        for number in (1, 12):
            batch = self.sms(*[ANNA] * number)
            sent = batch._consent_sent()
            batch.state = "pending"
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["consent.sms.sent"]._note(sent)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_only_what_was_decided_long_ago_is_deleted(self):
        self.send_marketing(ANNA)
        self.receive("What is this?")
        self.receive("Hello?", BEN)
        self.replies.search([], limit=1).action_no_objection()
        with self.travel(days=400):
            self.replies._gc_read()
        self.assertEqual(self.replies.search_count([("state", "!=", "unread")]), 0)


@tagged("post_install", "-at_install")
class TestMailReplies(GateCase):
    # superuser: the mail gateway posts what comes in.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.alias_domain_id = cls.env["mail.alias.domain"].create({"name": "lumen.example"})
        cls.replies, cls.number = cls.env["consent.reply"], 0

    def send_newsletter(self, **values):
        """Send a newsletter; return the Message-ID of Anna's copy as it left."""
        with self.sending():
            self.mailing(**values)._action_send_mail()
        return {mail.recipients[0]: mail.message for mail in self.sink.messages}[ANNA]["Message-ID"]

    def leaves(self):
        """Return whether a newsletter to Anna leaves."""
        with self.sending():
            self.mailing()._action_send_mail()
        return ANNA in self.left

    def mail(
        self,
        text="",
        subject="Re: New lamps",
        sender=f"Anna <{ANNA}>",
        to="news@lumen.example",
        html=None,
        model=None,
        **head,
    ):
        type(self).number += 1
        message = EmailMessage(policy.SMTP)
        message["To"], message["Subject"], message["Message-ID"] = to, subject, f"<a{self.number}@x.example>"
        if sender:
            message["From"] = sender
        for name, value in head.items():
            message[name.replace("_", "-")] = value
        message.set_content(html or text, subtype="html" if html else "plain")
        return self.env["mail.thread"].message_process(model, message.as_bytes())

    def test_a_clear_no_in_an_answer_acts_at_once_and_no_bounce_goes_out(self):
        answered = self.send_newsletter()
        for text in ("Unsubscribe please", "Haal me van deze lijst", "Nein danke", "Non merci"):
            with self.subTest(text), self.undone(), self.sending():
                self.mail(text, In_Reply_To=answered)
                self.assertEqual(self.verdict(ANNA).reason, "objected")
                self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
            self.assertFalse(self.left)
        self.mail("Unsubscribe please", References=f"<other@x.example> {answered}")
        self.assertFalse(self.leaves())

    def test_what_else_comes_back_waits_for_a_person_and_so_does_marketing(self):
        answered = self.send_newsletter()
        self.mail("Do you have red ones?\n\nOn 1 March Lumen wrote:\n> Unsubscribe", In_Reply_To=answered)
        reply = self.replies.search([])
        self.assertEqual((reply.text, reply.about), ("Do you have red ones?", "New lamps"))
        self.assertEqual(reply.contact_point_id.address, ANNA)
        document = self.env["ir.attachment"].search([("res_model", "=", "consent.reply"), ("res_id", "=", reply.id)])
        self.assertIn(b"Do you have red ones?", document.raw)
        self.assertEqual(self.verdict(ANNA).reason, "reply_to_read")
        self.assertFalse(self.leaves())
        reply.action_no_objection()
        self.assertTrue(self.leaves())

    def test_what_the_answer_quotes_does_not_count(self):
        answered = self.send_newsletter()
        quote = '<div class="gmail_quote"><blockquote>Unsubscribe</blockquote></div>'
        self.mail(html=f"<p>Lovely!</p>{quote}", In_Reply_To=answered)
        self.assertEqual(self.verdict(ANNA).reason, "reply_to_read")
        self.mail(html=f"<p>Bitte <b>abmelden</b></p>{quote}", In_Reply_To=answered)
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_the_subject_of_the_newsletter_says_nothing(self):
        answered = self.send_newsletter(subject="Unsubscribe from winter")
        self.mail("Nice!", subject="Re: Unsubscribe from winter", In_Reply_To=answered)
        self.assertEqual(self.verdict(ANNA).reason, "reply_to_read")

    def test_an_answer_in_the_subject_alone_counts(self):
        self.mail("", subject="STOP", In_Reply_To=self.send_newsletter())
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_an_answer_from_another_address_is_shown_with_the_one_we_wrote_to(self):
        self.mail("Unsubscribe", sender="private@x.example", In_Reply_To=self.send_newsletter())
        self.assertEqual(self.verdict("private@x.example").reason, "objected")
        reply = self.replies.search([])
        self.assertEqual((reply.reason, reply.contact_point_id.address), ("other_address", ANNA))
        self.assertEqual(self.verdict(ANNA).reason, "reply_to_read")
        reply.action_opt_out()
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_an_answer_to_the_reply_address_of_a_mailing_counts_without_references(self):
        self.send_newsletter(reply_to_mode="new", reply_to="Lumen <replies@lumen.example>")
        self.mail("No thanks", to="replies@lumen.example")
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.mail("No thanks", to="replies@lumen.example", sender=BEN, model="res.partner")
        self.assertFalse(self.replies.search([]), "Ben got none")

    def test_ordinary_conversation_is_not_read(self):
        self.send_newsletter()
        self.env["mail.alias"].create(
            {"alias_name": "sales", "alias_model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        lead = self.env["crm.lead"].browse(self.mail("No, Tuesday does not suit me", to="sales@lumen.example"))
        self.assertIn(ANNA, lead.email_from)
        answer = lead.message_post(body="And Wednesday?", message_type="comment")  # pylint: disable=translation-required
        self.mail("No thanks", to="sales@lumen.example", In_Reply_To=answer.message_id)
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertFalse(self.replies.search([]))

    def test_a_conversation_that_began_with_a_newsletter_goes_on_unread(self):
        newsletter = self.send_newsletter()
        answer = self.anna.message_post(body="They cost 9 euro.")  # pylint: disable=translation-required
        self.mail("No thanks", In_Reply_To=answer.message_id, References=f"{newsletter} {answer.message_id}")
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_no_automatic_answer_counts(self):
        answered = self.send_newsletter()
        for head in (
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "auto_reply"},
            {"X_Autoreply": "yes"},
            {"X_Autorespond": "vacation"},
            {"X_Auto_Response_Suppress": "All"},
            {"List_Id": "<x.example>"},
            {"subject": "Automatisch antwoord: New lamps"},
            {"subject": "Abwesenheitsnotiz: New lamps"},
            {"text": "I am out of the office until Monday."},
        ):
            for values in ({"In_Reply_To": answered}, {"to": ALIAS}):
                with self.subTest(head=head, values=values):
                    self.mail(**{"text": "Unsubscribe", **head, **values})
                    self.assertTrue(self.verdict(ANNA).allowed)
                    self.assertFalse(self.replies.search([]))

    def test_a_bounce_of_a_newsletter_is_no_answer(self):
        self.mail("unsubscribe", sender="MAILER-DAEMON@x.example", In_Reply_To=self.send_newsletter())
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertFalse(self.replies.search([]))

    def test_a_no_of_an_unknown_sender_is_kept_with_sender_text_and_document(self):
        sender = '"Jane Doe" <jane@nowhere.example>'
        self.mail("Please unsubscribe me", subject="Hi", sender=sender, to=ALIAS)
        reply = self.replies.search([])
        self.assertEqual((reply.sender, reply.text, reply.reason), (sender, "Please unsubscribe me", "unknown_sender"))
        self.assertTrue(
            self.env["ir.attachment"].search_count([("res_id", "=", reply.id), ("name", "=", "message.eml")])
        )
        self.assertTrue(reply.activity_ids)
        self.assertEqual(self.verdict("jane@nowhere.example").reason, "objected")

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_mail_without_a_sender_is_kept_too(self):
        self.mail("Please take me off", subject="", sender=None, to=ALIAS)
        self.mail("What is this?", sender="not an address", to=ALIAS)
        self.assertEqual(self.replies.search([]).mapped("text"), ["What is this?", "Please take me off"])
        self.replies.search([]).action_opt_out()

    def test_reports_of_mail_programs_are_no_answer(self):
        answered = self.send_newsletter()
        for kind, text in (
            ("disposition-notification", "Your message was deleted, do not send it again"),
            ("delivery-status", "Delivery is delayed. Stop sending."),
        ):
            with self.subTest(kind):
                message = (
                    f"From: {ANNA}\r\nTo: {ALIAS}\r\nMessage-ID: <{kind}@x.example>\r\nIn-Reply-To: {answered}\r\n"
                    f"Subject: Not read: New lamps\r\nContent-Type: multipart/report; report-type={kind}; boundary=b"
                    f"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: message/{kind}"
                    "\r\n\r\nOriginal-Recipient: rfc822;x@x.example\r\n\r\n--b--\r\n"
                )
                self.env["mail.thread"].message_process(False, message.encode())
                self.assertTrue(self.verdict(ANNA).allowed)
                self.assertFalse(self.replies.search([]))

    @mute_logger("odoo.addons.mail.models.mail_thread", "odoo.tools.mail")
    def test_broken_and_hostile_mail_is_kept_and_breaks_nothing(self):
        head = f"From: {ANNA}\r\nTo: {ALIAS}\r\nMessage-ID: <%s@x.example>\r\n"
        for number, rest in enumerate(
            [
                b"Subject: What\0 is\0 this?\r\n\r\nWhy\0 me?",
                b"Subject: \xff\xfe\xed\xa0\x80\r\n\r\n\xff\xfe why?",
                b"Subject: =?foo?B?////?=\r\nContent-Type: text/plain; charset=ascii\r\n\r\nwhy?",
                b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\nwhy?",
                b"Content-Transfer-Encoding: base64\r\n\r\n!!!!why?",
                b"Return-Path: <\r\nPrecedence:\r\nAuto-Submitted:\r\nReply-To: ;;\r\nReferences: <<<>>>\r\n\r\nwhy?",
                b"Content-Type: text/html\r\n\r\n<blockquote><p>why?" + b"<div>" * 3000,
                b"In-Reply-To: " + b"<a@b> " * 5000 + b"\r\n\r\nwhy?",
            ]
        ):
            with self.subTest(rest[:40]), self.undone():
                self.env["mail.thread"].message_process(False, (head % number).encode() + rest)
                # What is kept has words; where nothing can be read, the address that it came to says enough.
                self.assertIn(self.verdict(ANNA).reason, ("reply_to_read", "objected"))
                if self.verdict(ANNA).reason == "reply_to_read":
                    self.assertTrue(self.replies.search([]).text)

    def test_a_question_to_the_alias_holds_and_an_empty_mail_to_it_acts(self):
        self.mail("Please do not unsubscribe me", subject="Hello", to=ALIAS)
        self.assertEqual(self.verdict(ANNA).reason, "reply_to_read")
        self.mail("", subject="", to=ALIAS)
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_a_mail_that_comes_again_is_queued_once(self):
        for _time in range(2):
            type(self).number = 900
            self.mail("What is this?", to=ALIAS)
        self.assertEqual(len(self.replies.search([])), 1)

    def test_one_no_ends_all_or_one_topic_as_the_country_says(self):
        self.yes(ANNA, self.events)
        profile = self.env.ref("marketing_consent.consent_country_profile_be")
        for scope, events_go_on in (("all", False), ("topic", True)):
            with self.subTest(scope), self.undone():
                profile.stop_scope = scope
                self.mail("Please stop", In_Reply_To=self.send_newsletter())
                self.assertEqual(self.verdict(ANNA).reason, "objected")
                self.assertEqual(self.verdict(ANNA, self.events).allowed, events_go_on)

    def test_a_mail_that_names_texts_stops_texts(self):
        self.mail("Please stop texting me", In_Reply_To=self.send_newsletter())
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")

    def test_an_answer_to_a_transactional_mailing_is_not_read(self):
        answered = self.send_newsletter(message_class="transactional", transactional_reason="We move")
        self.mail("No thanks", In_Reply_To=answered, model="res.partner")
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertFalse(self.replies.search([]))

    def test_companies_hear_of_what_came_to_their_own_address(self):
        other = self.env["res.company"].create({"name": "Other"})
        other.alias_domain_id = self.env["mail.alias.domain"].create({"name": "other.example"})
        self.mail("Unsubscribe", to="marketing-unsubscribe@other.example")
        self.assertTrue(self.verdict(ANNA).allowed)
        self.mail("What is this?", to="marketing-unsubscribe@other.example")
        self.assertEqual(self.replies.search([]).company_id, other)
        user = new_test_user(self.env, "reader7", groups="marketing_consent.group_user")
        self.assertFalse(self.replies.with_user(user).search([]))


@tagged("post_install", "-at_install")
class TestRepliesOverRpc(IncomingStory, RoleCase):
    def reply(self, address=ANNA):
        self.receive("please do not stop", address)
        return self.env["consent.reply"].search([], limit=1)

    def test_the_least_consent_user_decides(self):
        self.authenticate("clerk", "clerk-password")
        reply = self.reply()
        read = self.call("consent.reply", "web_read", reply.ids, {"text": {}, "sender": {}, "state": {}})
        self.assertEqual((read[0]["text"], read[0]["sender"]), ("please do not stop", PHONES[ANNA]))
        self.assertIsNone(self.call("consent.reply", "action_no_objection", reply.ids))
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)
        self.assertEqual(reply.decided_by_id.login, "clerk")
        self.assertIsNone(self.call("consent.reply", "action_opt_out", self.reply().ids))
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "objected")
        event = self.env["consent.event"].search([("type", "=", "objected")], limit=1)
        self.assertEqual(event.actor_id, reply.decided_by_id.id)

    @mute_logger("odoo.http", "odoo.models", "odoo.addons.base.models.ir_model")
    def test_nobody_changes_a_reply_and_others_see_none(self):
        reply = self.reply()
        self.authenticate("clerk", "clerk-password")
        for values in ({"state": "continued"}, {"text": "x"}, {"contact_point_id": False}):
            self.assertIn("AccessError", self.call("consent.reply", "write", reply.ids, values))
        self.assertIn("AccessError", self.call("consent.reply", "unlink", reply.ids))
        self.assertIn("AccessError", self.call("consent.reply", "_queue", []))
        for role in ("marketer", "internal", "portal"):
            self.authenticate(role, f"{role}-password")
            for method in ("action_no_objection", "action_opt_out", "read"):
                self.assertIn("Error", self.call("consent.reply", method, reply.ids))
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "reply_to_read")
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "no_consent")
