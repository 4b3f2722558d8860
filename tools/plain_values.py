"""Values that other systems pass, and that can be stored as text or JSON."""

from datetime import date

DEEPEST = 20


def is_text(value: object) -> bool:
    """Return whether `value` is a text that PostgreSQL stores: without NUL and lone surrogates."""
    return isinstance(value, str) and "\0" not in value and _encodes(value)


def is_plain(value: object, depth: int = 0) -> bool:
    """Return whether `value` is made of texts, numbers, dates, lists and named values, not too deep."""
    if isinstance(value, str):
        return _encodes(value)
    if isinstance(value, dict):
        value = [*value, *value.values()] if all(isinstance(name, str) for name in value) else [object()]
    if isinstance(value, (list, tuple)):
        return depth < DEEPEST and all(is_plain(part, depth + 1) for part in value)
    return value is None or isinstance(value, (bool, int, float, date))


def _encodes(text):
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
