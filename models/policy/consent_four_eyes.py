from odoo import api, fields, models
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

    @api.model_create_multi
    def create(self, vals_list):
        """Leave the fields of the workflow empty, whatever defaults the user or the context has."""
        for vals in vals_list:
            self._check_who(vals)
        nothing = dict.fromkeys(self._kept_by_steps(), False)
        return super().create([{**nothing, **vals} for vals in vals_list])

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

    def _kept_by_steps(self):
        """Return the fields that only the workflow writes."""
        return WHO

    def _check_who(self, vals):
        if not self.env.su and vals.keys() & {*self._kept_by_steps()}:
            raise AccessError(self.env._("These fields are set by the workflow; use the buttons."))
