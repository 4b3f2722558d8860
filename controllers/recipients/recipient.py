"""What all pages for recipients share: their language, their frame, and the one answer to a link that does not work."""

import secrets
from urllib.parse import urlencode

from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...tools import circumstances, colour

#: In the session: the contact points whose owner has shown to be there, the company that the pages speak for, and until
#: when that holds.
GRANT = "consent_grant"
#: Pages that are about one person: kept nowhere, shown in no frame, and what they link to learns nothing of them
#: (requirements table 8.8, threats T-19 and T-24).
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}
POLICY = "default-src 'self'; style-src 'self' 'nonce-%s'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
MAX_BODY = 16_384
#: How long the page that follows a form may say what the form did.
DONE_HOURS = 1
#: Of every route to such a page: no login, no session, no website around it, no more input than a form has (T-28).
ROUTE = {
    "type": "http",
    "auth": "public",
    "save_session": False,
    "sitemap": False,
    "multilang": False,
    "max_content_length": MAX_BODY,
}


def page(template: str, *, company, status: int = 200, style=None, **values):
    """Return the answer that shows a page.

    :param template: its name, without the addon's
    :param company: the `res.company` that speaks
    :param style: the `consent.page` whose colour and logo replace the company's, where it has any
    """
    lang, brand = language(company), request.env["consent.link"].sudo()._brand(company, site(company))
    nonce = secrets.token_urlsafe(12)
    area, text = colour.brand((style and style.colour) or company.sudo().primary_color)
    frame = {
        "company": company.sudo().with_context(lang=lang.code),
        "brand": brand,
        "logo": _logo(company.sudo(), brand, style),
        "speaks": lang,
        "languages": _languages(),
        "nonce": nonce,
        "colours": f":root{{--area:{area};--on-area:{text}}}",
    }
    env = request.env(user=request.env.ref("base.public_user"), context={"lang": lang.code}, su=False)
    body = env["ir.qweb"].sudo()._render(f"marketing_consent.{template}", {**frame, **values}, lang=lang.code)
    headers = {**HEADERS, "Content-Security-Policy": POLICY % nonce}
    response = request.make_response(body, list(headers.items()), status=status)
    if request.params.get("lang") == lang.code:
        response.set_cookie("frontend_lang", lang.code)  # the pages that follow speak it too
    return response


def dead_link():
    """Return the one answer to every link that does not work, whatever is wrong with it (threats T-03, T-17)."""
    return page("recipient_dead_link", company=request.env.company, status=404)


def answer(*done, path: str | None = None):
    """Return the answer to a form that did something: 303 to a page that reads what was committed.

    What was done is signed into the address, so a page says "Saved" only after this form of the same visitor.

    :param done: what was done, as JSON; `done` returns it
    :param path: of the page; the form's own by default
    """
    path = path or request.httprequest.path
    query = {"done": hash_sign(request.env(su=True), _done_scope(path), done, expiration_hours=DONE_HOURS)}
    if lang := request.params.get("lang"):
        query["lang"] = lang
    response = request.redirect(f"{path}?{urlencode(query)}", code=303)
    response.headers.update(HEADERS)
    return response


def done() -> list:
    """Return what the form did that led to this page, see `answer`; empty where none did."""
    try:
        signed = request.httprequest.args.get("done", "")
        return verify_hash_signed(request.env(su=True), _done_scope(request.httprequest.path), signed) or []
    except ValueError:  # Odoo raises it for what is no payload at all
        return []


def _done_scope(path):
    return f"marketing_consent.done:{path}:{request.env.uid}:{request.session.get(GRANT, {}).get('points')}"


def site(company):
    """Return the website of `company` on whose domain the page was reached, none where it was reached elsewhere.

    Only a domain that is configured counts (threat T-26).

    :param company: has a page's own website in its context, which goes first: see `consent.page._speaker`
    """
    sites = request.env["website"].sudo()
    own = company.env.context.get("website_id")
    found = sites.browse(own or sites._get_current_website_id(request.httprequest.host, fallback=False))
    return found if found.company_id == company else sites.browse()


def speaking(company):
    """Return `company` with the page's language and website in its context: what it sends for it speaks alike."""
    return company.with_context(lang=language(company).code, website_id=site(company).id)


def language(company):
    """Return the language to speak: that chosen here, the browser's, the country's, the website's or the company's.

    The country's own is asked only where the browser says none.
    """
    installed, http = _languages(), request.env["ir.http"]
    defaults = (site(company).default_lang_id.code, company.sudo().partner_id.lang)
    wanted = (
        request.params.get("lang"),
        request.cookies.get("frontend_lang"),
        http.get_nearest_lang(request.best_lang),
        http._consent_country_language(installed, next(filter(None, defaults), None)),
        *defaults,
    )
    return next((installed[code] for code in wanted if code in installed), next(iter(installed.values())))


def evidence(company, name: str) -> dict[str, str]:
    """Return how the act of this request reached us; see `circumstances.of_request`."""
    http, detail = request.httprequest, company.sudo().consent_ip_detail or "network"
    return circumstances.of_request(http.remote_addr, http.user_agent.string, name, language(company).code, detail)


def chosen(form, offers) -> set:
    """Return the pairs of topic and channel that are ticked, of those that are offered: never another (threat T-11).

    :param form: has choice ('topic:channel', repeated)
    :param offers: see `consent.page._offers_of`
    """
    ticked = set(form.getlist("choice"))
    return {
        (topic, channel)
        for offer in offers
        for topic, channels in offer["topics"]
        for channel in channels
        if f"{topic.id}:{channel}" in ticked
    }


def _logo(company, brand, style):
    """Return the address of the logo: the page's own, else the website's, else the company's; None: there is none."""
    if style and style.with_context(bin_size=True).logo:
        return f"/consent/page/{style.code}/logo"
    if brand != company and brand.logo and brand.logo != brand._default_logo():
        return f"/web/image/website/{brand.id}/logo"
    return None if company.uses_default_logo else f"/web/binary/company_logo?company={company.id}"


def _languages():
    return dict(request.env["res.lang"]._get_active_by("code"))
