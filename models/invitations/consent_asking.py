from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...tools import asking, clock, transitions
from ...tools.asking import Known, Law

#: By model, the fields with the country and with "is a company".
PLACE = {
    "res.partner": ("country_id", "is_company"),
    "crm.lead": ("country_id", None),
    "mailing.contact": ("country_id", None),
}


class Answer(NamedTuple):
    """Whether a person may be asked: the reason against it, or the legal ground."""

    reason: str | None
    ground: str | None
    address: str | None


class ConsentAsking(models.AbstractModel):
    """Decides whether a company may ask for consent, from the gate's verdict and the country's law.

    `tools/asking.py` has the rules.
    """

    _name = "consent.asking"
    _description = "Asking for Consent"

    @api.model
    def _may_ask(self, topic, channel: str, records, company) -> dict[int, Answer]:
        """Return whether each of `records` may be asked, in a fixed number of statements for any number of them.

        :param topic: one `consent.topic`
        :param records: of one model of `PLACE`
        """
        gate, now = self.env["consent.gate"].sudo(), clock.consent_now(self.env)
        parties = gate._addresses(records._name, records.ids, channel)
        one = {id_: party.usable[0] for id_, party in parties.items() if len(party.usable) == 1 and not party.unusable}
        verdicts = gate._decide(topic, channel, one.values(), company)
        blocks = gate._decide(topic, channel, one.values(), company, asking=True)
        known = self._known(channel, set(one.values()), company)
        laws, companies = self._laws(records, company), self._companies(records)
        rest, answers = timedelta(days=company.sudo().consent_ask_again_days), {}
        for id_ in records.ids:
            address = one.get(id_)
            if not address:
                answers[id_] = Answer("unusable_address", None, None)
                continue
            about = verdicts[address], known.get(address, Known())
            on = asking.ground(*about, laws[id_], channel, address, id_ in companies)
            reason = asking.reason_against(about[0], blocks[address], about[1], on, now, rest)
            answers[id_] = Answer(reason, None if reason else on, address)
        return answers

    def _companies(self, records):
        field = PLACE[records._name][1]
        return set(records.filtered(field).ids) if field else set()

    def _laws(self, records, company):
        """Return the law of the country of each of `records`; of the company's country if theirs is unknown."""
        home, profiles = company.sudo().country_id.code, self.env["consent.country.profile"]
        found = {}
        for country, there in records.grouped(PLACE[records._name][0]).items():
            profile = profiles._for_country_code(country.code or home)
            law = Law(profile.ask_by_mail, profile.legal_persons or "opt_in")
            found.update(dict.fromkeys(there.ids, law))
        return found

    def _known(self, channel, addresses, company):
        """Return the `Known` of each of `addresses`."""
        points = self.env["consent.contact.point"].sudo()
        hashes = {points._hash(channel, address): address for address in addresses}
        self.env["consent.invitee"].flush_model()
        query = SQL(
            """SELECT encode(asked.hash, 'hex'),
                      COALESCE(bool_or(record.legal_basis = 'soft_opt_in' AND record.state = 'granted'
                                       AND COALESCE(record.valid_until > %(now)s, TRUE)), FALSE),
                      max(record.since) FILTER (WHERE record.state IN %(no)s),
                      (SELECT max(invitee.asked_at) FROM consent_invitee invitee
                        WHERE invitee.address_hash = asked.hash AND invitee.company_id = %(company)s)
                 FROM unnest(%(hashes)s) AS asked(hash)
                 LEFT JOIN consent_contact_point point
                        ON point.channel = %(channel)s AND point.address_hash = asked.hash
                 LEFT JOIN consent_record record ON record.contact_point_id = point.id
                       AND COALESCE(record.company_id, 0) IN (0, %(company)s)
                GROUP BY asked.hash""",
            now=clock.now(),
            no=transitions.SAID_NO,
            company=company.id,
            channel=channel,
            hashes=[bytes.fromhex(key) for key in hashes],
        )
        rows = self.env.execute_query(query) if hashes else []
        disowned = self.env["consent.throttle"].sudo()._disowned(channel, addresses)
        return {hashes[hash_]: Known(*values, hashes[hash_] in disowned) for hash_, *values in rows}
