import json

from odoo import api, fields, models

from ...models.audit.consent_access_log import KINDS


class ConsentAccessReason(models.TransientModel):
    """Asks for a reason, logs it, and then shows evidence or prints a proof."""

    _name = "consent.access.reason"
    _description = "Reason for Access"

    kind = fields.Selection(KINDS, required=True, readonly=True, default="evidence")
    event_ids = fields.Many2many("consent.event", string="Events", readonly=True)
    reason = fields.Text("Why do you need to see it?", help="Kept in the log, with your name and the time.")
    shown = fields.Boolean(readonly=True)
    line_ids = fields.One2many("consent.access.line", "access_id", "Evidence", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Documents", readonly=True)

    @api.model
    def _ask(self, events, kind: str = "evidence"):
        """Return the action that asks for a reason before it shows `events`' evidence, or prints their proof."""
        events.check_access("read")
        asked = self.create({"kind": kind, "event_ids": events.ids})
        return asked._reopen(self.env._("Reason for Access"))

    def action_confirm(self):
        """Log the reason, then show the evidence or print the proof.

        :raises ConsentError: the reason is missing or too short
        """
        self.ensure_one()
        self.event_ids.check_access("read")
        self.env["consent.access.log"]._note_access(self.kind, self.event_ids, self.reason, self._subject())
        if self.kind == "proof":
            return self.env.ref("marketing_consent.consent_proof_report").report_action(self.event_ids)
        # Only this method writes the details.
        self.sudo().write({"shown": True, "line_ids": [fields.Command.create(values) for values in self._lines()]})
        self._copy_attachments()
        return self._reopen(self.env._("Evidence"))

    def _subject(self):
        return ", ".join(dict.fromkeys(self.event_ids.contact_point_id.mapped("masked")))

    def _lines(self):
        types = dict(self.event_ids._fields["type"]._description_selection(self.env))
        for event in self.event_ids:
            what = f"{types[event.type]}, {fields.Date.to_string(event.occurred_at)}"
            found = event._evidence()
            for name, value in sorted(found.items()) or [("", self.env._("Erased, or there was none."))]:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
                yield {"what": what, "name": name.replace("_", " ").capitalize(), "value": text}

    def _copy_attachments(self):
        # Copies that expire with the wizard: the originals stay inaccessible.
        originals = self.env["ir.attachment"].sudo()
        evidence = self.event_ids.sudo().evidence_id
        originals = originals.search([("res_model", "=", evidence._name), ("res_id", "in", evidence.ids)])
        for original in originals:
            self.attachment_ids |= original.copy({"res_model": self._name, "res_id": self.id}).sudo(False)

    def _reopen(self, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


class ConsentAccessLine(models.TransientModel):
    """One detail of the evidence."""

    _name = "consent.access.line"
    _description = "Detail of Evidence"
    _order = "id"

    access_id = fields.Many2one("consent.access.reason", required=True, readonly=True, ondelete="cascade")
    what = fields.Char("Event", readonly=True)
    name = fields.Char("Detail", readonly=True)
    value = fields.Text("Content", readonly=True)
