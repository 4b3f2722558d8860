"""Evidence grades: the strength of the proof of a consent."""

STAFF = frozenset({"staff_in_person", "staff_phone", "paper"})
OWN_ACT = frozenset({"web_form", "preference_page", "double_opt_in", "sms_keyword"})


def grade(fact: str, source: str, *, wording: bool, proof: bool) -> str:
    """Return the evidence grade of a consent, 'A' (strongest) to 'D'.

    :param fact: given, confirmed or renewed
    :param source: a value of `transitions.SOURCES`
    :param wording: whether the wording that the person read is on record
    :param proof: whether a note or a document is on record
    """
    if not wording:
        return "D"
    if fact == "confirmed" and source in ("double_opt_in", "sms_keyword"):
        return "A"
    if source in OWN_ACT:
        return "B"
    return "C" if proof else "D"
