import hashlib
import tempfile
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...exceptions import ConsentError
from ...tools import import_encoding, import_file, import_survey
from ...tools.import_file import Unreadable

READ_AT_ONCE = 2_000_000  # bytes: a longer file is read in the background
LOOK = 1000  # lines by which the columns of such a file are suggested meanwhile


class ConsentImportFile(models.AbstractModel):
    """The file of an import: where it lies, how it is written, and what stands in its columns."""

    _name = "consent.import.file"
    _description = "File of an Import"

    name = fields.Char("File name", required=True, default="answers.csv")
    file = fields.Binary(attachment=True, required=True, help="CSV or a workbook (.xlsx).")
    file_sha256 = fields.Char("SHA-256 of the file", readonly=True, copy=False)
    encoding = fields.Char(
        help="How the letters of a text file are written, if the detected one is wrong: utf-8, windows-1250 …"
    )
    detected_encoding = fields.Char(readonly=True, copy=False)
    outside = fields.Text(
        "Not read", readonly=True, copy=False, help="What stands before the headings, and further sheets."
    )
    line_count = fields.Integer("Lines", readonly=True, copy=False)
    column_ids = fields.One2many("consent.import.column", "import_id")
    offered_format = fields.Char(compute="_compute_offered_format")

    @api.depends("column_ids.means", "column_ids.survey", "date_order", "short_years")
    def _compute_offered_format(self):
        """Offer the one way of writing dates that fits more lines than the chosen one."""
        for each in self:
            dates = each.column_ids.filtered(lambda column: (column.means or "").startswith("date") and column.survey)
            found = {
                import_survey.offered_format(column._survey(), each.date_order, each.short_years) for column in dates
            }
            each.offered_format = found.pop() if len(found) == 1 else False

    def action_use_format(self):
        """Read the dates in the offered way."""
        for each in self.filtered("offered_format"):
            form = each.offered_format
            each.write({"date_order": form[:3], "short_years": len(form) > 3})

    def _read_file(self):
        """Read headings and columns anew; a long file is read to its end in the background."""
        self.ensure_one()
        self.column_ids.sudo().unlink()
        if self.encoding and not import_encoding.is_known(self.encoding):
            raise UserError(self.env._("“%s” is no encoding of text.", self.encoding))
        self.sudo().detected_encoding = self._detect_encoding()
        is_long = self._attachment().file_size > READ_AT_ONCE
        with self._opened() as table:
            survey = import_survey.survey(table, LOOK if is_long else None)
            outside = "\n".join(table.outside)
        if not survey.columns:
            raise UserError(self._explain(Unreadable("no_text")))
        self._keep_survey(survey)
        self.sudo().outside = outside[:2000] or False
        if is_long:
            self._start("reading")

    def _survey(self, _commits):
        """Read the whole file in the background, and keep what was suggested of its columns meanwhile."""
        with self._opened() as table:
            survey = import_survey.survey(table)
        means = self.column_ids.mapped("means")
        self.column_ids.unlink()
        self._keep_survey(survey, means)
        yield survey.lines

    def _keep_survey(self, survey, means=()):
        columns = survey.columns
        if len(columns) > import_file.MAX_COLUMNS:
            raise UserError(self._explain(Unreadable("too_many_columns")))
        suggested = import_survey.suggest(columns)
        self.sudo().write(
            {
                "line_count": survey.lines,
                "column_ids": [
                    Command.create(
                        {
                            "number": number,
                            "heading": column.heading or self.env._("Column %s", number + 1),
                            "sample": column.sample,
                            "means": (means[number] if number < len(means) else suggested[number]) or False,
                            "survey": column._asdict(),
                        }
                    )
                    for number, column in enumerate(columns)
                ],
            }
        )
        self._propose_order()
        self.sudo()._sync_values()

    def _propose_order(self):
        """Choose the order of dates that the file itself leaves no doubt about."""
        if self.offered_format and len(self.offered_format) == 3:
            self.sudo().date_order = self.offered_format

    def _detect_encoding(self):
        with self._path() as path:
            return False if self.name.lower().endswith((".xlsx", ".xlsm")) else import_encoding.detect(path)

    @contextmanager
    def _opened(self):
        """Give the table of the file; what is wrong with the file as a whole is a `UserError`."""
        try:
            with (
                self._path() as path,
                import_file.opened(path, self.name, self.encoding or self.detected_encoding) as table,
            ):
                yield table
        except Unreadable as error:
            raise UserError(self._explain(error)) from None

    @contextmanager
    def _path(self):
        """Give where the file lies: read from the disk, it is never whole in memory."""
        attachment = self._attachment()
        if attachment.store_fname:
            yield attachment._full_path(attachment.store_fname)
            return
        with tempfile.NamedTemporaryFile() as file:
            file.write(attachment.raw or b"")
            file.flush()
            yield file.name

    def _attachment(self):
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", "file")]
        return self.env["ir.attachment"].sudo().search(domain, limit=1)

    def _digest(self):
        digest = hashlib.sha256()
        with self._path() as path, open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def _explain(self, error):
        """Return in words why a line, or a file, cannot be read."""
        if isinstance(error, ConsentError):
            return str(error)
        text = error.text
        texts = {
            "no_text": self.env._("This is no text file: save it as CSV (UTF-8) or as .xlsx."),
            "no_workbook": self.env._("This workbook cannot be opened."),
            "bad_encoding": self.env._("This file is not written in “%s”.", text),
            "too_many_columns": self.env._("This file has more than %s columns.", import_file.MAX_COLUMNS),
            "hidden_lines": self.env._("“%s” has hidden lines: clear its filter, show or delete them.", text),
            "merged_lines": self.env._("Cells of lines %s are merged: unmerge them and fill each of them.", text),
            "not_calculated": self.env._(
                "“%s” has formulas without a result: open the file in a spreadsheet program and save it.", text
            ),
            "broken_line": self.env._("A quote is never closed here, or there are more cells than headings."),
            "no_address": self.env._("There is no address."),
            "several_addresses": self.env._("Several addresses: “%s”. Which of them said yes?", text),
            "unknown_answer": self.env._("It was not said what “%s” means.", text),
            "unknown_country": self.env._("“%s” is no country that is known, and the number has none.", text),
            "note_says_no": self.env._("Its note seems to say no: “%s”.", text),
            "no_document": self.env._("There is no document “%s” among the proofs.", text),
            "bad_date": self.env._("“%s” is no date as chosen.", text),
            "no_topic": self.env._("There is no topic “%s”.", text),
            "several_topics": self.env._("Several topics are called “%s”: write the code.", text),
            "no_date": self.env._("There is no date."),
        }
        return texts[error.code]
