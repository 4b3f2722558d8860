from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import contact_point


class ConsentDisown(models.TransientModel):
    """Correct an address that never belonged to the person: what was said there does not follow (GDPR art. 5(1)(d))."""

    _name = "consent.disown"
    _description = "Replace a Wrong Address"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    person = fields.Char(readonly=True)
    field = fields.Selection("_selection_field", "Which", required=True)
    wrong = fields.Char("Wrong address", compute="_compute_wrong")
    right = fields.Char("Right address", help="Empty: none is known.")
    reason = fields.Char("How do you know?", required=True, help="Kept on the record, with your name.")

    @api.model
    def default_get(self, fields):
        """Start from the record on the screen."""
        values = super().default_get(fields)
        model, res_id = self.env.context.get("active_model"), self.env.context.get("active_id")
        if model in self.env["consent.audience"]._models() and isinstance(res_id, int):
            record = self.env[model].browse(res_id)
            record.check_access("write")
            values.update(res_model=model, res_id=res_id, person=record.display_name)
            names = [name for names in record._consent_address_fields().values() for name in names]
            values["field"] = next((name for name in names if record[name]), False)
        return values

    @api.model
    def _selection_field(self):
        found = {}
        for model in self.env["consent.audience"]._models():
            for names in self.env[model]._consent_address_fields().values():
                found |= {name: self.env[model]._fields[name]._description_string(self.env) for name in names}
        return list(found.items())

    @api.depends("field", "res_id")
    def _compute_wrong(self):
        for wizard in self:
            record = wizard._record()
            wizard.wrong = record[wizard.field] if wizard.field in record else False

    def _record(self):
        if self.res_model not in self.env["consent.audience"]._models():
            raise UserError(self.env._("Open a contact, a lead or a mailing contact first."))
        return self.env[self.res_model].browse(self.res_id)

    def action_replace(self):
        """Write the right address, and note on the record why the wrong one was never theirs.

        :raises AccessError: the user does not record consent, or may not change the record
        :raises UserError: there is no such address, or no reason
        """
        self.ensure_one()
        if not self.env.user.has_group("marketing_consent.group_user"):
            raise AccessError(self.env._("Recording consent needs the right “Consent: User”."))
        record = self._record()
        record.check_access("write")
        fields_ = {name: channel for channel, names in record._consent_address_fields().items() for name in names}
        if self.field not in fields_ or not record[self.field] or not (self.reason or "").strip():
            raise UserError(self.env._("Choose the wrong address, and say how you know."))
        channel = fields_[self.field]
        wrong = {pair for pair in record._consent_addresses()[record.id] if pair[0] == channel}
        record[self.field] = self.right
        kept = {pair for pair in record._consent_addresses()[record.id] if pair[0] == channel}
        self.env["consent.address"].sudo()._disown(record, wrong - kept)
        shown = ", ".join(sorted(contact_point.mask(*pair) for pair in wrong - kept))
        text = self.env._("%(address)s was never theirs: %(reason)s", address=shown, reason=self.reason.strip())
        record.message_post(body=text)
        return {"type": "ir.actions.act_window_close"}
