from odoo import models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    def get_bindings(self, model_name):
        """Offer the consent of a person on every record that has an address, of whatever model.

        Relied on: what this returns is the action menu of each view of the model.
        """
        bindings = super().get_bindings(model_name)
        if self._consent_offers_panel(model_name):
            action = self.env.ref("marketing_consent.consent_panel_action").sudo()
            shown = {"id": action.id, "name": action.name, "binding_view_types": "form"}
            bindings["action"] = [*bindings.get("action", ()), shown]
        return bindings

    def _consent_offers_panel(self, model_name):
        """Return whether records of the model have an address; those with a button of their own need no other."""
        model = self.env.get(model_name)
        if model is None or model._abstract or model._transient or model_name.startswith(("consent.", "mail.")):
            return False
        if not (hasattr(model, "_message_get_default_recipients") and hasattr(model, "message_post")):
            return False
        if "consent_status" in model._fields or not self.env.user.has_group("marketing_consent.group_user"):
            return False
        return bool(
            model._mail_get_partner_fields() or {"email_normalized", "email_from", "email", "phone"} & {*model._fields}
        )
