from odoo import models


class ConsentPurpose(models.Model):
    """Whether a purpose is in use."""

    _inherit = "consent.purpose"

    def _is_used(self):
        """Return whether an event refers to any of the purposes."""
        return super()._is_used() or bool(
            self.env["consent.event"].sudo().search_count([("topic_id", "in", self.topic_ids.ids)], limit=1)
        )
