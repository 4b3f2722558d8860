from odoo import api, models
from odoo.exceptions import UserError

from ...models.sending.consent_mailing_launch import PLAN, STEP
from ...tools import origin
from ...tools.verdict import failure_type

VERDICT = "consent_verdict"


class MailComposeMessage(models.TransientModel):
    """The plan gate of e-mail: judges the addresses that the composer really came to.

    Relied on: in mass mode every mail's values pass `_process_mail_values_state`, and a mailing's traces are made from
    what it left in `state` and `failure_type`.
    """

    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "consent.composer"]

    @api.depends("composition_mode", "model", "res_ids", "partner_ids", "consent_topic_id")
    def _compute_consent_warning(self):
        """Warn of people who may not get marketing, before anything is written to them."""
        gate = self.env["consent.gate"]
        for composer in self:
            comment = composer.composition_mode == "comment"
            model = "res.partner" if comment else composer.model
            res_ids = composer.partner_ids._origin.ids if comment else composer._evaluate_res_ids()
            known = model in self.env and hasattr(self.env[model], "_message_get_default_recipients")
            composer.consent_warning = (
                known
                and not composer.mass_mailing_id
                and gate._warning(model, list(res_ids or ()), "email", composer.consent_topic_id)
            )

    def _action_send_mail(self, auto_commit=False):
        """State the origin of the messages, in every mode; send a mailing only from the mailing itself.

        :raises UserError: the composer was given a mailing, whose text and recipients it is not bound to
        """
        if any(composer.mass_mailing_id for composer in self) and self.env.context.get(STEP) is not PLAN:
            raise UserError(self.env._("A mailing is sent by launching it."))
        sent = super(MailComposeMessage, self.browse())._action_send_mail(auto_commit=auto_commit)
        for composer in self:
            sending = self.env["consent.origin"]._sending(composer, composer._consent_origin())
            one = super(MailComposeMessage, sending)._action_send_mail(auto_commit=auto_commit)
            sent = tuple(all_sent + also for all_sent, also in zip(sent, one, strict=True))
        return sent

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        """Launch the mailing that Odoo just made of a composer with a mailing's name."""
        if self.mass_mailing_id and self.env.context.get(STEP) is not PLAN:
            self.mass_mailing_id._launch()
        return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)

    def _prepare_schedule_message_post_values(self, post_values):
        """Keep the topic until the message is posted, when its origin is not known any more."""
        return super()._prepare_schedule_message_post_values(
            {**post_values, "consent_topic_id": self._consent_topic().id}
        )

    def _action_schedule_message(self):
        """Ask for the kind, as when it is sent at once."""
        for composer in self:
            if composer.consent_service:
                raise UserError(self.env._("A service message is sent at once: it cannot be scheduled."))
            sender = composer._consent_origin()
            if sender and sender.topic_id:
                composer.consent_topic_id = sender.topic_id
        return super()._action_schedule_message()

    def _consent_recipients(self):
        if self.mass_mailing_id or self.mass_mailing_name:
            return set()  # the mailing says what it is
        model, res_ids = self.model, list(self._evaluate_res_ids() or ())
        if self.res_domain:
            res_ids = self.env[model].search(self._evaluate_res_domain()).ids
        one_by_one = self.composition_mode != "mass_mail"
        if one_by_one and len(res_ids) < 2 and not self.consent_service:
            return set()  # who is notified is known, and asked about, when it is posted
        partners = self.partner_ids.filtered("partner_share")
        people = {partner.email_normalized or str(partner) for partner in partners}
        if model and hasattr(self.env[model], "_message_get_default_recipients"):
            found = self.env["consent.gate"]._addresses(model, res_ids, "email").values()
            people |= {address for party in found for address in party.usable}
        elif len(res_ids) > 1:
            people |= {f"{model} {res_id}" for res_id in res_ids}
        return self.env["consent.letter"]._without_staff(people, "email")

    def _consent_subject(self):
        return self.subject

    def _consent_is_edited(self):
        """Compare with what the template fills in; attachments beyond its own count in mass mode."""
        names = ("composition_mode", "model", "res_ids", "res_domain", "template_id", "composition_batch")
        fresh = self.new({name: self[name] for name in names if name in self._fields})
        added = self.composition_mode == "mass_mail" and self.attachment_ids - self.template_id.attachment_ids
        return bool(added) or (fresh.subject, fresh.body) != (self.subject, self.body)

    def _process_mail_values_state(self, mail_values_dict):
        """Cancel whoever may not get it, before Odoo looks for duplicates.

        Odoo must not see them: a withheld record would use up its address, and the one that may be sent to it would be
        cancelled as a duplicate.
        """
        self._consent_check_addresses(mail_values_dict)
        verdicts = self._consent_verdicts(mail_values_dict)
        withheld = {key for key, verdict in verdicts.items() if not verdict.allowed}
        super()._process_mail_values_state({k: v for k, v in mail_values_dict.items() if k not in withheld})
        for key, verdict in verdicts.items():
            values = mail_values_dict[key]
            if key in withheld:
                values.update(state="cancel", failure_type=failure_type(verdict.reason, "email"), is_notification=False)
            values[VERDICT] = verdict
        return mail_values_dict

    def _consent_check_addresses(self, mail_values_dict):
        """Ask for the kind where the addresses that are really used, copies too, are several."""
        if (
            origin.of(self.env.context) != origin.WRITTEN
            or self.mass_mailing_id
            or self.composition_mode != "mass_mail"
        ):
            return
        letter = self.env["consent.letter"]
        if letter._is_written():
            parties = map(self._consent_addresses, mail_values_dict.values())
            people = {address for party in parties for address in party.usable}
            topic_id = letter._topic_of(letter._without_staff(people, "email"))
            for values in mail_values_dict.values() if topic_id else ():
                values["consent_topic_id"] = topic_id

    def _consent_verdicts(self, mail_values_dict):
        """Return verdicts by record id, empty where the message is transactional."""
        mailing, topics = self.mass_mailing_id, self._consent_topic()
        if mailing and not mailing._is_marketing() or not (mailing or topics):
            return {}
        gate = self.env["consent.gate"].sudo()
        parties = {key: self._consent_addresses(values) for key, values in mail_values_dict.items()}
        # Who has no address at all is Odoo's to report: as missing or as invalid.
        parties = {key: party for key, party in parties.items() if any(party)}
        return gate._judge(
            parties,
            mailing._consent_topics() if mailing else topics,
            "email",
            mailing.consent_company_id if mailing else topics.sudo().company_id or self.env.company,
        )

    def _consent_addresses(self, values):
        partners = [command[1] for command in values.get("recipient_ids") or [] if command[1]]
        return self.env["consent.gate"]._emails(
            values.get("email_to"), values.get("email_cc"), self.env["res.partner"].sudo().browse(partners)
        )

    def _prepare_mailing_values(self):
        """Give the mailing that Odoo makes of a composer with a mailing's name the composer's topic."""
        return {**super()._prepare_mailing_values(), "consent_topic_id": self._consent_topic().id}

    def _prepare_mail_values_mailing_traces(self, mail_values_all):
        """Put on each trace the event that allowed the mail, or the reason that withheld it."""
        traces = super()._prepare_mail_values_mailing_traces(mail_values_all)
        for key, trace in traces.items():
            verdict = mail_values_all[key].get(VERDICT)
            if trace and verdict:
                trace.update(consent_event_id=verdict.event_id, consent_reason=verdict.reason)
        return traces

    def _prepare_mail_values(self, res_ids):
        """Leave only what a mail has fields for; give each address of a recipient a trace of its own."""
        values_all = super()._prepare_mail_values(res_ids)
        several = {}
        for key, values in values_all.items():
            if values.pop(VERDICT, None) and values.get("mailing_trace_ids") and values.get("state") != "cancel":
                addresses = self._consent_addresses(values).usable
                if len(addresses) > 1:
                    several[key] = addresses
        if several:
            self._consent_trace_each(values_all, several)
        return values_all

    def _consent_trace_each(self, values_all, several):
        """Make a trace for each of several addresses, with the event that allowed it."""
        mailing = self.mass_mailing_id
        addresses = [address for each in several.values() for address in each]
        verdicts = (
            self.env["consent.gate"]
            .sudo()
            ._decide(mailing._consent_topics(), "email", addresses, mailing.consent_company_id)
        )
        for key, each in several.items():
            ((_command, _id, trace),) = values_all[key]["mailing_trace_ids"]
            values_all[key]["mailing_trace_ids"] = [
                (0, 0, {**trace, "email": address, "consent_event_id": verdicts[address].event_id}) for address in each
            ]

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Leave blacklists to the gate for marketing; ignore them for transactional mailings."""
        if self.mass_mailing_id or self._consent_topic():
            return set()
        return super()._get_blacklist_record_ids(mail_values_dict, recipients_info)

    def _get_optout_emails(self, mail_values_dict):
        """Ignore the opt-outs of mailing lists for a transactional mailing."""
        if self._consent_is_transactional_mailing():
            return []
        return super()._get_optout_emails(mail_values_dict)

    def _consent_is_transactional_mailing(self):
        return self.mass_mailing_id and not self.mass_mailing_id._is_marketing()
