from odoo import api, models

from ...tools import contact_point


class ConsentOutbox(models.Model):
    """Odoo's blacklists hear of objections to all companies, seconds after: they know no company (M36)."""

    _inherit = "consent.outbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _consumers(self):
        """Add the blacklists."""
        return (*super()._consumers(), "blacklist")

    def _wants_blacklist(self, facts):
        kinds = ("objected", "released", "retracted")
        return [fact for fact in facts if not (fact["topic_id"] or fact["company_id"]) and fact["fact"] in kinds]

    def _deliver_blacklist(self, events):
        points = events.sudo().contact_point_id.filtered("address")
        everywhere = points.record_ids.filtered(lambda record: not record.topic_id and not record.company_id)
        objecting = everywhere.filtered("objected_at").contact_point_id
        for channel, model in ((contact_point.EMAIL, "mail.blacklist"), (contact_point.SMS, "phone.blacklist")):
            mine = points.filtered(lambda point, name=channel: point.channel == name)
            listed, others = (mine & objecting).mapped("address"), (mine - objecting).mapped("address")
            self.env[model].sudo()._consent_show(listed, others)
