from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import contact_point, experiment


class ConsentInvitationVariant(models.Model):
    """One of the compared texts, with its sender."""

    _name = "consent.invitation.variant"
    _description = "Text of an Invitation"
    _order = "sequence, id"
    _rec_name = "subject"

    invitation_id = fields.Many2one("consent.invitation", required=True, ondelete="cascade", index=True)
    channel = fields.Selection(related="invitation_id.channel")
    sequence = fields.Integer(default=10)
    subject = fields.Char(required=True, translate=True, help="By SMS nobody sees it.")
    body = fields.Html(translate=True, sanitize_style=True, help="The link to the answer stands below it.")
    text = fields.Text("Text of the SMS", translate=True, help="The link to the answer follows it.")
    email_from = fields.Char("From", help="Name <address>. Empty: the company.")
    weight = fields.Integer(default=1, help="How often it is drawn, compared to the others. 0: no more.")
    asked_count = fields.Integer("Asked", compute="_compute_counts")
    opened_count = fields.Integer("Looked", compute="_compute_counts")
    answered_count = fields.Integer("Answered", compute="_compute_counts")
    granted_count = fields.Integer("Said yes", compute="_compute_counts")
    rate = fields.Char(compute="_compute_counts", help="And between what the true rate lies, with 95 % certainty.")
    chance = fields.Char(
        "By chance", compute="_compute_counts", help="How likely chance alone makes such a difference."
    )

    @api.constrains("weight", "body", "text")
    def _check_text(self):
        for variant in self:
            if variant.weight < 0:
                raise ValidationError(self.env._("A weight is not negative."))
            if not (variant.text if variant.channel == contact_point.SMS else variant.body):
                raise ValidationError(self.env._("“%s” has no text yet.", variant.subject))

    @api.depends("invitation_id.invitee_ids")
    def _compute_counts(self):
        counts = self.env["consent.invitee"]._funnel("variant_id", self.invitation_id.variant_ids | self)
        for variant in self:
            asked, opened, answered, granted = counts[variant]
            variant.update({"asked_count": asked, "opened_count": opened, "answered_count": answered})
            variant.granted_count = granted
            found = experiment.interval(granted, asked)
            variant.rate = f"{found.rate:.1%} ({found.low:.1%} – {found.high:.1%})" if asked else ""
            others = [counts[other] for other in variant.invitation_id.variant_ids - variant if counts[other][0]]
            best = max(others, key=lambda count: count[3] / count[0], default=None)
            known = asked and best
            variant.chance = f"{experiment.p_value((granted, asked), (best[3], best[0])):.1%}" if known else ""

    def action_keep(self):
        """Use this text for everyone from now on."""
        self.ensure_one()
        self.invitation_id.winner_id = self
