from odoo import api, fields, models
from odoo.tools.urls import urljoin

from ...tools import contact_point
from ...tools.throttle import DAY


class ConsentPage(models.Model):
    """A page on which people choose among some topics; the preference centre is the one with all of a company's."""

    _name = "consent.page"
    _description = "Preference Page"
    _order = "sequence, id"

    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char(
        "Address", required=True, help="The last part of the page's address: lowercase, digits, hyphens."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Whose logo, colours and address it has.",
    )
    website_id = fields.Many2one(
        "website",
        ondelete="set null",
        help="Whose domain, name and logo it has. Empty: the website that people are on.",
    )
    colour = fields.Char(help="Of its header and buttons, as #rrggbb. Empty: the company's.")
    logo = fields.Image(max_width=512, max_height=512, help="Empty: the website's or the company's.")
    intro = fields.Text("Introduction", translate=True, help="Plain text above the topics.")
    topic_ids = fields.Many2many("consent.topic", string="Topics", help="Empty: all topics that people can say yes to.")
    is_kiosk = fields.Boolean(
        "Kiosk",
        help="For a tablet at a stand: many people sign up on one device. The limit below replaces that of 5 sign-ups "
        "an hour from one network, and the form is empty for the next visitor.",
    )
    kiosk_limit = fields.Integer("Sign-ups an hour", default=120, help="At most, from everywhere together.")
    sign_up_count = fields.Integer("Signed up in 24 hours", compute="_compute_counts")
    turned_away_count = fields.Integer(
        "Turned away in 24 hours",
        compute="_compute_counts",
        help="Too many signed up from one network, or on the kiosk. They were told so, and nothing was stored.",
    )
    lost_box_count = fields.Integer(
        "Forms with lost boxes in 24 hours",
        compute="_compute_counts",
        help="Contact, account, address, checkout and registration forms of the company that were taken, but whose "
        "ticked boxes were not noted: too many came from one network, or an error is in the log.",
    )
    url = fields.Char("Public address", compute="_compute_url")
    is_open_text = fields.Boolean(compute="_compute_url", help="What people type is sent unencrypted.")

    _code_unique = models.Constraint("UNIQUE(code)", "Another page has this address already.")
    _code_plain = models.Constraint(
        "CHECK(code ~ '^[a-z0-9]+(-[a-z0-9]+)*$')", "The address has lowercase letters, digits and hyphens only."
    )

    _kiosk_limited = models.Constraint(
        "CHECK(NOT is_kiosk OR kiosk_limit BETWEEN 1 AND 1000)", "A kiosk takes 1 to 1000 sign-ups an hour."
    )
    _colour_plain = models.Constraint("CHECK(colour ~ '^#[0-9a-fA-F]{6}$')", "A colour is written as #rrggbb.")

    @api.depends("code", "company_id", "website_id")
    def _compute_url(self):
        link = self.env["consent.link"]
        for page in self:
            speaker = page._speaker()
            page.url = urljoin(link._base_url(speaker), f"/consent/page/{page.code}") if page.code else False
            page.is_open_text = bool(link._insecure_url(speaker))

    def _compute_counts(self):
        throttle = self.env["consent.throttle"].sudo()
        signed_up, turned_away = (throttle._on_pages(what, self, DAY) for what in ("signed up", "turned away"))
        lost = throttle._lost_boxes(self.company_id, DAY)
        for page in self:
            page.lost_box_count = lost.get(page.company_id, 0)
            page.sign_up_count, page.turned_away_count = signed_up[page], turned_away[page]

    def _speaker(self):
        """Return the company with the page's website in its context: what it shows and sends is in that one's name."""
        return self.company_id.with_context(website_id=self.website_id.id)

    def action_open(self):
        """Open the page as people see it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/consent/page/{self.code}", "target": "new"}

    def _offers(self, lang: str) -> list[dict]:
        """Return what one can choose on the page: see `consent.page._offers_of`."""
        self.ensure_one()
        return self._offers_of(self.company_id, lang, self.topic_ids)

    @api.model
    def _offers_of(self, company, lang: str, topics=None) -> list[dict]:
        """Return what one can say yes to: purposes with their wording and topics, in a fixed number of statements.

        Only what has a published wording is offered; the server chooses which (requirements R-002, R-006).

        :param topics: narrows it down; none: all
        :return: mappings purpose, notice, topics; the topics with the channels that they are offered over
        """
        domain = [("company_id", "in", (False, company.id)), ("purpose_id.active", "=", True)]
        found = topics or self.env["consent.topic"].sudo().search(domain)
        found = found.sudo().filtered(lambda topic: topic.active and topic.company_id in (company.browse(), company))
        offers = []
        for purpose, its_topics in found.grouped("purpose_id").items():
            if purpose.active and (notice := purpose._current_notice(lang)):
                listed = [(topic, tuple(filter(topic._offers, CHANNELS))) for topic in its_topics]
                offers.append({"purpose": purpose, "notice": notice, "topics": listed})
        return offers


CHANNELS = (contact_point.EMAIL, contact_point.SMS)
