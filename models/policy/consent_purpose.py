from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from ...tools import contact_point, transitions
from ...tools.limits import MAX_ASK_DAYS

MODES = [("opt_in", "Opt-in: silence means no"), ("opt_out", "Opt-out: silence means yes")]
LEGAL_BASES = [
    ("consent", "Consent"),
    ("soft_opt_in", "Soft opt-in (existing customer)"),
    ("legitimate_interest", "Legitimate interest"),
    ("contract", "Contract"),
]


class ConsentPurpose(models.Model):
    """Why we contact people or process their data. An archived purpose is closed: it allows no message."""

    _name = "consent.purpose"
    _description = "Consent Purpose"
    _inherit = ["mail.thread", "consent.cached"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="A short name for exports and other systems, for example 'news'.")
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True, help="Closed purposes keep their ledger and withhold.")
    kind = fields.Selection(
        [
            ("marketing", "Marketing"),
            ("tracking", "Tracking"),
            ("profiling", "Profiling"),
            ("sharing", "Sharing with others"),
        ],
        required=True,
        default="marketing",
    )
    company_id = fields.Many2one(
        "res.company",
        tracking=True,
        help="The controller. Empty: the group, so that one consent counts for every company.",
    )
    mode = fields.Selection(
        MODES, tracking=True, help="What silence means. Empty: as the sending company has it in its settings."
    )
    allow_soft_opt_in = fields.Boolean(
        "Existing customers", tracking=True, help="Soft opt-in for own similar products (ePrivacy art. 13(2))."
    )
    allow_legitimate_interest = fields.Boolean("Legitimate interest", tracking=True)
    allow_contract = fields.Boolean("Contract", tracking=True)
    double_opt_in = fields.Boolean(
        default=True,
        tracking=True,
        help="A sign-up counts only once confirmed from the address. Off: one on our own pages counts at once where the"
        " country's profile lets it, and nobody said no before. Forms of the website always ask for confirmation.",
    )
    validity_months = fields.Integer(
        "Valid for (months)", tracking=True, help="After this a consent withholds until renewed. 0: no limit."
    )
    min_evidence = fields.Selection(
        transitions.GRADES, "Minimum evidence", help="Consent with weaker evidence withholds. Empty: any will do."
    )
    min_age = fields.Integer("Minimum age")
    needed_data = fields.Char(
        "Data it needs",
        help="What a form may ask besides an address and a name, as technical names of its fields, separated by commas:"
        " birthdate for birthday greetings. Forms that ask more are warned of (GDPR art. 5(1)(c)).",
    )
    remind_days = fields.Integer(
        "Remind after (days)",
        tracking=True,
        help="A sign-up that is not confirmed by then gets its message once more. 0: no reminder.",
    )
    renew_days = fields.Integer(
        "Ask to renew before (days)",
        tracking=True,
        help="So long before a consent ends, the person is asked whether they stay. At most 30; 0: nobody is asked.",
    )
    min_notice_version = fields.Integer(
        readonly=True, help="The last material change of wording; consent to an older version withholds."
    )
    topic_ids = fields.One2many("consent.topic", "purpose_id", "Topics", context={"active_test": False})
    notice_ids = fields.One2many("consent.notice", "purpose_id", "Notices")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "A purpose with this code exists already.")

    @api.constrains("validity_months", "min_age", "remind_days", "renew_days")
    def _check_not_negative(self):
        for purpose in self:
            if min(purpose.validity_months, purpose.min_age, purpose.remind_days, purpose.renew_days) < 0:
                raise ValidationError(self.env._("Days, months and years cannot be negative."))
            if purpose.validity_months and purpose.renew_days >= 28 * purpose.validity_months:
                raise ValidationError(self.env._("The renewal period must be shorter than the validity."))
            if purpose.renew_days > MAX_ASK_DAYS:
                raise ValidationError(self.env._("Ask to renew at most %s days before the end.", MAX_ASK_DAYS))

    @api.model_create_multi
    def create(self, vals_list):
        """Create the purposes, each with a topic of the same name unless topics are given."""
        purposes = super().create(vals_list)
        self.env["consent.topic"].create(
            [
                {"name": purpose.name, "code": purpose.code, "purpose_id": purpose.id}
                for purpose in purposes
                if not purpose.topic_ids and not self.env.context.get("consent_no_default_topic")
            ]
        )
        return purposes

    def write(self, vals):
        """Refuse to change the controller once people have answered (GDPR art. 4(11): consent is specific)."""
        if "company_id" in vals and self.filtered(lambda p: p.company_id.id != vals["company_id"])._is_used():
            raise UserError(self.env._("The company of a purpose cannot change once people have answered."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        if self._is_used():
            raise UserError(self.env._("People have answered for this purpose. Archive it instead."))

    def unlink(self):
        """Delete the topics as well."""
        self.topic_ids.unlink()
        return super().unlink()

    def _controller(self) -> str:
        """Return who is responsible: the company, or all companies where the purpose is the group's (GDPR art. 13)."""
        companies = self.company_id or self.env["res.company"].sudo().search([("active", "=", True)])
        return format_list(self.env, companies.sudo().mapped("name"), lang_code=self.env.lang)

    def _current_notice(self, lang: str):
        """Return the latest published wording in the language closest to `lang`, empty if there is none."""
        self.ensure_one()
        published = self.sudo().notice_ids.filtered(lambda notice: notice.state == "published")
        latest = published.filtered(lambda notice: notice.version == max(published.mapped("version")))
        for fits in (
            lambda code: code == lang,
            lambda code: code[:2] == (lang or "")[:2],
            lambda code: code[:2] == "en",
        ):
            if found := latest.filtered(lambda notice, fits=fits: fits(notice.lang)):
                return found[:1]
        return latest[:1]

    def _is_used(self):
        """Return whether the ledger refers to any of the purposes; see the room of the ledger."""
        return False

    def _wants_double_opt_in(self, channel: str, address: str, company) -> bool:
        """Return whether a sign-up needs confirmation: if one of these purposes or the country requires it.

        :param address: canonical; the country of a number takes precedence over the company's
        """
        country = contact_point.phone_region(address) if channel == contact_point.SMS else None
        profiles = self.env["consent.country.profile"]
        profile = profiles._for_country_code(country or company.sudo().country_id.code)
        return not profile or profile.double_opt_in or any(self.sudo().mapped("double_opt_in"))

    def _last_notices(self):
        """Return the last published version of the wording, in all its languages."""
        published = self.notice_ids.filtered(lambda notice: notice.state == "published")
        last = max(published.mapped("version"), default=0)
        return published.filtered(lambda notice: notice.version == last)

    def _allowed_bases(self):
        """Return the legal bases that a yes for this purpose may rest on."""
        self.ensure_one()
        allowed = {"consent"}
        allowed |= {basis for basis, _label in LEGAL_BASES[1:] if self[f"allow_{basis}"]}
        return allowed
