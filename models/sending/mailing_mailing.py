import logging
from contextlib import nullcontext

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ...tools import contact_point, links, placeholders
from .consent_mail import LETTERHEADS
from .consent_mailing_approval import LOGGED
from .consent_mailing_launch import LAUNCHED, PLAN, SEEN, STEP, UNATTENDED, WINNER, SeenNumbers
from .consent_mailing_plan import WAITS
from .link_tracker import TRACKERS, Trackers

_logger = logging.getLogger(__name__)

MESSAGE_CLASSES = [
    ("marketing", "Marketing: only people who may get the topic"),
    ("transactional", "Transactional: everybody, because they need it"),
]
SMS_CHUNK = 5000


class MailingMailing(models.Model):
    """A mailing is marketing, and reaches only who may get its topics, or transactional, and reaches everybody."""

    _name = "mailing.mailing"
    _inherit = ["mailing.mailing", "consent.mailing.preflight", "consent.mailing.plan", "consent.mailing.approval"]

    message_class = fields.Selection(
        MESSAGE_CLASSES,
        "Kind of message",
        # Not required in the database: Odoo makes mailings while only some addons are loaded. Empty is marketing.
        default="marketing",
        copy=False,
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
        "Why it is transactional", copy=False, tracking=True, help="Kept for the data protection officer."
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
        """Judge what was made, whatever it was made of: values, defaults, a copy, a file, another record."""
        mailings = super().create(vals_list)
        mailings._check_topic()
        mailings._ask_for_approval()
        mailings._log_class()
        mailings.filtered(lambda mailing: mailing.state in LAUNCHED)._launch()
        return mailings

    def write(self, vals):
        """Judge who changes and who launches, whatever way they take."""
        self._check_who(vals)
        self._check_may_change()
        if vals.keys() & {*LOGGED}:
            self = self.with_context(tracking_disable=False, mail_notrack=False)
        before = {mailing: mailing.state for mailing in self} if "state" in vals else {}
        launched = vals.get("state") in LAUNCHED
        # A caller that goes on after the error has launched nothing.
        with self.env.cr.savepoint() if launched else nullcontext():
            result = super().write(vals)
            if "consent_topic_id" in vals:
                self._check_topic()
            self._ask_for_approval(vals)
            if launched:
                # Odoo goes back to sending when a provider reports late: the plan asks what was launched then.
                self.filtered(
                    lambda mailing: before[mailing] not in LAUNCHED and not (self.env.su and mailing.launched_parts)
                )._launch()
        if vals.get("state") == "draft":
            self.filtered(lambda mailing: before[mailing] != "draft")._unlaunch()
        return result

    def unlink(self):
        """Take what waits along: without its mailing a message would be nobody's marketing."""
        self._take_out_of_queue()
        return super().unlink()

    def _check_topic(self):
        """Refuse a topic that the user may not read, for example of a company they do not work for."""
        if not self.env.su:
            self.consent_topic_id.check_access("read")

    def copy_data(self, default=None):
        """Copy no class, which is called anew for each text, and no topic that the user may not read.

        Only the copy that Odoo makes of the best version of an A/B test keeps its class.
        """
        values = super().copy_data(default)
        for mailing, vals in zip(self, values, strict=True):
            if not mailing.consent_topic_id.has_access("read"):
                vals.pop("consent_topic_id", None)
            if self.env.context.get(STEP) is WINNER:
                vals.update(message_class=mailing.message_class, transactional_reason=mailing.transactional_reason)
        return values

    def copy(self, default=None):
        """Let the best version of an A/B test keep what was approved: it is the same text."""
        copies = super().copy(default)
        if self.env.context.get(STEP) is WINNER:
            for mailing, copied in zip(self, copies, strict=True):
                if mailing.approved_by_id and not mailing._waits_for_approval():
                    copied.sudo().write(
                        {"approved_by_id": mailing.approved_by_id.id, "approved_parts": copied._launch_parts()}
                    )
        return copies

    def action_select_as_winner(self):
        """Launch the winner as whoever launched the test, where Odoo's cron chose it."""
        launcher = self.sudo().launched_by_id if self.env.user._is_superuser() else self.env.user
        mailing = self.with_user(launcher or self.env.user).with_context(**{STEP: WINNER})
        return super(MailingMailing, mailing).action_select_as_winner()

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

    def action_send_mail(self, res_ids=None):
        """Launch it; an empty list means nobody (Odoo: everybody that remains).

        If the process dies, the queue of mailings goes on.
        """
        self._launch()
        if res_ids is None:
            self.sudo().write({"state": "sending"})
        return super().action_send_mail(res_ids)

    # -- plan ---------------------------------------------------------------------------------------------------

    def _action_send_mail(self, res_ids=None):
        """Split the audience before anything is rendered: withheld people get a trace, the others go on.

        Relied on: every way of sending a mailing (cron, launch, retry, A/B, given ids) ends here; Odoo takes `[]` for
        everybody and, for SMS, passes one mailing's recipients on to the next, hence one mailing at a time.
        """
        for mailing in self:
            with mailing._told_of_failure():
                allowed = mailing._plan(res_ids)
                planned = mailing.with_context(**{TRACKERS: Trackers(), STEP: PLAN})
                if allowed is None:
                    super(MailingMailing, planned)._action_send_mail(res_ids)
                elif allowed:
                    super(MailingMailing, planned)._action_send_mail(allowed)
                if allowed is not WAITS:
                    mailing._finish(allowed)
        return True

    @api.model
    def _process_mass_mailing_queue(self):
        """Let no mailing keep the others from leaving. Relied on: Odoo looks for recipients, then plans."""
        unattended = self.with_context(**{STEP: UNATTENDED})
        for mailing in unattended.search([("state", "in", LAUNCHED)]):
            with mailing._told_of_failure():
                self.env[mailing.mailing_model_real].search_count(mailing._parse_mailing_domain(), limit=1)
                mailing._is_held() or mailing._stands()
        return super(MailingMailing, unattended)._process_mass_mailing_queue()

    def action_send_winner_mailing(self):
        """Leave the choice to a person where Odoo's cron cannot launch the winner."""
        if self.env.context.get(STEP) is not UNATTENDED:
            return super().action_send_winner_mailing()
        try:
            with self.env.cr.savepoint():
                return super().action_send_winner_mailing()
        except Exception as error:
            _logger.exception("no winner of campaign %s", self.campaign_id.ids)
            self.campaign_id.ab_testing_winner_selection = "manual"
            self[:1]._tell_owner(self.env._("Choose the winner of the A/B test by hand: %s", error))
            return None

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
        """Plan in chunks, with numbers that were seen in an earlier one; called by itself it is a launch.

        Odoo passes all ids as one text and reads it back, which fails beyond some 11,000 of them; and it passes one
        mailing's recipients on to the next. Relied on: an empty list means everybody that remains.
        """
        if self.env.context.get(STEP) is not PLAN:
            return self.action_send_mail(res_ids)
        for mailing in self:
            seen = mailing.with_context(**{SEEN: SeenNumbers()})
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
        # Odoo asks on GET too, for its copy in the browser: a new address has Odoo's link, and gets no contact point.
        if not self.env["consent.contact.point"].sudo()._known("email", [address]):
            return None
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
