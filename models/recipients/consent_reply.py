from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock

DECIDE_WITHIN = timedelta(hours=48)  # requirement R-042
KEEP_READ = timedelta(days=365)
TODO = "mail.mail_activity_data_todo"
SOURCE_OF = {"email": "inbound_mail", "sms": "sms_keyword"}
UNREAD, CONTINUED, STOPPED, ANSWERED = "unread", "continued", "stopped", "answered"
REASONS = [
    ("unclear", "May be a no"),
    ("other_address", "Sent from another address than we wrote to"),
    ("unknown_sender", "A no from an address that we did not know"),
    ("erase", "Asks to be erased"),
    ("fraud", "Reported one of our mails as fraud"),
    ("virus", "Reported one of our mails for a virus"),
]
#: Marketing to the address waits until these are read. For the others nothing is uncertain any more.
HOLDING = ("unclear", "other_address")


class ConsentReply(models.Model):
    """An answer by mail or SMS that a person must read, with the text and the document as they came.

    `_queue` is the one verb of those who receive messages. Nothing but a person's decision, or a START from the
    number itself, ends the hold.
    """

    _name = "consent.reply"
    _description = "Reply to Read"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "sender"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    channel = fields.Selection([("email", "E-mail"), ("sms", "SMS")], required=True, readonly=True)
    contact_point_id = fields.Many2one(
        "consent.contact.point",
        "Address it concerns",
        ondelete="cascade",
        readonly=True,
        index="btree_not_null",
        help="Marketing to this address waits, and “Opt Out” ends it. Empty where the sender has no usable address.",
    )
    sender = fields.Char("From", required=True, readonly=True, help="As the message says it.")
    subject = fields.Char(readonly=True)
    text = fields.Text(readonly=True, help="All that was written, without what it quotes.")
    about = fields.Char("In answer to", readonly=True, help="The mailing, where the message answers one.")
    reference = fields.Char(readonly=True, help="The identifier of the message: it counts once.")
    received_at = fields.Datetime("Received", required=True, readonly=True)
    reason = fields.Selection(REASONS, "Why you read it", required=True, readonly=True)
    state = fields.Selection(
        [(UNREAD, "To read"), (CONTINUED, "No objection"), (STOPPED, "Opted out"), (ANSWERED, "Taken back by START")],
        required=True,
        default=UNREAD,
        readonly=True,
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", ondelete="set null", readonly=True)
    decided_at = fields.Datetime("Decided on", readonly=True)

    _reference_unique = models.UniqueIndex("(company_id, channel, reference) WHERE reference IS NOT NULL")
    _unread_index = models.Index("(contact_point_id, company_id) WHERE state = 'unread'")

    @api.model
    def _queue(self, company, channel: str, address: str | None, document: bytes | None = None, **values):
        """Let a person read a message, and hold marketing to `address` until then where its meaning is open.

        A message that comes again is not queued again.

        :param company: the `res.company` that it came to
        :param address: canonical; None where there is no usable one
        :param document: the message as it came, to be kept beside the text
        :param values: reason, sender, text, received_at and what else of the fields is known
        """
        same = [("company_id", "=", company.id), ("channel", "=", channel)]
        if values.get("reference") and self.search_count([*same, ("reference", "=", values["reference"])], limit=1):
            return self.browse()
        values = {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in values.items()}
        point = address and self.env["consent.contact.point"]._points(channel, [address])[address]
        reply = self.create({**values, "company_id": company.id, "channel": channel, "contact_point_id": point})
        if document:
            attachment = {"name": "message.eml", "raw": document, "mimetype": "message/rfc822"}
            self.env["ir.attachment"].create({**attachment, "res_model": self._name, "res_id": reply.id})
        if address and reply.reason in HOLDING:
            reply._submit("reply_received")
        reply._ask()
        return reply

    def _ask(self):
        """Ask the responsible to decide in time; without an e-mail to them, since providers wait for our answer."""
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            TODO,
            date_deadline=(self.received_at + DECIDE_WITHIN).date(),
            summary=dict(self._fields["reason"]._description_selection(self.env))[self.reason],
            user_id=self._responsible().id,
        )

    def _responsible(self):
        for group in ("group_officer", "group_manager", "group_user"):
            users = self.env.ref(f"marketing_consent.{group}").all_user_ids
            if found := users.filtered(lambda user: self.company_id in user.company_ids and not user.share)[:1]:
                return found
        return self.env.ref("base.user_admin")

    def _submit(self, *facts):
        """Record facts about the address of this reply. What was said is dated when it was said, reading is now."""
        base = {
            "channel": self.channel,
            "address": self.contact_point_id.address,
            "company": self.company_id.id,
            "source": SOURCE_OF[self.channel],
            "source_label": self.env._("Reply of %s", fields.Date.to_string(self.received_at)),
            "evidence": {"message": (self.text or self.subject or "")[:160], "reference": self.reference or ""},
        }
        said = {"objected": {"occurred_at": self.received_at}}
        entries = [{**base, **said.get(fact, {}), "fact": fact} for fact in facts]
        self.env["consent.record"].sudo()._submit(entries)

    # -- what ends it ---------------------------------------------------------------------------------------------

    def action_no_objection(self):
        """Let marketing go on: the message was no objection."""
        self._decide(CONTINUED)

    def action_opt_out(self):
        """Take the message for an objection to all marketing of the company over its channel (GDPR art. 21)."""
        self._decide(STOPPED)

    def _decide(self, state):
        self.check_access("read")  # only who works with consent has it; deciding needs no right to change the text
        again = (UNREAD, CONTINUED) if state == STOPPED else (UNREAD,)
        for reply in self.sudo().filtered(lambda reply: reply.state in again):
            if reply.contact_point_id.address:
                facts = ["objected"] if state == STOPPED else []
                reply._submit(*facts, *(["reply_read"] if reply._is_last() else []))
            reply._close(state)

    def _is_last(self):
        """Return whether nothing else of this address waits to be read."""
        about = [("contact_point_id", "=", self.contact_point_id.id), ("company_id", "=", self.company_id.id)]
        waiting = [("state", "=", UNREAD), ("reason", "in", HOLDING), ("id", "not in", self.ids)]
        return not self.search_count([*about, *waiting], limit=1)

    def _close(self, state):
        self.write({"state": state, "decided_by_id": self.env.uid, "decided_at": clock.consent_now(self.env)})
        self.activity_unlink([TODO])

    @api.model
    def _taken_back(self, company, point) -> bool:
        """Close what the person wrote from a number before they sent START; return whether marketing waited for it."""
        about = [("contact_point_id", "=", point.id), ("company_id", "=", company.id)]
        waiting = self.search([*about, ("state", "=", UNREAD), ("reason", "in", HOLDING)])
        if waiting:
            waiting[0]._submit("reply_read")
            waiting._close(ANSWERED)
        return bool(waiting)

    @api.autovacuum
    def _gc_read(self):
        """Delete what was decided long ago: the ledger keeps the decision (GDPR art. 5(1)(e))."""
        query = SQL("SELECT id FROM consent_reply WHERE decided_at < %s LIMIT 1000", self._oldest_kept())
        self.browse(row for (row,) in self.env.execute_query(query)).unlink()

    def _oldest_kept(self):
        return clock.consent_now(self.env) - KEEP_READ
