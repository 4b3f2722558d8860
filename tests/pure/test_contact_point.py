"""One spelling for every address."""

import re
import unicodedata

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from odoo.tools.mail import email_normalize_all

from ...tools import contact_point as cp

SAME_EMAIL = [
    ["anna@lumen.example", "Anna@Lumen.Example", " anna@lumen.example ", "anna@lumen.example.", "<anna@lumen.example>"],
    [
        "anna@lumen.example",
        "an\u200bna@lumen.example",
        "anna@lu\u200cmen.example\ufeff",
        '"Anna, M." <anna@lumen.example>',
    ],
    ["anna@lumen.example", '"anna"@lumen.example', "anna@lumen\u00ad.example"],
    ["kim@xn--bcher-kva.example", "kim@bücher.example", "kim@bu\u0308cher.example", "KIM@BÜCHER.EXAMPLE"],
    ["zoë@lumen.example", "zoe\u0308@lumen.example", "ZOË@lumen.example"],
]
DIFFERENT_EMAIL = [
    ("anna@lumen.example", "anna+lamps@lumen.example"),
    ("anna.maes@lumen.example", "annamaes@lumen.example"),
    ("anna@lumen.example", "anna@lumen2.example"),
    ("strasse@faß.example", "strasse@fass.example"),
]
UNUSABLE_EMAIL = [
    *("", " ", "anna", "anna@", "@lumen.example", "anna@lumen", "anna@-lumen.example", "anna@lumen..example"),
    *("anna@lumen.example, ben@lumen.example", "a b@lumen.example c@lumen.example", '"a b"@lumen.example'),
    *("anna@[192.0.2.1]", "anna@192.0.2.1", "a" * 65 + "@lumen.example", "a@" + "b" * 64 + ".example"),
]


@pytest.mark.parametrize("spellings", SAME_EMAIL)
def test_all_spellings_of_an_address_are_one(spellings):
    assert {cp.canonical_email(text) for text in spellings} == {spellings[0]}


@pytest.mark.parametrize("pair", DIFFERENT_EMAIL)
def test_other_mailboxes_stay_others(pair):
    first, second = map(cp.canonical_email, pair)
    assert first and second and first != second


@pytest.mark.parametrize("text", UNUSABLE_EMAIL)
def test_what_is_no_single_usable_address_is_none(text):
    assert cp.canonical_email(text) is None


def test_several_addresses_in_one_field_are_all_found():
    found = cp.canonical_emails('a@lumen.example, "B, C" <B@lumen.example>, a@LUMEN.example, nobody@nowhere')
    assert found == cp.Addresses(("a@lumen.example", "b@lumen.example"), ("nobody@nowhere",))


def test_a_text_without_address_is_unusable_and_an_empty_one_is_nothing():
    assert cp.canonical_emails("call me") == cp.Addresses((), ("call me",))
    assert cp.canonical_emails(" ") == cp.Addresses()


letters = st.characters(exclude_categories=["Cs"])
addresses = st.builds(
    "{}@{}.{}".format,
    st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12),
    st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=12),
    st.sampled_from(["example", "com", "ÉXAMPLE", "xn--p1ai"]),
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(letters, max_size=40), addresses))
@example("ΐ@lumen.example")
@example("İ@lumen.example")
def test_canonical_is_idempotent(text):
    canonical = cp.canonical_email(text)
    assume(canonical)
    assert cp.canonical_email(canonical) == canonical


@settings(max_examples=300, deadline=None)
@given(addresses, st.sampled_from(["NFC", "NFD"]), st.sampled_from(["", "\u200b", "\ufeff", "\u2060"]), st.booleans())
def test_composition_invisible_characters_case_and_dot_make_no_difference(text, form, invisible, dot):
    canonical = cp.canonical_email(text)
    assume(canonical)
    other = unicodedata.normalize(form, text).replace("@", f"{invisible}@{invisible}") + ("." if dot else "")
    assert cp.canonical_email(f" {other} ") == canonical


@settings(max_examples=300, deadline=None)
@given(st.from_regex(re.compile(cp.PLAIN_EMAIL, re.ASCII), fullmatch=True))
def test_a_plain_address_is_canonical_as_it_stands(text):
    text = text.rstrip("\n")
    assert cp._canonical_address(text) == cp.canonical_email(text) == text


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(addresses, st.text(letters, max_size=12)), max_size=4).map(", ".join))
@example("a@x.example; b@y.example")
@example("Anna a@x.example")
def test_every_address_that_odoo_would_send_to_is_found(text):
    found = cp.canonical_emails(text)
    for address in email_normalize_all(text):
        canonical = cp.canonical_email(address)
        assert canonical in found.usable if canonical else found.unusable


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+32 470 12 34 56", None, "+32470123456"),
        ("0470/12.34.56", "BE", "+32470123456"),
        ("0032470123456", "NL", "+32470123456"),
        ("0470123456", None, None),
        ("0470123456", "", None),
        ("+32470123456", "US", "+32470123456"),
        ("+32470123456 / +32470123457", "BE", None),
        ("0470123456;0470123457", "BE", None),
        ("\u200b+32470123456", None, "+32470123456"),
        ("12", "BE", None),
        ("no number", "BE", None),
        ("", "BE", None),
    ],
)
def test_numbers_by_country_and_never_guessed(text, country, number):
    assert cp.canonical_phone(text, country) == number


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_all_spellings_of_a_number_are_one(region):
    example_number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if not example_number:
        return
    spellings = {
        phonenumbers.format_number(example_number, form)
        for form in (
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.NATIONAL,
        )
    }
    found = {cp.canonical_phone(text, region) for text in spellings}
    assert len(found) == 1 and cp.is_e164(found.pop())


def test_a_mask_hides_all_but_what_its_owner_needs():
    assert cp.mask("email", "anna@lumen.example") == "a•••@l•••.example"
    assert cp.mask("sms", "+32470123456") == "+32•••456"


def test_the_hash_is_keyed_and_apart_by_channel():
    one = cp.address_hash(b"key", "email", "anna@lumen.example")
    assert one != cp.address_hash(b"other", "email", "anna@lumen.example")
    assert one != cp.address_hash(b"key", "web", "anna@lumen.example")
    assert len(one) == 64


def test_a_web_identity_is_a_random_id():
    assert cp.canonical("web", "aZ09_-" * 4) == "aZ09_-" * 4
    assert cp.canonical("web", "anna@lumen.example") is None
