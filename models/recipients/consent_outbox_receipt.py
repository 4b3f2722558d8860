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
        """Queue a receipt for each batch of changes, in the transaction that takes them off the outbox."""
        for changes in events.sudo().grouped("batch").values():
            receipt = changes[0]._evidence().get("receipt")
            if receipt:  # erased meanwhile
                self._send_receipt(changes.sorted("id"), receipt)

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
                "auto_delete": True,
            }
        )
