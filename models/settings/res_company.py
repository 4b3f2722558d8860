from odoo import api, fields, models
from odoo.addons.sms_twilio.tools.sms_api import SmsApiTwilio
from odoo.exceptions import ValidationError

from ...tools import circumstances, clock, contact_point, twilio_client
from ...tools.twilio_api import ConsentSmsApiTwilio
from ..policy.consent_purpose import MODES


class ResCompany(models.Model):
    """What silence means when the company sends."""

    _inherit = "res.company"

    consent_mode = fields.Selection(
        MODES,
        "Consent mode",
        default="opt_in",
        # Not required in the database: Odoo makes companies while only some of the addons are loaded.
        help="Opt-in: only people who said yes get marketing. Opt-out: everybody who did not say no.",
    )
    consent_default_topic_id = fields.Many2one(
        "consent.topic", compute="_compute_consent_default_topic_id", help="For mailings without one, in opt-out mode."
    )
    consent_ip_detail = fields.Selection(
        circumstances.IP_DETAILS,
        "IP address in evidence",
        default="network",
        help="It tells a connection, not a person: keep no more of it than your proof needs.",
    )
    consent_ask_again_days = fields.Integer(
        "Ask again after (days)",
        default=180,
        help="Who was asked, or said no to something else, is left alone for so long. Who said no is not asked again.",
    )
    consent_customer_topic_id = fields.Many2one(
        "consent.topic",
        "Customers get",
        domain="[('purpose_id.allow_soft_opt_in', '=', True), ('company_id', 'in', (id, False))]",
        help="Who bought may get marketing of your own similar products, as far as the law of their country goes, until"
        " they say no. Empty: nobody gets anything without saying yes.",
    )
    consent_customer_choice = fields.Text(
        "How they can say no", help="Where and in which words each customer is offered to say no when they buy."
    )
    consent_customer_since = fields.Datetime("Sales from", readonly=True, help="Earlier customers had no such choice.")
    consent_account_topic_ids = fields.Many2many(
        "consent.topic",
        "consent_account_topic_rel",
        string="Asked at sign-up, checkout and registration",
        help="Boxes under the forms for a new account, an address and an event. Nobody has to tick any.",
    )
    # How the company speaks by SMS, and what Twilio needs for it.
    consent_sms_brand = fields.Char(
        "Name in SMS", help="Short: it stands in front of messages. Empty: the company's name."
    )
    consent_sms_contact = fields.Char(
        "Contact in SMS", help="What the answer to HELP names: a number, an address, a page."
    )
    consent_twilio_url = fields.Char(
        "Public address of Odoo",
        help="As Twilio calls it, where that differs from Odoo's own address: https://odoo.example.com",
    )
    consent_twilio_service_sid = fields.Char("Messaging service", help="MG…, where messages go through one.")
    consent_twilio_answers = fields.Boolean(
        "Twilio answers STOP, START and HELP itself",
        default=True,
        help="As it does unless Twilio's support has switched its default handling off.",
    )
    consent_twilio_sync = fields.Boolean(
        "Tell Twilio what people chose", help="Through its Consent Management API, which Twilio opens on request."
    )
    consent_twilio_trouble = fields.Char("What Twilio refuses", readonly=True, help="Its last error about the account.")
    consent_sms_validity = fields.Integer(
        "Give up after (minutes)", help="The provider stops trying to deliver marketing then. 0: after ten hours."
    )
    consent_four_eyes = fields.Boolean(
        "A second person approves imports and transactional mailings",
        help="Who asked for an import to be recorded, or called a mailing transactional, cannot approve it.",
    )
    consent_quiet_from = fields.Float("Quiet from", help="No marketing by SMS from this time on, where the number is.")
    consent_quiet_to = fields.Float("Quiet to", help="Equal to the start: only the law of the number's country holds.")
    consent_quiet_sundays = fields.Boolean("Quiet on Sundays")
    consent_cap_email = fields.Integer("E-mails at most", help="Marketing e-mails to one address. 0: no limit.")
    consent_cap_sms = fields.Integer("SMS at most", help="Marketing SMS to one number. 0: no limit.")
    consent_cap_days = fields.Integer("Within (days)", default=7)
    consent_twilio_old_token = fields.Char(
        "Other auth token", groups="base.group_system", help="The second of two, while they are being changed."
    )
    consent_twilio_shared_key = fields.Char(
        "Shared key of webhooks",
        groups="base.group_system",
        help="Where Twilio signs with SHA-256. From then on nothing else is accepted.",
    )

    @api.constrains("consent_customer_topic_id", "consent_customer_choice")
    def _check_consent_customers(self):
        for company in self.filtered("consent_customer_topic_id"):
            topic = company.consent_customer_topic_id.sudo()
            if not topic.purpose_id.allow_soft_opt_in or topic.company_id not in (company, company.browse()):
                raise ValidationError(self.env._("“%s” is not open for existing customers.", topic.name))
            if not (company.consent_customer_choice or "").strip():
                raise ValidationError(self.env._("Say where and how customers are offered to say no when they buy."))

    @api.model_create_multi
    def create(self, vals_list):
        """Note from when on sales count."""
        companies = super().create(vals_list)
        companies._count_sales_from_now({})
        return companies

    def write(self, vals):
        """Note from when on sales count: earlier customers were not offered the choice that is described now."""
        before = {company: company._customer_terms() for company in self}
        result = super().write(vals)
        self._count_sales_from_now(before)
        return result

    def _customer_terms(self):
        return self.consent_customer_topic_id, self.consent_customer_choice

    def _count_sales_from_now(self, before):
        changed = self.filtered(lambda company: company._customer_terms() != before.get(company))
        if new := changed.filtered("consent_customer_topic_id"):
            new.consent_customer_since = clock.consent_now(self.env)

    def _compute_consent_default_topic_id(self):
        topic = self.env.ref("marketing_consent.consent_topic_marketing", raise_if_not_found=False)
        for company in self:
            company.consent_default_topic_id = company.consent_mode == "opt_out" and topic

    def _consent_sms_brand(self):
        self.ensure_one()
        return self.consent_sms_brand or self.name

    def _consent_hears_sms(self):
        """Return whether an answer to our SMS reaches us; none does where the sender is a name, or Odoo's service."""
        self.ensure_one()
        numbers = self.sms_twilio_number_ids.mapped("number")
        heard = self.consent_twilio_service_sid or any(contact_point.is_e164(number or "") for number in numbers)
        return bool(self.sms_provider == "twilio" and heard)

    def _get_sms_api_class(self):
        """Send through a client that learns. Relied on: whoever sends for the company asks here for its client."""
        api_class = super()._get_sms_api_class()
        return ConsentSmsApiTwilio if api_class is SmsApiTwilio else api_class

    def _consent_twilio_client(self):
        """Return Twilio's client for the account of the company.

        :raises ImportError: its SDK is not installed
        """
        company = self.sudo()
        return twilio_client.client(company.sms_twilio_account_sid, company.sms_twilio_auth_token)
