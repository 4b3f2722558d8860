from typing import NamedTuple

from markupsafe import Markup
from odoo import models
from odoo.tools.mail import append_content_to_html, email_normalize, email_normalize_all, html2plaintext

from ...tools import contact_point, links, list_headers, placeholders

LETTERHEADS = "consent_letterheads"
FOOTER = Markup('<p style="font-size:12px;line-height:1.6;color:#475569;text-align:center">%s</p>')


class Letterhead(NamedTuple):
    """What the marketing e-mails of one mailing, or about one flagged topic, have in common, read once for all of them.

    Odoo empties its caches after each e-mail that it has handed over, so whatever is read then is read once for each.
    """

    tokens: dict[str, str]
    base_url: str
    mailbox: str | None
    code: str
    company_id: int
    mailing_id: int
    sender: list[str]
    lang: str


class ConsentMail(models.AbstractModel):
    """What every marketing e-mail carries: the recipient's own links, in its text and in its headers."""

    _name = "consent.mail"
    _description = "Links in Marketing E-mail"

    def _consent_finish(self, emails: list[dict]) -> list[dict]:
        """Give marketing its links and headers, and take Odoo's off transactional mailings.

        :param emails: one for each recipient, as Odoo hands them to the mail server
        :return: those, and for marketing one for each address
        """
        letterhead = self._consent_letterhead()
        if letterhead:
            emails = [single for email in emails for single in _one_each(email)]
        for email in emails:
            if self.mailing_id:
                # Odoo shares one dictionary between the recipients.
                email["headers"] = {k: v for k, v in email["headers"].items() if k not in list_headers.MARKETING}
            if letterhead and email["email_to"]:
                self._consent_add_links(email, letterhead)
            elif placeholders.has_any(email["body"] or ""):
                self._consent_fill_placeholders(email)
        return emails

    def _consent_fill_placeholders(self, email):
        """Give what is no marketing the links that its writer put in, where one person alone gets it.

        Else they stay without owner, and lead to a page that says so.
        """
        addresses = contact_point.canonical_emails(" ".join([*email["email_to"], *email["email_cc"]])).usable
        if len(addresses) != 1:
            return
        link, company = self.env["consent.link"].sudo(), self._consent_company(self.env["consent.topic"]).sudo()
        urls = link._urls(link._tokens("email", addresses, company)[addresses[0]], company)
        email["body"] = Markup(placeholders.fill(email["body"], urls))
        email["body_alternative"] = html2plaintext(email["body"])

    def _consent_add_links(self, email, letterhead):
        addresses = contact_point.canonical_emails(email["email_to"][0]).usable
        if not addresses:
            return
        token = letterhead.tokens.get(addresses[0]) or self._consent_tokens(addresses[:1])[addresses[0]]
        urls = links.urls(letterhead.base_url, token)
        email["headers"] = {
            **email["headers"],
            **list_headers.marketing(
                unsubscribe_url=urls["unsubscribe"],
                mailto=letterhead.mailbox and links.mailto(letterhead.mailbox, token),
                code=letterhead.code,
                company_id=letterhead.company_id,
                mailing_id=letterhead.mailing_id,
            ),
        }
        body = Markup(placeholders.fill(email["body"], urls))
        email["body"] = self._consent_footer(body, urls, email.get("partner_id"), letterhead)
        email["body_alternative"] = html2plaintext(email["body"])

    def _consent_footer(self, body, urls, partner, letterhead):
        """Add the links that the writer left out: nobody has to search for them (requirements R-040, R-058)."""
        mail = self.with_context(lang=(partner and partner.lang) or letterhead.lang)
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
        lines = [*letterhead.sender, Markup(" · ").join(missing)]
        return append_content_to_html(body, FOOTER % Markup("<br/>").join(lines), plaintext=False)

    def _consent_about(self):
        """Return company, topic and mailing of a marketing message."""
        mailing = self.mailing_id
        if mailing:
            return mailing.consent_company_id.sudo(), mailing._consent_topics()[:1].sudo(), mailing
        return self._consent_company(self.consent_topic_id).sudo(), self.consent_topic_id.sudo(), mailing

    def _consent_key(self):
        """Return what mails must share to be judged and written alike: mailing, or topic, company and if they ask."""
        company = self.env["res.company"] if self.mailing_id else self._consent_company(self.consent_topic_id)
        return self.mailing_id.id, self.consent_topic_id.id, company.id, self.sudo().consent_asks

    def _consent_letterhead(self, addresses=()):
        """Return what marketing e-mails like the first of these have in common; None where they are no marketing.

        :param addresses: canonical addresses whose tokens are known then; found in a fixed number of statements
        """
        mail = self[:1]
        known = self.env.context.get(LETTERHEADS, {}).get(mail._consent_key())
        if known or not mail._consent_is_marketing():
            return known
        company, topic, mailing = mail._consent_about()
        return Letterhead(
            tokens=self._consent_tokens(addresses),
            base_url=self.env["consent.link"]._base_url(company, topic),
            mailbox=self.env["consent.link"]._mailbox(company),
            code=topic.code or "marketing",
            company_id=company.id,
            mailing_id=mailing.id or 0,
            sender=_sender(company),
            lang=company.partner_id.lang,
        )

    def _consent_tokens(self, addresses):
        """Return the tokens for messages like the first of these to `addresses`, in a fixed number of statements."""
        company, topic, mailing = self[:1]._consent_about()
        return self.env["consent.link"]._tokens("email", addresses, company, topic, mailing)


def _one_each(email):
    """Return an e-mail for each of its addresses: nobody gets links that end another's consent (threat T-02)."""
    if len(email["email_to"]) < 2 and not email["email_cc"]:
        return [email]
    # Who stands there twice gets one.
    addresses = {email_normalize(text) or text: text for text in [*email["email_cc"], *email["email_to"]]}
    return [
        {**email, "email_to": [address], "email_cc": [], "email_to_normalized": email_normalize_all(address)}
        for address in addresses.values()
    ]


def _sender(company):
    """Return the line that says who writes and from where, where that is known (CAN-SPAM § 7704(a)(5); R-058)."""
    place = " ".join(filter(None, (company.zip, company.city)))
    return [", ".join(filter(None, (company.name, company.street, place)))] if place else []
