from odoo import fields, models

from ...tools import origin
from .consent_kind import CONTACT_MODELS


class IrActionsServer(models.Model):
    """A server action flagged with a topic sends marketing, whatever its template says.

    Relied on: rules, crons, buttons and other actions all call `run`.
    """

    _name = "ir.actions.server"
    _inherit = ["ir.actions.server", "consent.kind"]

    _consent_sealed = tuple(
        "state model_id code template_id mail_post_method sms_template_id sms_method child_ids update_path value "
        "evaluation_type webhook_url partner_ids followers_type".split()
    )
    _consent_approvers = "marketing_consent.group_transactional"

    consent_topic_id = fields.Many2one(
        "consent.topic",
        "Marketing topic",
        ondelete="restrict",
        index="btree_not_null",
        help="Mark what this action sends as marketing: it reaches only people who may get the topic.",
    )

    def run(self):
        """Send on behalf of the action. Relied on: whatever an action does, code too, is done in its context."""
        result = False
        for action in self:
            result = super(IrActionsServer, action._consent_running()).run()
        return result

    def _consent_running(self):
        # What another action causes is not approved with it, unless it is a part of it.
        outer = origin.of(self.env.context)
        if outer and not self.sudo().parent_id:
            self = self.with_context(**{origin.CONTEXT_KEY: outer._replace(service=False, held=False)})
        return self.env["consent.origin"]._sending(self, self._consent_origin())

    def _consent_needs_kind(self):
        return self.model_id.model in CONTACT_MODELS
