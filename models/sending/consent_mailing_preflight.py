from collections import Counter

from odoo import models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..addresses.consent_audience import RESOLVE_BATCH
from ..gate.consent_gate import UNRESOLVED
from ..people.consent_search import keys

REACHED = "reached"
#: Odoo's own reasons, which come after the gate's.
ODOO_REASONS = [
    ("list_opt_out", "Opted out of the mailing list"),
    ("duplicate", "Address written to already"),
    ("failed", "Could not be delivered"),
]
ODOO_FAILURES = {"mail_optout": "list_opt_out", "sms_optout": "list_opt_out"} | dict.fromkeys(
    ("mail_dup", "sms_duplicate"), "duplicate"
)


class MailingPreflight(models.AbstractModel):
    """Who will get a mailing and who will not, and why: counted by the gate's own query, before anything is sent."""

    _name = "consent.mailing.preflight"
    _description = "Preflight of Mailings"

    def action_preflight(self):
        """Show who will get the mailing, or who got it, and why the others do not."""
        self.ensure_one()
        self.check_access("read")
        return self.env["consent.preflight"]._open(self)

    def _preflight(self) -> Counter:
        """Return how many of those who are left to write to would be reached, and withheld by each reason.

        One pass of the database whatever the size; only records whose address Odoo must work out are fetched.
        """
        self.ensure_one()
        mailing, query = self.sudo(), self.sudo()._preflight_audience()
        if query.is_empty():
            return Counter()
        if reason := mailing._preflight_standing():
            return Counter({reason: self._count(query.select())})
        verdicts = mailing._preflight_verdicts(query)
        if not verdicts:
            return mailing._preflight_resolved(query.get_result_ids())
        rows = self.env.execute_query(SQL("SELECT reason, count(*) FROM (%s) verdict GROUP BY reason", verdicts))
        found = Counter({reason or REACHED: count for reason, count in rows})
        if found.pop(UNRESOLVED, 0):
            found += mailing._preflight_resolved(mailing._preflight_odd(query))
        return found

    def _count(self, ids: SQL):
        return self.env.execute_query(SQL("SELECT count(*) FROM (%s) audience", ids))[0][0]

    def _preflight_audience(self):
        """Return the query of those who are left to write to; an A/B test counts everybody it could draw from."""
        left = Domain(self._parse_mailing_domain()) & Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                """NOT EXISTS (SELECT FROM mailing_trace trace
                    WHERE trace.mass_mailing_id = %s AND trace.model = %s AND trace.res_id = %s)""",
                self.id,
                model._name,
                SQL.identifier(alias, "id"),
            )
        )
        self.env["mailing.trace"].flush_model(["mass_mailing_id", "model", "res_id"])
        Model = self.env[self.mailing_model_real]
        Model.flush_model()
        query = Model._search(left)
        query.order = None
        return query

    def _preflight_standing(self):
        if self.message_class == "transactional":
            return REACHED  # once it is approved, where that is asked for
        return self.env["consent.gate"]._standing_reason(
            self._consent_topics(), self._consent_channel(), self.consent_company_id
        )

    def _preflight_verdicts(self, query) -> SQL | None:
        """Return the query of key and reason for everybody in `query`, None for models that only Odoo can resolve."""
        model, channel, gate = self.mailing_model_real, self._consent_channel(), self.env["consent.gate"]
        if channel not in self.env["consent.audience"]._columns(model):
            return None
        gate._flush_what_is_read()
        asked = self.env["consent.audience"]._asked(query, model, channel)
        verdicts = gate._verdict_query(self._consent_topics(), channel, self.consent_company_id, asked)
        return SQL(
            """SELECT key, CASE WHEN %s AND reason IS NULL THEN 'list_opt_out' ELSE reason END AS reason
                 FROM (%s) verdict(key, reason, event, basis, address)""",
            self._preflight_opted_out(),
            verdicts,
        )

    def _preflight_opted_out(self) -> SQL:
        """Return the condition under which Odoo takes a contact for opted out of all lists of the mailing."""
        if self.mailing_model_name != "mailing.list":
            return SQL("FALSE")
        self.env["mailing.subscription"].flush_model(["contact_id", "list_id", "opt_out"])
        return SQL(
            """key IN (SELECT contact_id FROM mailing_subscription WHERE list_id = ANY(%s)
                        GROUP BY contact_id HAVING bool_and(COALESCE(opt_out, FALSE)))""",
            self.contact_list_ids.ids,
        )

    def _preflight_odd(self, query) -> list[int]:
        channel, audience = self._consent_channel(), self.env["consent.audience"]
        odd = audience._odd(audience._asked(query, self.mailing_model_real, channel))
        return self.env["consent.gate"]._unresolved(self._consent_topics(), channel, self.consent_company_id, odd)

    def _preflight_resolved(self, res_ids) -> Counter:
        found = Counter()
        for batch in tools.split_every(RESOLVE_BATCH, res_ids, list):
            found.update(self._preflight_reasons(batch).values())
            self.env[self.mailing_model_real].invalidate_model()
        return found

    def _preflight_reasons(self, res_ids) -> dict:
        gate, channel = self.env["consent.gate"], self._consent_channel()
        parties = gate._addresses(self.mailing_model_real, res_ids, channel)
        verdicts = gate._judge(parties, self._consent_topics(), channel, self.consent_company_id)
        return {key: verdict.reason or REACHED for key, verdict in verdicts.items()}

    def _preflight_domain(self, reason: str) -> Domain:
        """Return the domain of the people whom `_preflight` counted under `reason`."""
        self.ensure_one()
        mailing, query = self.sudo(), self.sudo()._preflight_audience()
        if query.is_empty():
            return Domain.FALSE
        if standing := mailing._preflight_standing():
            return keys(query.select()) if standing == reason else Domain.FALSE
        verdicts = mailing._preflight_verdicts(query)
        odd_ids = mailing._preflight_odd(query) if verdicts else query.get_result_ids()
        reasons = mailing._preflight_reasons(list(odd_ids))
        odd = Domain("id", "in", [key for key, found in reasons.items() if found == reason])
        if not verdicts:
            return odd
        return odd | keys(SQL("SELECT key FROM (%s) v WHERE COALESCE(reason, %s) = %s", verdicts, REACHED, reason))

    # -- afterwards -------------------------------------------------------------------------------------------

    def _aftermath(self) -> Counter:
        """Return the same picture from the traces: what became of everybody so far."""
        groups = self.env["mailing.trace"]._read_group(
            [("mass_mailing_id", "=", self.id)], ["consent_reason", "trace_status", "failure_type"], ["__count"]
        )
        found = Counter()
        for reason, status, failure, count in groups:
            found[reason or self._aftermath_reason(status, failure)] += count
        return found

    def _aftermath_reason(self, status, failure):
        if status not in ("cancel", "error", "bounce"):
            return REACHED
        return ODOO_FAILURES.get(failure, "failed")

    def _aftermath_domain(self, reason: str) -> Domain:
        """Return the domain of the traces that `_aftermath` counted under `reason`."""
        stopped = Domain("trace_status", "in", ("cancel", "error", "bounce"))
        domain = Domain("mass_mailing_id", "=", self.id)
        if reason == REACHED:
            return domain & Domain("consent_reason", "=", False) & ~stopped
        if reason not in dict(ODOO_REASONS):
            return domain & Domain("consent_reason", "=", reason)
        failures = [failure for failure, name in ODOO_FAILURES.items() if name == reason]
        named = Domain("failure_type", "in", failures)
        other = ~Domain("failure_type", "in", list(ODOO_FAILURES))
        return domain & stopped & Domain("consent_reason", "=", False) & (named if failures else other)
