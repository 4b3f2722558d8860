from odoo import fields, models
from odoo.exceptions import AccessError

#: What only the steps themselves write: who could write it would be the second person too.
WHO = ("asked_by_id", "approved_by_id")


class ConsentFourEyes(models.AbstractModel):
    """What takes effect only when a second person agrees, where a company's settings ask for that.

    Its heir has a chatter, which keeps who approved, and two methods: `_waits_for_approval` and `_approved`, which goes
    on from there.
    """

    _name = "consent.four.eyes"
    _description = "Four-eyes Approval"

    asked_by_id = fields.Many2one("res.users", "Asked for by", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, copy=False)

    def action_approve(self):
        """Let what waits for it take effect, as a second person.

        :raises AccessError: by the one who asked for it
        """
        self.check_access("write")
        for each in self.filtered(lambda each: each._waits_for_approval()):
            each._check_second_person()
            each.sudo().approved_by_id = self.env.user
            each.message_post(body=self.env._("Approved by %s.", self.env.user.name))
            each._approved()

    def _check_second_person(self):
        if self.asked_by_id == self.env.user:
            raise AccessError(self.env._("Somebody else has to approve it."))

    def _waits_for_approval(self):
        raise NotImplementedError

    def _approved(self):
        """Go on, now that a second person agrees."""

    def _check_who(self, vals):
        if not self.env.su and vals.keys() & {*WHO}:
            raise AccessError(self.env._("Who asked and who approved is written by the steps themselves."))
