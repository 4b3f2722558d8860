from odoo import api, fields, models

from ...tools import contact_point


class MailBlacklist(models.Model):
    """Who wants nothing from anybody is on Odoo's blacklist too, for whatever looks there alone."""

    _inherit = "mail.blacklist"  # pylint: disable=consider-merging-classes-inherited

    consent_mirrored = fields.Boolean("Mirrors an objection", readonly=True, help="Goes when the person takes it back.")


class PhoneBlacklist(models.Model):
    """The same of numbers."""

    _inherit = "phone.blacklist"

    consent_mirrored = fields.Boolean("Mirrors an objection", readonly=True, help="Goes when the person takes it back.")


class ConsentOutbox(models.Model):
    """Odoo's blacklists hear of objections to all companies, seconds after: they know no company (M36)."""

    _inherit = "consent.outbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _consumers(self):
        """Add the blacklists."""
        return (*super()._consumers(), "blacklist")

    def _wants_blacklist(self, facts):
        return [
            fact
            for fact in facts
            if not fact["topic_id"] and not fact["company_id"] and fact["fact"] in ("objected", "released")
        ]

    def _deliver_blacklist(self, events):
        points = events.sudo().contact_point_id.filtered("address")
        everywhere = points.record_ids.filtered(lambda record: not record.topic_id and not record.company_id)
        objecting = everywhere.filtered("objected_at").contact_point_id
        for channel, model in ((contact_point.EMAIL, "mail.blacklist"), (contact_point.SMS, "phone.blacklist")):
            mine = points.filtered(lambda point, name=channel: point.channel == name)
            self._show_blacklist(self.env[model].sudo(), mine & objecting, mine - objecting)

    def _show_blacklist(self, entries, objecting, others):
        """Make the blacklist say what these points say; what others have put there stays."""
        field = "email" if entries._name == "mail.blacklist" else "number"
        listed = entries.search([(field, "in", objecting.mapped("address"))]).mapped(field)
        for address in set(objecting.mapped("address")) - set(listed):
            entries._add(address if field == "email" else [address]).consent_mirrored = True
        ours = entries.search([(field, "in", others.mapped("address")), ("consent_mirrored", "=", True)])
        ours.write({"active": False, "consent_mirrored": False})
