from odoo import models
from odoo.exceptions import UserError

from ..policy.consent_four_eyes import WHO
from .consent_import_work import COUNTS, DOUBTS

SMALL = 200_000  # bytes: such a file is checked at once, a longer one in the background


class ConsentImportSteps(models.AbstractModel):
    """The steps of an import, which follow each other: check, record, where it is asked for with a second person."""

    _name = "consent.import.steps"
    _description = "Steps of an Import"

    def action_check(self):
        """Say for each line what would become of it; nothing is recorded."""
        self.check_access("write")
        for each in self:
            each._check_step("draft", "checked")
            each._check_complete()
            each._reset()
            each._start("checking")
            if each._attachment().file_size <= SMALL:
                each.sudo()._advance()

    def action_record(self):
        """Record it in the background, or let another person approve it first."""
        self.check_access("write")
        for each in self:
            if each.state == "draft":
                raise UserError(self.env._("Check the file first."))
            each._check_step("checked")
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

    def action_reset(self):
        """Go back to the columns."""
        self.check_access("write")
        events = self.env["consent.event"].sudo()
        for each in self.sudo():
            nothing = each.state == "stopped" and not events.search_count([("batch", "=", each.reference)], limit=1)
            if nothing or each.state in ("checked", "approval"):
                each._reset()

    def action_download(self):
        """Download the lines to look at, each with why."""
        return {"type": "ir.actions.act_url", "url": f"/consent/import/{self.id}/lines.csv", "target": "download"}

    def action_open_lines(self):
        """Show the lines to look at: those that are not recorded, and those whose yes is withheld."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lines to look at"),
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

    def _check_step(self, *states):
        if self.state not in states:
            raise UserError(self.env._("This import is under way or done: it stays as it is."))

    def _waits_for_approval(self):
        return self.state == "approval"

    def _approved(self):
        self._start("running")

    def _needs_second_person(self):
        """Ask for one where documents may undo a no, and where a company of its topics asks for one.

        The group's topics concern every company that asks for a second person, whichever of them imports.
        """
        means = self.column_ids.mapped("means")
        if "document" in means:
            return True
        topics = self.topic_id.union(*self.sudo()._topics().values()) if "topic" in means else self.topic_id
        shared = any(not topic.company_id for topic in topics)
        asking = self.env["res.company"].sudo().search([("consent_four_eyes", "=", True)])
        return bool(asking if shared else asking & self.company_id)

    # -- from one state to another --------------------------------------------------------------------------------

    def _start(self, state):
        counts = {}
        if state == "running":
            # Whose yes is withheld was found by the check: asking the gate once more would cost more than recording.
            self.sudo().line_ids.filtered(lambda line: line.outcome != "withheld").unlink()
            counts = dict.fromkeys(set(COUNTS) - {"withheld_count"}, 0)
        by = self.asked_by_id if self.state == "approval" else self.env.user
        who = {"reading": {}, "retracting": {}, "revoking": {"revoked_by_id": by.id}}.get(state, {"asked_by_id": by.id})
        self.sudo().write({**counts, **who, "state": state, "position": 0})
        if state == "checking":
            self.sudo().file_sha256 = self._digest()
            self.sudo().checked_sha256 = self._fingerprint()
        self._call_cron()

    def _call_cron(self):
        self.env.ref("marketing_consent.ir_cron_consent_import").sudo()._trigger()

    def _reset(self):
        self.sudo().line_ids.unlink()
        numbers = dict.fromkeys((*COUNTS, *DOUBTS, "position"), 0)
        self.sudo().write({**numbers, **dict.fromkeys((*WHO, "checked_sha256"), False), "state": "draft"})
