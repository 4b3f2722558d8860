"""Whether a database is the one that marketing was confirmed to leave from, or a copy of it."""

from collections.abc import Mapping

#: What a copy made by PostgreSQL or Odoo cannot carry along, or a neutralised one shows.
ALWAYS = ("uuid", "oid", "neutralized")
#: Compared where both sides know it: not every server lets it be read, not every installation has a token.
WHERE_KNOWN = ("system", "token")


def is_held(confirmed: Mapping, state: Mapping) -> bool:
    """Return whether marketing waits.

    :param confirmed: the state that was confirmed; `waiting`: after a restore, opt-outs may be missing
    :param state: the state now, with every name of `ALWAYS` and `WHERE_KNOWN`
    """
    if any(confirmed.get(name) != state[name] for name in ALWAYS) or confirmed.get("waiting"):
        return True
    if confirmed.get("token") and not state["token"]:
        return True  # a clone without our configuration
    known = [name for name in WHERE_KNOWN if confirmed.get(name) and state[name]]
    return any(confirmed[name] != state[name] for name in known)
