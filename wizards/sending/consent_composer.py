from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.sending.consent_kind import SHORTEST_REASON
from ...tools import origin
from ...tools.origin import Origin


class ConsentComposer(models.AbstractModel):
    """What both composers ask: whether it is marketing, a service message, or a letter to one person."""

    _name = "consent.composer"
    _description = "Kind of What Is Composed"

    consent_topic_id = fields.Many2one(
        "consent.topic",
        "Marketing topic",
        compute="_compute_consent_topic_id",
        store=True,
        readonly=False,
        help="Fill it in for marketing: it reaches only people who may get the topic.",
    )
    consent_warning = fields.Char(compute="_compute_consent_warning", compute_sudo=True)
    consent_service = fields.Boolean("Service message", help="What people need anyway. It is logged, with the text.")
    consent_service_reason = fields.Char("Why it is a service message")

    @api.depends("template_id")
    def _compute_consent_topic_id(self):
        for composer in self:
            composer.consent_topic_id = composer.template_id.consent_topic_id

    def _consent_origin(self) -> Origin | None:
        """Return the origin of what is composed, None where code composes it without a template.

        :raises UserError: a person writes to several people and says not what it is
        """
        # What a template or a server action says is marketing stays marketing, whatever the form says.
        topic, sender = self.consent_topic_id or self.template_id.consent_topic_id, origin.of(self.env.context)
        if topic:
            self.env["consent.origin"]._check_topic(topic)
            return Origin(topic_id=topic.id)
        if sender and sender != origin.WRITTEN or not self.env["consent.letter"]._is_written():
            return self.template_id._consent_origin()
        if self.consent_service:
            self._consent_check_service()
            return Origin(service=True)
        template = self.template_id._consent_origin()
        if template and template.service and not self._consent_is_edited():
            return template
        return Origin(topic_id=self._consent_letter_topic(self._consent_recipients()))

    def _consent_letter_topic(self, recipients):
        """Return the topic of what is written to several; one alone is asked about where the message is created."""
        return self.env["consent.letter"]._topic_of(recipients) if len(recipients) > 1 else 0

    def _consent_topic(self):
        sender = origin.of(self.env.context)
        topic = self.consent_topic_id or self.template_id.consent_topic_id
        return self.consent_topic_id.browse(sender.topic_id) if sender and sender.topic_id else topic

    def _consent_check_service(self):
        if not self.env.user.has_group("marketing_consent.group_transactional"):
            raise AccessError(self.env._("Calling a message a service message needs the right to do so."))
        if len((self.consent_service_reason or "").strip()) < SHORTEST_REASON:
            raise UserError(self.env._("Write down why it is a service message."))
        self.env["consent.service.log"]._note(
            self,
            self.consent_service_reason,
            text=self.body,
            subject=self._consent_subject(),
            recipients=len(self._consent_recipients()),
        )

    def _consent_recipients(self) -> set[str]:
        """Return keys of the people who are written to, without our own staff."""
        raise NotImplementedError

    def _consent_subject(self) -> str | None:
        """Return the subject for the log."""
        return None

    def _consent_is_edited(self) -> bool:
        """Return whether the text is another than the template's."""
        raise NotImplementedError
