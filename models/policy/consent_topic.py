from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools import contact_point


class ConsentTopic(models.Model):
    """A purpose-based subscription list that people tick, separately for e-mail and SMS."""

    _name = "consent.topic"
    _description = "Consent Topic"
    _inherit = ["consent.cached"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Also known as a subscription list.")
    code = fields.Char(required=True, help="A short name for exports and other systems, for example 'newsletter'.")
    description = fields.Text(translate=True, help="One sentence for the person who ticks it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose_id = fields.Many2one("consent.purpose", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="purpose_id.company_id", store=True, index=True)
    website_id = fields.Many2one(
        "website",
        ondelete="set null",
        help="Whose domain, name and logo the links in messages about the topic lead to. Empty: the company's first.",
    )
    offer_email = fields.Boolean("By e-mail", default=True)
    offer_sms = fields.Boolean("By SMS", default=True)
    mailing_list_ids = fields.One2many(
        "mailing.list",
        "consent_topic_id",
        "Mailing lists",
        help="Whoever says yes is put on the first of these lists unless they are on one, whoever says no is opted out "
        "of all. An opt-out there is a no here, and forms and newsletter blocks of these lists ask for consent.",
    )
    tag_id = fields.Many2one(
        "res.partner.category",
        "Mirrored as tag",
        ondelete="set null",
        help="Contacts carry this tag as long as one of their addresses may get the topic.",
    )

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "A topic with this code exists already.")
    _tag_unique = models.UniqueIndex("(tag_id) WHERE tag_id IS NOT NULL", "Another topic has this tag already.")

    def action_open_people(self):
        """Open the people of the topic, grouped by status."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_status_action")
        return {**action, "domain": [("topic_id", "in", self.ids)], "context": {"search_default_group_by_status": 1}}

    def action_open_trend(self):
        """Open the answers to the topic by month."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_event_trend_action")
        return {**action, "domain": [("topic_id", "in", self.ids)]}

    @api.constrains("offer_email", "offer_sms")
    def _check_offers_a_channel(self):
        if any(not topic.offer_email and not topic.offer_sms for topic in self):
            raise ValidationError(self.env._("Offer the topic by e-mail, by SMS, or both."))

    def write(self, vals):
        """Refuse to take away purpose or channels once people have answered (GDPR art. 4(11): consent is specific)."""
        fixed = {"purpose_id", "offer_email", "offer_sms"} & vals.keys()
        if any(
            topic._fields[name].convert_to_write(topic[name], topic) != vals[name]
            and (name == "purpose_id" or not vals[name])
            for name in fixed
            for topic in self.filtered(lambda topic: topic._is_used())
        ):
            raise UserError(
                self.env._("The purpose and channels of a topic cannot be removed once people have answered.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        if self._is_used():
            raise UserError(self.env._("People have answered for this topic. Archive it instead."))

    def _is_used(self):
        """Return whether the ledger refers to any of the topics; see the room of the ledger."""
        return False

    def _offers(self, channel: str) -> bool:
        """Return whether the topic is open and offered over `channel`."""
        self.ensure_one()
        offered = {contact_point.EMAIL: self.offer_email, contact_point.SMS: self.offer_sms}
        return self.active and self.purpose_id.active and offered.get(channel, False)

    @api.model
    @tools.ormcache()
    def _mirrored_ids(self) -> frozenset[int]:
        """Return the ids of the topics with a mirrored list or tag."""
        domain = ["|", ("mailing_list_ids", "!=", False), ("tag_id", "!=", False)]
        return frozenset(self.sudo().with_context(active_test=False).search(domain).ids)
