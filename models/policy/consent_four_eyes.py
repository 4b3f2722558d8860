from odoo import fields, models
from odoo.exceptions import AccessError

#: Fields that only the workflow writes: a user who could write them could approve their own request.
WHO = ("asked_by_id", "approved_by_id")


class ConsentFourEyes(models.AbstractModel):
    """Second approval: a change that takes effect only after another person approved it, if the settings require it.

    Inheriting models have a chatter, which logs the approval, and implement `_waits_for_approval` and `_approved`.
    """

    _name = "consent.four.eyes"
    _description = "Second Approval"

    asked_by_id = fields.Many2one("res.users", "Asked for by", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)

    def action_approve(self):
        """Approve as the second person.

        :raises AccessError: the user requested the approval
        """
        self.check_access("write")
        for each in self.filtered(lambda each: each._waits_for_approval()):
            each._check_second_person()
            each.sudo().approved_by_id = self.env.user
            each.message_post(body=self.env._("Approved by %s.", self.env.user.name))
            each._approved()

    def _check_second_person(self):
        if self.asked_by_id == self.env.user:
            raise AccessError(self.env._("Another person has to approve it."))

    def _waits_for_approval(self):
        raise NotImplementedError

    def _approved(self):
        """Continue after the approval."""

    def _check_who(self, vals):
        if not self.env.su and vals.keys() & {*WHO}:
            raise AccessError(self.env._("These fields are set by the workflow; use the buttons."))
