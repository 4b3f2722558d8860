import logging

from odoo import fields, models

from ..tools import contact_point, placeholders
from ..tools.verdict import FAILURE_TYPE, REASONS, failure_type

_logger = logging.getLogger(__name__)


class SmsSms(models.Model):
    """The hand-over gate for SMS: the last place before the provider, whatever made the message.

    Relied on: `_send` is what `send` and the queue end in, a provider's batch at a time.
    """

    _inherit = "sms.sms"

    failure_type = fields.Selection(selection_add=[(FAILURE_TYPE, "Withheld: no consent")])
    consent_topic_id = fields.Many2one("consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null")

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Hand over what may go; each company's messages through its own account.

        Odoo's queue passes the messages of several companies at once: it would crash, or send all through one account.
        """
        if not self.env.context.get("sms_api") and len({sms._get_sms_company() for sms in self}) > 1:
            for sms_api, batch in self._split_by_api():
                batch.with_context(sms_api=sms_api)._send(unlink_failed, unlink_sent, raise_exception)
            return None
        allowed = self._consent_allowed()
        if not allowed:
            return None
        return super(SmsSms, allowed)._send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
        )

    def _consent_topic(self):
        self.ensure_one()
        return self.consent_topic_id or self.sudo().mail_message_id.consent_topic_id

    def _consent_allowed(self):
        """Return the messages that may be handed over now, having cancelled what may not.

        Where the gate fails, or holds all, marketing stays in the queue (fail closed) and nothing is lost.
        """
        allowed, held = self.browse(), self.env["consent.gate"].sudo()._is_held()
        for (mailing, topic), batch in self.grouped(lambda sms: (sms.mailing_id, sms._consent_topic())).items():
            if not (mailing._is_marketing() if mailing else topic):
                allowed |= batch
                continue
            if held:
                continue
            try:
                with self.env.cr.savepoint():
                    allowed |= batch._consent_judge(mailing, topic)
            except Exception:
                _logger.exception("consent gate failed: %s SMS wait", len(batch))
        return self & allowed

    def _consent_judge(self, mailing, topic):
        gate = self.env["consent.gate"].sudo()
        verdicts = gate._judge_at_hand_over(
            {sms: gate._number(sms.number) for sms in self},
            mailing._consent_topics() if mailing else topic,
            "sms",
            mailing.consent_company_id if mailing else topic.sudo().company_id or self[:1]._get_sms_company(),
        )
        withheld = self.filtered(lambda sms: not verdicts[sms].allowed)
        for reason, batch in withheld.grouped(lambda sms: verdicts[sms].reason).items():
            batch._update_sms_state_and_trackers("canceled", failure_type=failure_type(reason, "sms"))
            batch.sms_tracker_id.sudo().mailing_trace_id.consent_reason = reason
            _logger.info("%s SMS withheld: %s", len(batch), dict(REASONS)[reason])
        (self - withheld)._consent_fill(mailing, topic)
        return self - withheld

    def _consent_fill(self, mailing, topic):
        """Put each recipient's own links for placeholders in the text; the one that stops SMS is the shortest."""
        marked = self.filtered(lambda sms: placeholders.has_any(sms.body or ""))
        if not marked:
            return
        company = mailing.consent_company_id if mailing else topic.sudo().company_id or self[:1]._get_sms_company()
        topic, link = mailing._consent_topics()[:1] if mailing else topic, self.env["consent.link"].sudo()
        numbers = {sms.number for sms in marked if contact_point.is_e164(sms.number or "")}
        tokens = link._tokens("sms", numbers, company, topic, mailing)
        for sms in marked.filtered(lambda sms: sms.number in tokens):
            token = tokens[sms.number]
            urls = {**link._urls(token, company), "unsubscribe": link._stop_url(token, company)}
            sms.body = placeholders.fill(sms.body, urls)
