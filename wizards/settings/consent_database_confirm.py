from odoo import fields, models
from odoo.exceptions import AccessError

from ...models.gate.consent_database import MOVED, RESTORED, UPGRADED


class ConsentDatabaseConfirm(models.TransientModel):
    """What happened to the database, asked before marketing leaves from it."""

    _name = "consent.database.confirm"
    _description = "Confirm the Database"

    happened = fields.Selection(
        [
            (MOVED, "This is the live database, moved or renamed"),
            (UPGRADED, "This is the live database, after an upgrade of the server"),
            (RESTORED, "This is the live database, restored from a backup"),
        ],
        "What happened",
        required=True,
    )
    statement = fields.Text(
        "Opt-outs since the backup",
        help="Stated by the data protection officer: none were made, or all were recorded again, and how.",
    )

    def action_confirm(self):
        """Let marketing leave from here; after a restore only with the officer's statement.

        :raises AccessError: for others than administrators and officers
        """
        self.ensure_one()
        officer = self.env.user.has_group("marketing_consent.group_officer")
        if not (officer or self.env.user.has_group("base.group_system")):
            raise AccessError(self.env._("This needs an administrator or the data protection officer."))
        consent_database = self.env["consent.database"]
        consent_database._confirm(self.happened)
        if self.happened == RESTORED and self.statement:
            consent_database._state_opt_outs(self.statement)
        return {"type": "ir.actions.client", "tag": "reload"}
