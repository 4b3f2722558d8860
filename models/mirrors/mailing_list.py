from odoo import fields, models


class MailingList(models.Model):
    """A mailing list may stand for a topic: whoever is mailed through it must be allowed to get the topic."""

    _inherit = "mailing.list"

    consent_topic_id = fields.Many2one("consent.topic", "Topic", ondelete="restrict", index="btree_not_null")
