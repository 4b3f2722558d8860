"""State and verbs, in rooms. A room calls only rooms above it in this list."""

# ruff: noqa: I001 - the order is the rule
from . import (
    policy,
    ledger,
    audit,
    addresses,
    gate,
    recipients,
    people,
    sending,
    sms,
    imports,
    invitations,
    mirrors,
    api,
    settings,
)
