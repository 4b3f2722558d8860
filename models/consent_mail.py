from markupsafe import Markup
from odoo import models
from odoo.tools.mail import append_content_to_html, html2plaintext

from ..tools import contact_point, list_headers, placeholders

TOKENS = "consent_tokens"
FOOTER = Markup('<p style="font-size:12px;line-height:1.6;color:#475569;text-align:center">%s</p>')


class ConsentMail(models.AbstractModel):
    """What every marketing e-mail carries: the recipient's own links, in its text and in its headers."""

    _name = "consent.mail"
    _description = "Links in Marketing E-mail"

    def _consent_finish(self, emails: list[dict]):
        """Give marketing its links and headers, and take Odoo's off transactional mailings.

        :param emails: one for each recipient, as Odoo hands them to the mail server
        """
        marketing = self._consent_is_marketing()
        for email in emails:
            if self.mailing_id:
                # Odoo shares one dictionary between the recipients.
                email["headers"] = {k: v for k, v in email["headers"].items() if k not in list_headers.MARKETING}
            if marketing and email["email_to"]:
                self._consent_add_links(email)

    def _consent_add_links(self, email):
        address = contact_point.canonical_emails(email["email_to"][0]).usable
        if not address:
            return
        company, topic, mailing = self._consent_about()
        link = self.env["consent.link"]
        token = self._consent_token(address[0])
        urls = link._urls(token, company)
        email["headers"] = {
            **email["headers"],
            **list_headers.marketing(
                unsubscribe_url=urls["unsubscribe"],
                mailto=link._mailto(token, company),
                code=topic.code or "marketing",
                company_id=company.id,
                mailing_id=mailing.id,
            ),
        }
        email["body"] = self._consent_footer(Markup(placeholders.fill(email["body"], urls)), urls, email)
        email["body_alternative"] = html2plaintext(email["body"])

    def _consent_footer(self, body, urls, email):
        """Add the links that the writer left out: nobody has to search for them (requirements R-040, R-058)."""
        partner = email.get("partner_id") or self.env["res.partner"]
        mail = self.with_context(lang=partner.lang or self._consent_about()[0].partner_id.lang)
        labels = {
            "why": mail.env._("Why am I getting this?"),
            "preferences": mail.env._("Preferences"),
            "unsubscribe": mail.env._("Unsubscribe"),
        }
        missing = [
            Markup('<a href="%s">%s</a>') % (urls[page], label)
            for page, label in labels.items()
            if urls[page] not in body
        ]
        if not missing:
            return body
        company = self._consent_about()[0]
        lines = [*_sender(company), Markup(" · ").join(missing)]
        return append_content_to_html(body, FOOTER % Markup("<br/>").join(lines), plaintext=False)

    def _consent_about(self):
        """Return company, topic and mailing of a marketing message."""
        mailing = self.mailing_id
        if mailing:
            return mailing.consent_company_id.sudo(), mailing._consent_topics()[:1].sudo(), mailing
        return self._consent_company(self.consent_topic_id).sudo(), self.consent_topic_id.sudo(), mailing

    def _consent_token(self, address):
        known = self.env.context.get(TOKENS, {}).get((self.mailing_id.id, self.consent_topic_id.id), {})
        return known.get(address) or self._consent_tokens([address])[address]

    def _consent_tokens(self, addresses):
        """Return the tokens for messages like the first of these to `addresses`, in a fixed number of statements."""
        company, topic, mailing = self[:1]._consent_about()
        return self.env["consent.link"]._tokens("email", addresses, company, topic, mailing)


def _sender(company):
    """Return the line that says who writes and from where, where that is known (CAN-SPAM § 7704(a)(5); R-058)."""
    place = " ".join(filter(None, (company.zip, company.city)))
    return [", ".join(filter(None, (company.name, company.street, place)))] if place else []
