from odoo import fields, models, tools
from odoo.fields import Command

from ...tools import asking
from ...tools.verdict import REASONS

BATCH = 1000
ASKED = "asked"
#: What each outcome is called: those who would be asked first.
OUTCOMES = [(ASKED, "Would be asked"), *asking.REASONS, *REASONS]


class ConsentInvitationCheck(models.TransientModel):
    """Preview of an invitation: the people it would ask, and the reasons for the others."""

    _name = "consent.invitation.check"
    _description = "Preview of an Invitation"

    invitation_id = fields.Many2one("consent.invitation", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("consent.invitation.check.line", "check_id", "Outcomes", readonly=True)

    def _show(self):
        """Count and show the figures."""
        found = self._outcomes()
        lines = [
            {"outcome": outcome, "count": len(found[outcome])} for outcome, _label in OUTCOMES if found.get(outcome)
        ]
        self.line_ids = [Command.clear(), *map(Command.create, lines)]
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_invitation_check_action")
        return {**action, "res_id": self.id}

    def _outcomes(self):
        """Return the ids of the people by outcome; "asked" if at least one topic may be asked."""
        self.invitation_id.check_access("read")
        invitation, found = self.invitation_id.sudo(), {}
        ids = invitation._people()._search(invitation._due(0), order="id")
        for batch in tools.split_every(BATCH, list(ids), self.env[invitation.model].sudo().browse):
            for id_, answers in invitation._answers(batch).items():
                reasons = [answer.reason for answer in answers.values()]
                found.setdefault(ASKED if None in reasons else reasons[0], []).append(id_)
        return found


class ConsentInvitationCheckLine(models.TransientModel):
    """One outcome with its people."""

    _name = "consent.invitation.check.line"
    _description = "Outcome of an Invitation"

    check_id = fields.Many2one("consent.invitation.check", required=True, readonly=True, ondelete="cascade")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    count = fields.Integer("People", readonly=True)

    def action_open(self):
        """Open these people."""
        self.ensure_one()
        invitation = self.check_id.invitation_id
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["outcome"]._description_selection(self.env))[self.outcome],
            "res_model": invitation.model,
            "view_mode": "list,form",
            "domain": [("id", "in", self.check_id._outcomes().get(self.outcome, []))],
        }
