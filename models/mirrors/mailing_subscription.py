from odoo import api, fields, models

from ...tools import contact_point


class MailingSubscription(models.Model):
    """An opt-out of the list that shows a topic is a withdrawal; a subscription to it is no consent.

    Relied on: whoever opts a contact out in Odoo creates or writes a subscription. Rows that Odoo makes by other ways
    are found by the mirror's scheduled action.
    """

    _inherit = "mailing.subscription"

    consent_mirrored = fields.Boolean("Opted out by consent", readonly=True, help="The gate withholds; nobody left.")

    @api.model_create_multi
    def create(self, vals_list):
        """Write down opt-outs."""
        subscriptions = super().create([{**vals, "consent_mirrored": False} for vals in vals_list])
        subscriptions._consent_changed()
        return subscriptions

    def write(self, vals):
        """Write down opt-outs, and keep who left off the list where a visitor of the website types their address.

        Relied on: Odoo's newsletter blocks and the shop's checkout write `opt_out` in the visitor's name, with sudo.
        """
        if self.env.su and vals.get("opt_out") is False and self.env.user.share:
            own = self.env.user._consent_addresses()
            self = self.filtered(
                lambda row: own.get((contact_point.EMAIL, contact_point.canonical_email(row.contact_id.email or "")))
            )
        result = super().write(
            {**vals, "consent_mirrored": False} if {"opt_out", "consent_mirrored"} & vals.keys() else vals
        )
        if {"opt_out", "opt_out_datetime", "opt_out_reason_id", "list_id", "contact_id"} & vals.keys():
            self._consent_changed()
        return result

    def _consent_show(self, *, opt_out):
        """Write what the gate says: nobody opted out or in by that."""
        super().write({"opt_out": opt_out, "consent_mirrored": opt_out})

    @api.model
    def _consent_add(self, mailing_list, contacts):
        """Put contacts on a list because the gate lets them be written to."""
        super().create([{"list_id": mailing_list.id, "contact_id": contact.id} for contact in contacts])

    def _consent_changed(self):
        mirror, lists = self.env["consent.mirror"], self.list_id.ids
        topics = self.env["consent.topic"].sudo().with_context(active_test=False)
        for topic in topics.search([("mailing_list_id", "in", lists)]):
            about = self.filtered(lambda subscription, topic=topic: subscription.list_id == topic.mailing_list_id)
            gone = about.filtered("opt_out").contact_id.sudo()
            mirror._withdraw_in(topic, set().union(*gone._consent_addresses().values()))
            if about - about.filtered("opt_out"):
                self.env.ref("marketing_consent.ir_cron_consent_mirror").sudo()._trigger()
