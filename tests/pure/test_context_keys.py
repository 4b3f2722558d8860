"""A client chooses the context of its calls: nothing that we read there may decide what is recorded or sent."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Every key that our code reads, and why a client that sets it gains nothing. A new one needs a line here.
KEYS = {
    "SENT_BY_CREATOR": "compared by identity with an object",
    "STEP": "compared by identity with an object",
    "TRACKERS": "a type of its own",
    "SEEN": "a type of its own",
    "LETTERHEADS": "its keys are tuples, which no client can send",
    "active_id": "the record on the screen, read with the user's rights",
    "active_ids": "the records on the screen, read with the user's rights",
    "active_model": "the model on the screen, read with the user's rights",
    "consent_no_default_topic": "a manager who makes a purpose may leave its topic out",
    "lang": "a language",
    "website_id": "which of a company's websites a page speaks for",
    "mailing_test_mail": "Odoo's own; only makes a message go to staff addresses",
    "sms_api": "Odoo's own; the object that sends, made by Odoo",
}


def keys_read():
    """Yield file and key of each read of the context."""
    for path in sorted(ROOT.glob("**/*.py")):
        if path.relative_to(ROOT).parts[0] not in ("models", "wizards", "controllers"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if key := _key(node):
                yield f"{path.relative_to(ROOT)}: {key}", key


def _key(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        read, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Subscript):
        read, key = node.value, node.slice
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        read, key = node.comparators[0], node.left
    else:
        return None
    if not (isinstance(read, ast.Attribute) and read.attr == "context"):
        return None
    return key.value if isinstance(key, ast.Constant) else getattr(key, "id", ast.dump(key))


@pytest.mark.parametrize(("where", "key"), list(keys_read()))
def test_no_key_of_the_context_decides(where, key):
    assert key in KEYS, f"{where} is read from the context, which a client may set"


def test_no_key_is_listed_in_vain():
    assert {key for _where, key in keys_read()} == KEYS.keys()
