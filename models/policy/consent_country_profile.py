from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

#: What one STOP ends (47 CFR 64.1200(a)(10); the rule that it ends all messages holds from 31 January 2027).
STOP_SCOPES = [("all", "All marketing of the company"), ("topic", "The topic of the last message")]
SOFT_OPT_IN = [("none", "Not allowed"), ("email", "By e-mail only"), ("all", "By e-mail and SMS")]
LEGAL_PERSONS = [
    ("opt_in", "As people: opt-in"),
    ("opt_out", "Opt-out"),
    ("impersonal", "Opt-in, but not for impersonal addresses (info@)"),
]


class ConsentCountryProfile(models.Model):
    """Legal defaults of a country. Not legal advice: an administrator verifies and changes them."""

    _name = "consent.country.profile"
    _description = "Country Profile"
    _inherit = ["consent.cached"]
    _order = "country_id"
    _rec_name = "country_id"

    country_id = fields.Many2one("res.country", required=True, ondelete="restrict")
    double_opt_in = fields.Boolean(default=True, help="Sign-ups count only once confirmed from the address.")
    soft_opt_in = fields.Selection(
        SOFT_OPT_IN, required=True, default="none", help="Marketing to existing customers without their consent."
    )
    soft_opt_in_months = fields.Integer(
        "Soft opt-in lasts (months)", default=36, help="After the last sale. 0: no limit."
    )
    digital_age = fields.Integer(
        "Age of digital consent", default=16, help="Younger people need a parent's consent (GDPR art. 8)."
    )
    legal_persons = fields.Selection(LEGAL_PERSONS, "Companies", required=True, default="opt_in")
    ask_by_mail = fields.Boolean(
        "May ask by e-mail", help="Allows a message that asks people for consent who have not answered yet."
    )
    quiet_from = fields.Float(help="No marketing by SMS from this time on, in the recipient's local time.")
    quiet_to = fields.Float(
        "Quiet until", help="Until this time of the next morning. Equal to the start: no quiet hours."
    )
    quiet_sundays = fields.Boolean(help="No marketing by SMS on Sundays.")
    stop_scope = fields.Selection(
        STOP_SCOPES,
        "A no in an answer ends",
        required=True,
        default="all",
        help="“Stop all” ends everything either way, and so does a no to what is not known to have a topic.",
    )
    source = fields.Char(help="The law, or the authority's guidance, that this rests on.")
    verify = fields.Boolean("To be verified", help="Not checked for your case yet.", default=True)

    _country_unique = models.Constraint("UNIQUE(country_id)", "This country has a profile already.")

    @api.constrains("quiet_from", "quiet_to", "digital_age", "soft_opt_in_months")
    def _check_ranges(self):
        for profile in self:
            if not (0 <= profile.quiet_from <= 24 and 0 <= profile.quiet_to <= 24):
                raise ValidationError(self.env._("Quiet hours lie between 0:00 and 24:00."))
            if not 0 <= profile.digital_age <= 21 or profile.soft_opt_in_months < 0:
                raise ValidationError(self.env._("Ages lie between 0 and 21 years, and months are not negative."))

    @api.model
    def _for_country_code(self, code: str | None):
        """Return the profile of a country, empty if it has none.

        :param code: ISO 3166 alpha-2
        """
        return self.sudo().browse(self._ids_by_code().get((code or "").upper()))

    def _allows_soft_opt_in(self, channel: str) -> bool:
        """Return whether existing customers may get marketing over `channel` without consent."""
        return self.soft_opt_in == "all" or self.soft_opt_in == channel

    @tools.ormcache()
    def _ids_by_code(self):
        return {profile.country_id.code: profile.id for profile in self.sudo().search([])}
