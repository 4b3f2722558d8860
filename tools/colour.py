"""Readable colours."""

import re

_hex = re.compile(r"#[0-9a-fA-F]{6}")
DEFAULT = "#334155"
BLACK, WHITE = "#000000", "#ffffff"


def brand(colour: str | None) -> tuple[str, str]:
    """Return a company's background colour and the text colour with the higher contrast (WCAG 2.2, 1.4.3).

    :param colour: as '#rrggbb'; anything else is replaced by a neutral one
    """
    colour = colour if colour and _hex.fullmatch(colour) else DEFAULT
    return colour, max((BLACK, WHITE), key=lambda text: contrast(colour, text))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
