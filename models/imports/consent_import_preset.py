from odoo import api, fields, models

from .consent_import import SETTINGS


class ConsentImportPreset(models.Model):
    """What the columns of one kind of file are, and the settings that go with it, for the next such file."""

    _name = "consent.import.preset"
    _description = "Preset of Imports"
    _order = "name"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    columns = fields.Json(readonly=True, help="What a column is, by its heading.")
    settings = fields.Json(readonly=True)

    @api.model
    def _of(self, source):
        """Return a new preset with the columns and settings of an import."""
        settings = {name: source[name] for name in SETTINGS if source[name]}
        settings |= {"notice_id": source.notice_id.id, "collected_on": fields.Datetime.to_string(source.collected_on)}
        return self.create(
            {
                "name": source.place or source.name,
                "company_id": source.company_id.id,
                "columns": {column.heading: column.means for column in source.column_ids if column.means},
                "settings": settings,
            }
        )

    def _apply_to(self, target):
        """Take it over to an import, saved or on the screen; columns are known by their headings."""
        settings = {name: value for name, value in (self.settings or {}).items() if name in SETTINGS}
        if not self.env["consent.notice"].browse(settings.get("notice_id")).exists():
            settings.pop("notice_id", None)
        target.update(settings)
        for column in target.column_ids:
            column.means = (self.columns or {}).get(column.heading)
