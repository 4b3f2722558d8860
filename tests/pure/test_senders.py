"""What tests of sending prove holds for users: a test that sends as superuser says why."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
#: The first words of a comment in a class that sends as superuser.
REASON = "# superuser: "
#: What sends, called on records; over RPC it is the name in a string.
SENDS = {
    "_action_send_mail",
    "_action_send_sms",
    "_message_sms_with_template",
    "action_launch",
    "action_put_in_queue",
    "action_retry_failed",
    "action_send_mail",
    "action_send_sms",
    "message_mail_with_source",
    "message_notify",
    "message_post",
    "message_post_with_source",
    "send",
    "send_mail",
    "send_mail_batch",
    "send_mail_test",
}


def sends_as_superuser(node: ast.ClassDef) -> bool:
    """Tell whether a class calls a method that sends without naming the user there."""
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    calls = [call for call in calls if isinstance(call, ast.Attribute) and call.attr in SENDS]
    return any("with_user(" not in ast.unparse(call.value) for call in calls)


def senders():
    """Yield each such class of the rooms that send, with its source."""
    for room in ("sending", "sms"):
        for path in sorted((TESTS / room).rglob("test_*.py")):
            source = path.read_text()
            for node in ast.parse(source).body:
                if isinstance(node, ast.ClassDef) and sends_as_superuser(node):
                    yield pytest.param(ast.get_source_segment(source, node), id=f"{path.name}::{node.name}")


@pytest.mark.parametrize("source", senders())
def test_who_sends_as_superuser_says_why(source):
    assert REASON in source, f"send as the least user (tests/cases/least_user.py), or say why after “{REASON}”"


@pytest.mark.parametrize(("line", "found"), [("self.m.send()", True), ("self.m.with_user(u).send()", False)])
def test_a_call_without_a_user_is_found(line, found):
    [node] = ast.parse(f"class C:\n    def f(self):\n        {line}\n").body
    assert sends_as_superuser(node) is found
