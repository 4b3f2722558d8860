from odoo import fields, models

from ...tools import topic_mark
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
        """Flag the mails of a flagged server action; those of a flagged template carry its mark.

        Relied on: `send_mail` ends here, and `email_values` are written on each mail.
        """
        if topic := self.env.context.get(TOPIC_OF_ACTION):
            email_values = {**(email_values or {}), "consent_topic_id": topic}
        return super().send_mail_batch(
            res_ids,
            force_send=force_send,
            raise_exception=raise_exception,
            email_values=email_values,
            email_layout_xmlid=email_layout_xmlid,
        )

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Mark the text. Relied on: whatever Odoo renders of a template passes here, singly or in batches."""
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        return _marked(rendered, self.sudo().consent_topic_id) if field == "body_html" else rendered


class MailComposerMixin(models.AbstractModel):
    """Wizards that make mails of their own, like a survey's invitation: a flagged template makes them marketing."""

    _inherit = "mail.composer.mixin"

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Mark the text, also where it was edited. Odoo's general composer flags its messages itself."""
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        if field != "body" or "consent_topic_id" in self._fields:
            return rendered
        return _marked(rendered, self.sudo().template_id.consent_topic_id)


def _marked(rendered, topic):
    return {res_id: topic_mark.put(text or "", topic.id) for res_id, text in rendered.items()} if topic else rendered


class SmsTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _inherit = "sms.template"

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )
