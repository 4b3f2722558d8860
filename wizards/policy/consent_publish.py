from markupsafe import Markup
from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class ConsentPublish(models.TransientModel):
    """Publishes one version of a wording in several languages, with a preview of each."""

    _name = "consent.publish"
    _description = "Publish a Wording"

    purpose_id = fields.Many2one("consent.purpose", required=True, readonly=True)
    version = fields.Integer(compute="_compute_version")
    privacy_url = fields.Char("Privacy policy", required=True, help="Shown beside the wording (GDPR art. 13).")
    material = fields.Boolean(
        "It means something else than before",
        help="Another purpose, controller or recipient. Who said yes to an older version gets nothing until they say"
        " yes again.",
    )
    line_ids = fields.One2many("consent.publish.line", "publish_id", "Languages")

    @api.model
    def default_get(self, fields):
        """Start with the latest published wording in every installed language."""
        values = super().default_get(fields)
        purpose = self.env["consent.purpose"].browse(values.get("purpose_id") or self.env.context.get("active_id"))
        last = purpose._last_notices()
        bodies = {notice.lang: notice.body for notice in last}
        return values | {
            "purpose_id": purpose.id,
            "privacy_url": last[:1].privacy_url,
            "line_ids": [
                Command.create({"lang": code, "body": bodies.get(code, "")})
                for code, _name in self.env["res.lang"].get_installed()
            ],
        }

    @api.depends("purpose_id")
    def _compute_version(self):
        for wizard in self:
            wizard.version = max(wizard.purpose_id.notice_ids.mapped("version"), default=0) + 1

    def action_publish(self):
        """Create and publish the wordings that have a text."""
        lines = self.line_ids.filtered(lambda line: (line.body or "").strip())
        if not lines:
            raise ValidationError(self.env._("Enter the wording in at least one language."))
        shared = {
            "purpose_id": self.purpose_id.id,
            "version": self.version,
            "privacy_url": self.privacy_url,
            "material": self.material,
        }
        notices = self.env["consent.notice"].create(
            [{**shared, "lang": line.lang, "body": line.body} for line in lines]
        )
        notices.action_publish()
        return {"type": "ir.actions.act_window_close"}


class ConsentPublishLine(models.TransientModel):
    """The wording in one language, with its preview."""

    _name = "consent.publish.line"
    _description = "Wording in One Language"

    publish_id = fields.Many2one("consent.publish", required=True, ondelete="cascade")
    lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), "Language", required=True, readonly=True)
    body = fields.Text("Wording")
    preview = fields.Html("As the person sees it", compute="_compute_preview", sanitize=False)

    @api.depends("body", "publish_id.privacy_url", "publish_id.purpose_id")
    def _compute_preview(self):
        for line in self:
            purpose = line.publish_id.purpose_id.with_context(lang=line.lang)
            line.preview = Markup().join(line._box(topic) for topic in purpose.topic_ids) if line.body else ""

    def _box(self, topic):
        """Return the box as pages show it: unticked, with topic and controller."""
        return Markup(
            '<div class="border rounded p-2 mb-2">'
            '<div><i class="fa fa-square-o me-2"></i><strong>{topic}</strong></div>'
            '<div class="text-muted">{controller}</div><div style="white-space: pre-line">{body}</div>'
            "<u>{privacy}</u></div>"
        ).format(
            topic=topic.name,
            controller=topic.purpose_id._controller(),
            body=self.body,
            privacy=self.publish_id.privacy_url or self.env._("Privacy policy"),
        )
