from odoo import SUPERUSER_ID, models
from odoo.http import request

from ...controllers.recipients.capture import Registration
from ...tools import country_language


class IrHttp(models.AbstractModel):
    """What every request passes: the choice of the website's language, and forms of addons that may not be there."""

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path):
        """Let the website, and so its cookie bar, speak a language of the visitor's country where nobody names another.

        Relied on: Odoo takes the website's language from address, cookie, context and its default, in this order, and
        has put the browser's into the context, English where the browser says none. Only the website goes by it.
        """
        asked, lang = request.env.context.get("lang"), None
        if not request.session.uid and not request.cookies.get("frontend_lang"):
            lang = cls._consent_website_language()
        if not lang:
            return super()._match(path)
        try:
            request.update_context(lang=lang)
            return super()._match(path)
        finally:
            request.update_context(lang=asked)

    @classmethod
    def _consent_website_language(cls):
        if not cls._consent_country():
            return None
        env = request.env(user=SUPERUSER_ID)
        site = env["website"].with_context(lang=None).get_current_website()
        return cls._consent_country_language(env["res.lang"]._get_frontend(), site.default_lang_id.code)

    @classmethod
    def _consent_country_language(cls, languages, default):
        """Return which of `languages` the visitor's country speaks, None where the browser names one, or none is.

        :param languages: codes to choose from
        :param default: the code of the language that is spoken where nobody names one
        """
        return country_language.spoken(cls._consent_country(), languages, default)

    @classmethod
    def _consent_country(cls):
        """Return the country that a visitor is in whose browser says no language. A continent is none."""
        return None if request.best_lang else request.geoip.country.iso_code

    @classmethod
    def _dispatch(cls, endpoint):
        """Note what was ticked with a registration for an event; see `Registration`.

        A field of that name would be passed beside the controller itself. Relied on: Odoo calls with `request.params`.
        """
        request.params.pop("self", None)
        registration = Registration() if Registration.ROUTE in endpoint.routing["routes"] else None
        response = super()._dispatch(endpoint)
        if registration:
            registration.note_if_done(response)
        return response
