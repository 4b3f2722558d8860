from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.tools.urls import urljoin

from ....tools import twilio_client

INCOMING = "/consent/sms/twilio"
LOCAL = ("localhost", "127.0.0.1", "::1")


class ConsentSmsSetup(models.TransientModel):
    """Looks at the set-up of SMS as Twilio sees it, and says in words what is missing (requirement R-237)."""

    _name = "consent.sms.setup"
    _description = "Set-up Check of SMS"

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    account = fields.Char(compute="_compute_account")
    webhook_url = fields.Char("Address for incoming messages", compute="_compute_webhook_url")
    public_url = fields.Char(related="company_id.consent_twilio_url", readonly=False)
    brand = fields.Char(related="company_id.consent_sms_brand", readonly=False)
    contact = fields.Char(related="company_id.consent_sms_contact", readonly=False)
    service = fields.Char(related="company_id.consent_twilio_service_sid", readonly=False)
    answers = fields.Boolean(related="company_id.consent_twilio_answers", readonly=False)
    sync = fields.Boolean(related="company_id.consent_twilio_sync", readonly=False)
    line_ids = fields.One2many("consent.sms.setup.line", "setup_id", "Checks", readonly=True)

    @api.depends("company_id")
    def _compute_account(self):
        for setup in self:
            setup.account = twilio_client.masked(setup.company_id.sudo().sms_twilio_account_sid)

    @api.depends("company_id", "public_url")
    def _compute_webhook_url(self):
        for setup in self:
            base = setup.public_url or setup.company_id.get_base_url()
            setup.webhook_url = urljoin(base, INCOMING)

    def action_check(self):
        """Check everything, from here to the provider and back."""
        self.ensure_one()
        company = self.company_id.sudo()
        checks = [*self._check_address(), *self._check_texts(company), *self._check_account(company)]
        self.line_ids.unlink()
        self.line_ids.create([{"setup_id": self.id, "ok": ok, "message": message} for ok, message in checks])
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id} | {
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Set-up check of SMS"),
        }

    def _check_address(self):
        url = urlsplit(self.webhook_url)
        if url.hostname in LOCAL:
            yield False, self.env._("Twilio cannot call %s: set the public address of Odoo.", url.hostname)
        elif url.scheme != "https":
            yield False, self.env._("The public address must begin with https.")
        else:
            yield True, self.env._("Twilio can call this Odoo: %s", self.webhook_url)

    def _check_texts(self, company):
        if company.consent_sms_contact or company.phone or company.email:
            yield True, self.env._("The answer to HELP names a contact.")
        else:
            yield False, self.env._("Say whom the answer to HELP names: a number, an address or a page.")
        if not company._consent_hears_sms():
            yield False, self.env._("No sender can receive answers: people can stop by the link in each message only.")

    def _check_account(self, company):
        if company.sms_provider != "twilio":
            yield False, self.env._("SMS does not leave through Twilio: choose it as the provider first.")
            return
        if not (company.sms_twilio_account_sid and company.sms_twilio_auth_token):
            yield False, self.env._("Account SID or auth token is missing.")
            return
        try:
            client = company._consent_twilio_client()
            account = client.api.accounts(company.sms_twilio_account_sid).fetch()
            numbers = {number.phone_number: number for number in client.incoming_phone_numbers.list(limit=1000)}
        except ImportError:
            yield False, self.env._("The Python package “twilio” is not installed on the server.")
            return
        except Exception as error:
            yield False, self._in_words(error)
            return
        active = account.status == "active"
        status = self.env._("Twilio knows the account, which is %s.", account.status)
        yield active, status
        if active and company.consent_twilio_trouble:
            company.consent_twilio_trouble = False
        yield from self._check_numbers(company, numbers)

    def _check_numbers(self, company, numbers):
        senders = company.sms_twilio_number_ids.mapped("number")
        if not (senders or company.consent_twilio_service_sid):
            yield False, self.env._("There is no sender: load the account's numbers, or name a messaging service.")
        for number in senders:
            known = numbers.get(number)
            if not known:
                yield False, self.env._("%s does not belong to the account.", number)
            elif not (known.capabilities or {}).get("sms"):
                yield False, self.env._("%s cannot send SMS.", number)
            elif not company.consent_twilio_service_sid and known.sms_url != self.webhook_url:
                yield (
                    False,
                    self.env._(
                        "Messages to %(number)s do not reach us: enter %(url)s as its webhook at Twilio.",
                        number=number,
                        url=self.webhook_url,
                    ),
                )
            else:
                yield True, self.env._("%s sends, and what people answer reaches us.", number)

    def _in_words(self, error):
        said, _again = twilio_client.trouble(error)
        if "401" in said or "20003" in said:
            return self.env._("Twilio does not accept the account SID with this auth token.")
        if "429" in said:
            return self.env._("Twilio has been asked too often: try again in a minute.")
        return self.env._("Twilio could not be reached, or gave an answer that nobody understands: %s", said)


class ConsentSmsSetupLine(models.TransientModel):
    """One finding of the check."""

    _name = "consent.sms.setup.line"
    _description = "Finding of the Set-up Check of SMS"
    _order = "ok, id"

    setup_id = fields.Many2one("consent.sms.setup", required=True, ondelete="cascade", readonly=True)
    ok = fields.Boolean("In order", readonly=True)
    message = fields.Char("What was found", readonly=True)
