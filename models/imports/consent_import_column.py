from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.import_survey import Column

MEANINGS = [
    ("email", "E-mail address"),
    ("phone", "Telephone number"),
    ("topic", "Topic (name or code)"),
    ("answer", "Answer"),
    ("answer_email", "Answer about e-mail"),
    ("answer_sms", "Answer about SMS"),
    ("date", "When they answered"),
    ("date_email", "When, about e-mail"),
    ("date_sms", "When, about SMS"),
    ("place", "Where they answered"),
    ("collector", "Who asked them"),
    ("country", "Country of the number"),
    ("name", "Name"),
    ("document", "Name of its document"),
    ("note", "Note"),
    ("ignored", "Not used: no answer"),
]


class ConsentImportColumn(models.Model):
    """A column of an import's file, and what stands in it."""

    _name = "consent.import.column"
    _description = "Column of an Import"
    _order = "import_id, number"
    _rec_name = "heading"

    import_id = fields.Many2one("consent.import", required=True, ondelete="cascade", index=True)
    number = fields.Integer(readonly=True)
    heading = fields.Char(required=True, readonly=True)
    sample = fields.Char("Begins with", readonly=True)
    survey = fields.Json(readonly=True, help="What stands in it, counted over the whole file.")
    means = fields.Selection(MEANINGS, "Is")

    def write(self, vals):
        """Refuse to change what is under way or done, or to move a column there."""
        self._check_open()
        if not self.env.su and vals.keys() - {"means"}:
            raise UserError(self.env._("The columns of an import are those of its file."))
        result = super().write(vals)
        if "means" in vals:
            self.import_id.sudo()._sync_values()
        return result

    def _check_open(self):
        self.import_id._check_open()
        self.import_id.filtered(lambda batch: batch.state == "checked")._reset()

    def _survey(self) -> Column:
        return Column(**self.survey)

    def _values(self):
        """Return what stands in it, None where there is too much for an answer or nothing is known yet."""
        return self.survey and self.survey["values"]
