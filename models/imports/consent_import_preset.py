from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.import_words import fold
from .consent_import import KINDS, SETTINGS


class ConsentImportPreset(models.Model):
    """What the columns and values of one kind of file mean, for the next such file.

    Those without a company come with the addon: each names the public description of the export that it is made for.
    """

    _name = "consent.import.preset"
    _description = "Preset of Imports"
    _order = "name"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    kind = fields.Selection(KINDS, "What the file is", readonly=True)
    columns = fields.Json(readonly=True, help="What a column is, by its heading.")
    values = fields.Json(readonly=True, help="What a value means, by heading and key.")
    needed = fields.Json(readonly=True, help="Headings by which this kind of file is known.")
    foreign = fields.Json(readonly=True, help="Headings that only another kind of file has.")
    not_named = fields.Char(readonly=True, help="What the name of another kind of file contains.")
    is_strict = fields.Boolean(readonly=True, help="Whether each further column may be an answer too.")
    settings = fields.Json(readonly=True)
    source = fields.Char("Described at", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Leave presets for all companies to the addon."""
        presets = super().create(vals_list)
        presets._check_own()
        return presets

    def write(self, vals):
        """Leave presets for all companies to the addon."""
        self._check_own()
        result = super().write(vals)
        self._check_own()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_own(self):
        self._check_own()

    def _check_own(self):
        if not self.env.su and any(not preset.company_id for preset in self):
            raise UserError(self.env._("This preset comes with the addon: save one of your own."))

    @api.model
    def _of(self, source):
        """Return a new preset with kind, columns, values and settings of an import."""
        settings = {name: source[name] for name in SETTINGS if source[name]}
        settings |= {"notice_id": source.notice_id.id, "collected_on": fields.Datetime.to_string(source.collected_on)}
        values = {}
        for value in source.value_ids.filtered("means"):
            values.setdefault(value.column_id.heading, {})[value.key or ""] = value.means
        columns = {column.heading: column.means for column in source.column_ids if column.means}
        return self.create(
            {
                "name": source.place or source.name,
                "company_id": source.company_id.id,
                "kind": source.kind,
                "columns": columns,
                "values": values,
                "needed": [heading for heading, means in columns.items() if means != "ignored"],
                "settings": settings,
            }
        )

    def _apply_to(self, target, stated=()):
        """Take it over to an import, but for what was stated together with it.

        :raises UserError: the file is of another kind
        """
        if not self:
            return
        if mismatch := self._mismatch(target):
            raise UserError(mismatch)
        settings = {name: value for name, value in (self.settings or {}).items() if name in SETTINGS}
        if not self.env["consent.notice"].browse(settings.get("notice_id")).exists():
            settings.pop("notice_id", None)
        settings = {"kind": self.kind, **settings}
        target.write({name: value for name, value in settings.items() if not (name in stated and stated[name])})
        known = {fold(heading): means for heading, means in (self.columns or {}).items()}
        for column in target.column_ids:
            column.means = known.get(fold(column.heading), column.means if self._keeps(column) else False)
            if self.is_strict and not column.means:
                column.means = "answer"  # of its values each is asked for
        values = {fold(heading): means for heading, means in (self.values or {}).items()}
        for value in target.value_ids:
            value.means = values.get(fold(value.column_id.heading), {}).get(value.key or "") or value.means

    def _keeps(self, column):
        """Return whether what the file itself suggests of a column counts, where the preset says nothing of it."""
        means = column.means or ""
        if means.startswith("answer"):
            return self.kind != "no"
        return means in ("email", "phone") and means not in (self.columns or {}).values()

    def _mismatch(self, target):
        """Return in words why a file is not of this kind, None where it is."""
        if not self:
            return None
        headings = {fold(column.heading) for column in target.column_ids}
        missing = [heading for heading in self.needed or () if fold(heading) not in headings]
        foreign = [heading for heading in self.foreign or () if fold(heading) in headings]
        if missing:
            return self.env._(
                "This is no file for “%(preset)s”: it has no %(missing)s.", preset=self.name, missing=", ".join(missing)
            )
        if foreign:
            return self.env._(
                "This is no file for “%(preset)s”: it has %(foreign)s.", preset=self.name, foreign=", ".join(foreign)
            )
        if self.not_named and any(word in target.name.lower() for word in self.not_named.split()):
            return self.env._("By its name, this is no file for “%s”.", self.name)
        return None
