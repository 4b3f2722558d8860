from datetime import timedelta
from email.utils import getaddresses

from odoo import api, models, tools
from odoo.tools import SQL

from ...tools import clock, contact_point
from ..recipients.consent_inbound import Answered

#: RFC 5322 §3.6.4: the newest come last.
MAX_REFERENCES = 32
ANSWER_WITHIN = timedelta(days=30)


class ConsentAnswered(models.AbstractModel):
    """Which marketing an incoming mail answers."""

    _name = "consent.answered"
    _description = "Marketing that a Mail Answers"

    @api.model
    def _find(self, message_dict: dict) -> Answered | None:
        """Return the marketing that a mail answers; None where it is about anything else.

        By the Message-ID that it names. Where it names none: by the reply address of a mailing that its sender got.

        :param message_dict: as `mail.thread.message_parse` made it
        """
        named = f"{message_dict.get('references') or ''} {message_dict.get('in_reply_to') or ''}"
        references = tools.mail.mail_header_msgid_re.findall(named)[-MAX_REFERENCES:]
        if not references:
            return self._by_reply_address(message_dict)
        # A conversation that began with a mailing goes on about other things: its last message counts.
        last = references[-1:]
        if found := self._by_reference(last):
            return found
        known = self.env["mail.message"].search_count([("message_id", "in", last)], limit=1)
        return None if known else self._by_reference(references)

    def _by_reference(self, references):
        sent = [("message_id", "in", references), ("trace_type", "=", "mail")]
        trace = self.env["mailing.trace"].search(sent, order="id desc", limit=1)
        if trace:
            return self._of_trace(trace)
        flagged = [("message_id", "in", references), ("consent_topic_id", "!=", False)]
        message = self.env["mail.message"].search(flagged, order="id desc", limit=1)
        if not message:
            return None
        company = message.consent_topic_id.company_id or message.record_company_id or self.env.company
        return Answered(company, message.consent_topic_id, message.subject or "", None)

    def _by_reply_address(self, message_dict):
        sender = contact_point.canonical_email(message_dict.get("email_from") or "")
        to = {address.lower() for _name, address in getaddresses([message_dict.get("recipients") or ""])}
        if not sender or not to:
            return None
        for trace in self._lately_sent(sender):
            mailing = trace.mass_mailing_id
            replies = {address.lower() for _name, address in getaddresses([mailing.reply_to or ""])}
            if mailing.reply_to_mode == "new" and replies & to - self._general_addresses(mailing):
                return self._of_trace(trace)
        return None

    def _lately_sent(self, address):
        self.env["mailing.trace"].flush_model()
        query = SQL(
            """SELECT id FROM mailing_trace
                WHERE lower(email) = lower(%s) AND sent_datetime >= %s AND trace_type = 'mail'
                ORDER BY id DESC LIMIT 20""",
            address,
            clock.consent_now(self.env) - ANSWER_WITHIN,
        )
        return self.env["mailing.trace"].browse(row for (row,) in self.env.execute_query(query))

    def _general_addresses(self, mailing):
        """Return addresses at which anything may arrive: a mail to them is no answer by that alone."""
        company = mailing.consent_company_id
        return set(filter(None, (tools.email_normalize(company.email), company.catchall_email, company.bounce_email)))

    def _of_trace(self, trace):
        mailing = trace.mass_mailing_id
        if not mailing._is_marketing():
            return None
        address = contact_point.canonical_email(trace.email or "")
        return Answered(mailing.consent_company_id, mailing._consent_topics()[:1], mailing.subject or "", address)
