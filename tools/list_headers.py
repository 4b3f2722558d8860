"""Headers that let mail programs recognise a marketing message and offer to unsubscribe (RFC 2369, 2919, 8058)."""

import re
from urllib.parse import urlsplit

#: Headers that only marketing carries.
MARKETING = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "Feedback-ID")


def marketing(
    *, unsubscribe_url: str, mailto: str | None, code: str, company_id: int, mailing_id: int
) -> dict[str, str]:
    """Return the headers of a marketing message to one person.

    :param unsubscribe_url: answers a POST by unsubscribing (RFC 8058 §3.1); one-click is offered over https only
    :param mailto: an address with subject that unsubscribes too, if there is one (RFC 2369 §3.2)
    :param code: of the topic; names the list (RFC 2919 §3)
    """
    url = urlsplit(unsubscribe_url)
    code = re.sub(r"[^a-z0-9-]+", "-", code.lower()).strip("-") or "marketing"
    ways = [f"<{unsubscribe_url}>", *([f"<mailto:{mailto}>"] if mailto else [])]
    headers = {
        "List-Id": f"<{code}.{url.hostname}>",
        "List-Unsubscribe": ", ".join(ways),
        "Precedence": "bulk",
        "Feedback-ID": f"{mailing_id}:{code}:{company_id}:odoo",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    return headers | ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url.scheme == "https" else {})
