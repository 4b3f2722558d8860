from odoo import fields, models

from .ir_actions_server import TOPIC_OF_ACTION

HELP = "Mark what is sent with this template as marketing: it reaches only people who may get the topic."


class MailTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _inherit = "mail.template"

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )

    def send_mail_batch(
        self, res_ids, force_send=False, raise_exception=False, email_values=None, email_layout_xmlid=False
    ):
        """Flag the mails. Relied on: `send_mail` ends here, and `email_values` are written on each mail."""
        if topic := self.consent_topic_id.id or self.env.context.get(TOPIC_OF_ACTION):
            email_values = {**(email_values or {}), "consent_topic_id": topic}
        return super().send_mail_batch(
            res_ids,
            force_send=force_send,
            raise_exception=raise_exception,
            email_values=email_values,
            email_layout_xmlid=email_layout_xmlid,
        )


class SmsTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _inherit = "sms.template"

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )
