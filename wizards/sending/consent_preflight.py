from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...models.sending.consent_mailing_preflight import ODOO_REASONS, REACHED
from ...tools import contact_point
from ...tools.verdict import REASONS

_lt = LazyTranslate(__name__)

#: What each reason means for who sends, and the button that helps (None: nothing does, and nothing should).
REMEDIES = {
    REACHED: (_lt("They said yes, or the law lets you write to them. Each address gets one message."), None),
    "database_copy": (_lt("This database is a copy: an administrator must first let marketing leave from here."), None),
    "no_topic": (_lt("Choose a topic that is open and offered over this channel."), "topic"),
    "unusable_address": (_lt("No address, or one that nothing can be delivered to. Correct it."), "address"),
    "suppressed": (_lt("They asked never to be contacted. Leave them alone."), None),
    "restricted": (_lt("Their data may not be used for now: ask the data protection officer."), None),
    "objected": (_lt("They object to marketing. Do not ask again: only they can change it."), None),
    "blacklisted": (_lt("They are on Odoo's blacklist. Take them off only at their own request."), "blacklist"),
    "withdrawn": (_lt("They took their consent back. Do not ask again: only they can change it."), None),
    "refused": (_lt("They were asked and said no. Do not ask again: only they can change it."), None),
    "waiting": (_lt("They signed up but have not confirmed yet. Wait for them."), "requests"),
    "expired": (_lt("Their consent ran out. Ask whether they stand by it."), "ask"),
    "reply_to_read": (_lt("They answered, and nobody has read it yet. Read it under Replies to Read."), None),
    "wording_changed": (_lt("They agreed to an older wording that said something else. Ask again."), "ask"),
    "evidence_too_weak": (_lt("The purpose wants better proof than there is. Ask them to confirm."), "purpose"),
    "paused": (_lt("They asked for a break. Send it later."), "later"),
    "unreachable": (_lt("Messages to this address came back. Correct it, or use another channel."), "address"),
    "carrier_blocked": (_lt("They sent STOP to the operator: only START by SMS lifts that."), None),
    "no_consent": (_lt("Nobody asked them yet. Ask, where the law allows it."), "ask"),
    "gate_error": (_lt("Their consent could not be read, so nothing was sent. Try again."), None),
    "list_opt_out": (_lt("They opted out of the mailing list. Respect it."), None),
    "duplicate": (_lt("The same address got the message through another record."), None),
    "failed": (_lt("The message could not be delivered. Look at the reason and try again."), None),
}
ORDER = [REACHED, *REMEDIES]
#: Who has no answer over this channel may have said yes over the other. A no is never circumvented that way.
OTHER_CHANNEL = {"unusable_address", "expired", "unreachable", "carrier_blocked", "no_consent", "waiting"}


class ConsentPreflight(models.TransientModel):
    """Who will get a mailing, who will not, and what can be done; after it was sent, what became of everybody."""

    _name = "consent.preflight"
    _description = "Preflight of a Mailing"

    mailing_id = fields.Many2one("mailing.mailing", required=True, readonly=True, ondelete="cascade")
    sent = fields.Boolean(readonly=True)
    topics = fields.Char("Topic", readonly=True)
    message_class = fields.Selection(related="mailing_id.message_class")
    state = fields.Selection(related="mailing_id.state")
    total = fields.Integer(readonly=True)
    reached = fields.Integer(readonly=True)
    withheld = fields.Integer(readonly=True)
    ratio = fields.Float("Reached (%)", readonly=True)
    line_ids = fields.One2many("consent.preflight.line", "preflight_id", "Reasons", readonly=True)

    @api.model
    def _open(self, mailing):
        """Return the action that shows the picture of `mailing` as it is now."""
        sent = mailing.state in ("sending", "done")
        counts = mailing._aftermath() if sent else mailing._preflight()
        total, reached = counts.total(), counts[REACHED]
        preflight = self.create(
            {
                "mailing_id": mailing.id,
                "sent": sent,
                "topics": ", ".join(mailing.sudo()._consent_topics().mapped("name")),
                "total": total,
                "reached": reached,
                "withheld": total - reached,
                "ratio": 100 * reached / total if total else 0,
                "line_ids": [
                    fields.Command.create({"reason": reason, "count": counts[reason]})
                    for reason in sorted(counts, key=ORDER.index)
                    if counts[reason]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Got It") if sent else self.env._("Who Will Get It"),
            "res_model": self._name,
            "res_id": preflight.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_refresh(self):
        """Count again."""
        return self._open(self.mailing_id)

    def action_send(self):
        """Send the mailing now."""
        self.mailing_id.action_launch()
        return {"type": "ir.actions.act_window_close"}


class ConsentPreflightLine(models.TransientModel):
    """One number of a preflight: how many for which reason, and what helps."""

    _name = "consent.preflight.line"
    _description = "Reason in a Preflight"
    _order = "id"

    preflight_id = fields.Many2one("consent.preflight", required=True, readonly=True, ondelete="cascade")
    mailing_id = fields.Many2one(related="preflight_id.mailing_id")
    reason = fields.Selection([(REACHED, "Reached"), *REASONS, *ODOO_REASONS], required=True, readonly=True)
    count = fields.Integer("People", readonly=True)
    advice = fields.Char(compute="_compute_advice")
    remedy = fields.Char(compute="_compute_advice")
    other_channel = fields.Char(compute="_compute_advice")

    @api.depends("reason")
    def _compute_advice(self):
        for line in self:
            advice, remedy = REMEDIES[line.reason]
            line.advice = str(advice)
            line.remedy = False if line.preflight_id.sent and remedy in ("topic", "later") else remedy
            line.other_channel = line.reason in OTHER_CHANNEL and line._other_channel_offered()

    def _other_channel(self):
        email = self.mailing_id._consent_channel() == contact_point.EMAIL
        return contact_point.SMS if email else contact_point.EMAIL

    def _other_channel_offered(self):
        topics, channel = self.mailing_id.sudo()._consent_topics(), self._other_channel()
        offered = self.mailing_id.mailing_model_real in self.env["consent.audience"]._models()
        return channel if offered and topics and all(topic._offers(channel) for topic in topics) else False

    # -- the people -------------------------------------------------------------------------------------------

    def action_open_people(self):
        """Open the people behind the number."""
        self.ensure_one()
        if self.preflight_id.sent:
            return self._open_traces()
        mailing = self.mailing_id
        name = dict(self._fields["reason"]._description_selection(self.env))[self.reason]
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": mailing.mailing_model_real,
            "view_mode": "list,form",
            "domain": self._people_domain(),
            "context": {"active_test": False},
        }

    def _people_domain(self):
        model = self.env[self.mailing_id.mailing_model_real]
        if model._name in self.env["consent.audience"]._models():
            return [("consent_preflight", "=", f"{self.mailing_id.id}/{self.reason}")]
        # Other models have their addresses worked out one by one, and are few.
        return [("id", "in", model.search(self.mailing_id._preflight_domain(self.reason)).ids)]

    def _open_traces(self):
        action = self.env["ir.actions.actions"]._for_xml_id("mass_mailing.mailing_trace_action")
        return {**action, "domain": list(self.mailing_id._aftermath_domain(self.reason)), "context": {}}

    # -- remedies ---------------------------------------------------------------------------------------------

    def action_open_topic(self):
        """Go back to the mailing, where the topic is chosen."""
        return self._open_form(self.mailing_id)

    def action_open_purpose(self):
        """Open the purpose, which says how good the proof must be."""
        return self._open_form(self.mailing_id.sudo()._consent_topics()[:1].purpose_id)

    def _open_form(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_open_blacklist(self):
        """Open Odoo's blacklist of the channel."""
        email = self.mailing_id._consent_channel() == contact_point.EMAIL
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Blacklist"),
            "res_model": "mail.blacklist" if email else "phone.blacklist",
            "view_mode": "list,form",
        }

    def action_open_requests(self):
        """Open the sign-ups that wait for confirmation."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_request_action")
        topics = self.mailing_id.sudo()._consent_topics()
        return {**action, "domain": [("topic_ids", "in", topics.ids)]}

    def action_send_later(self):
        """Choose another date for the mailing."""
        return self.mailing_id.action_schedule()

    def action_use_other_channel(self):
        """Make a draft over the other channel, for those of these people who may get the topic there.

        :raises UserError: nobody may
        """
        self.ensure_one()
        mailing, channel = self.mailing_id, self._other_channel()
        topics, model = mailing.sudo()._consent_topics(), self.env[mailing.mailing_model_real]
        domain = Domain(mailing._parse_mailing_domain())
        for topic in topics:
            domain &= Domain(f"consent_allowed_{channel}_topic_ids", "in", topic.ids)
        mine = f"consent_allowed_{mailing._consent_channel()}_topic_ids"
        domain &= Domain.OR(Domain(mine, "not in", topic.ids) for topic in topics)
        count = model.search_count(domain)
        if not count:
            raise UserError(self.env._("None of them may get it over the other channel either."))
        draft = mailing.create(
            {
                "subject": mailing.subject,
                "mailing_type": "sms" if channel == contact_point.SMS else "mail",
                "mailing_model_id": self.env["ir.model"]._get_id(model._name),
                "mailing_domain": repr(list(domain)),
                "message_class": "marketing",
                "consent_topic_id": topics[:1].id,
                "user_id": self.env.uid,
            }
        )
        return self._open_form(draft)

    def action_ask(self):
        """Begin an invitation for whom the mailing is for: it asks those whom one may, and passes by everybody else.

        Who may not invite sees the people.
        """
        self.ensure_one()
        mailing, invitations = self.mailing_id, self.env["consent.invitation"]
        models = dict(invitations._fields["model"].selection)
        if mailing.mailing_model_real not in models or not invitations.has_access("create"):
            return self.action_open_people()
        return invitations._new_for(
            mailing.mailing_model_real,
            mailing._parse_mailing_domain(),
            name=mailing.subject,
            topic_ids=mailing._consent_topics().ids,
            channel=mailing._consent_channel(),
        )
