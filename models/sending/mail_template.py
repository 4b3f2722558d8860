from odoo import fields, models

HELP = "Mark what is sent with this template as marketing: it reaches only people who may get the topic."


class MailTemplate(models.Model):
    """A template flagged with a topic sends marketing."""

    _name = "mail.template"
    _inherit = ["mail.template", "consent.kind"]

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )

    def send_mail_batch(self, res_ids, **kwargs):
        """Send on behalf of the template, whatever replaces its text. Relied on: `send_mail` ends here."""
        template = self.env["consent.origin"]._sending(self, self._consent_origin())
        return super(MailTemplate, template).send_mail_batch(res_ids, **kwargs)

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
    _inherit = ["sms.template", "consent.kind"]

    consent_topic_id = fields.Many2one(
        "consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null", help=HELP
    )
