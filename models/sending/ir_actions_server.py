from odoo import fields, models

#: In the context of what a flagged server action runs: the id of its topic.
TOPIC_OF_ACTION = "consent_topic_of_action"


class IrActionsServer(models.Model):
    """A server action flagged with a topic sends marketing, whatever its template says.

    Relied on: both methods send through templates and composers, in the context of the action.
    """

    _inherit = "ir.actions.server"

    consent_topic_id = fields.Many2one(
        "consent.topic",
        "Marketing topic",
        ondelete="restrict",
        index="btree_not_null",
        help="Mark what this action sends as marketing: it reaches only people who may get the topic.",
    )

    def _run_action_mail_post_multi(self, eval_context=None):
        """Flag the mails."""
        return super(IrActionsServer, self._consent_flagged())._run_action_mail_post_multi(eval_context)

    def _run_action_sms_multi(self, eval_context=None):
        """Flag the SMS."""
        return super(IrActionsServer, self._consent_flagged())._run_action_sms_multi(eval_context)

    def _consent_flagged(self):
        topic = self.sudo().consent_topic_id
        return self.with_context(**{TOPIC_OF_ACTION: topic.id}) if topic else self
