from odoo import models
from odoo.exceptions import UserError

from ...tools.import_lines import ANSWERS, SEVERAL
from ...tools.import_words import DATE, NO, NOTHING, YES, says_no


class ConsentImportStatement(models.AbstractModel):
    """What the user of a file states of it, and what is missing before it can be checked."""

    _name = "consent.import.statement"
    _description = "Statement about an Import"

    def _sync_values(self):
        """Show the values of the columns that hold answers, and keep what was said of them."""
        for each in self:
            answers = each.column_ids.filtered(lambda column: (column.means or "").startswith("answer"))
            (each.value_ids - each.value_ids.filtered_domain([("column_id", "in", answers.ids)])).unlink()
            for column in answers - each.value_ids.column_id:
                if column._values():
                    self.env["consent.import.value"]._of(column)
        self.invalidate_recordset(["value_ids"])

    def action_use_proposals(self):
        """Take what the values probably mean, where nothing else was said."""
        for each in self:
            each._check_open()
            for meaning in (YES, NO, NOTHING):
                open_values = each.value_ids.filtered(lambda value: not value.means and value.proposal == meaning)  # noqa: B023
                open_values.means = meaning

    def action_save_preset(self):
        """Keep kind, columns, values and settings for the next file of this kind."""
        preset = self.env["consent.import.preset"]._of(self)
        message = self.env._("Saved as preset “%s”.", preset.name)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

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
            if column.means != "ignored" and says_no(column.heading, column._values()):
                yield self.env._(
                    "“%s” looks like a no: say which answer it is, or “Not used: no answer”.", column.heading
                )
