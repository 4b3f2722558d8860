from odoo import api, fields, models

from ...tools import launch
from .consent_mailing_launch import COVERED, check_right

#: Always in the chatter, whatever the context of a client asks for.
LOGGED = ("message_class", "transactional_reason")


class ConsentMailingApproval(models.AbstractModel):
    """A mailing is called transactional by somebody who has the right, and by two where a company asks for that.

    Until the second one agrees it is treated as marketing, wherever it is met: it reaches nobody by being unapproved.
    The approval holds for what was approved, down to the content of its attachments.
    """

    _name = "consent.mailing.approval"
    _description = "Approval of Transactional Mailings"
    _inherit = ["consent.mailing.launch", "consent.four.eyes"]

    asked_by_id = fields.Many2one(string="Called transactional by", help="Or who changed it last.")
    asked_parts = fields.Json("What was called transactional", readonly=True, copy=False)
    approved_parts = fields.Json("What was approved", readonly=True, copy=False)
    waits_for_approval = fields.Boolean(compute="_compute_waits_for_approval")

    @api.depends("message_class", "approved_by_id", "asked_by_id", "consent_company_id")
    def _compute_waits_for_approval(self):
        for mailing in self:
            mailing.waits_for_approval = bool(mailing._origin) and mailing._waits_for_approval()

    def _kept_by_steps(self):
        return (*super()._kept_by_steps(), "asked_parts", "approved_parts")

    def _waits_for_approval(self):
        """The company of who called it so counts too: another responsible would make it another company's mailing."""
        mailing = self.sudo()
        if mailing.message_class != "transactional":
            return False
        if not any((mailing.consent_company_id | mailing.asked_by_id.company_id).mapped("consent_four_eyes")):
            return False
        return not mailing.approved_by_id or bool(launch.changes(mailing.approved_parts, mailing._launch_parts()))

    def _check_second_person(self):
        check_right(self.env)
        return super()._check_second_person()

    def _approved(self):
        self.sudo().approved_parts = self._launch_parts()

    def _changed_by(self):
        """Return who called the mailing transactional or changed it last, and who changed its template since."""
        mailing = self.sudo()
        changed = launch.changes(mailing.asked_parts, mailing._launch_parts())
        template = mailing.sms_template_id if launch.PARTS["sms"] in changed else mailing.sms_template_id.browse()
        return mailing.asked_by_id | template.write_uid

    def _check_may_change(self):
        """Refuse to change what is transactional without the right to call it so."""
        if not self.env.su and any(mailing.message_class == "transactional" for mailing in self.sudo()):
            check_right(self.env)

    def _ask_for_approval(self, vals=None):
        """Note who called it transactional, or changed it since; what was approved is approved anew.

        :param vals: what was written, None for all
        :raises AccessError: without the right
        """
        concerned = self.sudo().filtered(
            lambda mailing: mailing.message_class == "transactional" or mailing.asked_parts
        )
        if vals is not None and not vals.keys() & COVERED:
            return
        for mailing in concerned:
            parts = mailing._launch_parts()
            if mailing.message_class == "transactional":
                check_right(self.env)
            if launch.changes(mailing.asked_parts, parts):
                mailing._take_back_approval()
                mailing.write({"asked_by_id": self.env.uid, "asked_parts": parts})

    def _log_class(self):
        """Log class and reason of new transactional mailings. Relied on: Odoo tracks later changes only."""
        made = self.filtered(lambda mailing: mailing.message_class == "transactional")
        before = {"message_class": "marketing", "transactional_reason": False}
        made._message_track(LOGGED, dict.fromkeys(made.ids, before))

    def _take_back_approval(self):
        """Have it approved anew: it is no longer what the second person saw."""
        if self.approved_by_id:
            self.write({"approved_by_id": False, "approved_parts": False})
            self.message_post(body=self.env._("It was changed: a second person has to approve it again."))
