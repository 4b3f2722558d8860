from markupsafe import Markup
from odoo import api, models
from odoo.exceptions import UserError

from ...tools import origin
from .consent_kind import CONTACT_MODELS

#: The ways that the gate covers, and the inbox, which sends nothing.
GATED_WAYS = frozenset({"email", "sms", "inbox"})


class MailThread(models.AbstractModel):
    """Who is written to by hand, by which way, and on behalf of what.

    Relied on: Odoo drops every value of a message that is not in its list; whatever posts or notifies asks
    `_notify_get_recipients` once, before anything is sent.
    """

    _inherit = "mail.thread"

    def _get_message_create_valid_field_names(self):
        """Add the topic to what may be written on a message."""
        return super()._get_message_create_valid_field_names() | {"consent_topic_id"}

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Hear what concerns consent first. Relied on: Odoo takes every report, complaints too, for a bounce here.

        An answer to marketing is filed where Odoo files it; where that is nowhere, no error and no bounce goes out.
        """
        answered = self.env["consent.answered"].sudo()._find(message_dict)
        if self.env["consent.inbound"].sudo()._take(message, message_dict, answered):
            return []
        if answered and self._detect_write_to_catchall(message_dict) and not message_dict.get("parent_id"):
            return []
        try:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError:
            if answered:
                return []
            raise

    def _message_sms_with_template(
        self, template=False, template_xmlid=False, template_fallback="", partner_ids=False, **kwargs
    ):
        """Send on behalf of the template."""
        found = template or (template_xmlid and self.env.ref(template_xmlid, raise_if_not_found=False))
        records = self.env["consent.origin"]._sending(self, found and found._consent_origin())
        return super(MailThread, records)._message_sms_with_template(
            template=template,
            template_xmlid=template_xmlid,
            template_fallback=template_fallback,
            partner_ids=partner_ids,
            **kwargs,
        )

    def message_post(self, **kwargs):
        """Note what is written by hand. Relied on: code passes HTML as `Markup`; what clients send is plain text."""
        return super(MailThread, self._consent_writing(kwargs)).message_post(**kwargs)

    def message_notify(self, **kwargs):
        """Note what is written by hand."""
        return super(MailThread, self._consent_writing(kwargs)).message_notify(**kwargs)

    def message_post_with_source(self, source_ref, **kwargs):
        """Send on behalf of the template."""
        return super(MailThread, self._consent_from(source_ref)).message_post_with_source(source_ref, **kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        """Send on behalf of the template."""
        return super(MailThread, self._consent_from(source_ref)).message_mail_with_source(source_ref, **kwargs)

    def _consent_from(self, source_ref):
        template = self._get_source_from_ref(source_ref)[0]
        sender = template and template._consent_origin()
        # An external id is how a client names a template; code passes the record, and one document at a time.
        if sender and isinstance(source_ref, str) and len(self) > 1:
            sender = template._consent_by_hand(sender, self.ids)
        return self.env["consent.origin"]._sending(self, sender)

    def _consent_writing(self, kwargs):
        by_hand = not isinstance(kwargs.get("body"), Markup) and self.env["consent.letter"]._is_written()
        if by_hand and not origin.of(self.env.context):
            return self.env["consent.origin"]._sending(self, origin.WRITTEN)
        return self

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """Refuse marketing by a way that no gate covers: another addon's gateway, a letter."""
        if message.sudo().consent_topic_id:
            recipients = self._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
            if any(recipient["notif"] not in GATED_WAYS for recipient in recipients):
                raise UserError(self.env._("Marketing leaves by e-mail or SMS only: consent is not known elsewhere."))
        return super()._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Ask for the kind of what is written by hand to several people."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not message.sudo().consent_topic_id and self._consent_needs_kind():
            people = self._consent_people(message, recipients, kwargs)
            if topic_id := self.env["consent.letter"]._topic_of(people):
                message.sudo().consent_topic_id = topic_id
        return recipients

    def _consent_needs_kind(self):
        """Return whether a person writes here: by a form that says so, or to what is nothing but an address."""
        sender = origin.of(self.env.context)
        if sender is None and self._name not in CONTACT_MODELS and self._name != "mail.thread":
            return False
        return sender in (None, origin.WRITTEN) and self.env["consent.letter"]._is_written()

    def _consent_people(self, message, recipients, kwargs):
        """Return who is written to: not our staff, not who wrote here first; a document's own customer is one."""
        outside = [r for r in recipients if r["notif"] in ("email", "sms") and (r["share"] or not r["id"])]
        partners = self.env["res.partner"].sudo().browse(r["id"] for r in outside if r["id"])
        own, writers = self._consent_own_customers(), self._consent_writers(message, partners)
        people = {r.get("email_normalized") or f"partner {r['id']}" for r in outside if not r["id"]}
        numbers = kwargs.get("sms_pid_to_number") or {}
        by_sms = {r["id"]: numbers.get(r["id"]) for r in outside if r["notif"] == "sms"}
        people |= {
            f"document {self.id}"
            if partner.commercial_partner_id in own
            else by_sms.get(partner.id) or (partner.id in by_sms and partner.phone_sanitized) or _key(partner)
            for partner in partners - writers
        }
        typed = {self._phone_format(number=number) or number for number in kwargs.get("sms_numbers") or () if number}
        people |= self.env["consent.letter"]._without_staff(typed, "sms")
        # A message to a document's own customer is about the document.
        return people - {f"document {self.id}"} if len(people) == 1 else people

    def _consent_own_customers(self):
        if self._name in CONTACT_MODELS or not self.id or not hasattr(self, "_mail_get_partners"):
            return self.env["res.partner"]
        return self.sudo()._mail_get_partners()[self.id].commercial_partner_id

    def _consent_writers(self, message, partners):
        """Return those of `partners` who wrote here themselves: they get an answer."""
        domain = [("model", "=", message.model), ("res_id", "=", message.res_id), ("author_id", "in", partners.ids)]
        if not (message.res_id and partners):
            return partners.browse()
        theirs = [*domain, ("create_uid", "!=", self.env.uid), ("message_type", "in", ("email", "comment", "sms"))]
        return self.env["mail.message"].sudo().search(theirs).author_id


def _key(partner):
    return partner.email_normalized or str(partner)
