from functools import partial

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .consent_import_work import CHUNK


class ConsentImportRevocation(models.AbstractModel):
    """How what an import recorded is taken back by officers: its yeses are revoked, its false noes retracted."""

    _name = "consent.import.revocation"
    _description = "Taking an Import Back"

    position = fields.Integer()

    revoked_by_id = fields.Many2one("res.users", "Revoked by", readonly=True, copy=False)
    retracted_by_id = fields.Many2one("res.users", "Retracted by", readonly=True, copy=False)
    standing_count = fields.Integer("Consents that rest on it", compute="_compute_standing_count")

    def _compute_standing_count(self):
        for each in self:
            resting = [("granting_event_id", "any", [("batch", "=", each.reference)]), ("state", "=", "granted")]
            each.standing_count = (
                self.env["consent.record"].search_count(resting)
                if each.state in ("done", "stopped", "retracted")
                else 0
            )

    def action_revoke(self):
        """Take back every consent that still rests on this file; what people said themselves since stays.

        :raises AccessError: for others than officers
        """
        self._check_officer()
        for each in self.filtered(lambda each: each.state in ("done", "stopped", "retracted")):
            each._start("revoking")

    def action_retract(self):
        """Ask another officer to retract the noes of this file: the people did not say them.

        :raises AccessError: for others than officers
        """
        self._check_officer()
        for each in self.filtered(lambda each: each.state in ("done", "stopped", "revoked")):
            each.sudo().write({"state": "retraction", "retracted_by_id": self.env.user.id})

    def action_approve_retraction(self):
        """Retract the noes, as a second officer. What a person said themselves stays.

        :raises AccessError: for others than officers, and for the one who asked
        """
        self._check_officer()
        for each in self.filtered(lambda each: each.state == "retraction"):
            if each.retracted_by_id == self.env.user:
                raise AccessError(self.env._("Somebody else has to approve it."))
            each.message_post(body=self.env._("Retraction approved by %s.", self.env.user.name))
            each._start("retracting")

    def _check_officer(self):
        if not self.env.user.has_group("marketing_consent.group_officer"):
            raise AccessError(self.env._("Taking an import back needs the right “Consent: Officer”."))
        self.check_access("write")

    def _retract(self, commits):
        """Retract the noes of this import; yields the number of events looked at, chunk by chunk."""
        while done := self._repeatedly(self._retract_chunk, commits):
            yield done

    def _retract_chunk(self):
        batches = self.with_user(self.retracted_by_id).env["consent.batch"].sudo()
        label = self.env._("Import “%s” retracted", self.name)
        found = batches._retract(self.reference, self.position, label=label, limit=CHUNK)
        if not found:
            return 0
        self.position = found[0]
        return found[1]

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
