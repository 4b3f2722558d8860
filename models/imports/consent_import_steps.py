from odoo import models
from odoo.exceptions import AccessError, UserError

from ...tools.import_lines import ANSWERS, SEVERAL
from ...tools.import_words import DATE, says_no
from ..policy.consent_four_eyes import WHO
from .consent_import_work import COUNTS, DOUBTS

SMALL = 200_000  # bytes: such a file is checked at once, a longer one in the background


class ConsentImportSteps(models.AbstractModel):
    """The steps of an import, which follow each other: check, record (approved by a second person), revoke."""

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

    def action_revoke(self):
        """Take back every consent that still rests on this file; what people said themselves since stays.

        :raises AccessError: for others than officers
        """
        if not self.env.user.has_group("marketing_consent.group_officer"):
            raise AccessError(self.env._("Revoking an import needs the right “Consent: Officer”."))
        self.check_access("write")
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

    # -- what must be stated --------------------------------------------------------------------------------------

    def _check_complete(self):
        """Refuse to read the lines before everything was said that must not be guessed."""
        found = [*self._missing(), *self._contradictions()]
        if found:
            raise UserError("\n".join(found))

    def _missing(self):
        means = set(self.column_ids.mapped("means"))
        dated = self.collected_on or any((meaning or "").startswith("date") for meaning in means)
        dated = dated or DATE in self.value_ids.mapped("key")
        by_email, by_sms = self._is_about()
        says_yes = self.kind == "yes" or "yes" in self.value_ids.mapped("means")
        missing = [
            (
                not self.kind,
                self.env._("Say what this file is: people who said yes, who said no, or which column says."),
            ),
            (not (by_email or by_sms), self.env._("Choose e-mail, SMS or both.")),
            (by_email and "email" not in means, self.env._("Say which column is the e-mail address.")),
            (by_sms and "phone" not in means, self.env._("Say which column is the telephone number.")),
            (not self.topic_id and "topic" not in means, self.env._("Choose the topic, or its column.")),
            (says_yes and not dated, self.env._("Say when they answered, or in which column.")),
            (says_yes and not (self.notice_id or self.wording), self.env._("Say which wording they agreed to.")),
            (not self.place and "place" not in means, self.env._("Say where they answered.")),
            (
                self.kind == "answer" and not means & ANSWERS.keys(),
                self.env._("Say which column is the answer."),
            ),
            (
                self.kind == "channels" and not means & {"answer_email", "answer_sms"},
                self.env._("Say which column is the answer about e-mail, and which about SMS."),
            ),
            (self.kind and not self._rows_are_known(), self.env._("The file is still being read.")),
        ]
        return [text for applies, text in missing if applies]

    def _rows_are_known(self):
        return all(column.survey for column in self.column_ids)

    def _is_about(self):
        """Return whether the file is about e-mail, and about SMS."""
        if self.kind != "channels":
            return self.by_email, self.by_sms
        means = self.column_ids.mapped("means")
        return "answer_email" in means, "answer_sms" in means

    def _contradictions(self):
        """Yield what was said and does not go together."""
        means = [column.means for column in self.column_ids if column.means]
        for meaning in sorted({meaning for meaning in means if means.count(meaning) > 1} - SEVERAL):
            twice = self.column_ids.filtered(lambda column: column.means == meaning)  # noqa: B023
            yield self.env._("Two columns cannot be the same: %s.", ", ".join(twice.mapped("heading")))
        answers = self.column_ids.filtered(lambda column: column.means in ANSWERS)
        by_email, by_sms = self._is_about()
        for column in answers:
            if self.kind in ("yes", "no"):
                yield self.env._(
                    "“%s” holds answers, but you said that all in this file answered alike: choose what the file is, "
                    "or mark the column as “Not used: no answer”.",
                    column.heading,
                )
            elif column._values() is None:
                yield self.env._("“%s” has more than 30 values: this is no answer.", column.heading)
            elif (column.means == "answer_sms" and not by_sms) or (column.means == "answer_email" and not by_email):
                yield self.env._("“%s” is about a channel that was not chosen.", column.heading)
        yield from self._unsaid(answers)
        yield from filter(None, [self.preset_id._mismatch(self)])

    def _unsaid(self, answers):
        """Yield what only its user can say: what a value means, and whether a column that looks like a no is one."""
        if self.kind in ("answer", "channels"):
            for value in self.value_ids.filtered(lambda value: not value.means):
                yield self.env._(
                    "Say what “%(value)s” means in “%(column)s”.", value=value.value, column=value.column_id.heading
                )
        if self.kind == "no":
            return
        for column in self.column_ids - answers:
            if not column.means and says_no(column.heading, column._values()):
                yield self.env._(
                    "“%s” looks like a no: say which answer it is, or “Not used: no answer”.", column.heading
                )

    # -- from one state to another --------------------------------------------------------------------------------

    def _start(self, state):
        if state == "running":
            self.sudo().line_ids.unlink()
        counts = dict.fromkeys(COUNTS, 0) if state == "running" else {}
        by = self.asked_by_id if self.state == "approval" else self.env.user
        who = {"reading": {}, "revoking": {"revoked_by_id": by.id}}.get(state, {"asked_by_id": by.id})
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
