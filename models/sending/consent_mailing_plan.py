import logging
from contextlib import contextmanager

from odoo import fields, models, tools
from odoo.modules import module

from ...tools import retry
from ...tools.verdict import failure_type
from .consent_mailing_launch import LAUNCHED, STEP, UNATTENDED

_logger = logging.getLogger(__name__)

TRACE_BATCH = 1000
WAITS = ()


class ConsentMailingPlan(models.AbstractModel):
    """Who is written to, decided before anything is rendered; the others get a trace with the reason."""

    _name = "consent.mailing.plan"
    _description = "Plan of Mailings"

    def _is_held(self):
        """Return whether the mailing waits because this database is a copy."""
        return self._is_marketing() and self.env["consent.gate"].sudo()._is_held()

    def _plan(self, res_ids):
        """Return the ids that may be written to, None for all of them, or `WAITS`."""
        if self._is_held():
            _logger.info("mailing %s waits: this database is a copy", self.id)
            return WAITS
        if not self.launched_parts and self.state not in LAUNCHED:
            self._launch()
        if not self._stands():
            return WAITS
        try:
            with self.env.cr.savepoint():
                return self._split_audience(res_ids)
        except Exception:
            # Marketing waits: without traces the next run of the queue tries again.
            _logger.exception("consent gate failed: mailing %s waits", self.id)
            return WAITS

    def _finish(self, allowed):
        self._finish_where_nothing_left(allowed)
        if not self.launched_parts:  # put back meanwhile, at a hand-over
            self.sudo().state = "draft"

    @contextmanager
    def _told_of_failure(self):
        """Where nobody sees an error, tell the mailing's owner and let the other mailings go on."""
        if self.env.context.get(STEP) is not UNATTENDED:
            yield
            return
        try:
            with _undone_on_failure(self.env.cr):
                yield
        except retry.LATER:
            _logger.info("mailing %s waits for the next run", self.id, exc_info=True)
        except Exception as error:
            _logger.exception("mailing %s failed", self.id)
            why = next(iter(str(error).splitlines()), "")[:200]
            self._put_back(self.env._("“%(mailing)s” could not be sent: %(error)s", mailing=self.subject, error=why))

    def _split_audience(self, res_ids):
        """Return the ids that may be written to, having given all others their trace.

        :return: None where there is nothing to split: transactional, or nobody left (Odoo says so)
        """
        asked = self._get_remaining_recipients() if res_ids is None else list(res_ids)
        if not asked and res_ids is None:
            return None
        if not self._is_marketing():
            return asked
        verdicts = self._judge_audience(asked)
        self._trace_withheld({key: verdict for key, verdict in verdicts.items() if not verdict.allowed})
        return [res_id for res_id in asked if res_id not in verdicts or verdicts[res_id].allowed]

    def _judge_audience(self, res_ids):
        """Return a verdict for each record; without one are those whose address only Odoo can judge."""
        self.ensure_one()
        gate, channel = self.env["consent.gate"].sudo(), self._consent_channel()
        topics, company = self._consent_topics(), self.consent_company_id
        parties = gate._addresses(self.mailing_model_real, res_ids, channel)
        if all(gate._mode(rule, company) == "opt_out" for rule in gate._rules(topics)):
            parties = {key: party for key, party in parties.items() if party.usable and not party.unusable}
        return gate._judge(parties, topics, channel, company)

    def _trace_withheld(self, verdicts):
        email = self._consent_channel() == "email"
        values = [
            {
                "mass_mailing_id": self.id,
                "model": self.mailing_model_real,
                "res_id": res_id,
                "trace_type": "mail" if email else "sms",
                "email" if email else "sms_number": verdict.address,
                "trace_status": "cancel",
                "failure_type": failure_type(verdict.reason, self._consent_channel()),
                "consent_reason": verdict.reason,
            }
            for res_id, verdict in verdicts.items()
        ]
        for batch in tools.split_every(TRACE_BATCH, values, list):
            self.env["mailing.trace"].sudo().create(batch)
            self.env["mailing.trace"].invalidate_model()  # of a large audience, most are withheld: none stays in memory

    def _finish_where_nothing_left(self, allowed):
        # Odoo ends an SMS mailing by the state of its messages: with none to send it would stay 'sending' for a day.
        self.env["mailing.trace"].flush_model(["trace_status"])
        waiting = self.mailing_type == "sms" and self.env["mailing.trace"].sudo().search_count(
            [("mass_mailing_id", "=", self.id), ("trace_status", "in", ("outgoing", "process", "pending"))], limit=1
        )
        if self.state != "done" and allowed is not None and not waiting and (not allowed or self.mailing_type == "sms"):
            self.write({"state": "done", "sent_date": fields.Datetime.now(), "kpi_mail_required": not self.sent_date})


@contextmanager
def _undone_on_failure(cr):
    """Undo what failed. Odoo commits while it sends, which ends savepoints; under test it may not roll back."""
    if module.current_test:
        with cr.savepoint():
            yield
        return
    try:
        yield
    except Exception:
        cr.rollback()
        raise
