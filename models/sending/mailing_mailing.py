import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import contact_point, links, placeholders
from ...tools.verdict import failure_type
from .consent_mail import LETTERHEADS
from .consent_mailing_approval import APPROVED
from .link_tracker import TRACKERS

_logger = logging.getLogger(__name__)

MESSAGE_CLASSES = [
    ("marketing", "Marketing: only people who may get the topic"),
    ("transactional", "Transactional: everybody, because they need it"),
]
TRACE_BATCH = 1000
SMS_CHUNK = 5000


class MailingMailing(models.Model):
    """A mailing is marketing, and reaches only who may get its topics, or transactional, and reaches everybody."""

    _name = "mailing.mailing"
    _inherit = ["mailing.mailing", "consent.mailing.preflight", "consent.mailing.approval"]

    message_class = fields.Selection(
        MESSAGE_CLASSES,
        "Kind of message",
        # Not required in the database: Odoo makes mailings while only some addons are loaded. Empty is marketing.
        default="marketing",
        tracking=True,
        help="Marketing goes to people who may get the topic. Transactional is what people need anyway (an order, "
        "a changed date): it reaches everybody and needs a written reason.",
    )
    consent_topic_id = fields.Many2one(
        "consent.topic",
        "Topic",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Only people who may get this topic over this channel receive the mailing.",
    )
    consent_company_id = fields.Many2one(
        "res.company",
        "Sending company",
        compute="_compute_consent_company_id",
        store=True,
        help="In whose name the mailing goes out: that of the topic, else that of the responsible.",
    )
    transactional_reason = fields.Char(
        "Why it is transactional", tracking=True, help="Kept for the data protection officer."
    )
    withheld_count = fields.Integer("Withheld", compute="_compute_withheld_count")

    @api.depends("consent_topic_id.company_id", "user_id")
    def _compute_consent_company_id(self):
        for mailing in self:
            company = mailing.sudo().consent_topic_id.company_id or mailing.sudo().user_id.company_id
            mailing.consent_company_id = company or self.env.company

    def _compute_withheld_count(self):
        groups = self.env["mailing.trace"]._read_group(
            [("mass_mailing_id", "in", self.ids), ("consent_reason", "!=", False)],
            ["mass_mailing_id"],
            ["__count"],
        )
        counts = {mailing.id: count for mailing, count in groups}
        for mailing in self:
            mailing.withheld_count = counts.get(mailing.id, 0)

    # -- class and topic --------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for the right to call a mailing transactional, and note who does."""
        for vals in vals_list:
            self._check_who(vals)
            self._check_class_right(vals)
        mailings = super().create(vals_list)
        mailings._ask_for_approval()
        return mailings

    def write(self, vals):
        """Ask for the right to call a mailing transactional; what was approved is approved anew once it changes."""
        self._check_who(vals)
        called = self.filtered(lambda mailing: mailing.message_class != vals.get("message_class"))
        if called:
            self._check_class_right(vals)
        result = super().write(vals)
        if vals.get("message_class") == "transactional":
            called._ask_for_approval()
        if vals.keys() & APPROVED and not self.env.su:
            self._take_back_approval()
        return result

    def _is_marketing(self):
        self.ensure_one()
        return self.message_class != "transactional" or self._waits_for_approval()

    def _consent_channel(self):
        self.ensure_one()
        return "sms" if self.mailing_type == "sms" else "email"

    def _consent_topics(self):
        """Return all topics that a recipient must be allowed to get: the mailing's own, and those of its lists."""
        self.ensure_one()
        topics = self.consent_topic_id
        if self.mailing_model_name == "mailing.list":
            topics |= self.contact_list_ids.consent_topic_id
        return topics or self.consent_company_id.consent_default_topic_id

    def _check_may_launch(self):
        """Refuse to launch what could reach nobody or everybody by mistake.

        :raises UserError: naming what is missing
        """
        for mailing in self:
            if mailing.message_class == "transactional":
                if not (mailing.transactional_reason or "").strip():
                    raise UserError(self.env._("Write down why “%s” is transactional.", mailing.subject))
                if mailing._waits_for_approval():
                    raise UserError(self.env._("A second person has to approve “%s” first.", mailing.subject))
                continue
            topics = mailing._consent_topics()
            if not topics:
                raise UserError(self.env._("Choose the topic of “%s” before you send it.", mailing.subject))
            reason = self.env["consent.gate"]._standing_reason(
                topics, mailing._consent_channel(), mailing.consent_company_id
            )
            if reason == "database_copy":
                raise UserError(
                    self.env._(
                        "This database is a copy: marketing is held until an administrator lets it leave from here."
                    )
                )
            if reason:
                raise UserError(
                    self.env._(
                        "“%s” may not be sent: its topic is closed, or not offered over this channel, or belongs"
                        " to another company.",
                        mailing.subject,
                    )
                )

    def action_put_in_queue(self):
        """Check class and topic before anything waits for the cron. Relied on: launch and schedule end here."""
        self._check_may_launch()
        return super().action_put_in_queue()

    def action_send_mail(self, res_ids=None):
        """Check class and topic; an empty list means nobody (Odoo: everybody that remains)."""
        self._check_may_launch()
        return super().action_send_mail(res_ids)

    # -- plan ---------------------------------------------------------------------------------------------------

    def _action_send_mail(self, res_ids=None):
        """Split the audience before anything is rendered: withheld people get a trace, the others go on.

        Relied on: every way of sending a mailing (cron, launch, retry, A/B, given ids) ends here; Odoo takes `[]` for
        everybody and, for SMS, passes one mailing's recipients on to the next, hence one mailing at a time.
        """
        held = self.env["consent.gate"].sudo()._is_held()
        for mailing in self:
            if held and mailing._is_marketing():
                _logger.info("mailing %s waits: this database is a copy", mailing.id)
                continue
            if mailing._waits_for_approval():
                _logger.warning("mailing %s waits: it is called transactional, which nobody approved", mailing.id)
                continue
            try:
                with self.env.cr.savepoint():
                    allowed = mailing._split_audience(res_ids)
            except Exception:
                # Marketing waits: without traces the next run of the queue tries again.
                _logger.exception("consent gate failed: mailing %s waits", mailing.id)
                continue
            planned = mailing.with_context(**{TRACKERS: {}})
            if allowed is None:
                super(MailingMailing, planned)._action_send_mail(res_ids)
            elif allowed:
                super(MailingMailing, planned)._action_send_mail(allowed)
            mailing._finish_where_nothing_left(allowed)
        return True

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

    def _get_recipients_domain(self):
        """Draw an A/B sample from people who may be written to; Odoo would draw it from all and send to a part of it.

        Relied on: `_get_recipients` searches this domain and picks the sample from what it finds.
        """
        domain = super()._get_recipients_domain()
        if not (self.ab_testing_enabled and not self.ab_testing_is_winner_mailing and self._is_marketing()):
            return domain
        verdicts = self._judge_audience(self.env[self.mailing_model_real].search(domain).ids)
        return Domain("id", "in", [res_id for res_id, verdict in verdicts.items() if verdict.allowed])

    # -- SMS ----------------------------------------------------------------------------------------------------

    def action_send_sms(self, res_ids=None):
        """Plan in chunks, with numbers that were seen in an earlier one.

        Odoo passes all ids as one text and reads it back, which fails beyond some 11,000 of them; and it passes one
        mailing's recipients on to the next. Relied on: an empty list means everybody that remains.
        """
        for mailing in self:
            seen = mailing.with_context(consent_seen_numbers=set())
            for chunk in tools.split_every(SMS_CHUNK, res_ids or mailing._get_remaining_recipients(), list):
                super(MailingMailing, seen).action_send_sms(chunk)
                self.env.flush_all()
                self.env.invalidate_all()
        return True

    def _send_sms_get_composer_values(self, res_ids):
        """Leave the way out of marketing to the hand-over, which gives each recipient a link of their own."""
        values = super()._send_sms_get_composer_values(res_ids)
        return {**values, "mass_sms_allow_unsubscribe": False} if self._is_marketing() else values

    # -- links ------------------------------------------------------------------------------------------------

    def _get_unsubscribe_url(self, email_to, res_id):
        """Give marketing our own link, which carries no address. Relied on: Odoo puts it for its placeholder."""
        return self._consent_url("unsubscribe", email_to) or super()._get_unsubscribe_url(email_to, res_id)

    def _get_unsubscribe_oneclick_url(self, email_to, res_id):
        """Give mail programs the same link as people (RFC 8058 §3.2)."""
        return self._consent_url("unsubscribe", email_to) or super()._get_unsubscribe_oneclick_url(email_to, res_id)

    def _get_view_url(self, email_to, res_id):
        """Name no address in the link to the web copy (requirement R-107)."""
        return self._consent_url("view", email_to) or super()._get_view_url(email_to, res_id)

    def _consent_url(self, page, email_to):
        address = contact_point.canonical_email(email_to or "")
        if not address:
            return None
        letterhead = self.env.context.get(LETTERHEADS, {}).get((self.id, False, False, False))
        if letterhead and address in letterhead.tokens:
            return links.url(letterhead.base_url, page, letterhead.tokens[address])
        link, company = self.env["consent.link"].sudo(), self.consent_company_id
        topic = self._consent_topics()[:1] if self._is_marketing() else None
        return link._url(page, link._tokens("email", [address], company, topic, self)[address], company, topic)

    def _consent_web_copy(self, point, urls):
        """Return the text as the mail to `point` had it, None where that is not known any more.

        :param urls: of the placeholders in it, by page
        """
        domain = [("mass_mailing_id", "=", self.id), ("email", "=", point.address), ("is_test_trace", "=", False)]
        trace = self and self.env["mailing.trace"].search(domain, order="id desc", limit=1)
        if not (trace and self.env[trace.model].browse(trace.res_id).exists()):
            return None
        options = {"post_process": False}
        body = self._render_field("body_html", [trace.res_id], compute_lang=False, options=options)[trace.res_id]
        return body.__class__(placeholders.fill(body, urls))

    def action_view_withheld(self):
        """Open the traces of the people who were withheld, by reason."""
        action = self.env["ir.actions.actions"]._for_xml_id("mass_mailing.mailing_trace_action")
        return {
            **action,
            "domain": [("mass_mailing_id", "=", self.id), ("consent_reason", "!=", False)],
            "context": {"group_by": ["consent_reason"]},
        }
