import hashlib
import hmac

from odoo import api, models

from ...tools import origin

MARK = b"marketing_consent.origin"


class ConsentOrigin(models.AbstractModel):
    """Carries the origin of a message from what sends it to where the message is created."""

    _name = "consent.origin"
    _description = "Origin of Messages"

    @api.model
    def _stamped(self, vals_list: list[dict], *text_fields: str) -> list[dict]:
        """Return the values of new messages with what their origin says of their kind, and texts without marks."""
        sender = origin.of(self.env.context)
        return [self._stamp(values, sender, text_fields) for values in vals_list]

    def _stamp(self, values, sender, text_fields):
        for field in text_fields:
            if origin.has_mark(values.get(field)):
                text, marked = origin.take(values[field], self._mark_key())
                values, sender = {**values, field: text}, marked and origin.within(sender, marked)
        return origin.stamp(values, sender)

    @api.model
    def _sending(self, records, sender: origin.Origin | None):
        """Return `records` in a context in which all that they send has this origin as well."""
        if not sender:
            return records
        return records.with_context(**{origin.CONTEXT_KEY: origin.within(origin.of(self.env.context), sender)})

    @api.model
    def _marked(self, texts: dict, sender: origin.Origin) -> dict:
        """Return rendered HTML by record id with a mark of its origin, where that matters."""
        key = self._mark_key()
        return {res_id: origin.put(text or "", sender, key) for res_id, text in texts.items()}

    def _mark_key(self):
        # Derived from a secret that all processes and hosts of a database share and that is never rotated.
        return hmac.new(self.env["consent.contact.point"].sudo()._key(), MARK, hashlib.sha256).digest()


class ConsentKind(models.AbstractModel):
    """Templates and server actions: what sends messages, and states of what kind they are."""

    _name = "consent.kind"
    _description = "Kind of Messages"

    def _consent_origin(self) -> origin.Origin | None:
        """Return the origin of what this record sends, None for no record."""
        if not self:
            return None
        self.ensure_one()
        return origin.Origin(f"{self._name},{self.id}", topic_id=self.sudo().consent_topic_id.id or 0)
