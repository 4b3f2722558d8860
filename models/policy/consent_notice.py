from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...tools import ledger
from .hex_field import Hex


class ConsentNotice(models.Model):
    """A wording of a purpose in one language, immutable once published: consent refers to this text."""

    _name = "consent.notice"
    _description = "Consent Notice"
    _inherit = ["consent.append.only"]
    _order = "purpose_id, version desc, lang"
    _rec_names_search = ["purpose_id", "body"]

    purpose_id = fields.Many2one("consent.purpose", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="purpose_id.company_id", store=True)
    lang = fields.Selection(lambda self: self._languages(), "Language", required=True)
    version = fields.Integer(required=True, default=1, help="The languages of one version say the same.")
    body = fields.Text("Wording", required=True, help="What the person reads beside the box. Plain text.")
    privacy_url = fields.Char("Privacy policy", help="Shown beside the wording (GDPR art. 13).")
    material = fields.Boolean(
        help="The meaning changed (purpose, controller, recipients): consent to older versions withholds until renewed."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published")], required=True, default="draft", readonly=True
    )
    published_at = fields.Datetime(readonly=True)
    digest = Hex("SHA-256", readonly=True)

    _version_unique = models.Constraint(
        "UNIQUE(purpose_id, version, lang)", "This version exists already in this language."
    )

    def init(self):
        """Make published wordings immutable for plain SQL too; the ledger binds them by their digest."""
        kept = ("purpose_id", "lang", "version", "body", "privacy_url", "material", "state", "published_at", "digest")
        old, new = (", ".join(f"{row}.{column}" for column in kept) for row in ("OLD", "NEW"))
        published = "OLD.state = 'published'"
        self._protect(changed=f"{published} AND ({old}) IS DISTINCT FROM ({new})", deleted=published)

    @api.model
    def _languages(self):
        """Return the installed languages, and those of existing wordings."""
        installed = self.env["res.lang"].get_installed()
        used = self.env.execute_query(SQL("SELECT DISTINCT lang FROM consent_notice"))
        gone = {lang for (lang,) in used} - dict(installed).keys()
        langs = self.env["res.lang"].with_context(active_test=False).search([("code", "in", list(gone))])
        return installed + [(lang.code, lang.name) for lang in langs]

    @api.depends("purpose_id", "version", "lang")
    def _compute_display_name(self):
        languages = dict(self._languages())
        for notice in self:
            language = languages.get(notice.lang, notice.lang)
            notice.display_name = f"{notice.purpose_id.name} v{notice.version} ({language})"

    def action_publish(self):
        """Publish the wording. It cannot be changed afterwards."""
        for notice in self.filtered(lambda notice: notice.state == "draft"):
            if not notice.privacy_url:
                raise ValidationError(self.env._("Enter the address of the privacy policy before you publish."))
            notice.write(
                {"state": "published", "published_at": fields.Datetime.now(), "digest": ledger.digest(notice.body)}
            )
            if notice.material and notice.version > notice.purpose_id.min_notice_version:
                notice.purpose_id.sudo().min_notice_version = notice.version

    def write(self, vals):
        """Refuse to change a published wording."""
        self.check_access("write")
        if any(notice.state == "published" for notice in self):
            raise UserError(self.env._("This wording is published: create a new version instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_published(self):
        # The proof of what people read outlives the form (GDPR art. 7(1)).
        if any(notice.state == "published" for notice in self):
            raise UserError(self.env._("A published wording cannot be deleted: it proves what people agreed to."))

    def _statement(self, topic, channel: str) -> str:
        """Return the statement beside the box: controller, topic, channel and wording (GDPR art. 4(11), 7(2))."""
        self.ensure_one()
        # Odoo raises an error for a language that is no longer installed.
        lang = self.lang if self.env["res.lang"]._get_data(code=self.lang) else None
        notice = self.with_context(lang=lang)
        channel_name = dict(notice.env["consent.contact.point"]._fields["channel"]._description_selection(notice.env))
        controller = notice.purpose_id._controller()
        topic_name = topic.with_context(lang=lang).name
        return f"{controller}: {topic_name} ({channel_name[channel]})\n{self.body}\n{self.privacy_url}"
