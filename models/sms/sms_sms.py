import logging
from contextlib import contextmanager

from odoo import api, fields, models, tools
from odoo.modules import module

from ...tools import contact_point, origin, placeholders, retry
from ...tools.twilio_api import ConsentSmsApiTwilio
from ...tools.verdict import FAILURE_TYPE, REASONS, failure_type
from ..sending.consent_mailing_launch import PLAN, QUEUE, STEP

_logger = logging.getLogger(__name__)

#: In the context of the test wizard, which calls the provider itself: what it creates is never queued.
SENT_BY_CREATOR = "consent_sent_by_creator"
_SENT = object()


class SmsSms(models.Model):
    """The hand-over gate for SMS: the last place before the provider, whatever made the message.

    Relied on: `_send` is what `send` and the queue end in, a provider's batch at a time.
    """

    _name = "sms.sms"
    _inherit = ["sms.sms", "consent.sms"]

    state = fields.Selection(selection_add=[("deferred", "Waits")], ondelete={"deferred": "set default"})
    failure_type = fields.Selection(selection_add=[(FAILURE_TYPE, "Withheld: no consent")])
    consent_topic_id = fields.Many2one("consent.topic", "Marketing topic", ondelete="restrict", index="btree_not_null")
    consent_origin = fields.Char("Waits for the kind of", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Note what the origin says of the kind. No default makes a message one of a mailing."""
        if self.env.context.get(SENT_BY_CREATOR) is _SENT:
            vals_list = [{**vals, "state": "pending"} for vals in vals_list]
        stamped = self.env["consent.origin"]._stamped(vals_list)
        messages = super().create([{"mailing_id": False, **vals} for vals in stamped])
        messages._consent_check_written()
        return messages

    def _consent_check_written(self):
        """Ask for the kind of SMS that somebody wrote by hand. Relied on: code writes as superuser."""
        letter = self.env["consent.letter"]
        if self.env.su or origin.of(self.env.context) or not letter._is_written():
            return
        messages = self.filtered(lambda sms: not (sms._consent_topic() or sms.mailing_id))
        numbers = set(filter(None, messages.mapped("number")))
        if topic_id := letter._topic_of(letter._without_staff(numbers, "sms")):
            messages.consent_topic_id = topic_id

    @api.model
    def _consent_sent_by_creator(self, records):
        """Return `records` in a context whose messages the queue leaves alone."""
        return records.with_context(**{SENT_BY_CREATOR: _SENT})

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Hand over what may go; each company's messages through its own account.

        Odoo's queue passes the messages of several companies at once: it would crash, or send all through one account.
        """
        if not self.env.context.get("sms_api") and len({sms._get_sms_company() for sms in self}) > 1:
            for sms_api, batch in self._split_by_api():
                batch.with_context(sms_api=sms_api)._send(unlink_failed, unlink_sent, raise_exception)
            return None
        messages = self.exists()
        allowed = (messages - messages._consent_hold())._consent_allowed()
        if not allowed:
            return None
        sms_api = allowed._consent_api()
        for request in allowed._consent_requests(sms_api):
            with request._consent_failing_alone():
                sent = request._consent_sent()
                super(SmsSms, request.with_context(sms_api=sms_api))._send(
                    unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
                )
                self.env["consent.sms.sent"]._note(sent)
                if isinstance(sms_api, ConsentSmsApiTwilio):
                    request._consent_learn(sms_api)
        return None

    @contextmanager
    def _consent_failing_alone(self):
        """On the queue's way, let what fails at one request keep no other message from leaving.

        The messages show the failure and are not sent again by themselves: the provider may have taken them.
        Where the database failed, they wait for the next run instead.
        """
        try:
            yield
        except retry.LATER:
            raise
        except Exception:
            if not self._consent_commits():
                raise
            self.env.cr.rollback()
            _logger.exception("SMS %s failed", self.ids)
            self.exists()._update_sms_state_and_trackers("error", failure_type="sms_server")

    def _consent_commits(self):
        """Return whether each request is a transaction of its own, as on the way of the queue."""
        return not module.current_test and self.env.context.get(STEP) in (PLAN, QUEUE)

    def _consent_requests(self, sms_api):
        """Yield the messages of one request to the provider at a time, and keep what came of it.

        On the queue's way each request is one transaction, so that a killed worker repeats one at most, and a request
        that fails undoes no plan. A lock keeps other workers from sending the same; what they sent meanwhile is left
        out.
        """
        if not self._consent_commits():
            yield self
            return
        size = 1 if isinstance(sms_api, ConsentSmsApiTwilio) else len(self)
        for batch in tools.split_every(size, self.ids, self.browse):
            self.env.cr.commit()  # pylint: disable=invalid-commit
            request = batch.try_lock_for_update().filtered(lambda sms: sms.state == "outgoing")
            if request:
                yield request
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _process_queue(self):
        """Take up again what had to wait."""
        self._consent_wake()
        return super(SmsSms, self.with_context(**{STEP: QUEUE}))._process_queue()

    def _consent_api(self):
        """Return the client of the messages' own company; Odoo's queue would send for the cron's."""
        sms_api = self.env.context.get("sms_api")
        if not sms_api:
            company = self._get_sms_company()
            sms_api = company._get_sms_api_class()(self.env)
            sms_api._set_company(company)
        if isinstance(sms_api, ConsentSmsApiTwilio):
            sms_api.start()
            sms_api.parameters.update(self._consent_parameters())
            sms_api.waited.update(self.filtered("consent_tried_again").mapped("uuid"))
        return sms_api

    def _consent_is_marketing(self):
        self.ensure_one()
        return self.mailing_id._is_marketing() if self.mailing_id else bool(self._consent_topic())

    def _consent_key(self):
        """Return what messages must share to be judged alike: mailing or topic, and if they ask for consent."""
        return self.mailing_id, self._consent_topic(), self.sudo().mail_message_id.consent_asks

    def _consent_topic(self):
        self.ensure_one()
        return self.consent_topic_id or self.sudo().mail_message_id.consent_topic_id

    def _consent_allowed(self):
        """Return the messages that may be handed over now, having cancelled what may not.

        Where the gate fails, or holds all, marketing stays in the queue (fail closed) and nothing is lost.
        """
        allowed, held = self.browse(), self.env["consent.gate"].sudo()._is_held()
        for (mailing, topic, _asks), batch in self.grouped(lambda sms: sms._consent_key()).items():
            if not batch._consent_stands(mailing):
                continue
            if not (mailing._is_marketing() if mailing else topic):
                allowed |= batch._consent_reachable()
                continue
            if held:
                continue
            try:
                with self.env.cr.savepoint():
                    ready = batch._consent_judge(mailing, topic)._consent_put_off()
                    ready._consent_finish()
                    allowed |= ready
            except Exception:
                _logger.exception("consent gate failed: %s SMS wait", len(batch))
        return self & allowed

    def _consent_stands(self, mailing):
        """Return whether the messages' mailing may leave as it was launched."""
        try:
            with self.env.cr.savepoint():
                return not mailing or mailing._is_held() or mailing._stands()
        except Exception:
            _logger.exception("launch of mailing %s not judged: %s SMS wait", mailing.id, len(self))
            return False

    def _consent_hold(self):
        """Put off messages to others than our staff whose origin states no kind; return them."""
        waiting = self.filtered(lambda sms: sms.consent_origin and not (sms._consent_topic() or sms.mailing_id))
        numbers = set(filter(None, waiting.mapped("number")))
        outside = self.env["consent.letter"]._without_staff(numbers, "sms")
        held = self.env["consent.origin"]._without_kind(waiting.filtered(lambda sms: sms.number in outside))
        held.failure_type = FAILURE_TYPE
        held._consent_wait(dict.fromkeys(held, self.env["consent.origin"]._held_until()))
        return held

    def _consent_sender(self):
        """Return the company in whose name it goes out."""
        return self._get_sms_company()

    def _consent_reachable(self):
        """Return the transactional messages that may leave: a carrier's STOP binds them too (requirement R-072)."""
        stopped = self._consent_stopped_by_carrier()
        if stopped:
            stopped._update_sms_state_and_trackers("canceled", failure_type="sms_optout")
        return self - stopped

    def _consent_judge(self, mailing, topic):
        gate = self.env["consent.gate"].sudo()
        verdicts = gate._judge_at_hand_over(
            {sms: gate._number(sms.number) for sms in self},
            mailing._consent_topics() if mailing else topic,
            "sms",
            mailing.consent_company_id if mailing else topic.sudo().company_id or self[:1]._get_sms_company(),
            asking=self[:1].sudo().mail_message_id.consent_asks,
        )
        withheld = self.filtered(lambda sms: not verdicts[sms].allowed)
        for reason, batch in withheld.grouped(lambda sms: verdicts[sms].reason).items():
            batch._update_sms_state_and_trackers("canceled", failure_type=failure_type(reason, "sms"))
            batch.sms_tracker_id.sudo().mailing_trace_id.consent_reason = reason
            _logger.info("%s SMS withheld: %s", len(batch), dict(REASONS)[reason])
        (self - withheld)._consent_fill(mailing, topic)
        return self - withheld

    def _consent_fill(self, mailing, topic):
        """Put each recipient's own links for placeholders in the text; the one that stops SMS is the shortest."""
        marked = self.filtered(lambda sms: placeholders.has_any(sms.body or ""))
        if not marked:
            return
        company = mailing.consent_company_id if mailing else topic.sudo().company_id or self[:1]._get_sms_company()
        topic, link = mailing._consent_topics()[:1] if mailing else topic, self.env["consent.link"].sudo()
        numbers = {sms.number for sms in marked if contact_point.is_e164(sms.number or "")}
        tokens = link._tokens("sms", numbers, company, topic, mailing)
        for sms in marked.filtered(lambda sms: sms.number in tokens):
            token = tokens[sms.number]
            urls = {
                **link._urls(token, company, topic),
                "unsubscribe": link._stop_url(token, company, topic),
            }
            sms.body = placeholders.fill(sms.body, urls)
