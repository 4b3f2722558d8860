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
        """Queue a message in the language of `company`'s context.

        :param kind: names the templates `mail_<kind>` and `sms_<kind>`
        :param address: canonical
        :param topic: of a message that is marketing, which the gate judges; None: it is none
        """
        company = company.sudo()
        template = f"marketing_consent.{'mail' if channel == 'email' else 'sms'}_{kind}"
        body = (
            self.env["ir.qweb"]
            .sudo()
            ._render(template, {"company": company, **values}, lang=company.env.lang, minimal_qcontext=True)
        )
        if channel == "email":
            self._queue_mail(address, company, body, topic)
        else:
            self._queue_sms(address, company, " ".join(html2plaintext(body).split()), topic)

    def _queue_mail(self, address, company, body, topic):
        # The subject stands in the template's heading, so that both are translated together (Odoo skips a <title>).
        title, body = str(body).split("</h1>", 1)
        link = self.env["consent.link"]
        sender = link._brand(company, link._website(company)).name
        self.env["mail.mail"].sudo().create(
            {
                "subject": html2plaintext(title.split("<h1>", 1)[1]).strip(),
                "body_html": Markup(body),
                "email_to": address,
                "email_from": formataddr((sender, company.email or self.env.ref("base.partner_root").sudo().email)),
                "headers": repr({"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}),
                "record_company_id": company.id,
                "consent_topic_id": topic and topic.id,
                "auto_delete": True,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _queue_sms(self, number, company, text, topic):
        # Odoo takes the sending company, and so its account, from the message.
        message = {"message_type": "sms", "body": text, "record_company_id": company.id}
        message = self.env["mail.message"].sudo().create(message)
        values = {"number": number, "body": text, "mail_message_id": message.id}
        self.env["sms.sms"].sudo().create({**values, "consent_topic_id": topic and topic.id})
        self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
