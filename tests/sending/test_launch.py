"""What is launched is what leaves: a difference puts the mailing back, with the reason, and loses nobody."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..cases.doors import DoorCase
from ..cases.story import ANNA, CARLA


def crons(case):
    """Let the crons of mailings and campaigns run."""
    with patch.object(case.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1), case.quiet():
        case.env["mailing.mailing"]._process_mass_mailing_queue()
        case.env["utm.campaign"]._cron_process_mass_mailing_ab_testing()


@tagged("post_install", "-at_install")
class TestLaunch(DoorCase):
    # superuser: the scheduled action sends what users launched over RPC.

    def launched(self, **values):
        """Return a transactional mailing to all, launched, whose people wait for the queue."""
        return self.queued(**values)

    def check_put_back(self, mailing, *words):
        with self.sending():
            crons(self)
        self.assertEqual((self.left, mailing.state), (set(), "draft"))
        for word in words:
            self.assertIn(word, mailing.put_back_reason)
        self.assertIn(mailing.put_back_reason, [html2plaintext(message.body) for message in mailing.message_ids])
        self.assertEqual(mailing.activity_ids.user_id, self.rightful)

    def check_everybody_gets_it_once(self, mailing):
        with self.sending():
            self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)
            crons(self)
        self.assertEqual(sorted(self.sink.recipients()), sorted(self.partners.mapped("email")))
        self.assertFalse(mailing.put_back_reason)

    def test_what_is_changed_after_the_launch_goes_back_to_draft(self):
        other = self.env["mailing.filter"].create(
            {"name": "All", "mailing_model_id": self.model.id, "mailing_domain": "[('email', '!=', False)]"}
        )
        for word, values in {
            "text": {"body_html": "<p>Buy!</p>"},
            "subject": {"subject": "Buy!"},
            "sender": {"email_from": "boss@lumen.example"},
            "reply address": {"reply_to": "boss@lumen.example"},
            "recipients": {"mailing_filter_id": other.id},
            "kind of message": {"transactional_reason": "For fun"},
        }.items():
            with self.subTest(word), self.undone():
                mailing = self.launched()
                self.rpc("mailing.mailing", "write", mailing.ids, values, user=self.rightful)
                self.check_put_back(mailing, word)

    def test_another_content_of_an_attachment_goes_back_to_draft_and_everybody_gets_it_on_the_next_launch(self):
        file = self.env["ir.attachment"].with_user(self.rightful).create({"name": "offer.txt", "raw": b"We move."})
        mailing = self.launched(attachment_ids=[Command.set(file.ids)])
        with self.assertRaises(AccessError):
            file.with_user(self.marketer).raw = b"Buy!"
        file.with_user(self.second).raw = b"We move soon."
        self.check_put_back(mailing, "attachments")
        self.check_everybody_gets_it_once(mailing)

    def test_a_template_that_somebody_without_the_right_changed_is_not_launched(self):
        template = self.env["sms.template"].create({"name": "x", "model_id": self.model.id, "body": "We move."})
        mailing = self.draft(mailing_type="sms", sms_template_id=template.id)
        template.with_user(self.marketer).sudo().body = "Buy!"
        with self.assertRaisesRegex(UserError, "marketer"):
            self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)

    def test_another_text_of_a_template_goes_back_to_draft(self):
        template = self.env["sms.template"].create({"name": "x", "model_id": self.model.id, "body": "We move."})
        mailing = self.launched(mailing_type="sms", sms_template_id=template.id)
        template.body = "Buy!"
        self.check_put_back(mailing, "SMS text")

    def test_another_list_from_the_other_side_goes_back_to_draft(self):
        lists = self.env["mailing.list"].create([{"name": "A"}, {"name": "B"}])
        model = self.env["ir.model"]._get_id("mailing.list")
        mailing = self.launched(mailing_model_id=model, contact_list_ids=[Command.set(lists[0].ids)])
        lists[1].write({"mailing_ids": [Command.link(mailing.id)]})
        self.check_put_back(mailing, "mailing lists")

    def test_a_right_that_is_taken_away_and_a_company_left_put_it_back(self):
        mailing = self.launched()
        self.rightful.group_ids -= self.env.ref("marketing_consent.group_transactional")
        self.check_put_back(mailing, "rightful", "right")
        with self.undone():
            marketing = self.mailing(user_id=self.rightful.id)
            self.rpc("mailing.mailing", "action_launch", marketing.ids, user=self.rightful)
            other = self.env["res.company"].create({"name": "Elsewhere"})
            self.rightful.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
            self.check_put_back(marketing, "does not work for")

    def test_a_topic_that_is_closed_puts_it_back(self):
        mailing = self.mailing(user_id=self.rightful.id)
        self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)
        self.news.active = False
        self.check_put_back(mailing, "topic is closed")

    def test_messages_that_wait_go_back_with_the_mailing_and_leave_once_it_is_launched_again(self):
        mailing = self.launched()
        with patch.object(self.env.registry["mail.mail"], "send", lambda *_args, **_values: True):
            crons(self)
        self.assertEqual(len(mailing.mailing_trace_ids), 4)
        self.rpc("mailing.mailing", "write", mailing.ids, {"subject": "We move soon"}, user=self.rightful)
        with self.sending():
            pass
        self.assertEqual((self.left, mailing.state, len(mailing.mailing_trace_ids)), (set(), "draft", 0))
        self.check_everybody_gets_it_once(mailing)
        self.assertEqual({mail.message["subject"] for mail in self.sink.messages}, {"We move soon"})

    def test_sms_that_wait_go_back_with_the_mailing(self):
        mailing = self.launched(mailing_type="sms")
        crons(self)
        self.assertEqual(len(mailing.mailing_trace_ids), 4)
        self.rpc("mailing.mailing", "write", mailing.ids, {"body_plaintext": "Soon"}, user=self.rightful)
        with self.sending():
            pass
        self.assertEqual((self.left, mailing.state, len(mailing.mailing_trace_ids)), (set(), "draft", 0))
        with self.sending():
            self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)
            crons(self)
        self.assertEqual(sorted(sms["number"] for sms in self._sms), sorted(self.partners.mapped("phone_sanitized")))

    def test_a_mailing_that_fails_keeps_no_other_from_leaving(self):
        broken = {"body_html": "<p><t t-out='object.no_such_field'/></p>", "user_id": self.rightful.id}
        failing = self.mailing(**broken)
        lost = self.mailing(mailing_domain="[('no_such_field', '=', 1)]", user_id=self.rightful.id)
        good = self.mailing(mailing_domain=[("id", "=", self.anna.id)])
        for mailing in (failing, lost, good):
            mailing.action_launch()
        with self.sending():
            crons(self)
        self.assertEqual((self.left, good.state), ({ANNA}, "done"))
        self.assertEqual((failing.state, lost.state), ("draft", "draft"))
        self.assertIn("could not be sent", failing.put_back_reason)
        self.assertIn("no_such_field", lost.put_back_reason)

    def ab_test(self, **values):
        mailing = self.draft(ab_testing_enabled=True, ab_testing_pc=25, **values)
        if self.env.company.consent_four_eyes:
            self.rpc("mailing.mailing", "action_approve", mailing.ids, user=self.second)
        self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)
        with self.sending():
            crons(self)
        mailing.campaign_id.write(
            {"ab_testing_schedule_datetime": "2020-01-01", "ab_testing_winner_selection": "opened_ratio"}
        )
        return mailing

    def test_the_winner_that_the_cron_picks_keeps_class_and_approval_and_is_launched_by_who_launched_the_test(self):
        for four_eyes in (False, True):
            with self.subTest(four_eyes=four_eyes), self.undone():
                self.env.company.consent_four_eyes = four_eyes
                test = self.ab_test()
                sampled = self.left
                with self.sending():
                    crons(self)
                    crons(self)
                winner = test.campaign_id.ab_testing_winner_mailing_id
                self.assertEqual(self.left | sampled, set(self.partners.mapped("email")))
                self.assertEqual(len(self.left), 3)
                self.assertEqual((winner.message_class, winner.launched_by_id), ("transactional", self.rightful))

    def test_a_winner_that_may_not_be_launched_is_left_to_a_person(self):
        test = self.ab_test()
        self.rightful.group_ids -= self.env.ref("marketing_consent.group_transactional")
        with self.sending():
            crons(self)
        self.assertEqual((self.left, test.campaign_id.ab_testing_winner_selection), (set(), "manual"))
        self.assertTrue(any("by hand" in message.body for message in test.message_ids))

    def test_copying_keeps_no_class_reason_or_foreign_topic(self):
        copied = self.draft().with_user(self.rightful).copy()
        self.assertEqual((copied.message_class, copied.transactional_reason), ("marketing", False))
        self.assertFalse(self.mailing().with_user(self.stranger).copy().sudo().consent_topic_id)

    def test_deleting_a_mailing_takes_its_waiting_messages_along(self):
        mailing = self.mailing()
        mailing.with_context(default_force_send=False).action_send_mail()
        waiting = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        self.assertTrue(waiting)
        mailing.unlink()
        self.assertFalse(waiting.exists())

    def test_no_default_makes_a_message_one_of_a_mailing(self):
        sent = self.draft()
        for model, values in (("mail.mail", {"email_to": CARLA}), ("sms.sms", {"number": self.carla.phone})):
            self.assertFalse(self.env[model].with_context(default_mailing_id=sent.id).create(values).mailing_id)

    def test_a_copy_of_the_database_says_that_marketing_waits(self):
        mailing = self.mailing()
        mailing.action_launch()
        with patch.object(type(self.env["consent.gate"]), "_is_held", return_value=True):
            mailing.invalidate_recordset(["waiting_reason"])
            self.assertIn("copy", mailing.waiting_reason)
            with self.sending():
                crons(self)
            self.assertEqual((self.left, mailing.state), (set(), "sending"))
        with self.sending():
            crons(self)
        self.assertEqual(self.left, {ANNA})
