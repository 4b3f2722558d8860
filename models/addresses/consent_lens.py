import re

from odoo import api, models

from ...tools import contact_point
from .consent_audience import is_stored

#: How addons name a further address of a record, which Odoo itself does not write to.
FURTHER = {contact_point.EMAIL: re.compile(r"email_?\d"), contact_point.SMS: re.compile(r"(phone|mobile)_?\d")}


class ConsentLens(models.AbstractModel):
    """A record that carries addresses. What becomes of them is compared before and after every change (N6)."""

    _name = "consent.lens"
    _description = "Record With Addresses"

    @api.model
    def _consent_address_fields(self) -> dict[str, list[str]]:
        """Return the stored fields that hold addresses, by channel.

        An addon whose model has further ones extends this method. Relied on: Odoo's own methods name the fields that
        it writes to, and addons extend those.
        """
        named = {
            contact_point.EMAIL: [self._mail_get_primary_email_field()],
            contact_point.SMS: [*self._phone_get_number_fields()],
        }
        return {
            channel: [
                name
                for name in dict.fromkeys([*names, *filter(FURTHER[channel].fullmatch, self._fields)])
                if is_stored(self, name)
            ]
            for channel, names in named.items()
        }

    @api.model
    def _consent_link_field(self) -> str | None:
        """Return the stored field that links the record to a contact, None where there is none."""
        names = [name for name in self._mail_get_partner_fields() if is_stored(self, name)]
        return names[0] if names and self._name != "res.partner" else None

    @api.model
    def _consent_watched(self) -> list[str]:
        """Return the columns on which the addresses of a record depend, and its link to a contact."""
        named = [name for names in self._consent_address_fields().values() for name in names]
        derived = [name for name in ("email_normalized", "phone_sanitized") if is_stored(self, name)]
        return sorted({*named, *derived, *filter(None, [self._consent_link_field()])})

    def _consent_addresses(self) -> dict[int, set[tuple[str, str]]]:
        """Return all addresses that each record carries, as pairs of channel and canonical address."""
        self.flush_model(self._consent_watched())
        known = self.env["consent.address"].sudo()
        return known._derive(self._name, known._raw(self._name, self.ids))

    # -- what changes them ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Note the new records."""
        records = super().create(vals_list)
        self.env["consent.address"]._note(records, {})
        return records

    def write(self, vals):
        """Note who changes addresses; what is changed is seen when it reaches the database."""
        if not vals.keys().isdisjoint(self._consent_watched()):
            self.env["consent.address"]._note_author(self)
        return super().write(vals)

    def _write_multi(self, vals_list):
        """Note what the database has, before it changes.

        Relied on: all that the ORM writes comes through here, computed fields too.
        """
        watched = self._consent_watched()
        ids = [record.id for record, vals in zip(self, vals_list, strict=True) if not vals.keys().isdisjoint(watched)]
        if ids:
            self.env["consent.address"]._note_before(self.browse(ids))
        return super()._write_multi(vals_list)

    def unlink(self):
        """Note the deleted records."""
        gone = self.browse(self.ids)
        result = super().unlink()
        self.env["consent.address"]._note(gone, {})
        return result
