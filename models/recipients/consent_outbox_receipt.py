from odoo import api, models

from ...tools import contact_point


class ConsentOutbox(models.Model):
    """A receipt for the person of whom an employee wrote something down: one for all that was said at once.

    It says what changed and what we know, and how to change it. It promotes nothing, so it is no marketing.
    """

    _inherit = "consent.outbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _consumers(self):
        """Add the receipts."""
        return (*super()._consumers(), "receipt")

    def _wants_receipt(self, facts):
        return [fact for fact in facts if (fact.get("evidence") or {}).get("receipt")]

    def _deliver_receipt(self, events):
        """Queue a receipt for each batch of changes of a person, in the transaction that takes them off the outbox."""
        receipts = {event: event._evidence().get("receipt") for event in events.sudo()}
        told = events.sudo().filtered(receipts.get)  # the rest was erased meanwhile
        for changes in told.grouped(lambda event: (event.batch, str(receipts[event]["addresses"]))).values():
            self._send_receipt(changes.sorted("id"), receipts[changes[0]])

    @api.model
    def _receipt_to(self, person: str, lang: str | None, addresses: dict) -> dict:
        """Return what a fact that somebody else writes down has in its evidence, so that the person gets a receipt.

        :param person: the name that the receipt repeats
        :param lang: the language to write in
        :param addresses: canonical, by channel, some of them empty; it goes to the e-mail address where there is one
        """
        channel = contact_point.EMAIL if addresses.get(contact_point.EMAIL) else contact_point.SMS
        both = {name: addresses.get(name) for name in (contact_point.EMAIL, contact_point.SMS)}
        return {"receipt": {"channel": channel, "person": person, "lang": lang, "addresses": both}}

    def _send_receipt(self, changes, receipt):
        company = changes.company_id[:1] or self.env.company.sudo()
        channel = receipt["channel"]
        address = receipt["addresses"][channel]
        link = self.env["consent.link"].sudo()
        url = link._url("preferences", link._tokens(channel, [address], company)[address], company)
        localised = self.with_context(lang=receipt["lang"] or self.env.lang)
        if channel == contact_point.SMS:
            localised._send_receipt_sms(address, company, url)
        else:
            localised._send_receipt_mail(changes, receipt, company, url)

    def _send_receipt_sms(self, number, company, url):
        body = self.env._(
            "%(company)s: we noted what you told us. See and change it: %(url)s", company=company.name, url=url
        )
        self.env["sms.sms"].sudo().create({"number": number, "body": body})

    def _send_receipt_mail(self, changes, receipt, company, url):
        addresses = list(filter(None, receipt["addresses"].values()))
        domain = [("contact_point_id.address", "in", addresses), ("company_id", "in", [company.id, False])]
        values = {
            "changes": changes.with_env(self.env(su=True)),
            "records": self.env["consent.record"].sudo().search([*domain, ("topic_id", "!=", False)]),
            "person": receipt["person"],
            "addresses": addresses,
            "company": company,
            "url": url,
        }
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._("What you told us, %s", company.name),
                "body_html": self.env["ir.qweb"]._render("marketing_consent.consent_receipt", values),
                "email_to": receipt["addresses"][contact_point.EMAIL],
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "headers": repr({"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}),
                "auto_delete": True,
            }
        )
