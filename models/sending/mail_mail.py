import logging
from functools import partial

from odoo import api, fields, models, tools

from ...tools import clock, origin
from ...tools.verdict import FAILURE_TYPE, REASONS, failure_type
from .consent_mail import LETTERHEADS
from .consent_origin import NO_KIND

_logger = logging.getLogger(__name__)

CHUNK = 50


class MailNotification(models.Model):
    """Odoo copies the failure of a mail to its notifications: the value must exist there too."""

    _inherit = "mail.notification"

    failure_type = fields.Selection(selection_add=[(FAILURE_TYPE, "Withheld: no consent")])


class MailMail(models.Model):
    """The hand-over gate: the last place before SMTP, whatever made the mail.

    Relied on: `_send` is the only caller of `ir.mail_server.send_email`, and is what `send` and the queue end in.
    """

    _name = "mail.mail"
    _inherit = ["mail.mail", "consent.mail"]

    failure_type = fields.Selection(selection_add=[(FAILURE_TYPE, "Withheld: no consent")])

    @api.model_create_multi
    def create(self, vals_list):
        """Note what the origin says of the kind, whatever wizard or cron makes a mail of a template.

        No default makes a mail one of a mailing.
        """
        stamped = self.env["consent.origin"]._stamped(vals_list, "body", "body_html")
        mails = super().create([{"mailing_id": False, **vals} for vals in stamped])
        mails._consent_check_written()
        return mails

    def write(self, vals):
        """Ask for the kind where a person adds recipients."""
        result = super().write(vals)
        if vals.keys() & {"email_to", "email_cc", "recipient_ids"}:
            self._consent_check_written()
        return result

    def _consent_check_written(self):
        """Ask for the kind of mails that somebody wrote by hand. Relied on: code writes as superuser."""
        letter = self.env["consent.letter"]
        if self.env.su or origin.of(self.env.context) or not letter._is_written():
            return
        mails = self.filtered(lambda mail: not (mail.consent_topic_id or mail.mailing_id))
        parties = [party for mail in mails for party in mail._consent_parties().values()]
        people = {address for party in parties for address in party.usable}
        if topic_id := letter._topic_of(letter._without_staff(people, "email")):
            mails.consent_topic_id = topic_id

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Hand over mail without a topic or mailing untouched, and the rest in chunks that are each judged afresh."""
        hand_over = partial(
            _hand_over,
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            smtp_session=smtp_session,
            alias_domain_id=alias_domain_id,
            mail_server=mail_server,
            post_send_callback=post_send_callback,
        )
        mails = self.exists()  # of a mailing that was put back meanwhile, none is left
        held = mails._consent_hold()
        if post_send_callback and held:
            post_send_callback(held.ids)
        mails -= held
        judged = mails.filtered(lambda mail: mail.mailing_id or mail.consent_topic_id)
        if mails - judged:
            hand_over(super(MailMail, mails - judged))
        for chunk in tools.split_every(CHUNK, judged.ids, self.browse):
            standing = chunk.exists()._consent_standing()
            marketing = standing._consent_marketing()
            allowed = marketing._consent_allowed()._consent_put_off()
            if post_send_callback:
                post_send_callback((chunk - allowed - (standing - marketing)).ids)
            for batch in (standing - marketing, allowed):
                for mails in batch._consent_requests(auto_commit):
                    hand_over(super(MailMail, mails))
        return True

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Finish each recipient's e-mail. Relied on: each entry becomes a message, with the text as it will leave."""
        return self._consent_finish(
            super()._prepare_outgoing_list(mail_server=mail_server, doc_to_followers=doc_to_followers)
        )

    def _consent_requests(self, auto_commit):
        """Yield the mails to hand over at a time: where each is committed, one under a lock.

        A killed worker repeats one at most, and no two workers send the same.
        """
        if not auto_commit:
            yield from filter(None, [self])
            return
        for mail in self:
            locked = mail.try_lock_for_update()
            if locked and locked.state == "outgoing":
                yield locked

    def _consent_standing(self):
        """Return the mails whose mailing may leave as it was launched; the others wait for its next launch."""
        standing = self.browse()
        for mailing, mails in self.grouped("mailing_id").items():
            if not mailing or mails._consent_is_test():
                standing |= mails
                continue
            try:
                with self.env.cr.savepoint():
                    if mailing._is_held() or mailing._stands():
                        standing |= mails
            except Exception:
                _logger.exception("launch of mailing %s not judged: %s mails wait", mailing.id, len(mails))
        return self & standing

    def _consent_is_test(self):
        """Return whether these are tests of a mailing. Relied on: Odoo sends tests at once, and traces none."""
        return bool(self.env.context.get("mailing_test_mail")) and not self.sudo().mailing_trace_ids

    def _consent_marketing(self):
        """Return the mails that are marketing; each mailing is asked once."""
        kinds = {mailing: mailing._is_marketing() for mailing in self.mailing_id}
        return self.filtered(lambda mail: kinds[mail.mailing_id] if mail.mailing_id else mail.consent_topic_id)

    def _consent_is_marketing(self):
        self.ensure_one()
        if self.mailing_id:
            return self.mailing_id._is_marketing()
        return bool(self.consent_topic_id)

    def _consent_hold(self):
        """Put off mails to others than our staff whose origin states no kind; return them."""
        waiting = self.filtered(lambda mail: mail.consent_origin and not (mail.consent_topic_id or mail.mailing_id))
        held = waiting and self.env["consent.origin"]._without_kind(
            waiting.filtered(lambda mail: mail._consent_goes_out())
        )
        if held:
            held.write(
                {
                    "scheduled_date": self.env["consent.origin"]._held_until(),
                    "failure_type": FAILURE_TYPE,
                    "failure_reason": NO_KIND,
                }
            )
        return self & held

    def _consent_goes_out(self):
        """Return whether somebody outside of the company gets it."""
        letter = self.env["consent.letter"]
        parties = self._consent_parties().values()
        addresses = {address for party in parties for address in (*party.usable, *party.unusable)}
        return bool(letter._without_staff(addresses, "email"))

    def _consent_sender(self):
        """Return the company in whose name it goes out."""
        return self.record_company_id or self.env.company

    def _consent_allowed(self):
        """Return the mails that may be handed over now, having cancelled what may not.

        Where the gate fails, or holds all, marketing stays in the queue (fail closed) and nothing is lost.
        """
        allowed, letterheads = self.browse(), {}
        if self.env["consent.gate"].sudo()._is_held():
            return allowed
        for key, mails in self.grouped(lambda mail: mail._consent_key()).items():
            try:
                with self.env.cr.savepoint():
                    judged, addresses = mails._consent_judge(mails.mailing_id, mails.consent_topic_id)
                    # No marketing without a way out: who gets no link gets no mail.
                    letterheads[key] = mails._consent_letterhead(addresses)
                    allowed |= judged
            except Exception:
                _logger.exception("consent gate failed: %s mails wait", len(mails))
        return (self & allowed).with_context(**{LETTERHEADS: letterheads})

    def _consent_judge(self, mailing, topic):
        """Return the mails that may go, and all addresses that they go to."""
        outgoing = self.filtered(lambda mail: mail.state == "outgoing")
        parties = {(mail, key): addresses for mail in outgoing for key, addresses in mail._consent_parties().items()}
        verdicts = (
            self.env["consent.gate"]
            .sudo()
            ._judge_at_hand_over(
                parties,
                mailing._consent_topics() if mailing else topic,
                "email",
                mailing.consent_company_id if mailing else self._consent_company(topic),
                asking=self[:1].sudo().consent_asks,
            )
        )
        # Tests of a mailing go to colleagues as well; the wizard says so before.
        testing = self._consent_is_test()
        staff = self.env["consent.gate"]._staff_addresses("email") if testing else set()
        allowed = self - outgoing
        for mail in outgoing:
            own = {key: verdicts[party, key] for party, key in parties if party == mail}
            refused = {
                key: verdict
                for key, verdict in own.items()
                if not verdict.allowed and not staff.issuperset(parties[mail, key].usable or {None})
            }
            # Without any recipient it is for Odoo to say so.
            if refused and (len(refused) == len(own) or mailing):
                mail._consent_withhold(next(iter(refused.values())))
                continue
            mail._consent_drop(refused)
            allowed |= mail
        return allowed, {address for addresses in parties.values() for address in addresses.usable}

    def _consent_company(self, topic):
        return topic.sudo().company_id or self[:1]._consent_sender()

    def _consent_parties(self):
        """Return the addresses that the mail would be sent to, by who they belong to.

        A party is one partner, or one address of the fields email_to and email_cc: the unit that is dropped or kept.
        """
        gate = self.env["consent.gate"]
        parties = {
            partner: gate._emails(None, None, partner)
            for partner in self.recipient_ids
            # A copy of a flagged message to our own staff is no marketing; `partner_share` is False for them.
            if self.mailing_id or partner.partner_share
        }
        for field in ("email_to", "email_cc"):
            for text in tools.mail.email_split_and_format(self[field] or "") or filter(None, [self[field]]):
                parties[field, text] = gate._emails(text, None, self.env["res.partner"])
        return parties

    def _consent_put_off(self):
        """Put off what would be too much for its recipient (frequency cap); return the rest.

        Relied on: Odoo's queue takes mails up at their `scheduled_date`.
        """
        if self._consent_is_test():
            return self
        timing, now, due = self.env["consent.timing"].sudo(), clock.consent_now(self.env), {}
        addressed = {mail: (mail.mailing_trace_ids[:1].email or "").lower() for mail in self if mail.mailing_id}
        for company, mails in self.grouped(lambda mail: mail.mailing_id.consent_company_id).items():
            frequent = timing._too_frequent(company, "email", {addressed[m] for m in mails if m in addressed}, now)
            due.update((mail, frequent[addressed[mail]]) for mail in mails if addressed.get(mail) in frequent)
        for mail, at in due.items():
            mail.write({"state": "outgoing", "scheduled_date": at})
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger(at=at)
        return self.filtered(lambda mail: mail not in due)

    def _consent_withhold(self, verdict):
        """Cancel the mail, its traces and its notifications, with the reason."""
        label = dict(REASONS)[verdict.reason]
        failure = {"failure_type": failure_type(verdict.reason, "email")}
        self.write({**failure, "state": "cancel", "failure_reason": label})
        self.sudo().mailing_trace_ids.write({**failure, "trace_status": "cancel", "consent_reason": verdict.reason})
        self._consent_cancel_notifications(label)

    def _consent_drop(self, refused):
        """Take the `refused` parties out of a mail that goes to others too."""
        partners = self.env["res.partner"].union(*(key for key in refused if isinstance(key, models.BaseModel)))
        if partners:
            self.recipient_ids -= partners
            self._consent_cancel_notifications(dict(REASONS)[next(iter(refused.values())).reason], partners)
        for field in ("email_to", "email_cc"):
            dropped = {key[1] for key in refused if not isinstance(key, models.BaseModel) and key[0] == field}
            if dropped:
                kept = [text for text in tools.mail.email_split_and_format(self[field]) if text not in dropped]
                self[field] = ", ".join(kept)

    def _consent_cancel_notifications(self, label, partners=None):
        domain = [("mail_mail_id", "in", self.ids), ("notification_status", "not in", ("sent", "canceled"))]
        if partners is not None:
            domain.append(("res_partner_id", "in", partners.ids))
        self.env["mail.notification"].sudo().search(domain).write(
            {"notification_status": "canceled", "failure_type": FAILURE_TYPE, "failure_reason": label}
        )


def _hand_over(mails, **kwargs):
    """Call Odoo's own `_send` of `mails`, a `super()` object."""
    return mails._send(**kwargs)
