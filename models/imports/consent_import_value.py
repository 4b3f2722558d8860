from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import import_words
from ...tools.import_words import DATE, EMPTY, NO, YES

MEANS = [("yes", "Said yes"), ("no", "Said no"), ("nothing", "Says nothing")]


class ConsentImportValue(models.Model):
    """A value of an answer column: how often it stands there, and what a person says that it means."""

    _name = "consent.import.value"
    _description = "Value of an Import's Answers"
    _order = "import_id, column_id, count desc, id"
    _rec_name = "value"

    import_id = fields.Many2one("consent.import", required=True, ondelete="cascade", index=True, readonly=True)
    column_id = fields.Many2one("consent.import.column", required=True, ondelete="cascade", index=True, readonly=True)
    key = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    count = fields.Integer("Lines", readonly=True)
    means = fields.Selection(MEANS)
    proposal = fields.Selection(MEANS, compute="_compute_proposal")
    hint = fields.Char("Probably", compute="_compute_proposal")

    @api.depends("key", "column_id.heading")
    def _compute_proposal(self):
        """Propose what it means, with the sense of its column: under a heading like “Opt-out” TRUE means: left."""
        for each in self:
            heading, key = each.column_id.heading or "", each.key or EMPTY
            each.proposal = import_words.propose(heading, key)
            each.hint = each._hint(import_words.is_negative(heading))

    def _hint(self, negative):
        said = {
            YES: self.env._("“%s” here means: said yes", self.value),
            NO: self.env._("“%s” here means: left", self.value) if negative else self.env._("said no"),
        }
        nothing = self.env._("says nothing: not opting out is no opt-in") if negative else self.env._("says nothing")
        return said.get(self.proposal, nothing) if self.proposal else self.env._("only you can say")

    def write(self, vals):
        """Take what a value means, as long as nothing is under way or done."""
        if not self.env.su and vals.keys() - {"means"}:
            raise UserError(self.env._("The values of a column are those of its file."))
        self.column_id._check_open()
        return super().write(vals)

    @api.model
    def _of(self, column):
        """Make the values of an answer column, in the words of the file."""
        shown = {EMPTY: self.env._("(empty)"), DATE: self.env._("(a date)")}
        return self.create(
            [
                {
                    "import_id": column.import_id.id,
                    "column_id": column.id,
                    "key": key,
                    "value": shown.get(key, text),
                    "count": count,
                    "means": False,  # whatever anybody's default is
                }
                for key, (text, count) in column._values().items()
            ]
        )
