from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError

from ...models.sending.consent_mailing_launch import PLAN, SEEN, STEP, SeenNumbers
from ...tools.verdict import failure_type


class SmsComposer(models.TransientModel):
    """The plan gate of SMS.

    Relied on: in mass mode every message's values come from `_prepare_mass_sms_values`; mass_mailing_sms has put the
    trace's values in them by then. One number has one verdict, so Odoo's search for duplicates does no harm before it.
    """

    _name = "sms.composer"
    _inherit = ["sms.composer", "consent.composer"]

    @api.depends("composition_mode", "res_model", "res_ids", "res_id", "consent_topic_id")
    def _compute_consent_warning(self):
        """Warn of people who may not get marketing, before anything is written to them."""
        gate = self.env["consent.gate"]
        for composer in self:
            records = composer._get_records() if composer.res_model else None
            composer.consent_warning = (
                records is not None
                and not composer.mailing_id
                and gate._warning(composer.res_model, records.ids, "sms", composer.consent_topic_id)
            )

    def _action_send_sms(self):
        """State the origin of the messages, in every mode. Relied on: Odoo keeps it when it turns to superuser mode.

        :raises UserError: the composer was given a mailing, whose text and recipients it is not bound to
        """
        if self.mailing_id and self.env.context.get(STEP) is not PLAN:
            raise UserError(self.env._("A mailing is sent by launching it."))
        composer = self.env["consent.origin"]._sending(self, self._consent_origin())
        return super(SmsComposer, composer)._action_send_sms()

    def _consent_recipients(self):
        if self.mailing_id:
            return set()
        typed = (self.sanitized_numbers or self.recipient_single_number_itf or "").split(",")
        records = self._get_records() if self.composition_mode != "numbers" else None
        found = records._sms_get_recipients_info(force_field=self.number_field_name).values() if records else ()
        numbers = {info["sanitized"] or info["number"] for info in found} | set(typed)
        return self.env["consent.letter"]._without_staff(set(filter(None, numbers)), "sms")

    def _consent_letter_topic(self, recipients):
        # In comment mode a message is posted, which asks about one alone.
        if self.composition_mode == "comment" and self.res_model:
            return super()._consent_letter_topic(recipients)
        return self.env["consent.letter"]._topic_of(recipients)

    def _consent_is_edited(self):
        names = ("composition_mode", "res_model", "res_ids", "res_id", "template_id")
        return self.new({name: self[name] for name in names}).body != self.body

    def _prepare_mass_sms_values(self, records):
        """Cancel whoever may not get it, the trace included: Odoo would leave it 'outgoing' for ever."""
        result = super()._prepare_mass_sms_values(records)
        for res_id, verdict in self._consent_verdicts(result).items():
            failure = {} if verdict.allowed else {"failure_type": failure_type(verdict.reason, "sms")}
            result[res_id].update(failure and {**failure, "state": "canceled"})
            for command in result[res_id].get("mailing_trace_ids") or []:
                command[2].update(consent_event_id=verdict.event_id, consent_reason=verdict.reason)
                command[2].update(failure and {**failure, "trace_status": "cancel"})
        return result

    def _consent_verdicts(self, sms_values):
        mailing, topics = self.mailing_id, self._consent_topic()
        if mailing and not mailing._is_marketing() or not (mailing or topics):
            return {}
        gate = self.env["consent.gate"].sudo()
        return gate._judge(
            {key: gate._number(vals["number"]) for key, vals in sms_values.items() if vals["state"] == "outgoing"},
            mailing._consent_topics() if mailing else topics,
            "sms",
            mailing.consent_company_id if mailing else topics.sudo().company_id or self.env.company,
        )

    def _get_blacklist_record_ids(self, records, recipients_info):
        """Leave blacklists to the gate for marketing; ignore them for transactional mailings."""
        if self.mailing_id or self._consent_topic():
            return []
        return super()._get_blacklist_record_ids(records, recipients_info)

    def _get_optout_record_ids(self, records, recipients_info):
        """Ignore the opt-outs of mailing lists for a transactional mailing."""
        if self._consent_is_transactional_mailing():
            return []
        return set(super()._get_optout_record_ids(records, recipients_info))

    def _get_done_record_ids(self, records, recipients_info):
        """Find numbers that occur twice, in an earlier chunk of the mailing too, without comparing each with all.

        Relied on: Odoo keeps the first record of a number, and looks for records in what this returns.
        """
        numbers = {record.id: recipients_info[record.id]["sanitized"] for record in records}
        seen = self.env.context.get(SEEN)
        seen = seen if isinstance(seen, SeenNumbers) else SeenNumbers()
        earlier = {res_id for res_id, number in numbers.items() if number and number in seen}
        seen.update(numbers.values())
        count = Counter(numbers.values())
        repeated = records.filtered(lambda record: count[numbers[record.id]] > 1)
        return {*super()._get_done_record_ids(repeated, recipients_info), *earlier}

    def _consent_is_transactional_mailing(self):
        return self.mailing_id and not self.mailing_id._is_marketing()
