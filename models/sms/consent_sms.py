from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock, contact_point, sms_text
from ..gate.consent_timing import MAX_VALIDITY


class ConsentSms(models.AbstractModel):
    """What marketing by SMS carries, and when it may leave: put off where it is too early, never dropped."""

    _name = "consent.sms"
    _description = "Marketing by SMS"

    consent_tried_again = fields.Boolean(
        "Tried again", readonly=True, help="After an error that says nothing, or of the provider's own."
    )
    consent_due_at = fields.Datetime("Not before", readonly=True)

    # -- when -----------------------------------------------------------------------------------------------------

    def _consent_put_off(self):
        """Put off what may not ring now, or would be too much; return the rest. Asks once for any number of them."""
        timing, now, due = self.env["consent.timing"].sudo(), clock.consent_now(self.env), {}
        for company, batch in self.grouped(lambda sms: sms._consent_about()[0]).items():
            frequent = timing._too_frequent(company, "sms", batch.mapped("number"), now)
            for sms in batch:
                at = timing._next_open(company, sms.number, frequent.get(sms.number, now))
                if at > now:
                    due[sms] = at
        self._consent_wait(due)
        return self.browse(sms.id for sms in self if sms not in due)

    def _consent_wait(self, due):
        """Let messages wait until their time (naive UTC, by message)."""
        by_time = defaultdict(self.browse)
        for sms, at in due.items():
            by_time[at] |= sms
        for at, batch in by_time.items():
            batch.write({"state": "deferred", "consent_due_at": at})
        cron = self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()
        if by_time:
            cron._trigger(at=sorted(by_time))

    @api.model
    def _consent_wake(self):
        """Put what is due back into the queue."""
        self.flush_model(["state", "consent_due_at"])
        self.env.cr.execute(
            SQL(
                "UPDATE sms_sms SET state = 'outgoing', consent_due_at = NULL"
                " WHERE state = 'deferred' AND consent_due_at <= %s",
                clock.now(),
            )
        )
        self.invalidate_model(["state", "consent_due_at"])

    # -- what -----------------------------------------------------------------------------------------------------

    def _consent_about(self):
        """Return company, topic and mailing of a marketing message."""
        self.ensure_one()
        mailing, topic = self.mailing_id, self._consent_topic()
        if mailing:
            return mailing.consent_company_id.sudo(), mailing._consent_topics()[:1].sudo(), mailing
        return (topic.sudo().company_id or self._get_sms_company()).sudo(), topic.sudo(), mailing

    def _consent_finish(self):
        """Give each message its sender, its recipient's way out and, in a programme's first message, help.

        What is in the text already is not added again: a message that failed is finished once more.
        """
        for (company, topic, mailing), batch in self.grouped(lambda sms: sms._consent_about()).items():
            numbers = batch.mapped("number")
            tokens = self.env["consent.link"].sudo()._tokens("sms", numbers, company, topic, mailing)
            known = self._consent_written_to(numbers, topic)
            for sms in batch:
                text = sms._consent_text(company, topic, tokens[sms.number], first=sms.number not in known)
                if text != sms.body:
                    sms.body = text

    def _consent_text(self, company, topic, token, *, first):
        """Return the whole text (requirements R-058, R-206): who writes, what, and how to stop."""
        lang, link = self._consent_language(company), self.env["consent.link"].sudo()
        parts = [sms_text.branded(self.body or "", company._consent_sms_brand())]
        if first and company._consent_hears_sms() and sms_text.say("first", lang) not in parts[0]:
            parts.append(sms_text.say("first", lang))
        if not link._stops(parts[0], token, company, topic):
            parts.append(sms_text.say("way_out", lang, url=link._stop_url(token, company, topic)))
        return "\n".join(parts)

    def _consent_language(self, company):
        country = contact_point.phone_region(self.number or "")
        guess = sms_text.LANGUAGE_OF_COUNTRY.get(country)
        return self.partner_id.lang or guess or company.partner_id.lang

    def _consent_written_to(self, numbers, topic):
        """Return those of `numbers` that were sent something of the topic before."""
        self.env["mailing.trace"].flush_model()
        query = SQL(
            """SELECT DISTINCT trace.sms_number FROM mailing_trace trace
                 JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
                WHERE trace.sms_number = ANY(%s) AND trace.sent_datetime IS NOT NULL
                  AND mailing.consent_topic_id = %s""",
            list(numbers),
            topic.id or 0,
        )
        return {number for (number,) in self.env.execute_query(query)}

    def _consent_sent(self):
        """Return each message with what is noted of it once it has been handed over; see `consent.sms.sent`."""
        sent = []
        for sms in self.filtered("number"):
            company, topic, mailing = sms._consent_about()
            values = {"company_id": company.id, "number": sms.number, "marketing": sms._consent_is_marketing()}
            sent.append((sms, {**values, "topic_id": topic.id, "about": mailing.subject or topic.name}))
        return sent

    def _consent_parameters(self):
        """Return what Twilio is told beyond Odoo's own parameters, by uuid (requirements R-056, R-236)."""
        timing, now, parameters = self.env["consent.timing"].sudo(), clock.consent_now(self.env), {}
        for sms in self:
            service = sms._get_sms_company().sudo().consent_twilio_service_sid
            parameters[sms.uuid] = {"MessagingServiceSid": service, "From": None} if service else {}
            if sms._consent_is_marketing():
                seconds = timing._seconds_open(sms._consent_about()[0], sms.number, now)
                parameters[sms.uuid]["ValidityPeriod"] = str(seconds) if seconds < MAX_VALIDITY else None
        return parameters

    def _consent_stopped_by_carrier(self):
        """Return the messages to numbers that the carrier blocks: nothing may reach them, transactional neither."""
        query = SQL(
            """SELECT point.address, record.company_id FROM consent_record record
                 JOIN consent_contact_point point ON point.id = record.contact_point_id
                WHERE point.channel = 'sms' AND point.address = ANY(%s) AND record.carrier_blocked_at IS NOT NULL""",
            list(set(filter(None, self.mapped("number")))),
        )
        blocked = set(self.env.execute_query(query))
        return self.filtered(lambda sms: (sms.number, sms._get_sms_company().id) in blocked)

    def _consent_learn(self, sms_api):
        """Take from the provider's client what it heard about these messages, and let those wait that it put off."""
        codes = {sms.number: sms_api.codes[sms.uuid] for sms in self if sms.uuid in sms_api.codes}
        self.env["consent.sms.lesson"].sudo()._learn(self[:1]._get_sms_company(), codes)
        self.filtered(lambda sms: sms.uuid in sms_api.waited).consent_tried_again = True
        now = clock.consent_now(self.env)
        self._consent_wait(
            {sms: now + timedelta(seconds=sms_api.later[sms.uuid]) for sms in self if sms.uuid in sms_api.later}
        )
