from odoo import api, models

TRACKERS = "consent_trackers"


class Trackers(dict):
    """What a mailing has found: a type of its own, which no client can put into its context."""


class LinkTracker(models.Model):
    """A mailing's links are the same for everybody: each is looked up once, where Odoo searches for each recipient.

    Relied on: equal values find the same tracker, for as long as a mailing is being planned.
    """

    _inherit = "link.tracker"

    @api.model
    def search_or_create(self, vals_list):
        """Take what the mailing has found already from the memory in the context."""
        found = self.env.context.get(TRACKERS)
        if not isinstance(found, Trackers) or not isinstance(vals_list, list):
            return super().search_or_create(vals_list)
        keys = [repr(sorted(vals.items())) for vals in vals_list]
        missing = {key: vals for key, vals in zip(keys, vals_list, strict=True) if key not in found}
        if missing:
            trackers = super().search_or_create(list(missing.values()))
            found.update((key, tracker.id) for key, tracker in zip(missing, trackers, strict=True))
        return self.browse(found[key] for key in keys)
