import re

from dateutil.relativedelta import relativedelta
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...models.invitations import consent_lifecycle
from ...tools import clock
from ..cases.gate import GateCase
from ..cases.story import ANNA, BEN, CARLA, PHONES

LINK = r"/consent/confirm/([\w-]+)"


@tagged("post_install", "-at_install")
class TestLifecycle(GateCase):
    """Time passes: what is reminded of, renewed and expires, each once (M13, M30)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls.news.purpose_id
        cls.classPatch(cls.env.registry["ir.cron"], "_commit_progress", lambda self, *args, **kwargs: 1)
        cls.env["ir.config_parameter"].set_param("web.base.url", "https://lumen.example")

    def run_steps(self, **delta):
        with self.travel(**delta):
            self.env["consent.lifecycle"]._cron_run()

    def sign_up(self, address=CARLA, channel="email"):
        offer = {"topics": self.news, "notice": self.purpose.notice_ids[:1]}
        where = (channel, self.at(address, channel), self.env.company.with_context(lang="en_US"))
        self.env["consent.request"]._sign_up([offer], *where, source_label="Fair")
        self.work_off()

    def mails(self, address):
        return self.env["mail.mail"].search([("email_to", "=", address)], order="id")

    def token(self, mail):
        return re.search(LINK, mail.body_html)[1]

    def valid_for_a_year(self, address=ANNA, **purpose):
        self.purpose.write({"validity_months": 12, **purpose})
        self.yes(address)
        return self.record(address)

    def test_a_consent_that_ended_is_withheld_at_once_and_written_down_once(self):
        record = self.valid_for_a_year()
        until = record.valid_until
        with self.travel(days=370):
            self.assertEqual(self.verdict(ANNA).reason, "expired")
        for _time in range(2):
            self.run_steps(days=370)
        events = self.env["consent.event"].search([("type", "=", "expired")])
        self.assertEqual((events.source, events.occurred_at), ("system", until))
        self.assertEqual((record.state, record.since), ("expired", until))
        with self.travel(days=371):
            self.yes(ANNA)
            self.assertTrue(self.verdict(ANNA).allowed)

    def test_what_does_not_end_or_has_not_ended_stays(self):
        self.valid_for_a_year()
        self.run_steps(days=360)
        self.assertFalse(self.env["consent.event"].search([("type", "=", "expired")]))

    def test_a_sign_up_is_reminded_of_once_and_both_its_links_work(self):
        self.sign_up()
        self.run_steps(days=3)
        self.assertEqual(len(self.mails(CARLA)), 1, "reminders are off by default")
        self.purpose.remind_days = 2
        self.run_steps(days=1)
        self.assertEqual(len(self.mails(CARLA)), 1, "too early")
        for days in (3, 4):
            self.run_steps(days=days)
        first, second = self.mails(CARLA)
        self.assertEqual(second.subject, first.subject)
        request = self.env["consent.request"].search([("address", "=", CARLA)])
        self.assertEqual(request.stage, "reminded")
        for mail in (first, second):
            with self.subTest(mail=mail.id), self.undone():
                self.assertTrue(self.env["consent.request"]._confirm(self.token(mail)))
                self.assertTrue(self.verdict(CARLA).allowed)
                self.assertFalse(self.env["consent.request"]._confirm(self.token(mail)))

    def test_who_confirmed_or_lapsed_is_not_reminded(self):
        self.purpose.remind_days = 2
        self.sign_up()
        self.env["consent.request"]._confirm(self.token(self.mails(CARLA)))
        self.sign_up(BEN)
        self.run_steps(days=8)
        self.assertEqual(len(self.mails(CARLA) + self.mails(BEN)), 2)

    def test_a_reminded_number_gets_a_new_code(self):
        self.purpose.remind_days = 2
        self.sign_up(channel="sms")
        self.run_steps(days=3)
        bodies = self.env["sms.sms"].search([("number", "=", PHONES[CARLA])], order="id").mapped("body")
        self.assertEqual(len(bodies), 2)
        self.assertNotEqual(*bodies)

    def test_who_is_about_to_end_is_asked_once_and_stays_by_confirming(self):
        record = self.valid_for_a_year(renew_days=14)
        self.run_steps(days=300)
        self.assertFalse(self.mails(ANNA))
        for days in (355, 356):
            self.run_steps(days=days)
        mail = self.mails(ANNA)
        self.assertEqual(mail.subject, f"Do you still want to hear from {self.env.company.name}?")
        self.assertEqual(mail.consent_topic_id, self.news, "it is marketing: the gate judges it")
        status = self.env["consent.request"].search([("address", "=", ANNA)])
        self.assertEqual(status.stage, "invited")
        with self.travel(days=357):
            self.assertTrue(self.env["consent.request"]._confirm(self.token(mail)))
            now = clock.consent_now(self.env)
        self.assertEqual(record.valid_until.date(), (now + relativedelta(months=12)).date())
        self.run_steps(days=370)
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_who_does_not_answer_ends_and_is_not_asked_again(self):
        self.valid_for_a_year(renew_days=14)
        for days in (355, 367, 368, 400):
            self.run_steps(days=days)
            with self.travel(days=days):
                self.env["consent.request"]._cron_lapse()
        self.assertEqual(len(self.mails(ANNA)), 1)
        self.assertEqual(self.record(ANNA).state, "expired")

    def test_the_question_leaves_only_while_the_person_may_be_written_to(self):
        self.valid_for_a_year(renew_days=14)
        with self.undone(), self.sending():
            self.run_steps(days=355)
        self.assertEqual(self.left, {ANNA})
        with self.sending():
            self.run_steps(days=355)
            self.withdraw(ANNA)
        self.assertEqual(self.left, set())

    def test_nobody_is_asked_who_said_no_or_nothing(self):
        self.purpose.write({"validity_months": 12, "renew_days": 14})
        self.yes(BEN)
        self.withdraw(BEN)
        self.run_steps(days=355)
        self.assertFalse(self.mails(BEN) + self.mails(CARLA))

    def test_who_disowns_the_question_has_left_and_is_not_asked_again(self):
        self.valid_for_a_year(renew_days=14)
        self.run_steps(days=355)
        with self.travel(days=355):
            self.env["consent.request"]._disown(self.token(self.mails(ANNA)))
            self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.run_steps(days=356)
        self.assertEqual(len(self.mails(ANNA)), 1)

    def test_nobody_is_reminded_who_said_stop_or_is_held_since(self):
        self.purpose.remind_days = 2
        for fact in ("objected", "restricted", "suppressed"):
            with self.subTest(fact=fact), self.undone():
                self.sign_up(channel="sms")
                with self.travel(hours=1):
                    self.records.block(fact, "sms", PHONES[CARLA], source="staff_phone")
                self.run_steps(days=3)
                self.assertEqual(self.env["sms.sms"].search_count([("number", "=", PHONES[CARLA])]), 1)
                self.assertFalse(self.env["consent.request"].search([("address", "=", PHONES[CARLA])]))

    def test_impossible_settings_are_refused(self):
        for values in ({"validity_months": 1, "renew_days": 28}, {"renew_days": 31}, {"remind_days": -1}):
            with self.assertRaises(ValidationError):
                self.purpose.write(values)

    def test_a_run_that_is_cut_off_goes_on_with_the_rest(self):
        self.valid_for_a_year(renew_days=14)
        self.valid_for_a_year(CARLA)
        with self.travel(days=370):
            self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda self, *args, **kwargs: 0)
            self.patch(consent_lifecycle, "BATCH", 1)
            for _run in range(3):
                self.env["consent.lifecycle"]._cron_run()
        self.assertEqual(self.env["consent.event"].search_count([("type", "=", "expired")]), 2)
