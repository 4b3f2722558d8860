from odoo import api, models
from odoo.tools import SQL

from ..tools import contact_point
from .consent_gate import PLAIN_ADDRESS

PATTERN = {contact_point.EMAIL: contact_point.PLAIN_EMAIL, contact_point.SMS: contact_point.E164}
#: Where Odoo writes to the customer of a record instead of the record itself.
THROUGH_PARTNER = {("crm.lead", contact_point.EMAIL): "partner_id"}


class ConsentAudience(models.AbstractModel):
    """At which addresses the records of a model are written to, as SQL for any number of them."""

    _name = "consent.audience"
    _description = "Addresses of an Audience"

    @api.model
    def _plain(self, model: str, channel: str) -> SQL | None:
        """Return the query of key (record id) and address, of all records that are written to at one plain address.

        None for models whose addresses only Odoo can tell. Relied on: see `PLAIN_ADDRESS`, and
        `_message_get_default_recipients`, which prefers the customer of a lead where that has an address.
        """
        if channel not in PLAIN_ADDRESS.get(model, ()):
            return None
        *columns, own = PLAIN_ADDRESS[model][channel]
        record, table = SQL.identifier("record"), SQL.identifier(self.env[model]._table)
        self.env[model].flush_model([*columns])
        query = SQL(
            "SELECT record.id AS key, %s AS address FROM %s record WHERE %s AND %s",
            SQL.identifier("record", columns[1]),
            table,
            self._is_plain(record, columns, channel),
            SQL(own),
        )
        if link := THROUGH_PARTNER.get((model, channel)):
            query = SQL("%s UNION ALL %s", query, self._through_partner(model, link, channel))
        return query

    def _through_partner(self, model, link, channel):
        *columns, _own = PLAIN_ADDRESS["res.partner"][channel]
        self.env[model].flush_model([link])
        self.env["res.partner"].flush_model([*columns])
        return SQL(
            "SELECT record.id, %s FROM %s record JOIN res_partner partner ON partner.id = %s WHERE %s",
            SQL.identifier("partner", columns[1]),
            SQL.identifier(self.env[model]._table),
            SQL.identifier("record", link),
            self._is_plain(SQL.identifier("partner"), columns, channel),
        )

    def _is_plain(self, alias, columns, channel):
        written, derived = (SQL("%s.%s", alias, SQL.identifier(column)) for column in columns)
        same = SQL("lower(btrim(%s)) = %s AND", written, derived) if channel == contact_point.EMAIL else SQL("")
        return SQL("(%s %s ~ %s)", same, derived, PATTERN[channel])

    @api.model
    def _odd_ids(self, model: str, channel: str) -> list[int]:
        """Return the records of a model of `_plain` that carry something, but no one plain address: Odoo must tell."""
        written, _derived, _own = PLAIN_ADDRESS[model][channel]
        links = [name for name in ("partner_id",) if model != "res.partner" and name in self.env[model]._fields]
        carrying = SQL(" OR ").join(
            [
                SQL("btrim(record.%s) != ''", SQL.identifier(written)),
                *(SQL("record.%s IS NOT NULL", SQL.identifier(link)) for link in links),
            ]
        )
        query = SQL(
            "SELECT record.id FROM %s record WHERE (%s) AND NOT EXISTS (SELECT FROM (%s) plain WHERE key = record.id)",
            SQL.identifier(self.env[model]._table),
            carrying,
            self._plain(model, channel),
        )
        return [row[0] for row in self.env.execute_query(query)]

    @api.model
    def _carried(self, model: str) -> SQL:
        """Return the query of key, channel and address of what the records of a model of `PLAIN_ADDRESS` carry."""
        columns = {channel: derived for channel, (_written, derived, _own) in PLAIN_ADDRESS[model].items()}
        self.env[model].flush_model(list(columns.values()))
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT id AS key, %s AS channel, %s AS address FROM %s WHERE %s IS NOT NULL",
                channel,
                SQL.identifier(column),
                SQL.identifier(self.env[model]._table),
                SQL.identifier(column),
            )
            for channel, column in columns.items()
        )
