from odoo import api, fields, models

KEEP_LINES = 90  # days
OUTCOMES = [
    ("error", "Cannot be recorded"),
    ("duplicate", "Stands in the file twice"),
    ("unchanged", "The same no stands already"),
    ("not_applied", "Kept, but a no stands that an import cannot undo"),
    ("older", "Kept, but a newer answer stands"),
    ("withheld", "Recorded, but marketing stays withheld"),
]


class ConsentImportLine(models.Model):
    """A line that is not recorded as a new answer, or not enough to be written to, and why."""

    _name = "consent.import.line"
    _description = "Line of an Import"
    _order = "import_id, line, id"
    _log_access = False
    _rec_name = "line"

    import_id = fields.Many2one("consent.import", required=True, ondelete="cascade", index=True, readonly=True)
    line = fields.Integer(required=True, readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    why = fields.Char(readonly=True)

    @api.autovacuum
    def _gc(self):
        """Forget what could not be recorded once there was time to mend it; the file itself stays as evidence."""
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_LINES)
        done = [("import_id.state", "in", ("done", "revoked", "retracted")), ("import_id.write_date", "<", long_ago)]
        self.search(done, limit=100_000).unlink()
