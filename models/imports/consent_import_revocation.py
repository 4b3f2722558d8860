from functools import partial

from odoo import fields, models
from odoo.tools import SQL

from .consent_import_work import CHUNK


class ConsentImportRevocation(models.AbstractModel):
    """How what an import recorded is taken back: its yeses are revoked."""

    _name = "consent.import.revocation"
    _description = "Taking an Import Back"

    position = fields.Integer()

    def _revoke(self, commits):
        """Revoke what still rests on this import; yields the number of events looked at, chunk by chunk."""
        while rows := self._resting_after(self.position):
            self._repeatedly(partial(self._revoke_rows, rows), commits)
            yield len(rows)

    def _resting_after(self, event_id):
        query = SQL(
            """SELECT event.id, point.channel, point.address, event.topic_id, record.id
                 FROM (SELECT id, contact_point_id, topic_id FROM consent_event
                        WHERE id > %s AND batch = %s AND fact = 'given' ORDER BY id LIMIT %s) event
                 JOIN consent_contact_point point ON point.id = event.contact_point_id
                 LEFT JOIN consent_record record ON record.contact_point_id = event.contact_point_id
                      AND record.granting_event_id = event.id AND record.state = 'granted'
                ORDER BY event.id""",
            event_id,
            self.reference,
            CHUNK,
        )
        return self.env.execute_query(query)

    def _revoke_rows(self, rows):
        records = self.with_user(self.revoked_by_id).env["consent.record"].sudo()
        entries = [
            {
                **{"fact": "revoked", "channel": channel, "address": address},
                "topic": self.env["consent.topic"].browse(topic_id),
                "source": "system",
                "source_label": self.env._("Import “%s” revoked", self.name),
                "evidence": {"import": self.reference},
            }
            for _event, channel, address, topic_id, record in rows
            if record and address
        ]
        records._submit(entries)
        self.position = rows[-1][0]
