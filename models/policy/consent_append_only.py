from odoo import models
from odoo.tools import SQL


class ConsentAppendOnly(models.AbstractModel):
    """Tables whose rows plain SQL can neither change nor delete, by trigger.

    The trigger function reads no table, so that a backup can be restored. A database owner can disable triggers.
    """

    _name = "consent.append.only"
    _description = "Append-only Table"

    def _protect(self, changed: str = "TRUE", deleted: str = "TRUE"):
        """Create the triggers of the model's table.

        :param changed: SQL condition on OLD and NEW under which an UPDATE is refused
        :param deleted: SQL condition on OLD under which a DELETE is refused
        """
        self.env.cr.execute(
            """CREATE OR REPLACE FUNCTION marketing_consent_append_only() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'the consent ledger is append-only: % refused on %', TG_OP, TG_TABLE_NAME
                        USING ERRCODE = 'restrict_violation'; END $$"""
        )
        for name, event, level, condition in (
            ("marketing_consent_no_update", "UPDATE", "ROW", changed),
            ("marketing_consent_no_delete", "DELETE", "ROW", deleted),
            ("marketing_consent_no_truncate", "TRUNCATE", "STATEMENT", "TRUE"),
        ):
            trigger, table = SQL.identifier(name), SQL.identifier(self._table)
            # CREATE OR REPLACE TRIGGER exists from PostgreSQL 14 on only.
            self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", trigger, table))
            self.env.cr.execute(
                SQL(
                    "CREATE TRIGGER %s BEFORE %s ON %s FOR EACH %s WHEN (%s) EXECUTE FUNCTION %s()",
                    *(trigger, SQL(event), table, SQL(level), SQL(condition)),
                    SQL.identifier("marketing_consent_append_only"),
                )
            )
