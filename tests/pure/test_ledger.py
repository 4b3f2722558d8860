"""The chain's arithmetic: both formats verify, and another program agrees with the documented example."""

import hashlib
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ...tools import ledger

FORMAT_DOC = Path(__file__).resolve().parents[2] / "docs" / "ledger-format.md"
TIMES = st.one_of(st.none(), st.datetimes())
NUMBERS = st.one_of(st.none(), st.integers(0, 2**31))
VALUES = {
    "format": st.just(2),
    "seq": st.integers(1, 2**31),
    "proven": st.booleans(),
    **{name: TIMES for name in ("occurred_at", "recorded_at", "valid_until", "until")},
    **{name: NUMBERS for name in ("company_id", "purpose_id", "topic_id", "actor_id", "notice_id", "undoes")},
}
TEXTS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
EVENTS = st.fixed_dictionaries({name: VALUES.get(name, TEXTS) for name in (*ledger.OWN, *ledger.TERMS)})


def sha256(value):
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def plain(event, names):
    times = {name: event[name].isoformat(timespec="microseconds") + "Z" for name in names if is_time(event[name])}
    return {name: event[name] for name in names} | times


def is_time(value):
    return isinstance(value, datetime)


@given(EVENTS)
def test_a_hash_covers_all_columns_in_canonical_json(event):
    terms = sha256(plain(event, ledger.TERMS))
    own = plain(event, ledger.OWN) | {"prev_hash": "before", "terms_digest": terms}
    assert ledger.link("before", event) == sha256(own)


@given(EVENTS, st.sampled_from((*ledger.OWN[1:], *ledger.TERMS)))
def test_a_change_of_any_column_changes_the_hash(event, name):
    changed = event | {name: "changed" if event[name] != "changed" else "again"}
    assert ledger.link("before", event) != ledger.link("before", changed)


def test_true_and_one_are_different_values():
    event = dict.fromkeys((*ledger.OWN, *ledger.TERMS)) | {"format": 2, "seq": 1}
    assert ledger.link("", event | {"proven": True}) != ledger.link("", event | {"proven": 1})


def test_format_1_still_verifies():
    event = dict.fromkeys(ledger.COVERED_BY_1) | {"format": 1, "seq": 7, "type": "given", "actor_label": "Zoë “Z”"}
    event["occurred_at"] = datetime(2026, 1, 5, 10, 30)
    first = event | {"seq": 1}
    first["hash"] = ledger.link(ledger.genesis("x"), first)
    assert ledger.link(ledger.genesis("x"), event) == "a08d959f6a0fb850df960ee35f56a3d391c02e0e12cf36f1af2e335f322c5912"
    assert ledger.first_break("x", 1, first["hash"], [first]) is None
    assert ledger.first_break("x", 1, first["hash"], [first | {"type": "withdrawn"}]) == ledger.Break(1, "altered")


def test_a_chain_of_both_formats_verifies():
    one = dict.fromkeys(ledger.COVERED_BY_1) | {"format": 1, "seq": 1}
    one["hash"] = ledger.link(ledger.genesis("x"), one)
    two = dict.fromkeys((*ledger.OWN, *ledger.TERMS)) | {"format": 2, "seq": 2}
    two["hash"] = ledger.link(one["hash"], two)
    assert ledger.first_break("x", 2, two["hash"], [one, two]) is None
    assert ledger.first_break("x", 2, two["hash"], [one | {"format": 3}, two]) == ledger.Break(1, "altered")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", FORMAT_DOC.read_text(), re.DOTALL)


def test_the_documented_example_has_the_hashes_of_this_code():
    lines = [json.loads(line) for line in blocks("json")[0].splitlines()]
    point, *events = lines
    for event in events:
        for name in ("occurred_at", "recorded_at", "valid_until", "until"):
            event[name] = event[name] and datetime.fromisoformat(event[name].removesuffix("Z"))
    assert ledger.first_break(point["uid"], point["head_seq"], point["head_hash"], events) is None


def test_a_program_without_odoo_checks_the_documented_example(tmp_path):
    (script,) = blocks("python")
    assert len(script.splitlines()) <= 30
    (tmp_path / "check.py").write_text(script)
    example = blocks("json")[0]

    def check(text):
        command = [sys.executable, tmp_path / "check.py"]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False)

    assert check(example).stdout == "2 events verified\n"
    altered = check(example.replace('"given"', '"withdrawn"', 1))
    assert altered.returncode and "event 1" in altered.stderr
