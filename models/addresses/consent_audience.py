from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, Query, split_every

from ...tools import contact_point
from ...tools.contact_point import Addresses

#: Addresses that are canonical as they stand: what `contact_point.PLAIN_EMAIL` says, in a pattern that PostgreSQL takes
#: far less time for (no bounds, nothing captured), and not long.
PLAIN = {
    contact_point.EMAIL: r"^[a-z0-9_+-]+(?:[.][a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*[.])+[a-z]+$",
    contact_point.SMS: contact_point.E164,
}
LONGEST_PLAIN = 64
#: Where Odoo writes to the customer of a record instead of the record itself.
THROUGH_PARTNER = {("crm.lead", contact_point.EMAIL): "partner_id"}
RESOLVE_BATCH = 1000


class Columns(NamedTuple):
    """The columns that hold the address of a record, and the one in which Odoo keeps what it made of them."""

    written: tuple[str, ...]
    derived: str


class ConsentAudience(models.AbstractModel):
    """At which addresses the records of a model are written to, as SQL for any number of them."""

    _name = "consent.audience"
    _description = "Addresses of an Audience"

    @api.model
    def _models(self) -> list[str]:
        """Return the models whose records carry addresses: all that inherit `consent.lens`."""
        names = self.env.registry.descendants(["consent.lens"], "_inherit")
        return [name for name in names if name in self.env and self.env[name]._auto and not self.env[name]._abstract]

    @api.model
    def _columns(self, model: str) -> dict[str, Columns]:
        """Return the stored columns from which Odoo derives the one address that it writes to, by channel.

        Empty for models, and without channels, whose addresses only Odoo can tell.
        Relied on: `mail.thread.blacklist` and `mail.thread.phone` keep what they derive in a stored column.
        """
        if model not in self._models():
            return {}
        Model = self.env[model]
        found = {
            contact_point.EMAIL: Columns((Model._mail_get_primary_email_field(),), "email_normalized"),
            contact_point.SMS: Columns(tuple(Model._phone_get_number_fields()), "phone_sanitized"),
        }
        return {
            channel: columns
            for channel, columns in found.items()
            if columns.written and all(is_stored(Model, name) for name in [*columns.written, columns.derived])
        }

    @api.model
    def _asked(self, query: Query, model: str, channel: str) -> SQL:
        """Return the query of four columns for the records of `query`, as the gate's statement wants them.

        key: the record's id. address: what Odoo derived from what it carries. as_written: whether it carries just that
        (NULL: it carries nothing). plain: whether the address is canonical as it stands. Bare columns for addresses,
        so that PostgreSQL joins them by hash, and in parallel.
        Relied on: see `_columns`, and `_message_get_default_recipients`, which prefers the customer of a lead.

        :param query: of records of the model; gets a join to their customers, where those count
        :param model: one of `_models`
        """
        table = SQL.identifier(query.table)
        columns = self._columns(model)[channel]
        self.env[model].flush_model([*columns.written, columns.derived])
        address, as_written = _column(table, columns.derived), _as_written(table, columns, channel)
        carrying = SQL("btrim(concat(%s)) != ''", SQL(", ").join(_column(table, name) for name in columns.written))
        if model == "crm.lead":
            self.env[model].flush_model(["partner_id"])
            carrying = SQL("%s OR %s IS NOT NULL", carrying, _column(table, "partner_id"))
        if link := THROUGH_PARTNER.get((model, channel)):
            columns = self._columns("res.partner")[channel]
            self.env["res.partner"].flush_model([*columns.written, columns.derived])
            partner = SQL.identifier(query.left_join(query.table, link, "res_partner", "id", "consent"))
            own = SQL("%s IS NULL", _column(table, link))
            address = _either(own, address, _column(partner, columns.derived))
            as_written = _either(own, as_written, _as_written(partner, columns, channel))
        return query.select(
            SQL("%s AS key", _column(table, "id")),
            SQL("%s AS address", address),
            SQL("CASE WHEN %s THEN TRUE WHEN %s THEN FALSE END AS as_written", as_written, carrying),
            SQL('length(%s) <= %s AND (%s) COLLATE "C" ~ %s AS plain', address, LONGEST_PLAIN, address, PLAIN[channel]),
        )

    @api.model
    def _plain(self, model: str, channel: str) -> SQL | None:
        """Return the query of key (record id) and address, of all records that are written to at one plain address.

        None for models whose addresses only Odoo can tell.
        """
        if channel not in self._columns(model):
            return None
        asked = self._asked(Query(self.env, self.env[model]._table), model, channel)
        return SQL("SELECT key, address FROM (%s) asked WHERE as_written AND plain", asked)

    @api.model
    def _odd(self, asked: SQL) -> SQL:
        """Return the part of a query of `_asked` that carries something, but no one plain address: Odoo must tell."""
        return SQL(
            "SELECT * FROM (%s) asked WHERE as_written IS NOT NULL AND (as_written AND plain) IS NOT TRUE", asked
        )

    @api.model
    def _everywhere(self, model: str, among: list[int] | None = None) -> SQL:
        """Return the query of `_carried`, and of all addresses of records that only Odoo can read, several in a field.

        :param among: the records to look at, default all
        """
        found = []
        for channel in self._columns(model):
            query = Query(self.env, self.env[model]._table)
            if among is not None:
                query.add_where(SQL("%s = ANY(%s)", SQL.identifier(query.table, "id"), among))
            odd = self.env.execute_query(SQL("SELECT key FROM (%s) odd", self._odd(self._asked(query, model, channel))))
            parties = self._addresses(model, [key for (key,) in odd], channel)
            found += [(key, channel, address) for key, party in parties.items() for address in party.usable]
        columns = [list(column) for column in zip(*found, strict=True)] or [[], [], []]
        return SQL(
            "%s UNION SELECT * FROM unnest(%s::integer[], %s::text[], %s::text[])", self._carried(model), *columns
        )

    @api.model
    def _carried(self, model: str) -> SQL:
        """Return the query of key, channel and address of what the records of a model of `_models` carry."""
        columns = {channel: derived for channel, (_written, derived) in self._columns(model).items()}
        self.env[model].flush_model(list(columns.values()))
        nobody = SQL("SELECT NULL::integer AS key, NULL::text AS channel, NULL::text AS address WHERE FALSE")
        return (
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT id AS key, %s AS channel, %s AS address FROM %s WHERE %s IS NOT NULL",
                    channel,
                    SQL.identifier(column),
                    SQL.identifier(self.env[model]._table),
                    SQL.identifier(column),
                )
                for channel, column in columns.items()
            )
            if columns
            else nobody
        )

    # -- as Odoo resolves them ----------------------------------------------------------------------------------

    @api.model
    def _addresses(self, model: str, res_ids: list[int], channel: str) -> dict[int, Addresses]:
        """Return what addresses Odoo would use for each record, in a fixed number of statements per thousand."""
        parties = self._plain_addresses(model, res_ids, channel)
        others = [res_id for res_id in res_ids if res_id not in parties]
        for batch in split_every(RESOLVE_BATCH, others):
            parties.update(self._resolve(self.env[model].sudo().browse(batch).exists(), channel))
        return parties

    def _plain_addresses(self, model, res_ids, channel):
        plain = self._plain(model, channel)
        if not plain:
            return {}
        query = SQL("SELECT key, address FROM (%s) plain WHERE key = ANY(%s)", plain, list(res_ids))
        return {res_id: Addresses((address,), ()) for res_id, address in self.env.execute_query(query)}

    def _resolve(self, records, channel):
        if channel == contact_point.SMS:
            numbers = records._sms_get_recipients_info()
            return {res_id: self._number(info["sanitized"] or info["number"]) for res_id, info in numbers.items()}
        recipients = records._message_get_default_recipients()
        partners = self.env["res.partner"].sudo()
        return {
            res_id: self._emails(values.get("email_to"), values.get("email_cc"), partners.browse(values["partner_ids"]))
            for res_id, values in recipients.items()
        }

    def _number(self, number) -> Addresses:
        if contact_point.is_e164(number or ""):
            return Addresses((number,), ())
        return Addresses((), (number,) if number else ())

    def _emails(self, email_to, email_cc, partners) -> Addresses:
        """Return the addresses of free-form fields and of partners, each of whom may have several."""
        texts = [email_to, email_cc, *(partner.email for partner in partners)]
        found = [contact_point.canonical_emails(text) for text in texts if text]
        return Addresses(
            tuple(dict.fromkeys(address for addresses in found for address in addresses.usable)),
            tuple(text for addresses in found for text in addresses.unusable),
        )


def is_stored(Model, name: str) -> bool:
    """Return whether a model keeps the field `name` in a column of its table."""
    field = Model._fields.get(name or "")
    return bool(field and field.store and field.column_type)


def _as_written(alias, columns, channel) -> SQL:
    written = [_column(alias, name) for name in columns.written]
    derived = _column(alias, columns.derived)
    if channel == contact_point.EMAIL:
        return SQL("lower(btrim(%s)) = %s", written[0], derived)
    # Without a number of its own, a record may have got that of its customer.
    return SQL("COALESCE(%s) IS NOT NULL AND %s IS NOT NULL", SQL(", ").join(written), derived)


def _column(alias: SQL, name: str) -> SQL:
    return SQL("%s.%s", alias, SQL.identifier(name))


def _either(condition: SQL, this: SQL, that: SQL) -> SQL:
    return SQL("CASE WHEN %s THEN %s ELSE %s END", condition, this, that)
