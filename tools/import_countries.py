"""Which country somebody means: by its name in English, in a language of the country or of ours, by code or locale."""

import re
from functools import lru_cache

#: Besides the country's own languages.
LANGUAGES = ("en", "nl", "de", "fr", "nb", "sv", "da", "es", "it", "pt")
COMMON = {
    "usa": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "holland": "NL",
}
_locale = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{4})?[-_]([a-z]{2})(?:[.@].*)?", re.IGNORECASE)


def code_of(text: str, more: dict[str, str] | None = None) -> str | None:
    """Return the ISO 3166 alpha-2 code of a country, None where it is not certain.

    :param text: a name, an alpha-2 or alpha-3 code, or a locale
    :param more: codes by further names, casefolded
    """
    word = _fold(text)
    locale = _locale.fullmatch(text.strip())
    found = (more or {}).get(word) or _names().get(word) or (locale and locale[1].upper())
    return found if found in _codes() else None


def _fold(text):
    return re.sub(r"[\s.]+", " ", text.casefold().replace("’", "'")).strip()


@lru_cache(maxsize=1)
def _codes():
    from babel import Locale

    names = Locale("en").territories
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - {"EU", "EZ", "UN", "ZZ", "XA", "XB"}


@lru_cache(maxsize=1)
def _names():
    """Return codes by names, without the names that mean several countries."""
    from babel import Locale
    from babel.core import get_global
    from babel.languages import get_official_languages

    found = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            found.setdefault(_fold(name), set()).add(code)
    for code in _codes():
        for language in get_official_languages(code):
            if name := _name(language, code):
                found.setdefault(_fold(name), set()).add(code)
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
            found.setdefault(alias.casefold(), set()).update(codes)
    names = {name: codes.pop() for name, codes in found.items() if len(codes & _codes()) == 1 == len(codes)}
    return names | COMMON | {code.casefold(): code for code in _codes()}


def _name(language, code):
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language).territories.get(code)
    except (UnknownLocaleError, ValueError):
        return None
