from odoo import api, fields, models
from odoo.exceptions import AccessError

#: What a second person approved: changed afterwards, it is approved anew.
APPROVED = frozenset(
    "message_class transactional_reason subject preview body_arch body_html body_plaintext attachment_ids "
    "mailing_model_id mailing_domain contact_list_ids".split()
)


class ConsentMailingApproval(models.AbstractModel):
    """A mailing is called transactional by somebody who has the right, and by two where a company asks for that.

    Until the second one agrees it is treated as marketing, wherever it is met: it reaches nobody by being unapproved.
    """

    _name = "consent.mailing.approval"
    _description = "Approval of Transactional Mailings"
    _inherit = "consent.four.eyes"

    asked_by_id = fields.Many2one(string="Called transactional by")
    waits_for_approval = fields.Boolean(compute="_compute_waits_for_approval")

    @api.depends("message_class", "approved_by_id", "asked_by_id", "consent_company_id")
    def _compute_waits_for_approval(self):
        for mailing in self:
            mailing.waits_for_approval = mailing._waits_for_approval()

    def _waits_for_approval(self):
        """The company of who called it so counts too: another responsible would make it another company's mailing."""
        if self.message_class != "transactional" or self.approved_by_id:
            return False
        mailing = self.sudo()
        return any((mailing.consent_company_id | mailing.asked_by_id.company_id).mapped("consent_four_eyes"))

    def _check_second_person(self):
        self._check_class_right({"message_class": "transactional"})
        return super()._check_second_person()

    def _check_class_right(self, vals):
        if vals.get("message_class") != "transactional" or self.env.su:
            return
        if not self.env.user.has_group("marketing_consent.group_transactional"):
            raise AccessError(self.env._("Calling a mailing transactional needs the right to do so."))

    def _ask_for_approval(self):
        """Note who called it transactional, which is to be approved by another one."""
        transactional = self.sudo().filtered(lambda mailing: mailing.message_class == "transactional")
        transactional.write({"asked_by_id": self.env.user.id, "approved_by_id": False})

    def _take_back_approval(self):
        """Have it approved anew: it is no longer what the second person saw."""
        for mailing in self.filtered("approved_by_id"):
            mailing.sudo().approved_by_id = False
            mailing.message_post(body=self.env._("It was changed: a second person has to approve it again."))
