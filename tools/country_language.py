"""Languages of countries."""

from collections.abc import Iterable

from babel.languages import get_official_languages


def spoken(country: str | None, languages: Iterable[str], default: str | None = None) -> str | None:
    """Return the one of `languages` to use in a country; None if none is official there.

    The default's language if it is official there, else the one with the most speakers, each in the country's own
    variant if available. Source: territory information of Unicode's CLDR.

    :param country: ISO 3166-1 alpha-2 code; None: unknown
    :param languages: codes as Odoo has them: fr_BE, nb_NO, sr@latin
    """
    official = list(map(_tongue, get_official_languages(country or "", de_facto=True)))

    def rank(code):
        tongue = _tongue(code)
        foreign = not default or tongue != _tongue(default)
        return foreign, official.index(tongue), not code.endswith(f"_{country}"), code != default

    return min((code for code in languages if _tongue(code) in official), key=rank, default=None)


def _tongue(code):
    return code.replace("@", "_").partition("_")[0]
