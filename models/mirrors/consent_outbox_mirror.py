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
        return [fact for fact in facts if fact["topic_id"] in mirrored or (mirrored and not fact["topic_id"])]

    def _deliver_mirror(self, events):
        """Show the topic of each event; what concerns all marketing shows in every topic."""
        topics, mirror = self.env["consent.topic"].sudo(), self.env["consent.mirror"]
        mirrored = topics.browse(sorted(topics._mirrored_ids()))
        for topic, about in events.sudo().grouped("topic_id").items():
            for each in topic or mirrored:
                mirror._show(each, about.contact_point_id)
