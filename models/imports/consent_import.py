import secrets

import pytz
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..policy.consent_four_eyes import WHO

# What it inherits has to be loaded before.
from . import (  # noqa: F401
    consent_import_file,
    consent_import_revocation,
    consent_import_statement,
    consent_import_steps,
)
from .consent_import_work import COUNTS, DOUBTS

KINDS = [
    ("yes", "People who said yes"),
    ("no", "People who said no"),
    ("answer", "A column says which"),
    ("channels", "A column for each channel says which"),
]
#: What only the steps themselves write: who could, would skip the check or the second person.
OURS = frozenset(
    {
        "state",
        "reference",
        "position",
        "line_count",
        "outside",
        "detected_encoding",
        "file_sha256",
        "checked_sha256",
        "revoked_by_id",
    }
    | {*WHO, *COUNTS, *DOUBTS}
)
#: What a preset keeps besides kind, columns and values.
SETTINGS = (
    *("by_email", "by_sms", "date_order", "short_years", "tz", "place", "collected_by", "collected_on"),
    *("notice_id", "wording", "note"),
)
#: What was checked: whatever of it changes is checked anew.
CHECKED = frozenset(
    {*SETTINGS, "kind", "file", "name", "encoding", "column_ids", "value_ids", "topic_id", "proof_ids", "country_id"}
    | {"company_id", "preset_id"}
)
OPEN = ("draft", "checked")


class ConsentImport(models.Model):
    """A file of answers obtained elsewhere, turned into evidence: with source, date, wording and proof, or not at all.

    Its user states what the file is and what each value means. It is checked first, line by line and by the very rules
    by which it is recorded, and recorded in the background, a chunk in each transaction together with how far it got:
    whatever cuts it off, each line counts once. What is recorded never changes.
    """

    _name = "consent.import"
    _description = "Import of Answers"
    _inherit = [
        *("consent.import.steps", "consent.import.statement", "consent.import.file"),
        *("consent.import.work", "consent.import.revocation"),
        *("mail.thread", "consent.four.eyes"),
    ]
    _order = "id desc"

    state = fields.Selection(
        [
            ("reading", "Being read"),
            ("draft", "Columns"),
            ("checking", "Being checked"),
            ("checked", "Checked"),
            ("approval", "To approve"),
            ("running", "Being recorded"),
            ("stopped", "Stopped"),
            ("done", "Recorded"),
            ("revoking", "Being revoked"),
            ("revoked", "Revoked"),
            ("retraction", "Retraction to approve"),
            ("retracting", "Being retracted"),
            ("retracted", "Noes retracted"),
        ],
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    kind = fields.Selection(KINDS, "What is this file?", help="Nothing is assumed: say what the people in it did.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    preset_id = fields.Many2one("consent.import.preset", help="Meaning of the columns and values of this kind of file.")
    value_ids = fields.One2many("consent.import.value", "import_id", "Values of the answers")
    line_ids = fields.One2many("consent.import.line", "import_id", "Lines to look at", readonly=True)

    topic_id = fields.Many2one("consent.topic", help="Of lines without a topic of their own.")
    by_email = fields.Boolean("By e-mail", default=True)
    by_sms = fields.Boolean("By SMS")
    date_order = fields.Selection(
        [("ymd", "Year, month, day"), ("dmy", "Day, month, year"), ("mdy", "Month, day, year")],
        "Dates are written",
        required=True,
        default="ymd",
    )
    short_years = fields.Boolean("Years have two digits", help="05 is 2005.")
    tz = fields.Selection(
        lambda self: [(name, name) for name in pytz.common_timezones],
        "Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Of times that do not name their own.",
    )
    collected_on = fields.Datetime(
        "Collected on", help="When the people said it, for lines without a date of their own."
    )
    place = fields.Char("Where", help="Where they said it: an event, a shop, a form. For lines without a place.")
    collected_by = fields.Char("Collected by", help="Who asked them.")
    notice_id = fields.Many2one("consent.notice", "Wording", domain="[('state', '=', 'published')]")
    wording = fields.Text("Wording as it was", help="What the people read or heard, word for word.")
    note = fields.Text(help="Kept as evidence with each answer.")
    proof_ids = fields.Many2many(
        "ir.attachment",
        help="Scans, the form, an export of the other system. With a document for each line and a second person's "
        "approval, a yes may follow a no.",
    )
    country_id = fields.Many2one(
        "res.country",
        help="Of telephone numbers that are written without one.",
        default=lambda self: self.env.company.country_id,
    )

    reference = fields.Char(readonly=True, copy=False, default=lambda self: f"import-{secrets.token_hex(8)}")
    checked_sha256 = fields.Char(
        readonly=True, copy=False, help="Of all that was checked: file, columns, values, settings and proof."
    )
    asked_by_id = fields.Many2one(string="Launched by")
    position = fields.Integer("Last line", readonly=True, copy=False)
    recorded_count = fields.Integer("Lines recorded", readonly=True, copy=False)
    nothing_count = fields.Integer("Lines that say nothing", readonly=True, copy=False)
    skipped_count = fields.Integer("Lines that change nothing", readonly=True, copy=False)
    error_count = fields.Integer("Lines with an error", readonly=True, copy=False)
    yes_count = fields.Integer("Said yes", readonly=True, copy=False)
    no_count = fields.Integer("Said no", readonly=True, copy=False)
    withheld_count = fields.Integer("Yes, but withheld", readonly=True, copy=False)
    role_count = fields.Integer("Addresses of functions", readonly=True, copy=False)
    old_count = fields.Integer("Older than two years", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    totals = fields.Char(compute="_compute_progress")
    ignored = fields.Char("Columns that are not read", compute="_compute_ignored")
    warning = fields.Text(compute="_compute_warning")

    @api.depends("recorded_count", "nothing_count", "skipped_count", "error_count", "line_count")
    def _compute_progress(self):
        for each in self:
            counts = (each.recorded_count, each.skipped_count, each.nothing_count, each.error_count)
            each.progress = 100 * sum(counts) / each.line_count if each.line_count else 0
            each.totals = each.env._(
                "%(all)s lines: %(recorded)s to record, %(skipped)s change nothing, %(nothing)s say nothing, "
                "%(errors)s with an error",
                all=sum(counts),
                recorded=counts[0],
                skipped=counts[1],
                nothing=counts[2],
                errors=counts[3],
            )

    @api.depends("column_ids.means")
    def _compute_ignored(self):
        for each in self:
            unused = each.column_ids.filtered(lambda column: column.means in (False, "ignored"))
            each.ignored = ", ".join(unused.mapped("heading")) or False

    @api.depends(
        *("state", "role_count", "old_count", "yes_count", "withheld_count"),
        *("collected_on", "note", "proof_ids", "column_ids.means"),
    )
    def _compute_warning(self):
        """Say what makes a list doubtful: bought and collected lists look like that (MISSION M33)."""
        for each in self:
            dated = any((means or "").startswith("date") for means in each.column_ids.mapped("means"))
            yes = each.yes_count
            found = [
                (
                    yes and not (each.proof_ids or each.note),
                    each.env._("There is neither proof nor a note: the weakest grade."),
                ),
                (yes and not dated, each.env._("Everybody is said to have answered at the same time.")),
                (each.role_count, each.env._("Addresses of functions, not of people: %s.", each.role_count)),
                (each.old_count, each.env._("Answers older than two years: %s.", each.old_count)),
                (each.withheld_count, each.env._("Said yes, but may not be written to: %s.", each.withheld_count)),
            ]
            each.warning = "\n".join(text for applies, text in found if applies)

    # -- file and columns -----------------------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """Drop any default of the kind: the user of the file states it."""
        values = super().default_get(fields)
        values.pop("kind", None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Read the file, so that columns and values can be named at once."""
        for vals in vals_list:
            self._check_ours(vals)
        # Odoo takes whatever a client's context calls a default.
        ours = {f"default_{name}" for name in OURS}
        context = {name: value for name, value in self.env.context.items() if name not in ours}
        without = self.with_context(context)  # pylint: disable=context-overridden
        imports = super(ConsentImport, without).create(
            [vals | {"column_ids": [], "value_ids": []} for vals in vals_list]
        )
        for each, vals in zip(imports, vals_list, strict=True):
            each._read_file()
            each.preset_id._apply_to(each, vals)
        return imports

    def write(self, vals):
        """Keep file and meaning as they were checked: what changes is checked anew, what is recorded stays."""
        self._check_ours(vals)
        self._check_open()
        if "file" in vals:
            # Another file may be of another kind: that is stated anew.
            vals = {"kind": False, "preset_id": False, "encoding": False, **vals}
        result = super().write(vals)
        for each in self:
            if vals.keys() & {"file", "encoding"}:
                each._reset()
                each._read_file()
            if vals.get("preset_id"):
                each.preset_id._apply_to(each, vals)
        if vals.keys() & CHECKED:
            self.filtered(lambda each: each.state == "checked")._reset()
        return result

    def _check_ours(self, vals):
        if not self.env.su and vals.keys() & OURS:
            raise AccessError(self.env._("The steps of an import follow each other: use its buttons."))

    def _check_open(self):
        if not self.env.su and any(each.state not in OPEN for each in self):
            raise UserError(self.env._("This import is under way or done: it stays as it is."))

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_recorded(self):
        if any(each.state not in ("reading", "draft", "checked", "approval", "checking") for each in self):
            raise UserError(self.env._("What was recorded rests on this file: keep it."))
