import logging
from email.utils import getaddresses
from typing import Any, NamedTuple

from odoo import api, models

from ...tools import clock, contact_point, inbound_mail, refusal

_logger = logging.getLogger(__name__)

#: What a complaint says happened. Fraud and viruses are for a person to look at; "not-spam" takes a complaint back.
OBJECTIONS = ("abuse", "other")
ALARMS = ("fraud", "virus")


class Answered(NamedTuple):
    """The marketing that a mail answers; `address` is where that was sent, None where nobody can tell."""

    company: Any
    topic: Any
    subject: str
    address: str | None


class Mail(NamedTuple):
    """A mail as its sender wrote it: canonical address (or None), own text, evidence, values of a `consent.reply`."""

    sender: str | None
    text: str
    evidence: dict
    values: dict


class ConsentInbound(models.AbstractModel):
    """What reaches us by mail and concerns consent: answers to marketing, requests to unsubscribe, complaints, bounces.

    Mail can be forged, so it only ever takes away: nothing is granted, and nothing erased, because of a mail.
    """

    _name = "consent.inbound"
    _description = "Inbound Mail about Consent"

    @api.model
    def _take(self, message, message_dict: dict, answered: Answered | None) -> bool:
        """Act on `message` where it concerns consent; return whether that was all there is to do with it.

        :param message: `email.message.EmailMessage`
        :param message_dict: as `mail.thread.message_parse` made it
        :param answered: the marketing that it answers
        """
        if report := inbound_mail.complaint(message):
            self._complain(report, _document(message))
            return True
        if message_dict.get("is_bounce"):
            self._bounce(inbound_mail.hard_bounces(message))
            return False
        ours = self._is_for_us(message_dict)
        if (ours or answered) and not inbound_mail.is_automatic(message):
            self._listen(message, message_dict, answered, ours)
        return ours

    def _is_for_us(self, message_dict):
        alias = self.env.ref("marketing_consent.mail_alias_unsubscribe", raise_if_not_found=False)
        name = alias and alias.sudo().alias_name
        return bool(name) and any(address.partition("@")[0] == name for address in _recipients(message_dict))

    def _listen(self, message, message_dict, answered, ours):
        """Do what a person asks for, or let a colleague read it: nothing that may be a no is passed over."""
        subject = message_dict.get("subject") or ""
        text = inbound_mail.own_text(message_dict.get("body") or "")
        link = self.env["consent.link"].sudo()
        about = link._subject(inbound_mail.token(subject) or "")
        said = inbound_mail.meaning(inbound_mail.own_subject(subject, answered and answered.subject), text)
        empty = not text and not inbound_mail.own_subject(subject, "")
        if said == refusal.ABSENT:
            return
        mail = Mail(
            contact_point.canonical_email(message_dict.get("email_from") or ""),
            text,
            {"message_id": message_dict.get("message_id") or "", "subject": subject[:160], "message": text[:160]},
            {
                "sender": message_dict.get("email_from") or self.env._("(no sender)"),
                "subject": subject,
                "text": text,
                "about": answered and answered.subject,
                "reference": message_dict.get("message_id"),
                "received_at": clock.consent_now(self.env),
                "document": _document(message),
            },
        )
        companies = about and about["company"] or answered and answered.company or self._companies(message_dict)
        if about:
            link._withdraw(about, "topic", source="inbound_mail", evidence=mail.evidence)
        if said in (refusal.CLEAR, refusal.BARE, refusal.ERASE) or (ours and empty):
            self._refuse(mail, said, companies, answered, about)
        elif not about or text:
            address = answered and answered.address or mail.sender or about and about["point"].address
            self._ask_staff(companies, "unclear", address, mail)

    def _refuse(self, mail, said, companies, answered, about):
        """Act on a no at once; what it leaves open is for a person."""
        known = mail.sender and self.env["consent.contact.point"].sudo()._known("email", [mail.sender])
        if mail.sender and not about:
            self._object([mail.sender], "inbound_mail", mail.evidence, companies, self._scope(answered, mail.text))
            if refusal.names_other_channel(mail.text, "email"):
                point = self.env["consent.contact.point"].sudo()._find("email", mail.sender)
                for company in companies:
                    point._object_elsewhere(company, "inbound_mail", mail.evidence)
        address = mail.sender or about and about["point"].address
        if said == refusal.ERASE:
            self._ask_staff(companies, "erase", address, mail)
        elif answered and answered.address and answered.address != mail.sender:
            self._ask_staff(companies, "other_address", answered.address, mail)
        elif not about and not known:
            self._ask_staff(companies, "unknown_sender", address, mail)

    def _scope(self, answered, text):
        """Return the topic that a no ends where it ends one only; see `consent.country.profile.stop_scope`."""
        topic = answered and answered.topic
        if not topic or refusal.means_all(text):
            return self.env["consent.topic"]
        profile = self.env["consent.country.profile"]._for_country_code(answered.company.country_id.code)
        return topic if profile.stop_scope == "topic" else topic.browse()

    def _companies(self, message_dict):
        """Return the companies that take mail at the domain it came to: all of them where they share one."""
        domains = {address.rpartition("@")[2] for address in _recipients(message_dict)}
        companies = self.env["res.company"].sudo().search([("alias_domain_id.name", "in", list(domains))])
        return companies or self.env.company

    def _object(self, addresses, source, evidence, companies=None, topic=None):
        base = {"fact": "objected", "channel": "email", "source": source, "topic": topic}
        entries = [
            {**base, "address": address, "company": company.id, "evidence": evidence}
            for address in addresses
            for company in (companies or self.env.company)
        ]
        self.env["consent.record"].sudo()._submit(entries)

    def _complain(self, report, document):
        """Take a spam complaint for what it is: an objection (RFC 6449 §4.4; requirement R-113)."""
        link = self.env["consent.link"].sudo()
        about = link._subject(report.token or "")
        evidence = {"feedback_type": report.kind}
        if report.kind in OBJECTIONS and about:
            link._withdraw(about, "channel", source="provider", evidence=evidence)
        elif report.kind in OBJECTIONS and (address := contact_point.canonical_email(report.recipient or "")):
            self._object([address], "provider", evidence)
        elif report.kind in ALARMS:
            sender = about and about["point"].address or report.recipient or self.env._("(no sender)")
            self.env["consent.reply"].sudo()._queue(
                about and about["company"] or self.env.company,
                "email",
                about and about["point"].address,
                reason=report.kind,
                sender=sender,
                received_at=clock.consent_now(self.env),
                document=document,
            )
        else:
            _logger.info("consent: a complaint of kind %s changed nothing", report.kind)

    def _bounce(self, texts):
        """Note addresses that do not exist. Deliverability is no consent: it withholds until a confirmation arrives."""
        # Only of those we know: a forged report must not fill the ledger.
        domain = [("channel", "=", "email"), ("address", "in", list(map(contact_point.canonical_email, texts)))]
        addresses = texts and self.env["consent.contact.point"].sudo().search(domain).mapped("address")
        base = {"fact": "bounced", "channel": "email", "company": False, "source": "bounce"}
        self.env["consent.record"].sudo()._submit([{**base, "address": address} for address in addresses or ()])

    def _ask_staff(self, companies, reason, address, mail):
        """Leave what a person must decide to one: within two days (requirement R-042)."""
        for company in companies:
            self.env["consent.reply"].sudo()._queue(company, "email", address, reason=reason, **mail.values)


def _document(message):
    """Return the message as it came; what Python cannot write again is kept as text alone."""
    try:
        return message.as_bytes()
    except Exception:
        _logger.info("consent: a message cannot be written again as it came", exc_info=True)
        return None


def _recipients(message_dict):
    return [address.lower() for _name, address in getaddresses([message_dict.get("recipients") or ""])]
