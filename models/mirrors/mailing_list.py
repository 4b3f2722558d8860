from odoo import api, fields, models


class MailingList(models.Model):
    """A mailing list may stand for a topic: it shows who wants it, and whoever is mailed through it must want it."""

    _inherit = "mailing.list"

    consent_topic_id = fields.Many2one(
        "consent.topic",
        "Topic",
        ondelete="restrict",
        index="btree_not_null",
        help="Who says yes to the topic is on the list, who says no is opted out, and an opt-out is a no.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Fill lists that stand for a topic."""
        lists = super().create(vals_list)
        lists.filtered("consent_topic_id")._consent_link_changed()
        return lists

    def write(self, vals):
        """Fill lists that come to stand for a topic."""
        result = super().write(vals)
        if "consent_topic_id" in vals:
            self._consent_link_changed()
        return result

    def unlink(self):
        """Forget the lists in the cached look-up of topics that lists show."""
        linked = self.filtered("consent_topic_id")
        result = super().unlink()
        if linked:
            self.env.registry.clear_cache()
        return result

    def _consent_link_changed(self):
        if self:
            self.env.registry.clear_cache()
            self.env.ref("marketing_consent.ir_cron_consent_mirror").sudo()._trigger()
