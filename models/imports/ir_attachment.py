from odoo import api, models
from odoo.exceptions import UserError

from .consent_import import OPEN


class IrAttachment(models.Model):
    """Files and proofs of imports, which stay as they are once an import is under way.

    Relies on Odoo keeping the content of a binary field as an attachment, whose rights are those of its record.
    """

    _inherit = "ir.attachment"

    def write(self, vals):
        """Keep what an import rests on."""
        if vals.keys() & {
            "datas",
            "raw",
            "db_datas",
            "store_fname",
            "name",
            "res_model",
            "res_id",
            "res_field",
            "type",
        }:
            self._check_rests_no_import()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_import(self):
        self._check_rests_no_import()

    def _check_rests_no_import(self):
        if self.env.su or not self.ids:
            return
        imports = self.env["consent.import"].sudo()
        own = [each.res_id for each in self.sudo() if each.res_model == imports._name and each.res_field == "file"]
        domain = ["|", ("id", "in", own), ("proof_ids", "in", self.ids)]
        if imports.search_count([("state", "not in", OPEN), *domain], limit=1):
            raise UserError(self.env._("An import rests on this file: it stays as it is."))
