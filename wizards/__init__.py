"""Dialogs, in the rooms of `models`."""

# ruff: noqa: I001 - the order of `models`
from . import (
    policy,
    recipients,
    people,
    sending,
    sms,
    imports,
    invitations,
    audit,
    settings,
)
