from odoo import api, fields, models


class MailMessage(models.Model):
    """A message flagged with a topic is marketing; `mail.mail` and `sms.sms` see it through their message."""

    _inherit = "mail.message"

    consent_topic_id = fields.Many2one("consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null")
    consent_asks = fields.Boolean(
        "Asks for consent",
        groups="base.group_system",
        help="Marketing that goes to people who said nothing yet, where one may ask them. Never to those who said no.",
    )

    consent_origin = fields.Char(
        "Waits for the kind of", readonly=True, help="What sent it, without saying whether it is marketing."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Note what the origin says of the kind. Relied on: every message is created here."""
        return super().create(self.env["consent.origin"]._stamped(vals_list, "body"))


class MailThread(models.AbstractModel):
    """Let the topic through to the message. Relied on: Odoo drops every value that is not in its list."""

    _inherit = "mail.thread"

    def _get_message_create_valid_field_names(self):
        """Add the topic to what may be written on a message."""
        return super()._get_message_create_valid_field_names() | {"consent_topic_id"}

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Hear what concerns consent first. Relied on: Odoo takes every report, complaints too, for a bounce here.

        An answer to marketing is filed where Odoo files it; where that is nowhere, no error and no bounce goes out.
        """
        answered = self.env["consent.answered"].sudo()._find(message_dict)
        if self.env["consent.inbound"].sudo()._take(message, message_dict, answered):
            return []
        if answered and self._detect_write_to_catchall(message_dict) and not message_dict.get("parent_id"):
            return []
        try:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError:
            if answered:
                return []
            raise

    def _message_sms_with_template(
        self, template=False, template_xmlid=False, template_fallback="", partner_ids=False, **kwargs
    ):
        """Send on behalf of the template."""
        found = template or (template_xmlid and self.env.ref(template_xmlid, raise_if_not_found=False))
        records = self.env["consent.origin"]._sending(self, found and found._consent_origin())
        return super(MailThread, records)._message_sms_with_template(
            template=template,
            template_xmlid=template_xmlid,
            template_fallback=template_fallback,
            partner_ids=partner_ids,
            **kwargs,
        )


class MailScheduledMessage(models.Model):
    """A message that is sent later stays flagged. Relied on: Odoo keeps only the parameters in its list."""

    _inherit = "mail.scheduled.message"

    def _notification_parameters_whitelist(self):
        """Add the topic to what is kept until the message is posted."""
        return super()._notification_parameters_whitelist() | {"consent_topic_id"}
