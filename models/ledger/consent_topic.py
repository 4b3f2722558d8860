from datetime import timedelta

from odoo import fields, models

from ...tools import clock, contact_point, transitions

TREND_DAYS = 30
LOST = ("refused", "withdrawn", "objected", "expired", "revoked")


class ConsentTopic(models.Model):
    """Counts of a topic, and whether it is in use: both come from the ledger."""

    _inherit = "consent.topic"

    record_ids = fields.One2many("consent.record", "topic_id", "Records")
    granted_email_count = fields.Integer("Granted by e-mail", compute="_compute_granted_count")
    granted_sms_count = fields.Integer("Granted by SMS", compute="_compute_granted_count")
    gained_count = fields.Integer("Said yes in 30 days", compute="_compute_trend")
    lost_count = fields.Integer("Said no in 30 days", compute="_compute_trend")

    def _compute_granted_count(self):
        groups = self.env["consent.record"]._read_group(
            [("topic_id", "in", self.ids), ("state", "=", "granted")], ["topic_id", "channel"], ["__count"]
        )
        counts = {(topic.id, channel): count for topic, channel, count in groups}
        for topic in self:
            topic.granted_email_count = counts.get((topic.id, contact_point.EMAIL), 0)
            topic.granted_sms_count = counts.get((topic.id, contact_point.SMS), 0)

    def _compute_trend(self):
        since = clock.consent_now(self.env) - timedelta(days=TREND_DAYS)
        kinds = {**dict.fromkeys(transitions.GRANTS, "gained_count"), **dict.fromkeys(LOST, "lost_count")}
        groups = (
            self.env["consent.event"]
            .sudo()
            ._read_group(
                [("topic_id", "in", self.ids), ("occurred_at", ">=", since), ("type", "in", list(kinds))],
                ["topic_id", "type"],
                ["__count"],
            )
        )
        self.gained_count = self.lost_count = 0
        for topic, kind, count in groups:
            topic[kinds[kind]] += count

    def _is_used(self):
        """Return whether an event refers to any of the topics."""
        return super()._is_used() or bool(
            self.env["consent.event"].sudo().search_count([("topic_id", "in", self.ids)], limit=1)
        )
