from odoo import models

from ..gate.consent_gate import PLAIN_ADDRESS


class ConsentAddressChange(models.AbstractModel):
    """When somebody here changes the address of a record, the person's no goes with it, and no yes does (N6).

    Relied on: Odoo keeps the normalised address in a computed field beside the one that is written.
    """

    _inherit = "consent.lens"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Carry what was said against the old address over to the new one."""
        fields = PLAIN_ADDRESS.get(self._name, {})
        changing = {
            channel: normalised
            for channel, (field, normalised) in fields.items()
            if field in vals and any((record[field] or "") != (vals[field] or "") for record in self)
        }
        if not changing:
            return super().write(vals)
        before = self._consent_by_channel(changing)
        result = super().write(vals)
        after = self._consent_by_channel(changing)
        changes = {
            (channel, before[channel, id_], new)
            for (channel, id_), new in after.items()
            if new and before[channel, id_] and new != before[channel, id_]
        }
        if changes:
            points = self.env["consent.contact.point"].sudo()
            points._carry_no(changes, source="system", evidence={"record": self._name})
        return result

    def _consent_by_channel(self, changing):
        return {(channel, record.id): record[field] for channel, field in changing.items() for record in self}
