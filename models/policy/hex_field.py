from odoo import fields
from odoo.tools import SQL


class Hex(fields.Char):
    """Bytes that the database stores as such and everything else sees as hex digits.

    Relied on: the ORM converts values for the database, also those of conditions, in `convert_to_column`, and puts what
    it reads into its cache in `_insert_cache`.
    """

    _column_type = ("bytea", "bytea")

    def convert_to_column(self, value, record, values=None, validate=True):
        """Return the bytes of hex digits; what is not hex matches no row."""
        try:
            return bytes.fromhex(value) if value else None
        except (TypeError, ValueError):
            return b""

    def get_column_update(self, record):
        """Return the bytes that an UPDATE writes."""
        return self.convert_to_column(record[self.name], record)

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        if not operator.endswith("like"):
            return super()._condition_to_sql(field_expr, operator, value, model, alias, query)
        digits = SQL("encode(%s, 'hex')", model._field_to_sql(alias, field_expr, query))
        found = SQL("COALESCE(%s, '') LIKE %s", digits, f"%{str(value).strip('%').lower()}%")
        return SQL("NOT %s", found) if operator.startswith("not") else found

    def _insert_cache(self, records, values):
        return super()._insert_cache(records, [value if value is None else value.hex() for value in values])
