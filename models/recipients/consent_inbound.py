import logging
from email.utils import getaddresses

from odoo import api, fields, models, tools

from ...tools import contact_point, inbound_mail

_logger = logging.getLogger(__name__)

ANSWER_DAYS = 2
#: What a complaint says happened. Fraud and viruses are for a person to look at; "not-spam" takes a complaint back.
OBJECTIONS = ("abuse", "other")
ALARMS = ("fraud", "virus")


class ConsentInbound(models.AbstractModel):
    """What reaches us by mail and concerns consent: requests to unsubscribe or to be erased, complaints, bounces.

    Mail can be forged, so it only ever takes away: nothing is granted, and nothing erased, because of a mail.
    """

    _name = "consent.inbound"
    _description = "Inbound Mail about Consent"

    @api.model
    def _take(self, message, message_dict: dict) -> bool:
        """Act on `message` where it concerns consent; return whether that was all there is to do with it.

        :param message: `email.message.EmailMessage`
        :param message_dict: as `mail.thread.message_parse` made it
        """
        if report := inbound_mail.complaint(message):
            self._complain(report)
            return True
        if message_dict.get("is_bounce"):
            self._bounce(inbound_mail.hard_bounces(message))
            return False
        if not self._is_for_us(message_dict):
            return False
        if not inbound_mail.is_automatic(message):
            self._listen(message_dict)
        return True

    def _is_for_us(self, message_dict):
        alias = self.env.ref("marketing_consent.mail_alias_unsubscribe", raise_if_not_found=False)
        name = alias and alias.sudo().alias_name
        recipients = getaddresses([message_dict.get("recipients") or ""])
        return bool(name) and any(address.lower().partition("@")[0] == name for _name, address in recipients)

    def _listen(self, message_dict):
        subject = message_dict.get("subject") or ""
        text = tools.html2plaintext(message_dict.get("body") or "")
        link = self.env["consent.link"].sudo()
        about = link._subject(inbound_mail.token(subject) or "")
        wish = inbound_mail.meaning(subject, text)
        sender = contact_point.canonical_email(message_dict.get("email_from") or "")
        evidence = {"message_id": message_dict.get("message_id") or "", "subject": subject[:160]}
        if about:
            link._withdraw(about, "topic", source="inbound_mail", evidence=evidence)
        elif sender:
            # Whoever writes here wants less, whatever the words: at once, and in doubt more than was meant.
            self._object([sender], "inbound_mail", evidence)
        if wish == inbound_mail.ERASE or not (about or wish):
            self._ask_staff(wish, sender or about and about["point"].address, subject)

    def _object(self, addresses, source, evidence):
        base = {"fact": "objected", "channel": "email", "company": self.env.company.id, "source": source}
        entries = [{**base, "address": address, "evidence": evidence} for address in addresses]
        self.env["consent.record"].sudo()._submit(entries)

    def _complain(self, report):
        """Take a spam complaint for what it is: an objection (RFC 6449 §4.4; requirement R-113)."""
        link = self.env["consent.link"].sudo()
        about = link._subject(report.token or "")
        evidence = {"feedback_type": report.kind}
        if report.kind in OBJECTIONS and about:
            link._withdraw(about, "channel", source="provider", evidence=evidence)
        elif report.kind in OBJECTIONS and (address := contact_point.canonical_email(report.recipient or "")):
            self._object([address], "provider", evidence)
        elif report.kind in ALARMS:
            self._ask_staff(report.kind, about and about["point"].address, report.kind)
        else:
            _logger.info("consent: a complaint of kind %s changed nothing", report.kind)

    def _bounce(self, texts):
        """Note addresses that do not exist. Deliverability is no consent: it withholds until a confirmation arrives."""
        # Only of those we know: a forged report must not fill the ledger.
        domain = [("channel", "=", "email"), ("address", "in", list(map(contact_point.canonical_email, texts)))]
        addresses = texts and self.env["consent.contact.point"].sudo().search(domain).mapped("address")
        base = {"fact": "bounced", "channel": "email", "company": False, "source": "bounce"}
        self.env["consent.record"].sudo()._submit([{**base, "address": address} for address in addresses or ()])

    def _ask_staff(self, wish, address, subject):
        """Leave what a person must decide to one: within two days (requirement R-042)."""
        labels = {
            inbound_mail.ERASE: self.env._("Somebody asks to be erased"),
            "fraud": self.env._("A mail of ours was reported as fraud"),
            "virus": self.env._("A mail of ours was reported to carry a virus"),
        }
        partner = self._partner(address)
        values = {
            "summary": labels.get(wish, self.env._("A mail to the unsubscribe address needs a reader")),
            "note": tools.plaintext2html(subject),
            "date_deadline": fields.Date.add(fields.Date.context_today(self), days=ANSWER_DAYS),
            "user_id": self._officer().id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
        }
        if partner:
            values |= {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": partner.id}
        self.env["mail.activity"].sudo().create(values)

    def _partner(self, address):
        partners = self.env["res.partner"].sudo()
        return partners.search([("email_normalized", "=", address)], limit=1) if address else partners

    def _officer(self):
        group = self.env.ref("marketing_consent.group_officer").sudo()
        return group.all_user_ids.filtered(lambda user: user.active and not user.share)[:1] or self.env.ref(
            "base.user_admin"
        )
