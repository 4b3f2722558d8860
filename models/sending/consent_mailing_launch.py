import logging

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import launch

_logger = logging.getLogger(__name__)

#: What the digest of a launch covers, by the fields that users write.
COVERED = frozenset(
    "mailing_type mailing_model_id contact_list_ids mailing_domain mailing_filter_id email_from mail_server_id "
    "reply_to_mode reply_to subject sms_subject preview body_html body_plaintext sms_template_id attachment_ids "
    "message_class transactional_reason consent_topic_id consent_company_id user_id ab_testing_enabled "
    "ab_testing_pc".split()
)
LAUNCHED = ("in_queue", "sending")
#: In the context: which of our own steps is at work. Compared by identity, so that no RPC call can claim it.
STEP = "consent_step"
PLAN, QUEUE, WINNER, UNATTENDED = object(), object(), object(), object()
SEEN = "consent_seen_numbers"
BATCH = 1000


class SeenNumbers(set):
    """The numbers that earlier chunks of a mailing had: a type of its own, which no client can put into its context."""


class ConsentMailingLaunch(models.AbstractModel):
    """Who launched a mailing, and what exactly; it leaves only as long as both still stand.

    Right, reason, topic and company are judged for the user who launches, whatever way they take. Plan and hand-over
    compare what was launched with what would be sent. A difference puts the mailing back to draft, and the people who
    wait for it back among its recipients.
    """

    _name = "consent.mailing.launch"
    _description = "Launch of Mailings"

    launched_by_id = fields.Many2one("res.users", "Launched by", readonly=True, copy=False)
    launched_parts = fields.Json("What was launched", readonly=True, copy=False)
    put_back_reason = fields.Char("Why it is a draft again", readonly=True, copy=False)
    waiting_reason = fields.Char(compute="_compute_waiting_reason")

    def _compute_waiting_reason(self):
        for mailing in self:
            mailing.waiting_reason = mailing.state in LAUNCHED and mailing._is_held() and self._copy_sentence()

    def _kept_by_steps(self):
        return (*super()._kept_by_steps(), "launched_by_id", "launched_parts", "put_back_reason")

    # -- what is launched -------------------------------------------------------------------------------------

    def _launch_parts(self):
        """Return the digest of each part of the mailing as it would be sent now."""
        self.ensure_one()
        mailing = self.sudo()
        template = mailing.sms_template_id
        return launch.digests(
            {
                "model": [mailing.mailing_type, mailing.mailing_model_id.model],
                "lists": sorted(mailing.contact_list_ids.ids),
                "domain": mailing.mailing_domain or "",
                "sender": [mailing.email_from or "", mailing.mail_server_id.id],
                "reply_address": [mailing.reply_to_mode or "", mailing.reply_to or ""],
                "subject": _texts(mailing, "subject", "preview"),
                "text": _texts(mailing, "body_html"),
                "sms": [_texts(mailing, "body_plaintext"), _texts(template, "body")],
                "attachments": sorted(
                    [file.name or "", file.mimetype or "", file.checksum or "", file.url or ""]
                    for file in mailing.attachment_ids
                ),
                "message_class": [mailing.message_class or "marketing", mailing.transactional_reason or ""],
                "topics": sorted(mailing._consent_topics().ids),
                "company": mailing.consent_company_id.id,
                "test": [mailing.ab_testing_enabled, mailing.ab_testing_pc],
            }
        )

    # -- who may launch it ------------------------------------------------------------------------------------

    def _launch(self):
        """Note who launches the mailings, and what.

        :raises UserError: naming what is missing, for the user who launches
        """
        for mailing in self:
            if problem := mailing._why_not_by(self.env.user):
                raise UserError(problem)
            mailing.sudo().write(
                {
                    "launched_by_id": self.env.uid,
                    "launched_parts": mailing._launch_parts(),
                    "put_back_reason": False,
                }
            )

    def _why_not_by(self, user):
        """Return in one sentence why the mailing may not be sent as launched by `user`; empty if it may."""
        self.ensure_one()
        mailing = self.sudo()
        if mailing.message_class == "transactional":
            problem = mailing._why_not_transactional(user)
        else:
            problem = mailing._why_not_marketing()
        return problem or mailing._why_not_for_company(user)

    def _why_not_for_company(self, user):
        companies = self.consent_company_id | self._consent_topics().company_id
        foreign = self.env["res.company"] if user._is_superuser() else companies - user.sudo().company_ids
        return foreign and self.env._(
            "%(user)s does not work for %(company)s, in whose name “%(mailing)s” would be sent.",
            user=user.name,
            company=foreign[0].name,
            mailing=self.subject,
        )

    def _why_not_transactional(self, user):
        lacking = (user | self._changed_by()).filtered(lambda each: not has_right(each))
        if lacking:
            return self.env._(
                "“%(mailing)s” is transactional, which needs a right that %(user)s does not have.",
                mailing=self.subject,
                user=lacking[0].sudo().name,
            )
        if not (self.transactional_reason or "").strip():
            return self.env._("Write down why “%s” is transactional.", self.subject)
        return self._waits_for_approval() and self.env._("A second person has to approve “%s” first.", self.subject)

    def _why_not_marketing(self):
        topics = self._consent_topics()
        if not topics:
            return self.env._("Choose the topic of “%s” before you send it.", self.subject)
        reason = self.env["consent.gate"]._standing_reason(topics, self._consent_channel(), self.consent_company_id)
        if reason == "database_copy":
            return self._copy_sentence()
        return reason and self.env._(
            "“%s” may not be sent: its topic is closed, or not offered over this channel, or belongs to another"
            " company.",
            self.subject,
        )

    def _copy_sentence(self):
        return self.env._("This database is a copy: marketing is held until an administrator lets it leave from here.")

    # -- whether it still stands ------------------------------------------------------------------------------

    def _stands(self):
        """Return whether the mailing may leave as it was launched; put it back to draft where it may not."""
        self.ensure_one()
        problem = self._why_not_sent()
        if problem:
            self._put_back(problem)
        return not problem

    def _why_not_sent(self):
        mailing = self.sudo()
        if not mailing.launched_parts:
            return self.env._("“%s” was not launched by anybody.", mailing.subject)
        if changed := launch.changes(mailing.launched_parts, mailing._launch_parts()):
            return self.env._(
                "“%(mailing)s” was changed after it had been launched: %(parts)s.",
                mailing=mailing.subject,
                parts=", ".join(changed),
            )
        return mailing._why_not_by(mailing.launched_by_id)

    def _put_back(self, problem):
        """Make a draft of the mailing again, and tell its owner why; nobody who waits for it is lost."""
        self.ensure_one()
        mailing = self.sudo()
        _logger.warning("mailing %s is put back to draft: %s", mailing.id, problem)
        mailing._unlaunch()
        mailing.write({"state": "draft", "put_back_reason": problem})
        mailing._tell_owner(problem)

    def _tell_owner(self, problem):
        """Say it in the chatter, and ask the owner to look into it."""
        mailing = self.sudo()
        mailing.message_post(body=problem)
        owners = mailing.user_id | mailing.launched_by_id | mailing.write_uid | mailing.create_uid
        reader = owners.filtered(lambda user: user.active and mailing.with_user(user).has_access("read"))[:1]
        if reader:
            mailing.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Check the mailing and launch it again"),
                note=problem,
                user_id=reader.id,
            )

    def _unlaunch(self):
        """Forget the launch; whoever waits for a message is found among the recipients at the next one."""
        self.sudo().write({"launched_by_id": False, "launched_parts": False})
        self._take_out_of_queue()

    def _take_out_of_queue(self):
        waiting = [
            ("mail.mail", [("state", "=", "outgoing")]),
            ("sms.sms", [("state", "in", ("outgoing", "deferred")), ("to_delete", "!=", True)]),
        ]
        for model, domain in waiting:
            messages = self.env[model].sudo().with_context(prefetch_fields=False)
            while found := messages.search([("mailing_id", "in", self.ids), *domain], limit=BATCH):
                found.mailing_trace_ids.unlink()
                found.mail_message_id.unlink()
                found.exists().unlink()


def has_right(user):
    return user._is_superuser() or user.sudo().has_group("marketing_consent.group_transactional")


def check_right(env):
    if not has_right(env.user):
        raise AccessError(env._("Calling a mailing transactional needs the right to do so."))


def _texts(record, *names):
    """Return the values of text fields, those that are translated in each language."""
    languages = [code for code, _name in record.env["res.lang"].get_installed()]
    return [
        [str(record.with_context(lang=lang)[name] or "") for lang in languages]
        if record._fields[name].translate
        else str(record[name] or "")
        for name in names
    ]
