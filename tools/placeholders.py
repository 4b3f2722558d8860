"""Placeholders for recipients' own links in what users write: `/consent/unsubscribe` and the like, with host or not."""

import re
from collections.abc import Mapping

#: Odoo's own word for the link to unsubscribe, in its themes and snippets.
ALIASES = {"/unsubscribe_from_list": "unsubscribe"}
PAGES = ("unsubscribe", "preferences", "why")
_placeholder = re.compile(
    r"(?:https?://[^\s\"'<>/]+)?(?:/consent/(?P<page>" + "|".join(PAGES) + r")|(?P<alias>/unsubscribe_from_list))"
    r"(?=[\s\"'<>),.]|$)"
)


def fill(text: str, urls: Mapping[str, str]) -> str:
    """Return `text` with each placeholder replaced by the recipient's own link.

    :param text: HTML or plain text
    :param urls: by page, a key of `PAGES`
    """
    return _placeholder.sub(lambda found: urls[found["page"] or ALIASES[found["alias"]]], text)
