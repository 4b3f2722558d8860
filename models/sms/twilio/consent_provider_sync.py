import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ....tools import clock, twilio_client

_logger = logging.getLogger(__name__)

BATCHES_PER_RUN = 90  # below the provider's limit of calls in a minute, whatever else calls it
LONGEST_WAIT = timedelta(days=1)
AUDIT_DAYS = 3
AUDIT_MESSAGES = 1000
IN, OUT = "opt-in", "opt-out"
#: How Twilio calls where a choice came from (requirement R-232).
MEANS = {
    **dict.fromkeys(("web_form", "double_opt_in", "preference_page", "one_click"), "website"),
    **dict.fromkeys(("staff_in_person", "staff_phone", "paper", "import"), "offline"),
}
#: Facts that may change what the provider must know.
TOLD = {
    *("given", "confirmed", "renewed", "refused", "withdrawn", "objected", "released", "expired", "revoked"),
    *("suppressed", "unsuppressed", "restricted", "unrestricted", "retracted"),
}


class ConsentProviderSync(models.Model):
    """What the SMS provider was told of a number, and must be told yet: a queue with one row for each number.

    Only the newest choice counts, so a row is told what holds when its turn comes. A failure changes nothing of ours.
    """

    _name = "consent.provider.sync"
    _description = "Provider Synchronisation"
    _order = "pending desc, id"
    _rec_name = "contact_point_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    contact_point_id = fields.Many2one(
        "consent.contact.point", "Number", required=True, ondelete="cascade", readonly=True
    )
    pending = fields.Boolean(readonly=True)
    told = fields.Selection([(IN, "May be texted"), (OUT, "May not be texted")], "Provider was told", readonly=True)
    told_at = fields.Datetime(readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Not before", readonly=True)
    error = fields.Char(readonly=True)
    finding = fields.Char("Difference found", readonly=True, help="Where the provider knew otherwise than we did.")

    _number_unique = models.UniqueIndex("(contact_point_id, company_id)")
    _queue_index = models.Index("(company_id, id) WHERE pending")

    # -- queue ----------------------------------------------------------------------------------------------------

    @api.model
    def _enqueue(self, pairs):
        """Note that the provider must hear of contact points.

        :param pairs: ids of a contact point and of a company
        """
        pairs = sorted(set(pairs))
        if not pairs:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_provider_sync (contact_point_id, company_id, pending, attempts)
                   SELECT *, TRUE, 0 FROM unnest(%s, %s)
                   ON CONFLICT (contact_point_id, company_id)
                   DO UPDATE SET pending = TRUE, retry_at = NULL, error = NULL, attempts = 0""",
                [point for point, _company in pairs],
                [company for _point, company in pairs],
            )
        )
        self.invalidate_model()
        self.env.ref("marketing_consent.ir_cron_consent_provider_sync").sudo()._trigger()

    @api.model
    def _cron_push(self):
        """Tell the provider, 25 numbers a call; what fails waits longer each time, and is seen."""
        left = BATCHES_PER_RUN
        for company in self.env["res.company"].search([("consent_twilio_sync", "=", True)]):
            while left and (batch := self._take(company)):
                left -= 1
                batch._push(company)
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return
        if not left:
            cron = self.env.ref("marketing_consent.ir_cron_consent_provider_sync")
            cron.sudo()._trigger(at=clock.consent_now(self.env) + timedelta(minutes=1))

    def _take(self, company):
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT id FROM consent_provider_sync
                    WHERE pending AND company_id = %s AND (retry_at IS NULL OR retry_at <= %s)
                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
                company.id,
                clock.now(),
                twilio_client.CONSENTS_PER_CALL,
            )
        )
        return self.browse(row for (row,) in self.env.cr.fetchall())

    def _push(self, company):
        """Tell the provider of these numbers of `company`, in one call."""
        items = {secrets.token_hex(16): item for item in self._items(company).items()}
        silent = self - self.browse(row.id for row, _item in items.values())
        silent.write({"pending": False})
        if not items:
            return
        try:
            answer = company._consent_twilio_client().accounts.v1.bulk_consents.create(
                items=[{"correlation_id": key, **item} for key, (_row, item) in items.items()]
            )
            results = {result["correlation_id"]: result for result in answer.items}
        except Exception as error:
            said, again = twilio_client.trouble(error)
            _logger.warning("provider sync: %s numbers wait: %s", len(items), said)
            self.browse(row.id for row, _item in items.values())._fail(said, again)
            return
        for key, (row, item) in items.items():
            row._heard(item, results.get(key))

    def _heard(self, item, result):
        """Take the provider's answer to one number: it accepts a call though items in it fail."""
        if not result or result.get("error_code") != 0:
            said = ", ".join(map(str, (result or {}).get("error_messages") or ["no answer"]))
            return self._fail(said[:200], again=not result or "INTERNAL_SERVER_ERROR" in said)
        now = clock.consent_now(self.env)
        self.write({"pending": False, "told": item["status"], "told_at": now, "error": False, "attempts": 0})
        if item["status"] == IN:
            entry = {"fact": "carrier_released", "channel": "sms", "address": item["contact_id"], "source": "provider"}
            self.env["consent.record"].sudo()._submit([{**entry, "company": self.company_id.id}])
        return None

    def _fail(self, said, again):
        """Wait longer each time; what can never succeed stays in sight, and is not tried again."""
        now = clock.consent_now(self.env)
        for row in self:
            wait = min(timedelta(minutes=2 ** min(row.attempts + 1, 12)), LONGEST_WAIT)
            row.write({"attempts": row.attempts + 1, "error": said, "pending": again, "retry_at": again and now + wait})

    def action_retry(self):
        """Tell the provider again, now."""
        self.check_access("read")
        self._enqueue([(row.contact_point_id.id, row.company_id.id) for row in self.sudo()])

    # -- what holds -----------------------------------------------------------------------------------------------

    def _items(self, company):
        """Return what the provider is to be told, by row; nothing of a row that it knows already."""
        sender = company.consent_twilio_service_sid or company.sms_twilio_number_ids[:1].number
        now, items = clock.consent_now(self.env), {}
        holds = self._holds(company)
        for row in self:
            status, since, source = holds[row.contact_point_id.id]
            if row.contact_point_id.address and sender and status != row.told:
                items[row] = {
                    "contact_id": row.contact_point_id.address,
                    "sender_id": sender,
                    "status": status,
                    "source": _means(source, status),
                    "date_of_consent": min(since or now, now).strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
        return items

    def _holds(self, company):
        """Return by contact point whether the company may text it about anything, since when, and by what means."""
        query = SQL(
            """SELECT point.id, granted.since, granted.source, said.occurred_at, said.source,
                      COALESCE(bool_or(blocking.carrier_blocked_at >= granted.since), FALSE)
                 FROM consent_contact_point point
                 LEFT JOIN LATERAL (
                     SELECT event.occurred_at AS since, event.source FROM consent_event event
                      WHERE event.contact_point_id = point.id AND event.id = ANY(%(events)s)
                      ORDER BY event.occurred_at DESC LIMIT 1) granted ON TRUE
                 LEFT JOIN consent_record blocking ON blocking.contact_point_id = point.id AND blocking.topic_id IS NULL
                      AND COALESCE(blocking.company_id, %(company)s) = %(company)s
                 LEFT JOIN LATERAL (
                     SELECT event.occurred_at, event.source FROM consent_event event
                      WHERE event.contact_point_id = point.id ORDER BY event.id DESC LIMIT 1) said ON TRUE
                WHERE point.id = ANY(%(points)s) GROUP BY point.id, granted.since, granted.source, said.occurred_at,
                      said.source""",
            company=company.id,
            events=self._authorising_events(company),
            points=self.contact_point_id.ids,
        )
        return {
            point: (OUT, said_at, said_by) if blocked or not since else (IN, since, source)
            for point, since, source, said_at, said_by, blocked in self.env.execute_query(query)
        }

    def _authorising_events(self, company) -> list[int]:
        """Return the events on which the gate lets the company text these numbers about one topic or another."""
        gate, topics = self.env["consent.gate"].sudo(), self.env["consent.topic"].sudo()
        addresses = [address for address in self.contact_point_id.mapped("address") if address]
        offered = topics.search([("offer_sms", "=", True), ("company_id", "in", [company.id, False])])
        verdicts = [
            verdict
            for topic in offered
            for verdict in gate._decide(topic, "sms", addresses, company, lasting=True).values()
        ]
        return [verdict.event_id for verdict in verdicts if verdict.allowed and verdict.event_id]

    # -- audit ----------------------------------------------------------------------------------------------------

    @api.model
    def _cron_audit(self):
        """Compare both sides: what we told with what holds, and what the provider heard with what we know."""
        for company in self.env["res.company"].search([("sms_provider", "=", "twilio")]):
            if company.sudo().sms_twilio_account_sid and company.sms_twilio_number_ids:
                self._audit(company.sudo())

    def _audit(self, company):
        if company.consent_twilio_sync:
            self._audit_told(company)
        try:
            for number in company.sms_twilio_number_ids.mapped("number"):
                self._audit_messages(company, company._consent_twilio_client(), number)
        except Exception as error:
            _logger.warning("provider audit of company %s: %s", company.id, twilio_client.trouble(error)[0])

    def _audit_told(self, company):
        told = self.search([("company_id", "=", company.id), ("told", "!=", False), ("pending", "=", False)])
        for batch in tools.split_every(1000, told.ids, self.browse):
            holds = batch._holds(company)
            drifted = batch.filtered(lambda row, holds=holds: holds[row.contact_point_id.id][0] != row.told)
            drifted.write({"finding": self.env._("The provider was told otherwise than what holds")})
            self._enqueue([(row.contact_point_id.id, company.id) for row in drifted])

    def _audit_messages(self, company, client, number):
        since = clock.consent_now(self.env) - timedelta(days=AUDIT_DAYS)
        received = client.messages.list(to=number, date_sent_after=since, limit=AUDIT_MESSAGES)
        incoming = self.env["consent.incoming.sms"].sudo()
        known = set(incoming.search([("reference", "in", [message.sid for message in received])]).mapped("reference"))
        for message in received:
            if message.sid not in known and message.direction == "inbound":
                sent = (message.date_sent or message.date_created).replace(tzinfo=None)
                acts = incoming._provider_acts(company, message.body or "")
                incoming._receive(
                    company,
                    message.from_,
                    message.body or "",
                    reference=message.sid,
                    recipient=number,
                    received_at=sent,
                    provider_action=acts,
                    provider_blocks=bool(acts),
                    answer=False,
                )
                self._found(company, message.from_, self.env._("A message that never reached us"))
        refused = client.messages.list(from_=number, date_sent_after=since, limit=AUDIT_MESSAGES)
        codes = {message.to: message.error_code for message in refused if message.error_code in (21610, 30004)}
        unknown = self._not_blocked(company, codes)
        self.env["consent.sms.lesson"]._learn(company, {to: code for to, code in codes.items() if to in unknown})
        for to in unknown:
            self._found(company, to, self.env._("Stopped at the provider, and not here"))

    def _not_blocked(self, company, numbers):
        query = SQL(
            """SELECT point.address FROM consent_contact_point point
                 JOIN consent_record record ON record.contact_point_id = point.id AND record.topic_id IS NULL
                WHERE point.channel = 'sms' AND point.address = ANY(%s) AND record.company_id = %s
                  AND (record.carrier_blocked_at IS NOT NULL OR record.paused_until > %s)""",
            list(numbers),
            company.id,
            clock.now(),
        )
        return set(numbers) - {number for (number,) in self.env.execute_query(query)}

    def _found(self, company, number, finding):
        point = self.env["consent.contact.point"].sudo()._points("sms", [number])[number]
        row = self.search([("contact_point_id", "=", point), ("company_id", "=", company.id)])
        row = row or self.create({"contact_point_id": point, "company_id": company.id})
        row.finding = finding


class ConsentOutbox(models.Model):
    """The consumer that feeds the queue."""

    _name = "consent.outbox"
    _inherit = ["consent.outbox"]

    @api.model
    def _consumers(self):
        """Add the provider."""
        return (*super()._consumers(), "provider")

    def _wants_provider(self, facts):
        told = [fact for fact in facts if fact["channel"] == "sms" and fact["fact"] in TOLD]
        return told if told and self._syncing() else []

    def _syncing(self):
        """Return the companies that want their provider to know."""
        return self.env["res.company"].sudo().search([("consent_twilio_sync", "=", True)])

    def _deliver_provider(self, events):
        companies = self._syncing()
        self.env["consent.provider.sync"].sudo()._enqueue(
            (event.contact_point_id.id, company.id)
            for event in events
            for company in companies
            if not event.company_id or event.company_id == company
        )


def _means(source, status):
    by_message = "opt-in-message" if status == IN else "opt-out-message"
    return by_message if source in ("sms_keyword", "provider") else MEANS.get(source, "others")
