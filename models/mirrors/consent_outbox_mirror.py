from odoo import api, models


class ConsentOutbox(models.Model):
    """Lists and tags hear of what was said, seconds after it was."""

    _inherit = "consent.outbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _consumers(self):
        """Add the mirrors."""
        return (*super()._consumers(), "mirror")

    def _wants_mirror(self, facts):
        mirrored = self.env["consent.topic"]._mirrored_ids()
        return [fact for fact in facts if fact["topic_id"] in mirrored]

    def _deliver_mirror(self, events):
        for topic, about in events.sudo().grouped("topic_id").items():
            self.env["consent.mirror"]._show(topic, about.contact_point_id)
