import pytest

from ...tools import capture, circumstances


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("12:email, 13:sms", [(12, "email"), (13, "sms")]),
        ("12:email,12:email", [(12, "email")]),
        ("12:web,x:email,:,12:email:1,-1:sms,9999999999:email", []),
        (None, []),
    ],
)
def test_a_block_names_topics_and_channels_and_nothing_else(text, pairs):
    assert capture.wanted(text) == pairs


def test_answers_are_taken_out_of_what_a_form_sent():
    values = {"name": "Ann", "consent_choice_1_email": "abc", "consent_choice_2_sms": "", "consent_choice": ["x"]}
    assert capture.take(values) == ["abc"]
    assert values == {"name": "Ann"}


@pytest.mark.parametrize(
    ("values", "channel", "address"),
    [
        ({"email_from": "Ann@Lumen.example", "email": "b@lumen.example"}, "email", "ann@lumen.example"),
        ({"email_from": "nonsense", "email": "b@lumen.example"}, "email", "b@lumen.example"),
        ({"phone": "0470 00 00 01"}, "sms", "+32470000001"),
        ({"phone": 7, "name": "a@lumen.example"}, "email", None),
        ({"phone": "12"}, "sms", None),
    ],
)
def test_the_address_is_the_first_usable_one(values, channel, address):
    assert capture.address(values, channel, "BE") == address


@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        ("https://lumen.example/contactus?email=ann@lumen.example#x", "/contactus"),
        ("https://elsewhere.example/contactus", ""),
        ("https://[", ""),
        (None, ""),
    ],
)
def test_the_page_is_ours_and_without_its_query(referrer, page):
    assert capture.page(referrer, "lumen.example") == page


FORM = """<t t-name="website.page"><t t-call="website.layout"><form action="/website/form/">
<input type="hidden" name="list_ids" value="1"/><input name="email"/><select name="country_id"/><textarea name="Why?"/>
<div class="col-12 s_marketing_consent" data-choices="7:email,7:sms,x"/><input type="submit" name="send"/></form>
<form><input name="search"/></form></t></t>"""


@pytest.mark.parametrize("text", [FORM, "<!doctype html><br>" + FORM.replace('"/>', '">')])
def test_only_forms_with_boxes_are_looked_at_and_only_what_people_fill_in(text):
    form = capture.forms(text)[0]
    assert form.choices == ((7, "email"), (7, "sms"))
    assert {"email", "country_id", "Why?"} <= form.names
    assert not form.names & {"list_ids", "send"}


@pytest.mark.parametrize("text", ["", "<p>no form</p>", "<form><div class='s_marketing_consent_x'/></form>"])
def test_a_page_without_boxes_has_no_such_form(text):
    assert capture.forms(text) == []


def test_a_newsletter_needs_an_address_and_no_more():
    asked = {"name", "email", "phone", "birthday", "list_ids"}
    assert capture.surplus(asked, ["email"]) == {"phone", "birthday"}
    assert capture.surplus(asked, ["email", "sms"]) == {"birthday"}
    assert capture.surplus({*asked, "consent_choice_1_email"}, ["email"], ["birthday"]) == {"phone"}
    assert capture.surplus(asked | {"description"}, ["email"]) == set(), "a question is judged by its own purpose"


@pytest.mark.parametrize(
    ("detail", "kept"), [("off", {}), ("network", {"network": "203.0.113.0/24"}), ("full", {"ip": "203.0.113.77"})]
)
def test_a_company_says_how_much_of_the_ip_address_is_kept(detail, kept):
    found = circumstances.of_request("203.0.113.77", None, "page", "en_US", detail)
    assert found == {**kept, "page": "page", "language": "en_US"}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"1-email-3": "a@x.example", "1-phone-4": "1", "2-email-3": "b@x.example"}, ("a@x.example", "1")),
        ({"1-email-3": "", "2-email-3": "b@x.example"}, ("", None)),
        ({"1-name-2": "A", "0-email-5": "all@x.example"}, ("all@x.example", None)),
        ({"1-email": "a@x.example", "x-email-3": "b@x.example", "1-email-3-4": "c@x.example", 7: "d"}, (None, None)),
    ],
)
def test_the_registrant_is_the_first_person_on_the_form(sent, found):
    person = capture.registrant(sent)
    assert (person.get("email"), person.get("phone")) == found
