from datetime import datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import contact_point, quiet_hours
from ...tools.quiet_hours import Rule

MAX_VALIDITY = 36000  # seconds: what Twilio allows, and takes where nothing is said
ADDRESS = {"email": SQL("lower(trace.email)"), "sms": SQL("trace.sms_number")}


class ConsentTiming(models.AbstractModel):
    """When marketing may reach somebody who may get it: not at night, and not too often."""

    _name = "consent.timing"
    _description = "Timing of Marketing"

    @api.model
    def _quiet(self, company, number: str) -> tuple[tuple[str, ...], list[Rule]]:
        """Return the time zones of a number, and the rules of its country and of the company that hold there."""
        profile = self.env["consent.country.profile"]._for_country_code(contact_point.phone_region(number))
        rules = [
            Rule(profile.quiet_from, profile.quiet_to, profile.quiet_sundays),
            Rule(company.consent_quiet_from, company.consent_quiet_to, company.consent_quiet_sundays),
        ]
        zones = quiet_hours.zones(number) or (company.partner_id.tz or "UTC",)
        return zones, [rule for rule in rules if rule.sundays or rule.start != rule.end]

    @api.model
    def _next_open(self, company, number: str, start: datetime) -> datetime:
        """Return the first time from `start` on (naive UTC) that is not quiet where the number is."""
        zones, rules = self._quiet(company, number)
        # Rules that leave no hour open would hold messages for ever: they are asked again the next day.
        return quiet_hours.next_open(start, zones, rules) or start + timedelta(days=1)

    @api.model
    def _seconds_open(self, company, number: str, start: datetime) -> int:
        """Return for how long (seconds) the provider may try to deliver, so that it does not ring at night."""
        zones, rules = self._quiet(company, number)
        most = min(60 * (company.consent_sms_validity or 0) or MAX_VALIDITY, MAX_VALIDITY)
        return max(quiet_hours.seconds_open(start, zones, rules, most), 60) if rules else most

    @api.model
    def _too_frequent(self, company, channel: str, addresses, now: datetime) -> dict[str, datetime]:
        """Return, for those who got as much marketing as the company sends or they want, when they may get the next.

        :param channel: email or sms
        :param addresses: canonical
        :param now: naive UTC
        """
        if not addresses:
            return {}
        self.env["mailing.trace"].flush_model()
        due = self._as_they_want(company, channel, addresses, now)
        for address, at in self._as_we_send(company, channel, addresses, now).items():
            due[address] = max(at, due.get(address, at))
        return due

    def _as_they_want(self, company, channel, addresses, now):
        query = SQL(
            """SELECT chosen.address, chosen.days, max(trace.sent_datetime)
                 FROM (%(chosen)s) AS chosen(address, days)
                 JOIN mailing_trace trace ON %(address)s = chosen.address AND trace.is_test_trace IS NOT TRUE
                      AND trace.sent_datetime > %(now)s::timestamp - chosen.days * interval '1 day'
                 JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
                      AND mailing.consent_company_id = %(company)s
                      AND mailing.message_class IS DISTINCT FROM 'transactional'
                GROUP BY 1, 2""",
            chosen=self.env["consent.frequency"].sudo()._query(company, channel, addresses),
            address=ADDRESS[channel],
            now=now,
            company=company.id,
        )
        return {address: sent + timedelta(days=days) for address, days, sent in self.env.execute_query(query)}

    def _as_we_send(self, company, channel, addresses, now):
        most = company.consent_cap_email if channel == "email" else company.consent_cap_sms
        days = timedelta(days=company.consent_cap_days or 7)
        if not most:
            return {}
        query = SQL(
            """SELECT %(address)s, (array_agg(trace.sent_datetime ORDER BY trace.sent_datetime DESC))[%(most)s]
                 FROM mailing_trace trace JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
                WHERE %(address)s = ANY(%(addresses)s) AND trace.sent_datetime > %(since)s
                  AND trace.sent_datetime IS NOT NULL AND trace.is_test_trace IS NOT TRUE
                  AND mailing.consent_company_id = %(company)s
                  AND mailing.message_class IS DISTINCT FROM 'transactional'
                GROUP BY 1 HAVING count(*) >= %(most)s""",
            address=ADDRESS[channel],
            most=most,
            addresses=list(addresses),
            since=now - days,
            company=company.id,
        )
        return {address: sent + days for address, sent in self.env.execute_query(query)}
