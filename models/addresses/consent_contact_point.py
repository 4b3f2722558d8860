from odoo import api, models

#: An address that more records share than this is not one person's: nothing is carried over from it to all of them.
MAX_SHARED = 20


class ConsentContactPoint(models.Model):
    """The records that carry a contact point, and the other points of the people behind them."""

    _inherit = "consent.contact.point"

    def _shared(self):
        """Return the other contact points of the people who carry these addresses (at most `MAX_SHARED` records)."""
        pairs = set()
        for model in self.env["consent.audience"]._models():
            pairs.update(*self._carriers(model)._consent_addresses().values())
        points = [
            point_id
            for channel in {channel for channel, _address in pairs}
            for point_id in self._points(channel, [address for name, address in pairs if name == channel]).values()
        ]
        return self.browse(sorted(set(points) - set(self.ids)))

    def _object_elsewhere(self, company, source: str, evidence: dict):
        """Record that the people at these addresses object at their other addresses too: they said so."""
        entries = [
            {"type": "carried_over", "fact": "objected", "channel": point.channel, "address": point.address}
            | {"company": company.id, "source": source, "evidence": evidence}
            for point in self.sudo()._shared()
            if point.address
        ]
        if entries:
            self.env["consent.record"].sudo()._submit(entries)

    def _carriers(self, model: str):
        """Return the records of `model` that carry these addresses, at most `MAX_SHARED`."""
        found = self.env[model].sudo()
        for point in self.filtered("address"):
            found |= self._carriers_of(model, point.channel, point.address)
        return found[:MAX_SHARED]

    @api.model
    def _carriers_of(self, model: str, channel: str, address: str):
        """Return the records of `model` that carry an address (canonical), at most `MAX_SHARED`."""
        Model = self.env[model].sudo().with_context(active_test=False)
        columns = self.env["consent.audience"]._columns(model)
        if channel not in columns:
            return Model
        return Model.search([(columns[channel].derived, "=", address)], limit=MAX_SHARED)

    @api.model
    def _carry_no(self, channel: str, old: str, new: str, *, source: str, evidence: dict):
        """Record at a new address, which the person proved to be theirs, every no that stands at the old one.

        :param old: canonical address, like `new`
        """
        moves, places = (
            self.env["consent.address.case"].sudo(),
            [(channel, self._hash(channel, each)) for each in (old, new)],
        )
        moves._submit(moves._noes(set(places)), [(*places, new)], source=source, evidence=evidence)
