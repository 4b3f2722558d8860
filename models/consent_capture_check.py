from odoo import api, models
from odoo.exceptions import AccessError

from ..tools import capture, contact_point


class ConsentCaptureCheck(models.AbstractModel):
    """What the website's editor asks of us: which boxes there are, and whether a form asks for too much."""

    _inherit = "consent.capture"

    @api.model
    def get_choices(self, website_id: int) -> list[dict[str, str]]:
        """Return the boxes that a form of a website can have.

        :return: mappings key ('topic:channel') and label
        """
        company = self._editors_company(website_id)
        channels = dict(self.env["consent.contact.point"]._fields["channel"]._description_selection(self.env))
        return [
            {"key": f"{topic.id}:{channel}", "label": f"{topic.name} ({channels[channel]})"}
            for offer in self.env["consent.page"].sudo()._offers_of(company, self.env.lang)
            for topic, offered in offer["topics"]
            for channel in offered
        ]

    @api.model
    def check_form(self, website_id: int, model: str, names: list[str], keys: list[str]) -> list[str]:
        """Return what is wrong with a form that has consent boxes, in the words of who edits it.

        :param model: of the records that the form makes
        :param names: of the fields that people fill in
        :param keys: of the boxes, see `get_choices`
        """
        company = self._editors_company(website_id)
        channels = sorted({channel for _topic, channel in capture.wanted(",".join(map(str, keys)))})
        return [
            *self._insecure(company, website_id),
            *self._unreachable(model, names, channels),
            *self._too_curious(model, names, channels),
        ]

    def _editors_company(self, website_id):
        if not self.env.user.has_group("website.group_website_restricted_editor"):
            raise AccessError(self.env._("This is for those who edit the website."))
        return self.env["website"].sudo().browse(website_id).exists().company_id or self.env.company

    def _insecure(self, company, website_id):
        website = self.env["website"].sudo().browse(website_id).exists()
        url = website.domain or self.env["consent.link"]._base_url(company)
        if not url.startswith("https:"):
            message = self.env._(
                "%s is no HTTPS address: what people type here can be read and changed on its way.", url
            )
            yield message

    def _unreachable(self, model, names, channels):
        missing = {
            contact_point.EMAIL: self.env._("There is a box for e-mails, but no field for an e-mail address."),
            contact_point.SMS: self.env._("There is a box for SMS, but no field for a phone number."),
        }
        return [missing[channel] for channel in channels if not set(capture.ADDRESS_FIELDS[channel]) & set(names)]

    def _too_curious(self, model, names, channels):
        surplus = capture.surplus(names, channels) if channels else ()
        if surplus:
            shown = ", ".join(sorted(self._label(model, name) for name in surplus))
            yield self.env._("To get messages nobody needs to say: %s. Ask only for what the purpose needs.", shown)

    def _label(self, model, name):
        field = self.env[model]._fields.get(name) if model in self.env else None
        return field._description_string(self.env) if field else name
