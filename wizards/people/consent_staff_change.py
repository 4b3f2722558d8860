import secrets

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...tools import contact_point, objection, transitions

CHANNELS = [(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS")]
CHANGES = [("given", "Says yes"), ("withdrawn", "Says no")]


class ConsentStaffChange(models.TransientModel):
    """What a person told an employee: a yes or a no, in person, by phone or on paper (GDPR art. 7(1), 7(3)).

    All of it becomes one batch of events, of which the person gets one receipt.
    """

    _name = "consent.staff.change"
    _description = "Record What a Person Said"

    person = fields.Char(readonly=True)
    lang = fields.Char(readonly=True)
    source = fields.Selection(
        lambda self: [
            (value, label)
            for value, label in self.env["consent.event"]._fields["source"]._description_selection(self.env)
            if value in transitions.STAFF
        ],
        "How",
        required=True,
        default="staff_phone",
    )
    occurred_at = fields.Datetime("When", help="Empty: now.")
    note = fields.Text(help="Kept as evidence: what was said, where, on which form.")
    attachment_ids = fields.Many2many("ir.attachment", string="Proof")
    object_to_all = fields.Boolean("Wants no marketing from us at all")
    line_ids = fields.One2many("consent.staff.change.line", "change_id", "Topics")

    @api.model
    def default_get(self, fields):
        """Offer each topic for each address of the record on the screen."""
        values = super().default_get(fields)
        model, res_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        if model in self.env["consent.audience"]._models() and res_id:
            record = self.env[model].browse(res_id)
            record.check_access("read")
            lines = [Command.create(line) for line in self._lines(record)]
            lang = "lang" in record and record.lang
            values.update(person=record.display_name, lang=lang or self.env.company.partner_id.lang, line_ids=lines)
        return values

    def _lines(self, record):
        topics = self.env["consent.topic"].search([("company_id", "in", [self.env.company.id, False])])
        gate = self.env["consent.gate"].sudo()
        for channel, _label in CHANNELS:
            for address in gate._addresses(record._name, record.ids, channel)[record.id].usable:
                for topic in topics.filtered(lambda topic, channel=channel: topic._offers(channel)):
                    yield {"channel": channel, "address": address, "topic_id": topic.id}

    def action_record(self):
        """Write down what changed, all or nothing.

        :raises UserError: nothing was chosen
        :raises ConsentError: a yes without wording, an impossible date …
        """
        self.ensure_one()
        entries = self._objections() if self.object_to_all else self._answers()
        if not entries:
            raise UserError(self.env._("Choose at least one change."))
        self._check_proof()
        base = self._base()
        events = self.env["consent.record"]._submit([base | entry for entry in entries])
        return self._say_what_waits(list(filter(None, events))) or {"type": "ir.actions.act_window_close"}

    def _check_proof(self):
        """Ask for what proves a yes after a no (GDPR art. 7(1)): without it the no would stand."""
        again = self.line_ids.filtered(lambda line: line.change in transitions.GRANTS and line._has_said_no())
        if again and not (self.note or "").strip() and not self.attachment_ids and not self.object_to_all:
            message = self.env._("They said no before: write in the note what they said now, or attach the form.")
            raise UserError(message)

    def _say_what_waits(self, event_ids):
        """Return the message that a second person must approve, None where nothing waits."""
        waiting = [("event_id", "in", event_ids), ("state", "=", "waiting")]
        if not self.env["consent.reversal"].search_count(waiting, limit=1):
            return None
        message = self.env._("You undid more than five noes within a day: a second person has to approve this one.")
        close = {"type": "ir.actions.act_window_close"}
        params = {"type": "warning", "sticky": True, "message": message, "next": close}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def _answers(self):
        return [
            {**line._where(), "fact": line.change, "topic": line.topic_id, "notice": line._notice_for_yes()}
            for line in self.line_ids.filtered("change")
        ]

    def _objections(self):
        places = {(line.channel, line.address): line._where() for line in self.line_ids}
        return [{**where, "fact": "objected", "company": self.env.company.id} for where in places.values()]

    def _base(self):
        attachments = [(attachment.name, attachment.raw) for attachment in self.attachment_ids]
        return {
            "source": self.source,
            "source_label": self._description,
            "occurred_at": self.occurred_at,
            "batch": f"staff-{secrets.token_hex(8)}",
            "attachments": attachments,
            "evidence": {
                **({"note": self.note} if self.note else {}),
                **self._receipt(),
            },
        }

    def _receipt(self):
        """Return where the receipt goes, and the personal data that it repeats."""
        addresses = {channel: self._first_address(channel) for channel, _label in CHANNELS}
        return self.env["consent.outbox"]._receipt_to(self.person, self.lang, addresses)

    def _first_address(self, channel):
        return self.line_ids.filtered(lambda line: line.channel == channel)[:1].address or None


class ConsentStaffChangeLine(models.TransientModel):
    """One topic for one address: what holds now, and what the person wants."""

    _name = "consent.staff.change.line"
    _description = "Topic that a Person Spoke of"
    _order = "id"

    change_id = fields.Many2one("consent.staff.change", "Conversation", required=True, ondelete="cascade")
    channel = fields.Selection(CHANNELS, required=True)
    address = fields.Char(required=True)
    topic_id = fields.Many2one("consent.topic", required=True, ondelete="cascade")
    purpose_id = fields.Many2one(related="topic_id.purpose_id")
    state = fields.Selection(transitions.STATES, "Now", compute="_compute_state")
    change = fields.Selection(CHANGES)
    notice_id = fields.Many2one(
        "consent.notice",
        "Wording read out",
        compute="_compute_notice_id",
        store=True,
        readonly=False,
        domain="[('purpose_id', '=', purpose_id), ('state', '=', 'published')]",
    )

    @api.depends("channel", "address", "topic_id")
    def _compute_state(self):
        records = self.env["consent.record"].search(
            [("topic_id", "in", self.topic_id.ids), ("contact_point_id.address", "in", self.mapped("address"))]
        )
        states = {(r.topic_id, r.channel, r.contact_point_id.address): r.state for r in records}
        for line in self:
            line.state = states.get((line.topic_id, line.channel, line.address), transitions.NONE)

    @api.depends("topic_id")
    def _compute_notice_id(self):
        """Propose the newest wording, in the person's language where there is one."""
        for line in self:
            notices = line.topic_id.purpose_id.notice_ids.filtered(lambda notice: notice.state == "published")
            spoken = notices.filtered(lambda notice, line=line: notice.lang == line.change_id.lang) or notices
            line.notice_id = spoken.sorted("version")[-1:]

    def _has_said_no(self):
        """Return whether a no stands against a yes to the topic: one to it, or an objection."""
        records = self.env["consent.record"].sudo().search([("contact_point_id.address", "=", self.address)])
        records = records.filtered(lambda record: record.channel == self.channel)
        companies = (self.topic_id.company_id or self.env.company, self.topic_id.company_id.browse())
        topic = records.filtered(lambda record: record.topic_id == self.topic_id)
        general = records.filtered(lambda record: not record.topic_id and record.company_id in companies)
        objected = any(objection.holds(topic, record.objected_at) for record in topic | general)
        return objected or topic.state in transitions.SAID_NO

    def _where(self):
        return {"channel": self.channel, "address": self.address}

    def _notice_for_yes(self):
        return self.notice_id.id if self.change in transitions.GRANTS else None
