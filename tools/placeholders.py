"""Placeholders for recipients' own links in what users write: `/consent/unsubscribe` and the like, with host or not."""

import re
from collections.abc import Mapping

#: Odoo's own word for the link to unsubscribe, in its themes and snippets.
ALIASES = {"/unsubscribe_from_list": "unsubscribe"}
PAGES = ("unsubscribe", "preferences", "why", "subscribe", "confirm")
_pages = "|".join(PAGES)
_placeholder = re.compile(
    rf"(?:https?://[^\s\"'<>/]+)?(?:/consent/(?P<page>{_pages})|(?P<alias>/unsubscribe_from_list))(?=[\s\"'<>),.]|$)"
)


def fill(text: str, urls: Mapping[str, str]) -> str:
    """Return `text` with each placeholder replaced by the recipient's own link.

    :param text: HTML or plain text
    :param urls: by page, a key of `PAGES`
    """

    def link(found):
        return urls[found["page"] or ALIASES[found["alias"]]]

    return _placeholder.sub(link, text)


def has_any(text: str) -> bool:
    """Return whether there is a placeholder in `text`."""
    return bool(_placeholder.search(text))
