"""A mark in text that was rendered from a flagged template, so that whatever is made of the text is flagged too.

Many of Odoo's wizards and crons render a template and make a message or a mail of the text themselves: nothing else
than the text comes from the template to the message. The mark is taken off where the message is made.
"""

import hashlib
import os
import re

_here = os.stat(__file__)
# Nobody outside can make one, since an inbound mail must not flag itself; but all workers of an installation have the
# same: a wizard may render in one of them and send in another.
_SECRET = hashlib.sha256(f"{_here.st_dev}:{_here.st_ino}:{_here.st_mtime_ns}".encode()).hexdigest()[:16]
_MARK = re.compile(r"<!--consent-topic-([0-9a-f]{16}):(\d+)-->")


def put(text, topic_id: int):
    """Return HTML with the mark of a topic at its end; of the same type, `str` or `Markup`."""
    return text + type(text)(f"<!--consent-topic-{_SECRET}:{topic_id}-->")


def take(text):
    """Return the text without marks, of the same type, and the id of the topic that it was marked with, or None."""
    topics = [int(topic_id) for secret, topic_id in _MARK.findall(text) if secret == _SECRET]
    return type(text)(_MARK.sub("", text)), next(iter(topics), None)


def take_off(values: dict, *fields: str) -> dict:
    """Return the values of a message with the marks in `fields` turned into its topic, unless it has one."""
    for field in fields:
        if "<!--consent-topic-" in (values.get(field) or ""):
            text, topic_id = take(values[field])
            values = {**values, field: text, "consent_topic_id": values.get("consent_topic_id") or topic_id}
    return values
