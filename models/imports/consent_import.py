import hashlib
import itertools
import secrets
import tempfile
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...tools import opt_in_file
from ...tools.opt_in_file import Unreadable
from ..policy.consent_four_eyes import WHO
from .consent_import_work import COUNTS, DOUBTS

SMALL = 200_000  # bytes: such a file is checked at once, a longer one in the background
SAMPLES = 3
MAX_HEADING = 200
#: What only the steps themselves write: who could, would skip the check or the second person.
OURS = ("state", "reference", "position", "line_count", "file_sha256", "checked_sha256", *WHO, *COUNTS, *DOUBTS)
#: What a preset keeps besides the columns.
SETTINGS = ("by_email", "by_sms", "date_order", "place", "collected_by", "collected_on", "notice_id", "wording", "note")


class ConsentImport(models.Model):
    """A file of answers obtained elsewhere, turned into evidence: with source, date, wording and proof, or not at all.

    It is checked first, line by line and by the very rules by which it is recorded, and recorded in the background, a
    chunk in each transaction together with how far it got: whatever cuts it off, each line counts once.
    """

    _name = "consent.import"
    _description = "Import of Opt-ins"
    _inherit = ["mail.thread", "consent.four.eyes", "consent.import.work"]
    _order = "id desc"

    name = fields.Char("File name", required=True, default="opt-ins.csv")
    file = fields.Binary(attachment=True, required=True, help="CSV or a workbook (.xlsx), headings in the first line.")
    file_sha256 = fields.Char("SHA-256 of the file", readonly=True, copy=False)
    checked_sha256 = fields.Char(
        readonly=True, copy=False, help="Of all that was checked: file, columns, settings and proof."
    )
    state = fields.Selection(
        [
            ("draft", "Columns"),
            ("checking", "Being checked"),
            ("checked", "Checked"),
            ("approval", "To approve"),
            ("running", "Being recorded"),
            ("stopped", "Stopped"),
            ("done", "Recorded"),
            ("revoking", "Being revoked"),
            ("revoked", "Revoked"),
        ],
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    preset_id = fields.Many2one("consent.import.preset", help="Columns and settings of an earlier import.")
    column_ids = fields.One2many("consent.import.column", "import_id")
    line_ids = fields.One2many("consent.import.line", "import_id", "Lines that are not recorded", readonly=True)

    topic_id = fields.Many2one("consent.topic", help="Of lines without a topic of their own.")
    by_email = fields.Boolean("By e-mail", default=True)
    by_sms = fields.Boolean("By SMS")
    date_order = fields.Selection(
        [("ymd", "Year, month, day"), ("dmy", "Day, month, year"), ("mdy", "Month, day, year")],
        "Dates are written",
        required=True,
        default="ymd",
    )
    collected_on = fields.Datetime(
        "Collected on", help="When the people said it, for lines without a date of their own."
    )
    place = fields.Char("Where", help="Where they said it: an event, a shop, a form. For lines without a place.")
    collected_by = fields.Char("Collected by", help="Who asked them.")
    notice_id = fields.Many2one("consent.notice", "Wording", domain="[('state', '=', 'published')]")
    wording = fields.Text("Wording as it was", help="What the people read or heard, word for word.")
    note = fields.Text(help="Kept as evidence with each answer.")
    proof_ids = fields.Many2many("ir.attachment", help="Scans, the form, an export of the other system.")
    country_id = fields.Many2one("res.country", help="Of telephone numbers that are written without one.")

    reference = fields.Char(readonly=True, copy=False, default=lambda self: f"import-{secrets.token_hex(8)}")
    asked_by_id = fields.Many2one(string="Launched by")
    position = fields.Integer("Lines done", readonly=True, copy=False)
    line_count = fields.Integer("Lines", readonly=True, copy=False)
    yes_count = fields.Integer("Said yes", readonly=True, copy=False)
    no_count = fields.Integer("Said no", readonly=True, copy=False)
    error_count = fields.Integer("Errors", readonly=True, copy=False)
    skipped_count = fields.Integer("Change nothing", readonly=True, copy=False)
    role_count = fields.Integer("Addresses of functions", readonly=True, copy=False)
    old_count = fields.Integer("Older than two years", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    warning = fields.Text(compute="_compute_warning")
    standing_count = fields.Integer("Consents that rest on it", compute="_compute_standing_count")

    @api.depends("position", "line_count", "state")
    def _compute_progress(self):
        for each in self:
            each.progress = 100 * each.position / each.line_count if each.line_count else 0

    @api.depends(
        "state", "role_count", "old_count", "yes_count", "collected_on", "note", "proof_ids", "column_ids.means"
    )
    def _compute_warning(self):
        """Say what makes a list doubtful: bought and collected lists look like that (MISSION M33)."""
        for each in self:
            dated = "date" in each.column_ids.mapped("means")
            found = [
                (
                    not (each.proof_ids or each.note),
                    each.env._("There is neither proof nor a note: the weakest grade."),
                ),
                (not dated, each.env._("Everybody is said to have answered at the same time.")),
                (each.role_count, each.env._("Addresses of functions, not of people: %s.", each.role_count)),
                (each.old_count, each.env._("Answers older than two years: %s.", each.old_count)),
            ]
            each.warning = "\n".join(text for applies, text in found if applies)

    def _compute_standing_count(self):
        for each in self:
            resting = [("granting_event_id", "any", [("batch", "=", each.reference)]), ("state", "=", "granted")]
            each.standing_count = (
                self.env["consent.record"].search_count(resting) if each.state in ("done", "stopped") else 0
            )

    # -- file and columns -----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Read the headings, so that the columns can be named at once."""
        for vals in vals_list:
            self._check_ours(vals)
        # Odoo takes whatever a client's context calls a default.
        ours = {f"default_{name}" for name in OURS}
        context = {name: value for name, value in self.env.context.items() if name not in ours}
        without = self.with_context(context)  # pylint: disable=context-overridden
        imports = super(ConsentImport, without).create(vals_list)
        for each in imports:
            each._read_headings()
        return imports

    def write(self, vals):
        """Keep file and meaning as they were checked: what changes is checked anew."""
        self._check_ours(vals)
        fixed = self.filtered(lambda each: each.state not in ("draft", "checked"))
        if fixed and not self.env.su:
            raise UserError(self.env._("This import is under way or done: it stays as it is."))
        result = super().write(vals)
        if "file" in vals:
            for each in self:
                each._read_headings()
        if vals.keys() & {*SETTINGS, "file", "name", "column_ids", "topic_id", "proof_ids", "country_id", "company_id"}:
            self.filtered(lambda each: each.state == "checked")._reset()
        return result

    def _check_ours(self, vals):
        if not self.env.su and vals.keys() & {*OURS}:
            raise AccessError(self.env._("The steps of an import follow each other: use its buttons."))

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_recorded(self):
        if any(each.state not in ("draft", "checked", "approval", "checking") for each in self):
            raise UserError(self.env._("What was recorded rests on this file: keep it."))

    def _read_headings(self):
        with self._opened() as rows:
            head = [cells or [] for _number, cells in itertools.islice(rows, 1 + SAMPLES)]
        if not head or not head[0]:
            raise UserError(self._explain(Unreadable("no_text")))
        headings = [heading.strip()[:MAX_HEADING] for heading in head[0][: opt_in_file.MAX_COLUMNS]]
        samples = head[1:]
        means = opt_in_file.suggest(headings)
        columns = [
            {
                "number": number,
                "heading": heading or self.env._("Column %s", number + 1),
                "sample": " · ".join(cells[number][:40] for cells in samples if number < len(cells) and cells[number]),
                "means": meaning or False,
            }
            for number, (heading, meaning) in enumerate(zip(headings, means, strict=True))
        ]
        dates = [
            cells[means.index("date")] for cells in samples if "date" in means and means.index("date") < len(cells)
        ]
        self.date_order = next(filter(None, map(opt_in_file.order_of, dates)), self.date_order)
        self.column_ids = [Command.clear(), *map(Command.create, columns)]

    @contextmanager
    def _opened(self):
        """Give the lines of the file; what is wrong with it as a whole is a `UserError`."""
        try:
            with self._path() as path, opt_in_file.opened(path, self.name) as rows:
                yield rows
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

    @api.onchange("preset_id")
    def _onchange_preset_id(self):
        """Take columns and settings over from a preset."""
        if self.preset_id:
            self.preset_id._apply_to(self)

    def action_save_preset(self):
        """Keep columns and settings for the next file of this kind."""
        self.sudo().preset_id = self.env["consent.import.preset"]._of(self)

    # -- what happens ---------------------------------------------------------------------------------------------

    def action_check(self):
        """Say for each line what would become of it; nothing is recorded."""
        for each in self:
            each._check_complete()
            each._reset()
            each._start("checking")
            if each._attachment().file_size <= SMALL:
                each.sudo()._advance()

    def action_record(self):
        """Record it in the background, or let another person approve it first."""
        for each in self:
            if each.state != "checked":
                raise UserError(self.env._("Check the file first."))
            if each._needs_second_person():
                each.sudo().write({"state": "approval", "asked_by_id": self.env.user.id})
            else:
                each._start("running")

    def action_go_on(self):
        """Go on with what was stopped, once it is again as it was checked."""
        self.check_access("write")
        for each in self.filtered(lambda each: each.state == "stopped"):
            if each._fingerprint() != each.checked_sha256:
                raise UserError(self.env._("It is still not what was checked."))
            each.sudo().state = "running"
            each._call_cron()

    def _waits_for_approval(self):
        return self.state == "approval"

    def _approved(self):
        self._start("running")

    def _needs_second_person(self):
        """The group's topics concern every company that asks for a second person, whichever of them imports."""
        meaning = self.sudo()._meaning()
        topics = self.env["consent.topic"].union(*meaning.topics.values()) if "topic" in meaning.columns else ()
        shared = any(not topic.company_id for topic in (meaning.topic, *topics))
        asking = self.env["res.company"].sudo().search([("consent_four_eyes", "=", True)])
        return bool(asking if shared else asking & self.company_id)

    def action_revoke(self):
        """Take back every consent that still rests on this file; what people said themselves since stays.

        :raises AccessError: for others than officers
        """
        if not self.env.user.has_group("marketing_consent.group_officer"):
            raise AccessError(self.env._("Revoking an import needs the right “Consent: Officer”."))
        for each in self.filtered(lambda each: each.state in ("done", "stopped")):
            each._start("revoking")

    def action_reset(self):
        """Go back to the columns."""
        self.check_access("write")
        events = self.env["consent.event"].sudo()
        for each in self.sudo():
            nothing = each.state == "stopped" and not events.search_count([("batch", "=", each.reference)], limit=1)
            if nothing or each.state in ("checked", "approval"):
                each._reset()

    def action_download(self):
        """Download the lines that are not recorded, each with why."""
        return {"type": "ir.actions.act_url", "url": f"/consent/import/{self.id}/lines.csv", "target": "download"}

    def action_open_lines(self):
        """Show the lines that are not recorded."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lines that are not recorded"),
            "res_model": "consent.import.line",
            "view_mode": "list",
            "domain": [("import_id", "=", self.id)],
            "context": {"group_by": ["outcome"]},
        }

    def action_open_records(self):
        """Show the consents that rest on it."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Consents that rest on “%s”", self.name),
            "res_model": "consent.record",
            "view_mode": "list,form",
            "domain": [("granting_event_id", "any", [("batch", "=", self.reference)])],
        }

    def _check_complete(self):
        means = set(self.column_ids.mapped("means"))
        missing = [
            (not (self.by_email or self.by_sms), self.env._("Choose e-mail, SMS or both.")),
            (self.by_email and "email" not in means, self.env._("Say which column is the e-mail address.")),
            (self.by_sms and "phone" not in means, self.env._("Say which column is the telephone number.")),
            (not self.topic_id and "topic" not in means, self.env._("Choose the topic, or its column.")),
            (not self.collected_on and "date" not in means, self.env._("Say when they answered, or in which column.")),
            (not self.notice_id and not self.wording, self.env._("Say which wording they agreed to.")),
            (not self.place and "place" not in means, self.env._("Say where they answered.")),
        ]
        if found := [text for applies, text in missing if applies]:
            raise UserError("\n".join(found))

    def _start(self, state):
        if state == "running":
            self.sudo().line_ids.unlink()
        counts = dict.fromkeys(COUNTS, 0) if state == "running" else {}
        by = self.asked_by_id if self.state == "approval" else self.env.user
        self.sudo().write({**counts, "state": state, "position": 0, "asked_by_id": by.id})
        if state == "checking":
            self.sudo().file_sha256 = self._digest()
            self.sudo().checked_sha256 = self._fingerprint()
        self._call_cron()

    def _call_cron(self):
        self.env.ref("marketing_consent.ir_cron_consent_import").sudo()._trigger()

    def _reset(self):
        self.sudo().line_ids.unlink()
        numbers = dict.fromkeys((*COUNTS, *DOUBTS, "position", "line_count"), 0)
        self.sudo().write({**numbers, **dict.fromkeys((*WHO, "checked_sha256"), False), "state": "draft"})
