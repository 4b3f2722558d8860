from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..cases.story import ANNA, BEN, CARLA, ConsentCase


@tagged("post_install", "-at_install")
class TestConsentTopic(ConsentCase):
    """Topics with their live counts and trend."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, "clerk", groups="marketing_consent.group_user", lang="en_US")

    def counts(self):
        topic = self.news.with_user(self.clerk)
        topic.invalidate_recordset()
        return (topic.granted_email_count, topic.granted_sms_count, topic.gained_count, topic.lost_count)

    def test_counts_per_channel_and_the_trend_of_thirty_days(self):
        self.assertEqual(self.counts(), (1, 1, 3, 1))
        self.yes(CARLA, occurred_at=self.env.cr.now() - timedelta(days=31))
        self.assertEqual(self.counts(), (2, 1, 3, 1))
        self.withdraw(ANNA)
        self.assertEqual(self.counts(), (1, 1, 3, 2))

    def test_the_buttons_open_the_people_and_the_trend_of_the_topic(self):
        action = self.news.with_user(self.clerk).action_open_people()
        rows = self.env[action["res_model"]].with_user(self.clerk).search(action["domain"])
        self.assertEqual(rows.topic_id, self.news)
        self.assertIn(BEN, rows.mapped("address"))
        action = self.news.with_user(self.clerk).action_open_trend()
        events = self.env[action["res_model"]].with_user(self.clerk).search(action["domain"])
        self.assertEqual(sorted(events.mapped("type")), ["given", "given", "given", "withdrawn"])

    def test_a_status_opens_what_it_rests_on(self):
        row = self.env["consent.status"].with_user(self.clerk).search([("address", "=", BEN)])
        action = row.action_open()
        self.assertEqual((action["res_model"], action["res_id"]), ("consent.record", self.record(BEN).id))
        notice = self.news.purpose_id.notice_ids
        request, _token = self.env["consent.request"].sudo()._open(self.events, "email", CARLA, notice)
        row = self.env["consent.status"].with_user(self.clerk).search([("address", "=", CARLA)])
        self.assertEqual((row.action_open()["res_model"], row.action_open()["res_id"]), ("consent.request", request.id))

    def test_whoever_has_no_right_sees_no_people(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["consent.status"].with_user(employee).search([])
        with self.assertRaises(AccessError):
            self.anna.with_user(employee).read(["consent_status"])
