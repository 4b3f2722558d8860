from markupsafe import Markup
from odoo import api, models
from odoo.tools import formataddr, html2plaintext


class ConsentConfirmation(models.AbstractModel):
    """Neutral messages about a wish that somebody typed in: no offer, no picture, no tracking (requirement R-028).

    They are queued, never sent inline: how long a page takes tells nobody whether an address is known (threat T-03).
    """

    _name = "consent.confirmation"
    _description = "Neutral Message to an Unconfirmed Address"

    @api.model
    def _send(self, kind: str, channel: str, address: str, company, *, topic=None, **values):
        """Queue one message; see `_send_all`."""
        self._send_all(kind, channel, company, [{"address": address, "topic": topic, "values": values}])

    @api.model
    def _send_all(self, kind: str, channel: str, company, messages: list[dict]):
        """Queue messages in the language of `company`'s context, in a fixed number of statements.

        :param kind: names the templates `mail_<kind>` and `sms_<kind>`
        :param messages: mappings of address (canonical) and values (for the template); optionally topic (of a message
            that is marketing, which the gate judges), asks (whether it asks people for consent who said nothing yet)
            and sender (of an e-mail, “Name <address>”; the company's by default)
        """
        company = company.sudo()
        template = f"marketing_consent.{'mail' if channel == 'email' else 'sms'}_{kind}"
        qweb, lang = self.env["ir.qweb"].sudo(), company.env.lang
        for message in messages:
            values = {"company": company, **message["values"]}
            message["body"] = qweb._render(template, values, lang=lang, minimal_qcontext=True)
        (self._queue_mails if channel == "email" else self._queue_sms)(company, messages)

    def _queue_mails(self, company, messages):
        base = {
            "headers": repr({"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}),
            "record_company_id": company.id,
            "auto_delete": True,
        }
        link = self.env["consent.link"]
        name = link._brand(company, link._website(company)).name
        own = formataddr((name, company.email or self.env.ref("base.partner_root").sudo().email))
        mails = []
        for message in messages:
            # The subject stands in the template's heading, so that both are translated together (Odoo skips a <title>).
            title, body = str(message["body"]).split("</h1>", 1)
            subject = html2plaintext(title.split("<h1>", 1)[1]).strip()
            address = {"email_to": message["address"], "email_from": message.get("sender") or own}
            mails.append({**base, **address, **_flags(message), "subject": subject, "body_html": Markup(body)})
        self.env["mail.mail"].sudo().create(mails)
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _queue_sms(self, company, messages):
        # Odoo takes the sending company, and so its account, from the message.
        base = {"message_type": "sms", "record_company_id": company.id}
        texts = [" ".join(html2plaintext(message["body"]).split()) for message in messages]
        carriers = self.env["mail.message"].sudo()
        carriers = carriers.create(
            [{**base, **_flags(message), "body": text} for message, text in zip(messages, texts, strict=True)]
        )
        self.env["sms.sms"].sudo().create(
            [
                {"number": message["address"], "body": text, "mail_message_id": carrier.id}
                for message, text, carrier in zip(messages, texts, carriers, strict=True)
            ]
        )
        self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()


def _flags(message):
    topic = message.get("topic")
    return {"consent_topic_id": topic and topic.id, "consent_asks": message.get("asks", False)}
