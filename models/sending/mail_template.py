from odoo import fields, models

from ...tools import origin

HELP = "Mark what is sent with this template as marketing: it reaches only people who may get the topic."


class MailTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _name = "mail.template"
    _inherit = ["mail.template", "consent.shipped.template"]

    _consent_sealed = tuple(
        "model_id subject body_html email_from reply_to email_layout_xmlid attachment_ids report_template_ids".split()
    )

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )

    def send_mail_batch(self, res_ids, *args, **kwargs):
        """Send on behalf of the template, whatever replaces its text. Relied on: `send_mail` ends here."""
        sender = self._consent_origin()
        if sender and len(res_ids) > 1:
            sender = self._consent_by_hand(sender, res_ids)
        template = self.env["consent.origin"]._sending(self, sender)
        return super(MailTemplate, template).send_mail_batch(res_ids, *args, **kwargs)

    def _consent_by_hand(self, sender, res_ids):
        """Return the origin of what a client sends to several documents at once, by a template without any kind."""
        letter = self.env["consent.letter"]
        stated = sender.topic_id or sender.service or sender.held or origin.of(self.env.context)
        if stated or not letter._is_written():
            return sender
        addresses = self.env["consent.gate"]._addresses(self.sudo().model, res_ids, "email").values()
        people = {address for party in addresses for address in party.usable}
        return sender._replace(topic_id=letter._topic_of(letter._without_staff(people, "email")))

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Mark the text. Relied on: whatever Odoo renders of a template passes here, singly or in batches."""
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        sender = field == "body_html" and self._consent_origin()
        return self.env["consent.origin"]._marked(rendered, sender) if sender else rendered


class MailComposerMixin(models.AbstractModel):
    """Wizards that make mails of their own, like a survey's invitation: their template states the kind."""

    _inherit = "mail.composer.mixin"

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Mark the text, also where it was edited. Odoo's general composer states the origin of its messages itself."""
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        sender = field == "body" and "consent_topic_id" not in self._fields and self.template_id._consent_origin()
        return self.env["consent.origin"]._marked(rendered, sender) if sender else rendered


class SmsTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _name = "sms.template"
    _inherit = ["sms.template", "consent.shipped.template"]

    _consent_sealed = ("model_id", "body")

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )
