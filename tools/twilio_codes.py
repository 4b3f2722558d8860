"""What an error of Twilio's teaches us about a number (requirements table 8.2)."""

#: In place of a code: nothing came back at all, or the provider broke.
SILENT, BROKEN = "silent", "broken"
STOPPED, LITIGATOR, UNREACHABLE, UNSURE, UNKNOWN, HELD, LATER, OURS = (
    *("stopped", "litigator", "unreachable", "unsure", "unknown", "held", "later", "ours"),
)
LESSONS = {
    21610: STOPPED,
    30640: LITIGATOR,
    **dict.fromkeys((21211, 21614, 21265, 30005, 30006), UNREACHABLE),
    30003: UNSURE,
    30008: UNKNOWN,  # tried once more; then as unsure as the one before
    30004: HELD,
    **dict.fromkeys((20429, 30610, 30615), LATER),
    **dict.fromkeys((20003, 20403, 21408, 21612, 30002, 30007, 30032, 30034), OURS),
}
#: After these the next message to anybody would fail as well: the batch stops.
STOPS_BATCH = {SILENT, 20003, 20403, 20429, 30002}
#: Seconds that messages wait before they are tried again.
WAITS = {SILENT: 60, BROKEN: 600, 20429: 60, 30610: 3600, 30615: 3600, 20003: 3600, 20403: 3600, 30002: 3600}


def lesson(code: object) -> str | None:
    """Return what `code`, a number or its digits, teaches; None for nothing."""
    try:
        return LESSONS.get(int(code))
    except (TypeError, ValueError):
        return None


def code_of(status: int, answer: dict) -> int:
    """Return the code of an answer that is no success; where it has none, the nearest of its HTTP status."""
    for name in ("code", "error_code"):
        if isinstance(answer.get(name), int):
            return answer[name]
    return {401: 20003, 403: 20403, 429: 20429, 503: 20429}.get(status, 0)
