from odoo import models

CONTENT = frozenset("raw datas db_datas store_fname name mimetype type url".split())


class IrAttachment(models.Model):
    """An attachment of a transactional mailing is part of it."""

    _inherit = "ir.attachment"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Ask for the right to change the mailing where the content of its attachment changes."""
        if vals.keys() & CONTENT and not self.env.su:
            mailings = self.env["mailing.mailing"].sudo().search([("attachment_ids", "in", self.ids)])
            mailings.with_env(self.env)._check_may_change()
        return super().write(vals)
