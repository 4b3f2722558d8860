import hashlib
import hmac
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import service_templates
from ...tools.origin import Origin

#: Records that are nothing but somebody's address: what is sent to them says of what kind it is.
CONTACT_MODELS = frozenset({"res.partner", "crm.lead", "mailing.contact"})
SHORTEST_REASON = 5


class ConsentKind(models.AbstractModel):
    """Templates and server actions: what sends messages, and says whether they are marketing or service messages.

    An approval is a seal over all that decides what is sent: nobody can write one, and whatever is changed ends it.
    """

    _name = "consent.kind"
    _description = "Kind of Messages"

    #: What is approved, by the names of fields.
    _consent_sealed = ()
    _consent_approvers = "marketing_consent.group_officer"

    consent_service = fields.Boolean(
        "Service message",
        compute="_compute_consent_service",
        help="Approved, as it is now, as something that people need: it reaches everybody. A change ends the approval.",
    )
    consent_service_reason = fields.Char("Why it is a service message", copy=False)
    consent_service_seal = fields.Char("Seal of the approval", readonly=True, copy=False)

    @api.depends(lambda self: ("consent_service_seal", *self._consent_sealed_fields()))
    def _compute_consent_service(self):
        for record in self:
            record.consent_service = record._consent_is_service()

    def write(self, vals):
        """Let go what waited for a kind."""
        result = super().write(vals)
        if vals.keys() & {"consent_topic_id", "consent_service_seal"}:
            self.env["consent.origin"]._resume(self)
        return result

    def action_consent_approve(self):
        """Approve as a service message, as it is now.

        :raises AccessError: the user may not
        :raises UserError: the reason is missing
        """
        if not self.env.user.has_group(self._consent_approvers):
            raise AccessError(self.env._("You may not call this a service message."))
        for record in self.sudo():
            if record._consent_asks_reason() and len((record.consent_service_reason or "").strip()) < SHORTEST_REASON:
                raise UserError(self.env._("Write down why “%s” is a service message.", record.display_name))
            record.write({"consent_topic_id": False, "consent_service_seal": record._consent_seal()})
            self.env["consent.service.log"]._note(record, record.consent_service_reason, text=record._consent_content())

    def _consent_asks_reason(self):
        return True

    def _consent_origin(self) -> Origin | None:
        """Return the origin of what this record sends, None for no record."""
        if not self:
            return None
        self.ensure_one()
        record = self.sudo()
        topic_id, service = record.consent_topic_id.id or 0, record._consent_is_service()
        held = not (topic_id or service) and record._consent_needs_kind()
        return Origin(f"{self._name},{self.id}", topic_id, service, held)

    def _consent_needs_kind(self):
        """Return whether what this record sends is held while it states no kind."""
        raise NotImplementedError

    def _consent_is_service(self):
        seal = self.sudo().consent_service_seal
        return bool(seal) and hmac.compare_digest(seal, self._consent_seal())

    def _consent_seal(self):
        content = json.dumps([self._name, self._origin.id, self._consent_content()], sort_keys=True, default=str)
        key = self.env["consent.origin"]._secret(b"service")
        return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()

    def _consent_sealed_fields(self):
        return tuple(name for name in self._consent_sealed if name in self._fields)

    def _consent_content(self):
        """Return what decides what is sent: texts in every language, attachments' checksums, what else is used."""
        record = self.sudo()._origin
        return {name: record and record._consent_value(self._fields[name]) for name in self._consent_sealed_fields()}

    def _consent_value(self, field):
        if field.translate:
            return field._get_stored_translations(self)
        value = self[field.name]
        if not field.relational:
            return value
        if value._name == "ir.attachment":
            return sorted(filter(None, value.mapped("checksum")))
        if isinstance(value, self.pool["consent.kind"]):
            return [[each.id, each._consent_content()] for each in value]
        return value.ids


class ConsentShippedTemplate(models.AbstractModel):
    """Odoo's own templates: approved as they are shipped, or known to be marketing."""

    _name = "consent.shipped.template"
    _description = "Kind of Odoo's Own Templates"
    _inherit = ["consent.kind"]

    consent_is_shipped_marketing = fields.Boolean(readonly=True)

    @api.model
    def _load_records(self, data_list, update=False):
        """Take what an addon ships for what it is. Relied on: data files of addons are loaded by this method only."""
        ids = [data.get("xml_id") or "" for data in data_list]
        kept = [
            bool(update and data.get("noupdate") and self.env.ref(xml_id, raise_if_not_found=False))
            for xml_id, data in zip(ids, data_list, strict=True)
        ]
        templates = super()._load_records(data_list, update)
        for xml_id, template, is_kept in zip(ids, templates, kept, strict=True):
            if not is_kept:
                template._consent_take_shipped(xml_id)
        return templates

    @api.model
    def _consent_take_all_shipped(self):
        """Take what addons that were installed before us ship, where no user changed it."""
        for data in self.env["ir.model.data"].sudo().search([("model", "=", self._name)]):
            self.browse(data.res_id).exists()._consent_take_shipped(data.complete_name)

    def _consent_take_shipped(self, xml_id):
        template = self.sudo().filtered(lambda template: template.write_uid.id == api.SUPERUSER_ID)
        if xml_id in service_templates.MARKETING:
            template.consent_is_shipped_marketing = True
        elif template and service_templates.is_service(xml_id):
            template.consent_service_seal = template._consent_seal()

    @api.model
    def _consent_approved(self):
        """Return all templates whose approval holds."""
        sealed = self.sudo().with_context(active_test=False).search([("consent_service_seal", "!=", False)])
        return sealed.filtered(lambda template: template._consent_is_service())

    def _consent_asks_reason(self):
        return False

    def _consent_needs_kind(self):
        return self.model in CONTACT_MODELS or self.consent_is_shipped_marketing
