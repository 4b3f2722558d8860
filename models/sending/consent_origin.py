import hashlib
import hmac
from datetime import timedelta

from markupsafe import Markup
from odoo import api, models
from odoo.exceptions import AccessError

from ...tools import clock, origin
from ...tools.origin import Origin

#: Why a message is held, in `failure_reason`.
NO_KIND = "No kind: what sent it does not say whether it is marketing or a service message"
HELD_FOR = timedelta(days=1)


class ConsentOrigin(models.AbstractModel):
    """Carries the origin of a message from what sends it to where the message is created, and to the hand-over."""

    _name = "consent.origin"
    _description = "Origin of Messages"

    # -- where messages are created -------------------------------------------------------------------------------

    @api.model
    def _stamped(self, vals_list: list[dict], *text_fields: str) -> list[dict]:
        """Return the values of new messages with what their origin says of their kind, and texts without marks."""
        sender = origin.of(self.env.context)
        return [self._stamp(values, sender, text_fields) for values in vals_list]

    def _stamp(self, values, sender, text_fields):
        if values.get("consent_topic_id"):
            self._check_topic(self.env["consent.topic"].browse(values["consent_topic_id"]))
        for field in text_fields:
            if origin.has_mark(values.get(field)):
                text, marked = origin.take(values[field], self._secret(b"mark"))
                values, sender = {**values, field: text}, marked and origin.within(sender, marked)
        return origin.stamp(values, sender)

    @api.model
    def _check_topic(self, topics):
        """Check that the user works for the company of a topic.

        :raises AccessError: the topic is another company's
        """
        if not self.env.su and topics.sudo().company_id - self.env.user.company_ids:
            raise AccessError(self.env._("This topic belongs to a company that you do not work for."))

    # -- what sends -----------------------------------------------------------------------------------------------

    @api.model
    def _sending(self, records, sender: Origin | None):
        """Return `records` in a context in which all that they send has this origin as well."""
        if not sender:
            return records
        return records.with_context(**{origin.CONTEXT_KEY: origin.within(origin.of(self.env.context), sender)})

    @api.model
    def _marked(self, texts: dict, sender: Origin) -> dict:
        """Return rendered HTML by record id with a mark of its origin, where that matters."""
        key = self._secret(b"mark")
        return {res_id: origin.put(text or "", sender, key) for res_id, text in texts.items()}

    @api.model
    def _secret(self, use: bytes) -> bytes:
        """Return a key for one use, derived from a secret that all processes and hosts of a database share."""
        key = self.env["consent.contact.point"].sudo()._key()
        return hmac.new(key, b"marketing_consent.origin:" + use, hashlib.sha256).digest()

    # -- what is held ---------------------------------------------------------------------------------------------

    @api.model
    def _without_kind(self, messages):
        """Return those of held `messages` whose origin still states no kind, having told its owner; flag the others.

        :param messages: `mail.mail` or `sms.sms`, all with a `consent_origin`
        """
        waiting = messages.browse()
        for (source, company), batch in messages.grouped(lambda m: (m.consent_origin, m._consent_sender())).items():
            sender = self._now(source, company)
            if sender.held:
                waiting |= batch
                self._tell_owner(source, batch)
            else:
                batch.sudo().write({"consent_topic_id": sender.topic_id or False, "consent_origin": False})
        return waiting

    def _now(self, source, company):
        """Return what the records of `source` say of their kind now; a company in opt-out mode has a default topic."""
        sender = None
        for record in self._records(source):
            sender = origin.within(sender, record._consent_origin())
        sender = sender or Origin(origin.UNKNOWN, held=True)
        topic = sender.held and company.consent_default_topic_id
        return sender._replace(topic_id=topic.id, held=False) if topic else sender

    def _records(self, source):
        for part in source.split():
            model, _comma, res_id = part.partition(",")
            if model in self.env and hasattr(self.env[model], "_consent_origin") and res_id.isdigit():
                yield from self.env[model].sudo().browse(int(res_id)).exists()

    def _tell_owner(self, source, messages):
        """Have an activity for who owns what sent the messages: one for each template or action."""
        for record in [*self._records(source)] or [None]:
            user = self._owner(record, messages)
            name = record.display_name if record else self.env._("a message")
            summary = self.env._("Is “%s” marketing, or a service message?", name)
            activities = self.env["mail.activity"].sudo()
            if activities.search_count([("user_id", "=", user.id), ("summary", "=", summary)], limit=1):
                continue
            note = self.env._("Its messages wait until it says so: choose a topic, or approve it as a service message.")
            if record:
                url = f"/odoo/{record._name}/{record.id}"
                note = Markup('%s <a href="%s">%s</a>') % (note, url, name)
            activities.with_context(mail_activity_quick_update=True).create(
                {"user_id": user.id, "summary": summary, "note": note}
            )

    def _owner(self, record, messages):
        users = (record.write_uid | record.create_uid) if record else messages.sudo().create_uid
        managers = self.env.ref("marketing_consent.group_manager").sudo().all_user_ids
        candidates = [*users.filtered(lambda user: user.active and user._is_internal()), *managers, *users]
        return next((user for user in candidates if user.id != api.SUPERUSER_ID and user.active), self.env.user)

    @api.model
    def _resume(self, records):
        """Put what waited for the kind of `records` back into the queues."""
        for record in records:
            domain = [("consent_origin", "like", f"{record._name},{record.id}")]
            mails = self.env["mail.mail"].sudo().search([*domain, ("state", "=", "outgoing")])
            mails.write({"scheduled_date": False, "failure_type": False, "failure_reason": False})
            sms = self.env["sms.sms"].sudo().search([*domain, ("state", "=", "deferred")])
            sms.write({"state": "outgoing", "consent_due_at": False, "failure_type": False})
        for cron in ("mail.ir_cron_mail_scheduler_action", "sms.ir_cron_sms_scheduler_action"):
            self.env.ref(cron).sudo()._trigger()

    @api.model
    def _held_until(self):
        return clock.consent_now(self.env) + HELD_FOR
