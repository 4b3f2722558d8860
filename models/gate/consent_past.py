from datetime import datetime

from odoo import api, models
from odoo.tools import SQL

from ...tools import past, transitions


class ConsentPast(models.AbstractModel):
    """What held, and what we knew, at a time in the past: folded out of the ledger, for any number of people."""

    _name = "consent.past"
    _description = "Consent in the Past"

    @api.model
    def _states(self, points, valid_at: datetime, known_at: datetime) -> dict[tuple, transitions.State]:
        """Return the states by (contact point, topic or 0, company or 0), by one statement.

        :param points: contact points
        :param valid_at: what held then (naive UTC): facts that happened later do not count
        :param known_at: as we knew it then: facts that were recorded later do not count
        """
        known = SQL(
            "contact_point_id = ANY(%s) AND occurred_at <= %s AND recorded_at <= %s", points.ids, valid_at, known_at
        )
        facts = self.env["consent.event"].sudo()._facts(known)
        return {key: transitions.fold(history) for key, history in facts.items()}

    @api.model
    def _reasons(self, points, topics, company, valid_at: datetime, known_at: datetime) -> dict[int, str | None]:
        """Return by contact point why it would have been withheld, None where it was allowed; see `tools.past`."""
        states, nothing = self._states(points, valid_at, known_at), transitions.State()
        gate = self.env["consent.gate"].sudo()
        rules = gate._rules(topics)
        modes = {gate._mode(rule, company) for rule in rules}
        mode = "opt_out" if modes == {"opt_out"} else "opt_in"

        def state(*key):
            return states.get(key, nothing)

        return {
            point_id: past.reason(
                [state(point_id, rule.topic_id, rule.company_id) for rule in rules],
                [state(point_id, 0, company.id), state(point_id, 0, 0)],
                valid_at,
                mode,
            )
            for point_id in points.ids
        }
