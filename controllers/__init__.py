"""Routes, in the rooms of `models`: parse, call one verb, render."""

# ruff: noqa: I001 - the order of `models`
from . import (
    recipients,
    sending,
    sms,
    imports,
    invitations,
)
