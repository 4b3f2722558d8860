import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL

from ...tools import clock, contact_point, retry, twilio_codes

_logger = logging.getLogger(__name__)

PAUSE = timedelta(days=7)
#: So many failures without a success in between, and a number counts as out of reach.
FAILURES = 3
UNSURE = (twilio_codes.UNSURE, twilio_codes.UNKNOWN)
LOOK_BACK = timedelta(days=90)


class ConsentSmsLesson(models.AbstractModel):
    """What the provider's errors teach us about numbers, written to the ledger (requirements R-230, R-231)."""

    _name = "consent.sms.lesson"
    _description = "Lesson from Sending SMS"

    @api.model
    def _learn(self, company, codes: dict[str, object]):
        """Write down what was heard, at once; where a rival for the same number is faster, after the commit.

        :param company: the `res.company` that sent
        :param codes: the provider's error by number (E.164)
        """
        taught = {number: twilio_codes.lesson(code) for number, code in codes.items()}
        if twilio_codes.OURS in taught.values():
            self._alert(company, {code for number, code in codes.items() if taught[number] == twilio_codes.OURS})
        lessons = {
            number: taken
            for number, taken in taught.items()
            if taken not in (None, twilio_codes.LATER, twilio_codes.OURS) and contact_point.is_e164(number or "")
        }
        if not lessons:
            return
        try:
            with self.env.cr.savepoint():
                self._write_down(company, lessons)
        except retry.CONFLICTS:
            registry, company_id = self.env.registry, company.id

            def again(cr):
                env = api.Environment(cr, SUPERUSER_ID, {})
                env[self._name]._write_down(env["res.company"].browse(company_id), lessons)

            self.env.cr.postcommit.add(lambda: retry.in_new_transaction(registry, again))

    def _write_down(self, company, lessons):
        failing = self._failing([number for number, taken in lessons.items() if taken in UNSURE])
        held = self._held_before([number for number, taken in lessons.items() if taken == twilio_codes.HELD], company)
        entries = []
        for number, taken in lessons.items():
            for fact in self._facts(taken, number in failing, number in held):
                entries.append({**fact, "channel": "sms", "address": number, "company": company.id})
        source = {"source": "provider", "source_label": "Twilio"}
        self.env["consent.record"].sudo()._submit([{**source, **entry} for entry in entries])

    def _facts(self, taken, failing, held_before):
        """Return what a lesson comes to: a withdrawal only where the person sent one."""
        if taken == twilio_codes.STOPPED:
            return [{"fact": "objected"}, {"fact": "carrier_blocked"}]
        if taken == twilio_codes.LITIGATOR:
            return [{"fact": "suppressed"}]
        if taken == twilio_codes.UNREACHABLE or taken in UNSURE and failing:
            return [{"fact": "bounced"}]
        if taken == twilio_codes.HELD:
            until = clock.consent_now(self.env) + PAUSE
            return [{"fact": "carrier_blocked"} if held_before else {"fact": "paused", "until": until}]
        return []

    def _failing(self, numbers):
        """Return those whose last messages, this one included, all failed."""
        if not numbers:
            return set()
        self.env["mailing.trace"].flush_model()
        query = SQL(
            """SELECT sms_number FROM mailing_trace trace WHERE sms_number = ANY(%s) AND trace_type = 'sms'
                  AND trace_status IN ('error', 'bounce')
                  AND id > COALESCE((SELECT max(id) FROM mailing_trace good
                                      WHERE good.sms_number = trace.sms_number AND good.trace_status = 'sent'), 0)
                GROUP BY sms_number HAVING count(*) >= %s""",
            numbers,
            FAILURES,
        )
        return {number for (number,) in self.env.execute_query(query)}

    def _held_before(self, numbers, company):
        """Return those that the carrier blocked twice already within months."""
        if not numbers:
            return set()
        since = clock.consent_now(self.env) - LOOK_BACK
        query = SQL(
            """SELECT point.address FROM consent_event event
                 JOIN consent_contact_point point ON point.id = event.contact_point_id
                WHERE point.channel = 'sms' AND point.address = ANY(%s) AND event.fact = 'paused'
                  AND event.source = 'provider' AND event.company_id = %s AND event.recorded_at > %s
                GROUP BY point.address HAVING count(*) >= 2""",
            numbers,
            company.id,
            since,
        )
        return {number for (number,) in self.env.execute_query(query)}

    def _alert(self, company, codes):
        """Tell the administrators that it is our account, not the number; once for the same trouble."""
        said = ", ".join(str(code) for code in sorted(codes, key=str))
        company = company.sudo()
        if company.consent_twilio_trouble == said:
            return
        company.consent_twilio_trouble = said
        _logger.warning("Twilio refuses what company %s sends: %s", company.id, said)
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=self.env.ref("base.group_system").all_user_ids.partner_id.ids,
            subject=self.env._("Twilio refuses SMS of %s", company.name),
            body=self.env._("Error %s: see the set-up check of SMS in the settings of Consent.", said),
        )
