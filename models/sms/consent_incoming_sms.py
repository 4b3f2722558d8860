from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock, contact_point, keywords, refusal, sms_text, transitions
from .consent_keyword import ACTIONS

MAX_KEPT = 160  # characters: a decision needs no more (requirement R-065)
ANSWER_ONCE_IN = timedelta(minutes=5)  # two machines that answer each other must come to rest
START_TAKES_BACK = relativedelta(months=12)
STARTS = ("start", "sign_up", "confirm")
TEXT_OF_ACTION = {
    "stop": "stopped",
    "stop_topic": "stopped_topic",
    "start": "started",
    "confirm": "confirmed",
    "sign_up": "sign_up",
    "help": "help",
}


class ConsentIncomingSms(models.Model):
    """An SMS that somebody sent to us: what it asked for, what we did, and what we answered.

    `_receive` is the one verb, for whatever provider brings the message.
    """

    _name = "consent.incoming.sms"
    _description = "Incoming SMS"
    _order = "id desc"
    _rec_name = "contact_point_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    contact_point_id = fields.Many2one(
        "consent.contact.point", "From", required=True, ondelete="cascade", readonly=True, index=True
    )
    recipient = fields.Char("To", readonly=True, help="Our number, or the provider's service, that it came to.")
    reference = fields.Char(readonly=True, help="The provider's identifier of the message: it counts once.")
    received_at = fields.Datetime(required=True, readonly=True)
    text = fields.Char(readonly=True, groups="marketing_consent.group_user", help="The beginning of the message.")
    action = fields.Selection(
        [
            *ACTIONS,
            ("confirm", "Confirm a sign-up"),
            ("stop_topic", "Stop one topic"),
            ("sign_up", "Asks for what was never agreed to"),
            ("none", "None"),
        ],
        readonly=True,
    )
    topic_id = fields.Many2one("consent.topic", "In answer to", ondelete="set null", readonly=True)
    answer = fields.Char(readonly=True)
    provider_answered = fields.Boolean(readonly=True)

    _reference_unique = models.UniqueIndex("(company_id, reference) WHERE reference IS NOT NULL")

    @api.model
    def _receive(
        self,
        company,
        number: str,
        text: str,
        *,
        reference: str | None = None,
        recipient: str | None = None,
        provider_action: str | None = None,
        provider_blocks: bool = False,
        received_at=None,
        answer: bool = True,
    ) -> str | None:
        """Do what a message asks for, once, and return the text to answer with, None for silence.

        :param company: the `res.company` whose sender it came to
        :param number: E.164, of the person
        :param reference: the provider's identifier; a message that comes again changes nothing
        :param recipient: our number
        :param provider_action: stop, start or help where the provider took it for that, and has answered
        :param provider_blocks: whether the provider itself acts on a stop and a start
        :param received_at: naive UTC, default now
        :param answer: whether to answer at all
        """
        text = text.replace("\0", "")
        now = clock.consent_now(self.env)  # the provider's clock may run ahead
        message, new = self._keep(company, number, text, reference, recipient, min(received_at or now, now))
        if not new:
            return message.answer or None
        meaning = self.env["consent.keyword"]._classify(text)
        if provider_action:
            meaning = meaning._replace(action=provider_action)
        message.action = message._act(meaning, text, provider_blocks)
        message.provider_answered = bool(provider_action)
        message.answer = answer and not provider_action and message._answer(meaning.lang)
        return message.answer or None

    @api.model
    def _provider_acts(self, company, text: str) -> str | None:
        """Return what Twilio itself does on a message: stop, start or help; it has answered then."""
        return keywords.provider_acts(text) if company.consent_twilio_answers else None

    def _keep(self, company, number, text, reference, recipient, received_at):
        """Return the row of a message, and whether it is new."""
        point = self.env["consent.contact.point"]._points("sms", [number])[number]
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_incoming_sms
                          (company_id, contact_point_id, recipient, reference, received_at, text, create_date)
                   VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id""",
                company.id,
                point,
                recipient,
                reference,
                received_at,
                " ".join(text.split())[:MAX_KEPT],
                clock.now(),
            )
        )
        row = self.env.cr.fetchone()
        if row:
            return self.browse(row), True
        return self.search([("company_id", "=", company.id), ("reference", "=", reference)]), False

    # -- what it asks for -----------------------------------------------------------------------------------------

    def _act(self, meaning, text, provider_blocks):
        """Do it, and return the action as which the message is kept."""
        answered = (
            self.env["consent.sms.sent"]
            .sudo()
            ._answered(self.company_id, self.contact_point_id.address, self.received_at)
        )
        self.topic_id = answered.topic_id
        if meaning.action == keywords.STOP or meaning.action == keywords.NO and answered:
            return self._stop(meaning, text, answered, provider_blocks)
        if meaning.action in (keywords.START, keywords.NONE) and self._confirm(meaning, text):
            if meaning.action == keywords.START and provider_blocks:
                self._release_carrier()
            return "confirm"
        if meaning.action == keywords.START and self._answers_a_service(meaning):
            return keywords.NONE
        if meaning.action == keywords.START:
            return keywords.START if self._start(provider_blocks) else "sign_up"
        if meaning.action == keywords.HELP:
            return keywords.HELP
        return self._pass_on(meaning, text, answered)

    def _answers_a_service(self, meaning):
        """Return whether a “yes” answers our last message, which was no marketing: it is no START then."""
        last = (
            self.env["consent.sms.sent"].sudo()._last(self.company_id, self.contact_point_id.address, self.received_at)
        )
        return meaning.word in keywords.AFFIRMATIVES and bool(last) and not last.marketing

    def _stop(self, meaning, text, answered, provider_blocks):
        """End all marketing of the company by SMS, or the topic of the last message (requirements R-057, R-204)."""
        profile = self.env["consent.country.profile"]._for_country_code(
            contact_point.phone_region(self.contact_point_id.address)
        )
        topic = answered.topic_id
        if profile.stop_scope != "topic" or not topic or refusal.means_all(text):
            topic = topic.browse()
        facts = [{"fact": "objected", "topic": topic}, *([{"fact": "carrier_blocked"}] if provider_blocks else [])]
        self._submit([{**fact, "evidence": {"word": meaning.word}} for fact in facts])
        if refusal.names_other_channel(text, "sms"):
            self.contact_point_id._object_elsewhere(self.company_id, "sms_keyword", {"message": self.text or ""})
        return "stop_topic" if topic else keywords.STOP

    def _pass_on(self, meaning, text, answered):
        """Let a person read what may be a no, and whatever else answers marketing; the rest is conversation (R-043)."""
        uncertain = meaning.action in (keywords.HOLD, keywords.ERASE)
        if not uncertain and not (answered and meaning.action == keywords.NONE):
            return keywords.NONE
        self.env["consent.reply"].sudo()._queue(
            self.company_id,
            "sms",
            self.contact_point_id.address,
            sender=self.contact_point_id.address,
            text=text,
            about=answered.about,
            reference=self.reference,
            received_at=self.received_at,
            reason="erase" if meaning.action == keywords.ERASE else "unclear",
        )
        if meaning.action == keywords.ERASE:
            self._submit([{"fact": "objected"}])
        return keywords.HOLD

    def _start(self, provider_blocks):
        """Take back what an SMS or the provider stopped, and nothing else (R-047, R-202); return whether it did.

        What the person wrote before and nobody has read yet is taken back too: they say now what they want.
        """
        if provider_blocks:
            self._release_carrier()
        stopped = self._records().filtered(self._stopped_by_sms)
        stops = self.env["consent.event"].union(*map(self._stopped_by_sms, stopped))
        self._submit([{"fact": "released", "undoes": stop.id, "topic": stop.topic_id} for stop in stops])
        taken_back = self.env["consent.reply"].sudo()._taken_back(self.company_id, self.contact_point_id)
        return (bool(stopped) and not any(stopped.mapped("objected_at"))) or taken_back

    def _release_carrier(self):
        """Note that the provider delivers to the number again, as it does after a START or YES."""
        if self._record_of_company().carrier_blocked_at:
            self._submit([{"fact": "carrier_released"}])

    def _record_of_company(self):
        """Return what holds for the number in all topics of the company."""
        about = [("contact_point_id", "=", self.contact_point_id.id), ("topic_id", "=", False)]
        return self.env["consent.record"].search([*about, ("company_id", "=", self.company_id.id)])

    def _records(self):
        """Return what holds for the number in all topics of the company, and in each."""
        about = [("contact_point_id", "=", self.contact_point_id.id)]
        return self.env["consent.record"].search(
            [
                *about,
                "|",
                ("company_id", "=", self.company_id.id),
                "&",
                ("topic_id", "!=", False),
                ("company_id", "=", False),
            ]
        )

    def _stopped_by_sms(self, record):
        """Return the objections by SMS of the last months that nothing has taken back yet."""
        events = self.env["consent.event"]
        if not record.objected_at or record.suppressed_at:
            return events
        about = [("contact_point_id", "=", record.contact_point_id.id), ("topic_id", "=", record.topic_id.id)]
        about += [("company_id", "=", record.company_id.id)]
        by_sms = [("fact", "=", "objected"), ("source", "in", list(transitions.SMS_SOURCES))]
        since, now = self.received_at - START_TAKES_BACK, self.received_at  # a domain would cut off microseconds
        stops = events.search([*about, *by_sms]).filtered(lambda stop: since <= stop.occurred_at < now)
        return stops - events.browse(events.search([*about, ("undoes", "in", stops.ids)]).mapped("undoes"))

    def _confirm(self, meaning, text):
        """Confirm the sign-ups that wait for this number's yes, or for its code; return whether there were any."""
        code = keywords.code(text)
        if not code and meaning.action != keywords.START:
            return False
        evidence = {"message": self.text or "", "reference": self.reference or ""}
        number = self.contact_point_id.address
        return bool(self.env["consent.request"]._confirm_by_sms(number, self.company_id, evidence, code=code))

    def _submit(self, facts, source="sms_keyword"):
        base = {
            "channel": "sms",
            "address": self.contact_point_id.address,
            "company": self.company_id.id,
            "source": source,
            "source_label": self.env._("SMS to %s", self.recipient or self.company_id.name),
            "occurred_at": self.received_at,
        }
        evidence = {"message": self.text or "", "reference": self.reference or ""}
        entries = [{**base, **fact, "evidence": {**evidence, **fact.get("evidence", {})}} for fact in facts]
        return self.env["consent.record"].sudo()._submit(entries)

    # -- what we answer -------------------------------------------------------------------------------------------

    def _answer(self, lang):
        """Return the one answer, free of promotion, in the language of the word or the person (R-046, R-203, R-205)."""
        name = TEXT_OF_ACTION.get(self.action)
        if not name or self._answered_just_now():
            return False
        company = self.company_id
        return sms_text.say(
            name,
            lang or self._language(),
            brand=company._consent_sms_brand(),
            contact=company.consent_sms_contact or company.phone or company.email or company.get_base_url(),
            url=self.env["consent.link"]._base_url(company),
            topic=self.topic_id.sudo().name,
        )

    def _answered_just_now(self):
        recent = ("received_at", ">", self.received_at - ANSWER_ONCE_IN)
        alike = STARTS if self.action in STARTS else (self.action,)
        same = [("contact_point_id", "=", self.contact_point_id.id), ("action", "in", alike), ("id", "!=", self.id)]
        answered = ["|", ("answer", "!=", False), ("provider_answered", "=", True)]
        return bool(self.search_count([*same, recent, *answered], limit=1))

    def _language(self):
        partner = self.env["res.partner"].search([("phone_sanitized", "=", self.contact_point_id.address)], limit=1)
        country = contact_point.phone_region(self.contact_point_id.address or "")
        return partner.lang or sms_text.LANGUAGE_OF_COUNTRY.get(country) or self.company_id.partner_id.lang
