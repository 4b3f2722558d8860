from odoo import api, fields, models

from ...tools import capture


class ConsentFormCheck(models.TransientModel):
    """A form on a website that asks for more than its topics need (GDPR art. 5(1)(c), mission M35)."""

    _name = "consent.form.check"
    _description = "Form That Asks Too Much"

    name = fields.Char("Page", readonly=True)
    url = fields.Char(readonly=True)
    website = fields.Char(readonly=True)
    topics = fields.Char(readonly=True)
    surplus = fields.Char("Asked and not needed", readonly=True)

    @api.model
    def action_look(self):
        """Look at all forms with consent boxes, as they are now, and list those that ask too much."""
        domain = [("type", "=", "qweb"), ("arch_db", "ilike", capture.BLOCK)]
        views = self.env["ir.ui.view"].sudo().search(domain, order="id")
        found = self.create([line for view in views for line in self._lines(view)])
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_form_check_action")
        return {**action, "domain": [("id", "in", found.ids)]}

    def _lines(self, view):
        page = view.first_page_id
        for form in capture.forms(view.arch_db):
            topics = self.env["consent.topic"].search([("id", "in", [id_ for id_, _channel in form.choices])])
            if surplus := self.env["consent.capture"]._surplus(form):
                yield {
                    "name": page.name or view.name,
                    "url": page.url,
                    "website": (page.website_id or view.website_id).name,
                    "topics": ", ".join(topics.mapped("name")),
                    "surplus": ", ".join(sorted(surplus)),
                }

    def action_open(self):
        """Open the page as visitors see it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url or "/", "target": "new"}
