from odoo import api, models

#: As Odoo matches them: the first two against a whole address, the third against a path.
OWN_PAGES = ["/consent", "//[^/]+/c", "^/c"]


class MailRenderMixin(models.AbstractModel):
    """Links to our pages are no clicks to count: a tracker would know who unsubscribes, and break the link in copies.

    Relied on: both methods leave alone what matches the list they are given (threat T-19).
    """

    _inherit = "mail.render.mixin"

    @api.model
    def _shorten_links(self, html, link_tracker_vals, blacklist=None, base_url=None):
        """Leave recipients' own pages out."""
        return super()._shorten_links(html, link_tracker_vals, [*(blacklist or ()), *OWN_PAGES], base_url)

    @api.model
    def _shorten_links_text(self, content, link_tracker_vals, blacklist=None, base_url=None):
        """Leave recipients' own pages out."""
        return super()._shorten_links_text(content, link_tracker_vals, [*(blacklist or ()), *OWN_PAGES], base_url)
