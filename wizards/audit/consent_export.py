import base64
import gzip
import tempfile

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...models.ledger.consent_event import EXPORTED_EVENT
from ...tools import ledger
from ...tools.transitions import BLOCK_SET_BY

BATCH = 5000
TABLES = ("consent_contact_point", "consent_event", "consent_evidence", "consent_exhibit", "consent_notice")


class ConsentExport(models.TransientModel):
    """Download of ledger and blocks as one file, to keep outside Odoo."""

    _name = "consent.export"
    _description = "Download of Ledger and Blocks"

    reason = fields.Char("Why do you need it?", help="Kept in the log, with your name and the time.")
    content = fields.Binary("File", readonly=True, attachment=True)
    filename = fields.Char(readonly=True)
    event_count = fields.Integer("Events", readonly=True)

    def action_download(self):
        """Write the file and store its last event, which allows the app to be uninstalled.

        :raises AccessError: the file holds companies that the user does not work for
        """
        self.ensure_one()
        self._check_companies()
        self.env["consent.access.log"]._note_access("export", self.env["consent.event"], self.reason)
        last, content = self._content()
        self.write(
            {
                "content": base64.b64encode(content),
                "filename": f"consent-ledger-{fields.Date.today()}.jsonl.gz",
                "event_count": self.env["consent.event"].sudo().search_count([]),
            }
        )
        self.env["ir.config_parameter"].sudo().set_param(EXPORTED_EVENT, last)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{self.filename}?download=true",
            "target": "self",
        }

    def _check_companies(self):
        groups = self.env["consent.record"].sudo()._read_group([("company_id", "!=", False)], ["company_id"])
        others = {company for (company,) in groups} - set(self.env.user.company_ids)
        if others:
            raise AccessError(
                self.env._("The file holds every company: only who works for all of them may download it.")
            )

    def _content(self):
        """Return the last event's id and the gzipped JSON lines: the rows of each table in order, then the blocks.

        Rows are read a batch at a time and written to a file as they come: only the compressed whole is in memory.
        """
        last = 0
        with tempfile.TemporaryFile() as file:
            with gzip.open(file, "wt", encoding="utf-8") as lines:
                for table in TABLES:
                    for row in self._rows(self._query(table)):
                        lines.write(ledger.canonical_json({"table": table, **row}) + "\n")
                        last = row["id"] if table == "consent_event" else last
                for row in self._rows(self._blocks()):
                    lines.write(ledger.canonical_json({"table": "block", **row}) + "\n")
            file.seek(0)
            return last, file.read()

    def _query(self, table):
        if table == "consent_event":
            return self.env["consent.event"]._covered()  # each line has all that its hash covers
        return SQL("SELECT * FROM %s", SQL.identifier(table))

    def _rows(self, query):
        """Yield the rows of `query`, which has a column id, in its order."""
        last, rows = 0, True
        while rows:
            rows = self.env.execute_query_dict(
                SQL("SELECT * FROM (%s) AS source WHERE id > %s ORDER BY id LIMIT %s", query, last, BATCH)
            )
            for row in rows:
                yield {name: value.hex() if isinstance(value, memoryview) else value for name, value in row.items()}
            last = rows[-1]["id"] if rows else last

    def _blocks(self):
        blocked = SQL(" OR ").join(SQL("%s IS NOT NULL", SQL.identifier(column)) for column in BLOCK_SET_BY.values())
        return SQL(
            """SELECT record.id, point.channel, point.address, point.address_hash, record.company_id, record.topic_id,
                      record.state, %s
                 FROM consent_record record JOIN consent_contact_point point ON point.id = contact_point_id
                WHERE record.state IN ('withdrawn', 'refused') OR %s""",
            SQL(", ").join(SQL("record.%s", SQL.identifier(column)) for column in BLOCK_SET_BY.values()),
            blocked,
        )
