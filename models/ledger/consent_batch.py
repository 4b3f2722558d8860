from odoo import api, models
from odoo.tools import SQL

from ...tools import transitions


class ConsentBatch(models.AbstractModel):
    """A batch of events that turned out wrong: its yeses are revoked, its false noes retracted.

    Whoever calls has checked the right and the second person, and commits chunk by chunk.
    """

    _name = "consent.batch"
    _description = "Tainted Batch"

    @api.model
    def _retract(self, batch: str, after: int, *, label: str, limit: int = 1000) -> tuple[int, int] | None:
        """Retract the noes of a batch: each record becomes what its other events say (GDPR art. 5(1)(d)).

        A no that the person repeated stands, and nothing is written about it. Nothing is retracted twice.

        :param batch: see `consent.event.batch`
        :param after: id of the last event that was looked at, 0 to begin
        :param label: why, as text: "Import … retracted"
        :return: id of the last event and number of events looked at; None where none is left
        """
        events = self._noes(batch, after, limit)
        entries = [
            {**event._retraction(), "source": "system", "source_label": label, "evidence": {"batch": batch}}
            for event in events
            if event.contact_point_id.address
        ]
        self.env["consent.record"].sudo()._submit(entries)
        return (events[-1].id, len(events)) if events else None

    def _noes(self, batch, after, limit):
        query = SQL(
            """SELECT event.id FROM consent_event event
                WHERE event.batch = %s AND event.id > %s AND event.fact = ANY(%s)
                  AND NOT EXISTS (SELECT FROM consent_event back
                                   WHERE back.contact_point_id = event.contact_point_id AND back.undoes = event.id)
                ORDER BY event.id LIMIT %s""",
            batch,
            after,
            list(transitions.RETRACTABLE),
            limit,
        )
        ids = [event_id for (event_id,) in self.env.execute_query(query)]
        return self.env["consent.event"].sudo().browse(ids)
