from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import bulk, clock, evidence, reversal


class ConsentReversal(models.Model):
    """A no that a user undid on somebody's word, or that waits for a second person because the user undid many.

    What waits is in the ledger already, without effect; approved, it is written again with effect, as of the time when
    the person said it, so that whatever the person said since prevails.
    """

    _name = "consent.reversal"
    _description = "Undone No"
    _inherit = ["mail.thread", "consent.four.eyes"]
    _order = "id desc"
    _rec_name = "event_id"

    event_id = fields.Many2one("consent.event", "What was said", required=True, ondelete="restrict", readonly=True)
    contact_point_id = fields.Many2one(related="event_id.contact_point_id")
    topic_id = fields.Many2one(related="event_id.topic_id")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    occurred_at = fields.Datetime(related="event_id.occurred_at")
    source = fields.Selection(related="event_id.source")
    state = fields.Selection(
        [
            ("done", "Undone"),
            ("waiting", "Waits for a second person"),
            ("approved", "Approved"),
            ("declined", "Declined"),
        ],
        required=True,
        readonly=True,
    )
    asked_by_id = fields.Many2one(string="Recorded by", index=True)
    at = fields.Datetime("Recorded on", required=True, readonly=True)
    number = fields.Integer(required=True, readonly=True)

    # Of two transactions of one user, one fails to serialise here and counts anew.
    _number_unique = models.UniqueIndex("(asked_by_id, number)")

    @api.model
    def _left(self, user_ids) -> Counter:
        """Return how many noes each user may still undo alone."""
        query = SQL(
            """SELECT asked_by_id, count(*) FROM consent_reversal
                WHERE asked_by_id = ANY(%s) AND state = 'done' AND at > %s - %s GROUP BY 1""",
            list(user_ids),
            clock.now(),
            reversal.WITHIN,
        )
        self.flush_model()
        used = dict(self.env.execute_query(query))
        return Counter({user_id: reversal.MOST - used.get(user_id, 0) for user_id in user_ids})

    @api.model
    def _note(self, facts: list[dict]):
        """Note events that undid a no or wait for a second person; `reversal` in a fact says which."""
        rows = [
            {
                **{"event_id": fact["id"], "company_id": fact["company_id"], "state": fact["reversal"]},
                **{"asked_by_id": fact["actor_id"], "at": fact["recorded_at"]},
            }
            for fact in facts
            if fact.get("reversal")
        ]
        if not rows:
            return
        types = {"event_id": "integer", "company_id": "integer", "state": "text", "asked_by_id": "integer"}
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_reversal (event_id, company_id, state, asked_by_id, at, number)
                   SELECT event_id, company_id, state, asked_by_id, at,
                          row_number() OVER (PARTITION BY asked_by_id ORDER BY event_id) + COALESCE(
                              (SELECT max(number) FROM consent_reversal old WHERE old.asked_by_id = new.asked_by_id), 0)
                     FROM %s""",
                bulk.table(rows, {**types, "at": "timestamp"}, "new"),
            )
        )
        self.invalidate_model()

    def write(self, vals):
        """Refuse what a client writes: the two buttons are the only way."""
        if not self.env.su:
            raise AccessError(self.env._("Approve it or decline it: nothing else changes here."))
        return super().write(vals)

    # -- the second person ----------------------------------------------------------------------------------------

    def action_decline(self):
        """Leave the no as it stands."""
        self.check_access("write")
        for each in self.filtered(lambda each: each._waits_for_approval()):
            each._check_second_person()
            each.sudo().state = "declined"
            each.message_post(body=self.env._("Declined by %s.", self.env.user.name))

    def _waits_for_approval(self):
        return self.state == "waiting"

    def _approved(self):
        event = self.sudo().event_id
        if not event.contact_point_id.address:
            raise UserError(self.env._("The address was erased: the no stays."))
        self.sudo().state = "approved"
        records = self.env["consent.record"].with_user(self.asked_by_id).sudo()
        records._submit([self._entry(event)])

    def _entry(self, event):
        """Return what was said, as `consent.record._submit` takes it, with the second person's word."""
        proof, kept = event.evidence_id, event._evidence()
        files = self.env["ir.attachment"].sudo().search([("res_model", "=", proof._name), ("res_id", "=", proof.id)])
        statement = kept.pop("statement", None)
        kept.pop("attachments", None)
        details = ("fact", "channel", "source", "source_label", "legal_basis", "occurred_at", "valid_until", "batch")
        return {
            **{name: event[name] or None for name in details},
            **{"address": event.contact_point_id.address, "topic": event.topic_id},
            **{"company": event.company_id.id, "notice": event.notice_id.id, "wording": statement},
            "evidence": {**kept, "approves": event.id, "approved_by": self.env.user.name},
            "attachments": [(file.name, file.raw) for file in files],
            "proof": evidence.APPROVAL,
        }
