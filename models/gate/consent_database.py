import json
import logging

from odoo import api, models, tools
from odoo.exceptions import AccessError
from odoo.tools import SQL, config

from ...exceptions import ConsentError
from ...tools import clock, database, ledger

_logger = logging.getLogger(__name__)

CONFIRMED = "marketing_consent.database"
TOLD = "marketing_consent.database_told"
#: Option of Odoo's configuration: a secret of the live installation, which no copy of the database has.
TOKEN_OPTION = "marketing_consent_live_token"
MOVED, UPGRADED, RESTORED = "moved", "upgraded", "restored"


class ConsentDatabase(models.AbstractModel):
    """Whether this database is the confirmed one, or a copy from which no marketing may leave."""

    _name = "consent.database"
    _description = "Confirmed Database"

    @api.model
    def _state(self) -> dict:
        """Return what tells this database from a copy: nothing of hosts or files."""
        parameters = self.env["ir.config_parameter"].sudo()
        oid, system = self._server()
        token = config.get(TOKEN_OPTION)
        return {
            "uuid": parameters.get_param("database.uuid"),
            "neutralized": bool(parameters.get_param("database.is_neutralized")),
            "oid": oid,
            "system": system,
            "token": ledger.digest(token) if token else None,
        }

    @tools.ormcache()
    def _server(self):
        [(oid, readable)] = self.env.execute_query(
            SQL(
                """SELECT oid::bigint, has_function_privilege('pg_control_system()', 'EXECUTE')
                     FROM pg_database WHERE datname = current_database()"""
            )
        )
        if not readable:
            return oid, None
        [(system,)] = self.env.execute_query(SQL("SELECT system_identifier::text FROM pg_control_system()"))
        return oid, system

    @api.model
    def _is_held(self) -> bool:
        """Return whether marketing waits until somebody says what this database is."""
        return database.is_held(self._confirmed(), self._state())

    def _confirmed(self):
        try:
            found = json.loads(self.env["ir.config_parameter"].sudo().get_param(CONFIRMED) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @api.model
    def _confirm(self, happened: str = MOVED):
        """Let marketing leave from this database.

        :param happened: moved, upgraded, or restored from a backup: then marketing waits for `_state_opt_outs`
        """
        self._write_confirmed(
            {**self._state(), "waiting": happened == RESTORED or bool(self._confirmed().get("waiting"))}
        )

    @api.model
    def _state_opt_outs(self, statement: str):
        """Let marketing leave after a restore: the officer states what became of the opt-outs since the backup.

        :raises AccessError: for others than officers
        :raises ConsentError: nothing is stated
        """
        if not self.env.user.has_group("marketing_consent.group_officer"):
            raise AccessError(self.env._("This needs the right “Consent: Officer”."))
        if not (statement or "").strip():
            raise ConsentError("missing_reason", self.env._("Say what became of the opt-outs since the backup."))
        said = {"statement": statement, "by": self.env.user.name, "at": str(clock.consent_now(self.env))}
        self._write_confirmed({**self._state(), "waiting": False, **said})

    def _write_confirmed(self, values):
        _logger.info("marketing consent: database confirmed by %s: %s", self.env.user.login, values)
        self.env["ir.config_parameter"].sudo().set_param(CONFIRMED, ledger.canonical_json(values))

    @api.model
    def _tell_once(self):
        """Tell the administrators, once for each copy, that marketing waits here."""
        parameters = self.env["ir.config_parameter"].sudo()
        state = ledger.canonical_json({**self._state(), "waiting": bool(self._confirmed().get("waiting"))})
        if not self._is_held() or parameters.get_param(TOLD) == state:
            return
        parameters.set_param(TOLD, state)
        administrators = self.env.ref("base.group_system").sudo().all_user_ids
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=administrators.partner_id.ids,
            subject=self.env._("Marketing waits: this database is a copy, or was restored"),
            body=self.env._("Say in the settings of Consent what happened to it. Everything else works."),
        )
