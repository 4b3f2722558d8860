import json

from odoo import api, models

from ...tools import origin


class MailScheduledMessage(models.Model):
    """A message that is sent later stays flagged. Relied on: Odoo keeps only the parameters in its list."""

    _inherit = "mail.scheduled.message"

    def _notification_parameters_whitelist(self):
        """Add the topic to what is kept until the message is posted."""
        return super()._notification_parameters_whitelist() | {"consent_topic_id"}

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for the kind of what is written by hand to several people: when it is posted, nobody can be asked."""
        scheduled = super().create(vals_list)
        scheduled._consent_check()
        return scheduled

    def write(self, vals):
        """Ask again when recipients or kind change."""
        result = super().write(vals)
        if vals.keys() & {"partner_ids", "notification_parameters"}:
            self._consent_check()
        return result

    def _consent_check(self):
        letter, sender = self.env["consent.letter"], origin.of(self.env.context)
        if not letter._is_written() or sender not in (None, origin.WRITTEN):
            return
        for scheduled in self:
            parameters = json.loads(scheduled.notification_parameters or "{}")
            outside = scheduled.partner_ids.filtered("partner_share")
            if len(outside) < 2 or parameters.get("consent_topic_id"):
                continue
            topic_id = letter._topic_of(set(map(str, outside)))
            scheduled.notification_parameters = json.dumps({**parameters, "consent_topic_id": topic_id})
