from odoo import api, fields, models
from odoo.exceptions import UserError

MEANINGS = [
    ("email", "E-mail address"),
    ("phone", "Telephone number"),
    ("topic", "Topic (name or code)"),
    ("answer", "Answer (yes or no)"),
    ("date", "When they answered"),
    ("place", "Where they answered"),
    ("collector", "Who asked them"),
    ("country", "Country (two letters)"),
    ("name", "Name"),
    ("note", "Note"),
]


class ConsentImportColumn(models.Model):
    """A column of an import's file, and what stands in it."""

    _name = "consent.import.column"
    _description = "Column of an Import"
    _order = "import_id, number"

    import_id = fields.Many2one("consent.import", required=True, ondelete="cascade", index=True)
    number = fields.Integer(readonly=True)
    heading = fields.Char(required=True, readonly=True)
    sample = fields.Char("Begins with", readonly=True)
    means = fields.Selection(MEANINGS, "Is")

    _means_unique = models.UniqueIndex("(import_id, means) WHERE means IS NOT NULL", "Two columns cannot be the same.")

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse columns of what is checked or under way."""
        columns = super().create(vals_list)
        columns._check_draft()
        return columns

    def write(self, vals):
        """Refuse to change what was checked, or to move a column there."""
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        self._check_draft()

    def _check_draft(self):
        if not self.env.su and any(batch.state not in ("draft", "checked") for batch in self.import_id):
            raise UserError(self.env._("This import is under way or done: it stays as it is."))
        self.import_id.filtered(lambda batch: batch.state == "checked")._reset()
