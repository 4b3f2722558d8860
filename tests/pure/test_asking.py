from datetime import datetime, timedelta

import pytest

from ...tools import asking
from ...tools.asking import Known, Law
from ...tools.verdict import ASKABLE, REASON_CODES, Verdict

NOW = datetime(2026, 3, 1, 12)
REST = timedelta(days=180)
SILENT, ALLOWED = Verdict("no_consent"), Verdict()
PERSON, OFFICE = "anna@lumen.example", "info@lumen.example"


def ground(verdict=SILENT, known=None, law=None, channel="email", address=PERSON, is_company=False):
    return asking.ground(verdict, known or Known(), law or Law(), channel, address, is_company)


def against(verdict=SILENT, block=ALLOWED, known=None, on="country"):
    return asking.reason_against(verdict, block, known or Known(), on, NOW, REST)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, None),
        ({"law": Law(ask_by_mail=True)}, "country"),
        ({"law": Law(ask_by_mail=True), "channel": "sms"}, None),
        ({"known": Known(customer=True), "channel": "sms"}, "soft_opt_in"),
        ({"verdict": Verdict()}, "opt_out_mode"),
        ({"verdict": Verdict(None, 7)}, None),
        ({"law": Law(legal_persons="impersonal"), "address": OFFICE}, "legal_person"),
        ({"law": Law(legal_persons="impersonal"), "is_company": True}, None),
        ({"law": Law(legal_persons="opt_out"), "is_company": True}, "legal_person"),
        ({"law": Law(legal_persons="opt_out")}, None),
        ({"law": Law(legal_persons="opt_in"), "address": OFFICE, "is_company": True}, None),
    ],
)
def test_on_what_ground_somebody_may_be_asked(case, expected):
    assert ground(**case) == expected


@pytest.mark.parametrize("address", ["info@x.example", "info+fair@x.example", "kontakt@x.example"])
def test_addresses_of_a_function_name_nobody(address):
    assert asking.is_impersonal(address)
    assert not asking.is_impersonal(f"anna.{address}")


@pytest.mark.parametrize("reason", [code for code in REASON_CODES if code not in ASKABLE])
def test_no_reason_of_the_gate_but_silence_lets_one_ask(reason):
    assert against(Verdict(reason), Verdict(reason)) == reason


@pytest.mark.parametrize("reason", sorted(ASKABLE - {"waiting"}))
def test_whoever_did_not_say_no_may_be_asked_on_a_ground_only(reason):
    assert against(Verdict(reason)) is None
    assert against(Verdict(reason), on=None) == "no_ground"


def test_a_block_behind_a_silence_is_seen():
    assert against(Verdict("expired"), Verdict("paused")) == "paused"


def test_who_waits_or_said_yes_is_not_asked():
    assert against(Verdict("waiting")) == "waiting"
    assert against(Verdict(None, 7)) == "granted"
    assert against(Verdict()) is None
    assert against(known=Known(disowned=True)) == "disowned"


@pytest.mark.parametrize("name", ["last_no", "last_asked"])
def test_who_was_asked_or_said_no_elsewhere_is_left_alone_for_a_while(name):
    assert against(known=Known(**{name: NOW - REST + timedelta(seconds=1)})) == "resting"
    assert against(known=Known(**{name: NOW - REST})) is None
