from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .consent_import import OPEN

CONTENT = {"datas", "raw", "db_datas", "store_fname", "name", "type"}
PLACE = {"res_model", "res_id", "res_field"}


class IrAttachment(models.Model):
    """Files and proofs of imports, which stay as they are once an import is under way.

    Relies on Odoo keeping the content of a binary field as an attachment, whose rights are those of its record.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        """Leave the file of an import to its field: a second one would be read instead."""
        attachments = super().create(vals_list)
        attachments._check_no_file_of_import()
        return attachments

    def write(self, vals):
        """Keep what an import rests on."""
        if vals.keys() & (CONTENT | PLACE):
            self._check_rests_no_import()
        result = super().write(vals)
        if vals.keys() & PLACE:
            self._check_no_file_of_import()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_import(self):
        self._check_rests_no_import()

    def _check_no_file_of_import(self):
        if not self.env.su and any(each.res_field and each.res_model == "consent.import" for each in self.sudo()):
            raise AccessError(self.env._("The file of an import is set in its form."))

    def _check_rests_no_import(self):
        if self.env.su or not self.ids:
            return
        imports = self.env["consent.import"].sudo()
        own = [each.res_id for each in self.sudo() if each.res_model == imports._name and each.res_field == "file"]
        domain = ["|", ("id", "in", own), ("proof_ids", "in", self.ids)]
        if imports.search_count([("state", "not in", OPEN), *domain], limit=1):
            raise UserError(self.env._("An import rests on this file: it stays as it is."))
