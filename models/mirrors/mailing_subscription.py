from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...tools import contact_point, links

COME_BACK = "marketing_consent.come_back"
COME_BACK_HOURS = 7 * 24


class MailingSubscription(models.Model):
    """An opt-out of the list that shows a topic is a withdrawal; a subscription to it is no consent.

    Relied on: whoever opts a contact out in Odoo creates or writes a subscription. Rows that Odoo makes by other ways
    are found by the mirror's scheduled action.
    """

    _inherit = "mailing.subscription"

    consent_mirrored = fields.Boolean(
        "Opted out by consent", readonly=True, copy=False, help="The gate withholds; nobody left."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Write down opt-outs."""
        if self._consent_are_ours(*vals_list):
            return super().create(vals_list)
        subscriptions = super().create([{**vals, "consent_mirrored": False} for vals in vals_list])
        subscriptions._consent_changed()
        return subscriptions

    def write(self, vals):
        """Write down opt-outs, and keep who left off the list where a visitor of the website types their address.

        Relied on: Odoo's newsletter blocks and the shop's checkout write `opt_out` in the visitor's name, with sudo.
        """
        if self._consent_are_ours(vals):
            return super().write(vals)
        if self.env.su and vals.get("opt_out") is False and self.env.user.share:
            own = self.env.user._consent_addresses()
            kept = self.filtered(lambda row: not row.opt_out or own.get((contact_point.EMAIL, row._consent_address())))
            (self - kept)._consent_ask_to_come_back()
            self = kept
        result = super().write(
            {**vals, "consent_mirrored": False} if {"opt_out", "consent_mirrored"} & vals.keys() else vals
        )
        if {"opt_out", "opt_out_datetime", "opt_out_reason_id", "list_id", "contact_id"} & vals.keys():
            self._consent_changed()
        return result

    def _consent_are_ours(self, *vals_list):
        """Return whether the two methods below write `vals_list`: what a client sends never counts as that."""
        return self.env.su and all("consent_mirrored" in vals for vals in vals_list)

    def _consent_show(self, *, opt_out):
        """Write what the gate says: nobody opted out or in by that."""
        self.write({"opt_out": opt_out, "consent_mirrored": opt_out})

    @api.model
    def _consent_add(self, mailing_list, contacts):
        """Put contacts on a list because the gate lets them be written to."""
        subscription = {"list_id": mailing_list.id, "consent_mirrored": False}
        self.create([{**subscription, "contact_id": contact.id} for contact in contacts])

    def _consent_address(self):
        return contact_point.canonical_email(self.contact_id.email or "")

    def _consent_ask_to_come_back(self):
        """Ask who left a list, and whose address was typed again, whether it was them."""
        company, throttle = self.env.company, self.env["consent.throttle"].sudo()
        for row in self.filtered(lambda row: not row.list_id.consent_topic_id):
            address = row._consent_address()
            if address and throttle._allow(contact_point.EMAIL, address):
                url = self.env["consent.link"].sudo()._url("come_back", row._consent_token(), company)
                values = {"url": url, "list": row.list_id.name}
                self.env["consent.confirmation"]._send("come_back", contact_point.EMAIL, address, company, **values)

    def _consent_token(self):
        """Return the token by which the owner of the address comes back."""
        return hash_sign(self.env(su=True), COME_BACK, self.id, expiration_hours=COME_BACK_HOURS)

    @api.model
    def _consent_of_link(self, token: str):
        """Return the subscription that the link of such a message is about, empty where it is none or has lapsed."""
        try:
            row_id = links.is_canonical(token) and verify_hash_signed(self.env(su=True), COME_BACK, token)
        except ValueError:
            row_id = None
        return self.sudo().browse(row_id or ()).exists().filtered(lambda row: not row.list_id.consent_topic_id)

    def _consent_changed(self):
        mirror = self.env["consent.mirror"]
        for topic in self.sudo().list_id.consent_topic_id:
            about = self.filtered(lambda row, topic=topic: row.sudo().list_id.consent_topic_id == topic)
            gone = about.filtered("opt_out").contact_id.sudo()
            mirror._withdraw_in(topic, set().union(*gone._consent_addresses().values()))
            if about - about.filtered("opt_out"):
                self.env.ref("marketing_consent.ir_cron_consent_mirror").sudo()._trigger()
