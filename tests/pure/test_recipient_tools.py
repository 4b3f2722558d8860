import pytest

from ...tools import circumstances, colour, links, list_headers, placeholders, throttle

URLS = {page: f"https://x.example/consent/{page}/TOKEN" for page in placeholders.PAGES}


@pytest.mark.parametrize("page", placeholders.PAGES)
@pytest.mark.parametrize("host", ["", "https://shop.example", "http://localhost:8069"])
def test_a_placeholder_becomes_the_recipients_link(page, host):
    assert placeholders.fill(f'<a href="{host}/consent/{page}">x</a>', URLS) == f'<a href="{URLS[page]}">x</a>'
    assert placeholders.fill(f"Stop: {host}/consent/{page}", URLS) == f"Stop: {URLS[page]}"


def test_odoos_own_placeholder_counts():
    assert placeholders.fill('<a href="/unsubscribe_from_list">x</a>', URLS) == f'<a href="{URLS["unsubscribe"]}">x</a>'


def test_each_placeholder_leads_to_its_own_page():
    urls = links.urls("https://x.example", "TOKEN")
    assert len(set(urls.values())) == len(placeholders.PAGES)
    for page in placeholders.PAGES:
        assert placeholders.fill(f'href="/consent/{page}"', urls) == f'href="{urls[page]}"'
        assert placeholders.fill(f'href="/consent/{page}/TOKEN"', URLS) == f'href="/consent/{page}/TOKEN"'


def test_links_that_are_filled_or_lead_elsewhere_stay():
    for text in (
        f'href="{URLS["why"]}"',
        'href="/consent/whyever"',
        'href="/consents/why"',
        'href="/consent/page/news"',
    ):
        assert placeholders.fill(text, URLS) == text


def headers(url="https://x.example/u", **values):
    values = {"mailto": None, "code": "news", "company_id": 1, "mailing_id": 7, **values}
    return list_headers.marketing(unsubscribe_url=url, **values)


def test_marketing_headers():
    found = headers(mailto="stop@x.example?subject=unsubscribe%20T")
    assert found["List-Unsubscribe"] == "<https://x.example/u>, <mailto:stop@x.example?subject=unsubscribe%20T>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"] == "<news.x.example>"
    assert found["Precedence"] == "bulk"


def test_one_click_is_offered_over_https_only():
    assert "List-Unsubscribe-Post" not in headers("http://x.example/u")


@pytest.mark.parametrize("code", ["a b\r\nBcc: x@y.example", "ÉÉ", "<>", ""])
def test_no_code_breaks_a_header(code):
    assert all("\n" not in value and value.isascii() for value in headers(code=code).values())


def test_an_ip_address_is_kept_as_its_network():
    assert circumstances.network("203.0.113.77") == "203.0.113.0/24"
    assert circumstances.network("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert circumstances.network("nonsense") is None
    assert circumstances.of_request(None, "A" * 999, "page", "en_US") == {
        "user_agent": "A" * 256,
        "page": "page",
        "language": "en_US",
    }


@pytest.mark.parametrize("area", ["#ffffff", "#000000", "#ff0000", "#71639e", "#808080", "#00ffcc", None, "red"])
def test_text_on_a_companys_colour_can_be_read(area):
    area, text = colour.brand(area)
    assert colour.contrast(area, text) >= 4.5


@pytest.mark.parametrize(
    ("spelling", "mailbox"),
    [
        ("c.a.r.l.a@gmail.com", "carla@gmail.com"),
        ("carla+x+y@gmail.com", "carla@gmail.com"),
        ("c.a@lumen.example", "c.a@lumen.example"),
        ("+32470000001", "+32470000001"),
    ],
)
def test_limits_hold_for_the_mailbox_behind_an_address(spelling, mailbox):
    assert throttle.fold(spelling) == mailbox
