from odoo import fields, models


class IrActionsServer(models.Model):
    """A server action flagged with a topic sends marketing, whatever its template says.

    Relied on: rules, crons, buttons and other actions all call `run`.
    """

    _name = "ir.actions.server"
    _inherit = ["ir.actions.server", "consent.kind"]

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
            result = super(IrActionsServer, self.env["consent.origin"]._sending(action, action._consent_origin())).run()
        return result
