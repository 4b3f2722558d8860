"""Evidence grades, and which proof lets a consent follow a refusal, withdrawal or objection."""

from datetime import datetime, timedelta

from .transitions import OWN_WORD, STAFF

#: How the callers of the ledger vouch for a yes beyond what it says: the person was logged in with this address, a
#: second person approved it, or the officer trusts this user of another system.
LOGIN, APPROVAL, CLIENT = "login", "approval", "client"
#: A confirmation may be asked for as long after the act; later it would be advertising.
FRESH = timedelta(days=7)
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


def is_proven(source: str, grade: str, *, basis: str = "consent", document: bool = False, proof: str | None = None):
    """Return whether a yes may follow a no: the person's own act, or evidence that somebody answers for.

    An anonymous form, a sale, an import or another system only claim it. Any basis but consent is our own claim, which
    passes no no unless the person takes the no back (GDPR art. 7(1), 21(3); requirement R-047).

    :param grade: see `grade`
    :param document: whether a document proves this very yes
    :param proof: LOGIN, APPROVAL, CLIENT or None
    """
    if source in OWN_WORD or proof == LOGIN:
        return True
    if basis != "consent" or grade > "C":
        return False
    vouched = {"import": proof == APPROVAL and document, "api": proof in (CLIENT, APPROVAL)}
    return source in STAFF or vouched.get(source, False)


def is_fresh(occurred_at: datetime, now: datetime) -> bool:
    """Return whether the person of a claimed yes may still be asked to confirm it."""
    return now - occurred_at <= FRESH
