import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools import links
from ...tools.links import Link

KEYS = {1: b"1" * 32, 2: b"2" * 32}
numbers = st.integers(0, 2**31 - 1)
any_link = st.builds(Link, numbers, numbers, numbers, numbers)
TOKEN = links.sign(KEYS, "message", Link(70_000, 1, 12, 345))


@given(any_link)
def test_a_link_comes_back_as_it_was(link):
    assert links.read(KEYS, "message", links.sign(KEYS, "message", link)) == link


def test_an_old_key_still_verifies_and_the_newest_signs():
    old = links.sign({1: KEYS[1]}, "message", Link(1))
    assert links.read(KEYS, "message", old) == Link(1)
    assert links.read({1: KEYS[1]}, "message", TOKEN) is None


def test_a_token_for_one_capability_is_worth_nothing_for_another(monkeypatch):
    monkeypatch.setitem(links.CAPABILITIES, "other", 2)
    assert links.read(KEYS, "other", TOKEN) is None
    assert links.read(KEYS, "message", links.sign(KEYS, "other", Link(1))) is None
    assert links.read(KEYS, "unknown", TOKEN) is None


def test_every_changed_bit_and_every_cut_is_noticed():
    signed = base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4))
    for position in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[position // 8] ^= 1 << position % 8
        forged = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        assert links.read(KEYS, "message", forged) is None
    for length in range(len(TOKEN)):
        assert links.read(KEYS, "message", TOKEN[:length]) is None


def test_a_token_has_one_spelling():
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    accepted = [char for char in alphabet if links.read(KEYS, "message", TOKEN[:-1] + char)]
    assert accepted == [TOKEN[-1]]
    assert links.read(KEYS, "message", TOKEN + "=") is None


@pytest.mark.parametrize("garbage", [None, 7, "", "a", "é" * 40, "%00" * 12, "../" * 12, b"x" * 40, "A" * 10_000])
def test_garbage_is_no_link(garbage):
    assert links.read(KEYS, "message", garbage) is None


def test_random_tokens_are_no_links():
    chance = random.Random(1)
    for _time in range(1000):
        token = base64.urlsafe_b64encode(chance.randbytes(chance.randint(1, 60))).rstrip(b"=").decode()
        assert links.read(KEYS, "message", token) is None


def test_a_link_leaves_room_in_one_sms():
    token = links.sign(KEYS, "message", Link(20_000_000, 12, 300, 100_000))
    assert len(f"https://example.com/c/{token}") <= 70
