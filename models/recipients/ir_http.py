import inspect

from odoo import SUPERUSER_ID, models
from odoo.http import Response, request
from werkzeug.exceptions import MethodNotAllowed, abort

from ...controllers.recipients import recipient
from ...controllers.recipients.capture import Registration
from ...tools import country_language, request_values

#: Controllers that this addon defines or overrides.
OURS = "odoo.addons.marketing_consent.controllers."
#: Those that recipients' forms and links lead to.
PAGES = (f"{OURS}recipients.", f"{OURS}invitations.")
#: Those that the provider of SMS calls: a STOP counts whatever else its call holds, so they clean it themselves.
PROVIDER = f"{OURS}sms."
#: Form fields that may come more than once.
LISTS = frozenset({"choice"})


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
    def _pre_dispatch(cls, rule, args):  # pylint: disable=missing-return
        """Refuse what none of our routes can mean, before anything acts on it.

        Relied on: Odoo adds OPTIONS to every route and calls the endpoint; a route without methods takes all of them.
        """
        super()._pre_dispatch(rule, args)
        if rule.endpoint.func.__module__.startswith(OURS):
            cls._consent_check_method(rule.endpoint)
            if not rule.endpoint.func.__module__.startswith(PROVIDER):
                cls._consent_check_values(rule.endpoint, args)

    @classmethod
    def _consent_check_method(cls, endpoint):
        allowed = {"POST"} if endpoint.routing["type"] == "jsonrpc" else {"GET", "POST"}
        allowed = set(endpoint.routing.get("methods") or allowed)
        if "GET" in allowed:
            allowed.add("HEAD")
        if request.httprequest.method == "OPTIONS":
            abort(Response(status=204, headers={"Allow": ", ".join(sorted(allowed | {"OPTIONS"}))}))
        if request.httprequest.method not in allowed:
            raise MethodNotAllowed(sorted(allowed))

    @classmethod
    def _consent_check_values(cls, endpoint, args):
        http, page = request.httprequest, endpoint.func.__module__.startswith(PAGES)
        query, form = list(http.args.items(multi=True)), list(http.form.items(multi=True))
        named = inspect.signature(endpoint.func).parameters
        twice = request_values.repeated(query, named) if page else set()
        if page and "List-Unsubscribe" not in http.form:
            twice |= request_values.repeated(form, lists=LISTS)
        if twice:
            abort(Response(f"Pass once: {', '.join(sorted(twice))}\n", status=400, mimetype="text/plain"))
        if not request_values.is_storable(args):
            request.params = request.get_http_params()  # Odoo sets it later; the page looks for a language there
            abort(recipient.dead_link() if page else Response(status=404))
        sent = [query, form]
        if endpoint.routing["type"] == "jsonrpc":
            sent.append(cls._consent_json_params())
        if not request_values.is_storable(sent):
            abort(Response("Not text\n", status=400, mimetype="text/plain"))

    @classmethod
    def _consent_json_params(cls):
        """Return the params of a JSON-RPC request. Odoo accepts any JSON there, and fails unless it is an object."""
        try:
            params = request.get_json_data().get("params", {})
        except (ValueError, AttributeError):
            params = None
        if not isinstance(params, dict):
            abort(Response("Not JSON-RPC\n", status=400, mimetype="text/plain"))
        return params

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
