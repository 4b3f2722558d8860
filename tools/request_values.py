"""What a request may hold: text that PostgreSQL can store, and each single value once."""

from collections.abc import Iterable


def is_storable(value: object) -> bool:
    """Return whether `value` (JSON) holds only text that a database can store: no NUL, no lone surrogate."""
    if isinstance(value, dict):
        return all(map(is_storable, value.keys())) and all(map(is_storable, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_storable, value))
    if not isinstance(value, str):
        return True
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def repeated(pairs: Iterable[tuple[str, str]], names=None, *, lists=frozenset()) -> set[str]:
    """Return the names that come more than once in `pairs`.

    :param names: only these count; None: all
    :param lists: names that may come more than once
    """
    seen, twice = set(), set()
    for name, _value in pairs:
        (twice if name in seen else seen).add(name)
    return {name for name in twice if name not in lists and (names is None or name in names)}
