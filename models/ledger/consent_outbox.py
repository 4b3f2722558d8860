import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock

_logger = logging.getLogger(__name__)

BATCH = 500
LONGEST_WAIT = timedelta(days=1)


class ConsentOutbox(models.Model):
    """What the rest of Odoo must still be told of an event (transactional outbox).

    A row is written in the transaction that appends the event and delivered seconds after its commit, so nothing that
    happens here can undo, delay or forge consent. A consumer extends this model with its name in `_consumers` and two
    methods: `_wants_NAME(facts)` picks what it must hear of, `_deliver_NAME(events)` acts on it. Deliveries may come
    twice and out of order: a consumer looks at the records as they are now and is idempotent.
    """

    _name = "consent.outbox"
    _description = "Consent Outbox"
    _order = "id"
    _rec_name = "consumer"
    _log_access = False

    event_id = fields.Many2one("consent.event", required=True, ondelete="restrict", index=True, readonly=True)
    consumer = fields.Char("For", required=True, readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Not before", readonly=True)
    error = fields.Char(readonly=True)

    _queue_index = models.Index("(consumer, id)")

    @api.model
    def _consumers(self) -> tuple[str, ...]:
        """Return the names of those who want to hear of events."""
        return ()

    @api.model
    def _post(self, facts: list[dict]):
        """Note who must be told of `facts`, in one statement; see `consent.event._append` for their form."""
        rows = [
            (fact["id"], consumer)
            for consumer in self._consumers()
            for fact in getattr(self, f"_wants_{consumer}")(facts)
        ]
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO consent_outbox (event_id, consumer, attempts) SELECT *, 0 FROM unnest(%s, %s)",
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        self.env.ref("marketing_consent.ir_cron_consent_outbox").sudo()._trigger()

    @api.model
    def _cron_deliver(self):
        """Deliver what waits, a batch of a consumer at a time, each committed by itself."""
        for consumer in self._consumers():
            while batch := self._take(consumer):
                self._deliver(consumer, batch)
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    def _take(self, consumer):
        """Return the next batch, locked; other workers pass it by."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT id FROM consent_outbox WHERE consumer = %s AND (retry_at IS NULL OR retry_at <= %s)
                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
                consumer,
                clock.now(),
                BATCH,
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _deliver(self, consumer, batch):
        """Hand a batch to its consumer; where that fails, hand over one by one and put off what fails again."""
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_deliver_{consumer}")(batch.event_id)
                batch.unlink()
        except Exception as failure:
            if len(batch) > 1:
                for row in batch:
                    self._deliver(consumer, row)
                return
            _logger.warning("consent outbox: %s of event %s waits", consumer, batch.event_id.id, exc_info=True)
            self.env.invalidate_all()
            batch._put_off(failure)

    def _put_off(self, failure):
        attempts = self.attempts + 1
        wait = min(timedelta(minutes=2**attempts), LONGEST_WAIT)
        self.write(
            {
                "attempts": attempts,
                "retry_at": clock.consent_now(self.env) + wait,
                "error": f"{type(failure).__name__}: {failure}"[:500],
            }
        )

    def action_retry(self):
        """Deliver again now what was put off."""
        self.check_access("read")
        self.sudo().retry_at = False
        self.env.ref("marketing_consent.ir_cron_consent_outbox").sudo()._trigger()
