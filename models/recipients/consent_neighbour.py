import functools

from odoo import api, models
from odoo.exceptions import UserError

from ...tools import contact_point

#: What a provider's report means. A complaint objects (RFC 5965); what may still be delivered says nothing.
REPORTED = {"spam": "objected", "unsub": "withdrawn", "hard_bounce": "bounced", "reject": "bounced"}


class ConsentNeighbour(models.AbstractModel):
    """Addons that ours knows by the methods they have: it depends on none of them.

    Odoo's inheritance would need them installed, so their methods are wrapped in the registry when it is ready.
    """

    _name = "consent.neighbour"
    _description = "Addons Beside Ours"

    def _register_hook(self):
        """Wrap what is there. Relied on: Odoo calls this once for each registry, after all models are set up."""
        super()._register_hook()
        self._wrap("mail.tracking.email", "event_create", _hear)
        self._wrap("auditlog.rule", "create", _refuse_after)
        self._wrap("auditlog.rule", "write", _refuse_after)

    def _wrap(self, model, method, wrapper):
        origin = getattr(self.env.registry.get(model), method, None)
        if origin and not hasattr(origin, "consent_wrapped"):
            setattr(self.env.registry[model], method, _wrapped(origin, wrapper))

    @api.model
    def _heard(self, kind: str, tracking, address: str):
        """Record what a provider reported about a message.

        :param kind: see `REPORTED`; others say nothing
        :param tracking: the record of the neighbour, with the message that it was about
        :param address: as the provider wrote it
        """
        canonical = contact_point.canonical_email(address or "")
        fact = REPORTED.get(kind)
        if not fact or not canonical:
            return
        message = tracking.mail_message_id.sudo() if "mail_message_id" in tracking else self.env["mail.message"]
        traces = self.env["mailing.trace"].sudo().search([("message_id", "=", message.message_id or "")], limit=1)
        topic = message.consent_topic_id or traces.mass_mailing_id._consent_topics()[:1]
        self.env["consent.record"].sudo()._submit([self._fact(fact, canonical, topic)])

    def _fact(self, fact, address, topic):
        base = {"channel": contact_point.EMAIL, "address": address, "source": "provider"}
        base["source_label"] = self.env._("Report of the mail provider")
        if fact == "bounced":
            return {**base, "fact": fact, "topic": None, "company": False}
        if fact == "withdrawn" and topic:
            return {**base, "fact": fact, "topic": topic}
        # Without a topic nobody knows what they unsubscribed from: from all of the company.
        return {**base, "fact": "objected", "topic": None, "company": topic.company_id.id or self.env.company.id}


def _wrapped(origin, wrapper):
    @functools.wraps(origin)  # with what Odoo's decorators noted on it
    def method(self, *args, **kwargs):
        return wrapper(origin, self, *args, **kwargs)

    method.consent_wrapped = True
    return method


def _hear(origin, self, event_type, metadata, *args, **kwargs):
    """Record what is reported, beside what the neighbour makes of it."""
    result = origin(self, event_type, metadata, *args, **kwargs)
    for tracking in self:
        address = (metadata or {}).get("recipient") or getattr(tracking, "recipient_address", "")
        self.env["consent.neighbour"]._heard(event_type, tracking, address)
    return result


def _refuse_after(origin, self, *args, **kwargs):
    """Refuse rules by which a log would keep evidence after its erasure (GDPR art. 17)."""
    result = origin(self, *args, **kwargs)
    rules = result if isinstance(result, models.BaseModel) else self
    if any((rule.model_id.model or "").startswith("consent.") for rule in rules.sudo()):
        raise UserError(self.env._("The consent ledger is its own log: a copy would outlive the erasure of evidence."))
    return result
