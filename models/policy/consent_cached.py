from odoo import api, models


class ConsentCached(models.AbstractModel):
    """Clears the registry's caches with every change, for models that cached look-ups read."""

    _name = "consent.cached"
    _description = "Cached Configuration"

    @api.model_create_multi
    def create(self, vals_list):
        """Clear the caches after creating."""
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        """Clear the caches after writing."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Clear the caches after deleting."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
