from odoo import api, models
from odoo.exceptions import UserError

from ..ledger.consent_event import EXPORTED_EVENT


class IrModuleModule(models.Model):
    """The ledger does not go away by accident: it is downloaded before the app can be uninstalled."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Refuse while the ledger holds more than the officer downloaded.

        Relied on: every uninstallation, also that of a module we depend on, begins here; `downstream_dependencies`
        names what goes along.
        """
        going = self | self.downstream_dependencies()
        if "marketing_consent" in going.mapped("name"):
            self._check_ledger_downloaded()
        return super().button_uninstall()

    @api.model
    def _update_translations(self, filter_lang=None, overwrite=False):
        """Keep approvals of templates when an addon brings another language's text.

        Relied on: translations of an addon are loaded by this method only, past `write`.
        """
        approved = [self.env[model]._consent_approved() for model in ("mail.template", "sms.template")]
        result = super()._update_translations(filter_lang=filter_lang, overwrite=overwrite)
        for template in (template for templates in approved for template in templates):
            template.consent_service_seal = template._consent_seal()
        return result

    def _check_ledger_downloaded(self):
        last = self.env["consent.event"].sudo().search([], limit=1).id
        if last > int(self.env["ir.config_parameter"].sudo().get_param(EXPORTED_EVENT) or 0):
            raise UserError(
                self.env._(
                    "Uninstalling deletes the proof of every consent and every block. A data protection officer has to"
                    " download ledger and blocks first: Consent ‣ Configuration ‣ Download Ledger."
                )
            )
