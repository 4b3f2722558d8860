"""Each way of launching a mailing reaches only who may be written to, by e-mail and by SMS, judged by what left."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..cases.gate import GateCase
from ..cases.story import ANNA, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestMailingModes(GateCase):
    # superuser: verdicts and hand-over do not depend on who sends; who may is tried in test_doors.

    def each_kind(self):
        """Give the type of a mailing and how to find the address that it goes to, each in a state that is undone."""
        for kind, channel in (("mail", "email"), ("sms", "sms")):
            with self.subTest(kind=kind), self.undone():
                yield kind, lambda *people, channel=channel: {self.at(person, channel) for person in people}

    def launch(self, kind, **values):
        mailing = self.mailing(mailing_type=kind, sms_force_send=True, **values)
        mailing.action_put_in_queue()
        return mailing

    @contextmanager
    def queue(self):
        """Let the crons of mailings run when the block has ended; what left is in `self.left`."""
        with (
            patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1),
            self.sending(),
        ):
            yield
            self.env["mailing.mailing"]._process_mass_mailing_queue()

    @contextmanager
    def broken(self, kind):
        """Let the mail server and the provider of SMS refuse everything."""
        if kind == "mail":
            broken = patch.object(self.env.registry["ir.mail_server"], "send_email", side_effect=OSError("down"))
            with self.queue(), broken:
                yield
                self.env["mailing.mailing"]._process_mass_mailing_queue()
            return
        with self.mockSMSGateway(sim_error="server_error"), self.mute():
            yield
            with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1):
                self.env["mailing.mailing"]._process_mass_mailing_queue()

    @contextmanager
    def mute(self):
        yield

    def test_a_scheduled_mailing_waits_and_is_judged_when_it_leaves(self):
        for kind, at in self.each_kind():
            soon = fields.Datetime.now() + timedelta(hours=1)
            mailing = self.launch(kind, schedule_type="scheduled", schedule_date=soon)
            with self.queue():
                pass
            self.assertEqual((self.left, mailing.state), (set(), "in_queue"))
            self.yes(CARLA, channel="sms" if kind == "sms" else "email")
            self.withdraw(ANNA, channel="sms" if kind == "sms" else "email")
            mailing.schedule_date = fields.Datetime.now() - timedelta(minutes=1)
            with self.queue():
                pass
            self.assertEqual(self.left, at(CARLA))

    def test_given_ids_are_judged_as_well(self):
        for kind, at in self.each_kind():
            with self.sending():
                self.mailing(mailing_type=kind, sms_force_send=True).action_send_mail(self.partners.ids)
            self.assertEqual(self.left, at(ANNA))

    def variants(self, kind, people, **values):
        common = {"ab_testing_enabled": True, "mailing_domain": [("id", "in", people.ids)], **values}
        first = self.launch(kind, ab_testing_pc=50, **common)
        second = self.launch(kind, ab_testing_pc=50, campaign_id=first.campaign_id.id, **common)
        return first, second

    def crowd(self, kind):
        """Return ten people of whom the first four said yes."""
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@lumen.example", "phone": f"+3247100000{n}", "lang": "en_US"}
                for n in range(10)
            ]
        )
        channel, field = ("sms", "phone_sanitized") if kind == "sms" else ("email", "email_normalized")
        for partner in people[:4]:
            self.yes(partner[field], channel=channel)
        return people, people[:4].mapped(field)

    def test_both_variants_and_the_winner_reach_only_who_said_yes(self):
        for kind, _at in self.each_kind():
            people, consenting = self.crowd(kind)
            with self.queue():
                first, second = self.variants(kind, people)
            sampled = self.left
            # Half of those who may be written to each; the second draws from those that the first left over.
            self.assertEqual(len(sampled), 4)
            self.assertLessEqual(sampled, set(consenting))
            self.assertEqual({first.state, second.state}, {"done"})

    def test_the_winner_reaches_the_rest_of_those_who_may_be_written_to_by_then(self):
        for kind, _at in self.each_kind():
            people, consenting = self.crowd(kind)
            with self.queue():
                first = self.launch(
                    kind, ab_testing_enabled=True, ab_testing_pc=25, mailing_domain=[("id", "in", people.ids)]
                )
            (sampled,) = self.left
            gone, *rest = [address for address in consenting if address != sampled]
            self.withdraw(gone, channel="sms" if kind == "sms" else "email")
            with self.queue():
                first.action_select_as_winner()
            self.assertEqual(self.left, set(rest))
            winner = first.campaign_id.ab_testing_winner_mailing_id
            self.assertEqual(winner.consent_topic_id, self.news)
            self.assertEqual(
                set(winner.mailing_trace_ids.filtered("consent_reason").mapped("consent_reason")),
                {"no_consent", "withdrawn"},
            )

    def test_the_winner_that_the_cron_picks_is_judged_too(self):
        for kind, _at in self.each_kind():
            people, consenting = self.crowd(kind)
            with self.queue():
                first = self.launch(
                    kind, ab_testing_enabled=True, ab_testing_pc=25, mailing_domain=[("id", "in", people.ids)]
                )
            sampled = self.left
            selection = "ab_testing_sms_winner_selection" if kind == "sms" else "ab_testing_winner_selection"
            first.campaign_id.write(
                {
                    selection: "clicks_ratio",
                    "ab_testing_winner_selection": "clicks_ratio",
                    "ab_testing_schedule_datetime": fields.Datetime.now() - timedelta(minutes=1),
                }
            )
            with self.queue():
                self.env["utm.campaign"]._cron_process_mass_mailing_ab_testing()
            self.assertEqual(self.left, set(consenting) - sampled)

    def test_what_failed_is_sent_again_unless_it_may_not_any_more(self):
        for withdrawn in (False, True):
            for kind, at in self.each_kind():
                with self.broken(kind):
                    mailing = self.launch(kind)
                trace = mailing.mailing_trace_ids.filtered(lambda trace: trace.res_id == self.anna.id)
                self.assertEqual(trace.trace_status, "error")
                if withdrawn:
                    self.withdraw(ANNA, channel="sms" if kind == "sms" else "email")
                with self.queue():
                    mailing.action_retry_failed()
                self.assertEqual(self.left, set() if withdrawn else at(ANNA))
                self.assertEqual(
                    {trace.res_id: trace.consent_reason for trace in mailing.mailing_trace_ids},
                    {self.anna.id: "withdrawn" if withdrawn else False, self.carla.id: "no_consent"},
                )

    def test_numbers_that_failed_are_resent_only_while_they_may(self):
        with self.broken("sms"):
            mailing = self.launch("sms")
        failed = self.env["sms.sms"].search([("mailing_id", "=", mailing.id), ("state", "=", "error")])
        self.assertEqual(failed.mapped("number"), [PHONES[ANNA]])
        self.withdraw(ANNA, channel="sms")
        with self.sending():
            failed.resend_failed()
        self.assertEqual((self.left, failed.state), (set(), "canceled"))
