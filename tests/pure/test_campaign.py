"""The list of dev/run --campaign FILE: hostile files, and what they must come to."""

import importlib.util
from datetime import datetime
from pathlib import Path

import pytest

DEV = Path(__file__).resolve().parents[2] / "dev"
NOW = datetime(2026, 4, 1, 12)
HEADER = "name,email,phone,topic,channel,answer,when,where\n"


def _load(name):
    spec = importlib.util.spec_from_file_location(f"dev_{name}", DEV / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


people = _load("people")


@pytest.fixture
def expectation(monkeypatch):
    monkeypatch.syspath_prepend(DEV)
    return _load("expectation")


def read(*lines, header=HEADER):
    return people.read((header + "\n".join(lines)).encode(), NOW)


def line(
    email="anna@list.example", answer="yes", when="2026-01-15", where="Fair", topic="News", channel="email", phone=""
):
    return f"Anna,{email},{phone},{topic},{channel},{answer},{when},{where}"


def outcome(*lines):
    reading = read(*lines)
    assert not reading.errors
    (found,) = people.outcomes(reading.answers).values()
    return found


def test_the_example_is_understood():
    reading = people.read((DEV / "campaign_example.csv").read_bytes(), datetime(2026, 6, 1))
    assert not reading.errors
    found = people.outcomes(reading.answers)
    assert found["Newsletter", "email", "chris@xn--bcher-kva.example"] == "sent"
    assert found["Newsletter", "email", "bram@example.com"] == "withdrawn"
    assert found["Newsletter", "email", "dana@example.com"] == "refused"
    assert found["Newsletter", "email", "emil@example.com"] == "sent"


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + line()).encode(),
        b"\xef\xbb\xbf" + (HEADER + line()).encode(),
        (HEADER + line()).replace(",", ";").replace("\n", "\r\n").encode(),
        (HEADER + line()).replace(",", "\t").replace("\n", "\r").encode(),
        (HEADER + line()).encode("utf-16"),
        (HEADER + line()).encode("cp1252"),
        ("\n\n NAME , E-Mail ,Phone,TOPIC,Channel,Answer,WHEN,Where,Shoe size\n" + line() + ",44\n,,,,,,,\n").encode(),
        (HEADER + '"Anna", "anna@list.example","","News","E-mail","YES","2026-01-15","Fair"').encode(),
    ],
)
def test_whatever_a_spreadsheet_makes_of_a_line_is_the_same_answer(content):
    reading = people.read(content, NOW)
    assert not reading.errors
    (answer,) = reading.answers
    assert (answer.name, answer.address, answer.topic, answer.yes, answer.when, answer.where) == (
        *("Anna", "anna@list.example", "News", True),
        *(datetime(2026, 1, 15), "Fair"),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \n",
        b"\x00\x01\x02",
        b"PK\x03\x04\x00\x00",
        b"\xff\xfe\x00",
        b"Anna,anna@list.example,yes\n",
        b"name,topic,channel,answer,when\nAnna,News,email,yes,2026-01-15\n",
        b'"name,email\n',
        b"email,email,topic,channel,answer,when\n",
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(content):
    with pytest.raises(people.Unreadable):
        people.read(content, NOW)


@pytest.mark.parametrize(
    "bad",
    [
        line(email=""),
        line(email="anna at list"),
        line(email="anna@list.example; ben@list.example"),
        line(email="anna@bad_domain.example"),
        line(email="anna@localhost"),
        line(email="a" * 300 + "@list.example"),
        line(phone="0470 12 34 56"),
        line(phone="+1 555"),
        line(channel="sms"),
        line(channel="fax"),
        line(channel=""),
        line(answer=""),
        line(answer="maybe"),
        line(answer="1"),
        line(topic=""),
        line(where=""),
        line(when=""),
        line(when="2026-02-30"),
        line(when="01/02/2026"),
        line(when="1994-12-31"),
        line(when="2026-04-02"),
        line(when="9999-12-31T23:59:59-23:59"),
        line(when="0001-01-01T00:00:00+23:59"),
        line(where='"Fair\nin Ghent"'),
        line(where="Fair, in Ghent"),
        line(where='"Fair"in Ghent'),
        line(topic="Ne\x07ws"),
        "Anna",
        '"Anna,anna@list.example',
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_others_count(bad):
    reading = read(line("ben@list.example"), bad, *[line(f"c{number}@list.example") for number in range(30)])
    assert reading.errors[0][0] == 3
    assert reading.errors[0][1]
    assert [answer.address for answer in reading.answers[:2]] == ["ben@list.example", "c0@list.example"]
    assert len(reading.answers) == 31
    assert not any(answer.line == 3 for answer in reading.answers)


def test_line_numbers_count_the_lines_of_the_file():
    reading = read("", line(where='"Fair\nin Ghent"'), "", line(answer="?"))
    assert [number for number, _text in reading.errors] == [3, 6]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line()], "sent"),
        ([line(answer="no")], "refused"),
        ([line(), line(answer="no", when="2026-01-16")], "withdrawn"),
        ([line(answer="no", when="2026-01-16"), line()], "withdrawn"),
        ([line(), line(answer="no")], "withdrawn"),
        ([line(answer="no"), line()], "withdrawn"),
        ([line(answer="no"), line(when="2026-03-01")], "refused"),
        ([line(answer="no"), line(when="2026-03-01", where="paper: card 3")], "sent"),
        ([line(answer="no"), line(where="paper: card 3")], "withdrawn"),
        ([line(when="2026-03-31T23:00:00-02:00"), line(answer="no", when="2026-04-01T02:00:00+02:00")], "refused"),
        ([line(when="2026-03-30"), line(answer="no", when="", where="")], "withdrawn"),
        ([line(answer="no", when="2026-02-01"), line("ANNA@List.Example.", when="2026-03-01")], "refused"),
        ([line("anna@bücher.example"), line("anna@XN--BCHER-KVA.example", "no", "2026-02-01")], "withdrawn"),
        ([line(topic="News"), line(topic="NEWS", answer="no", when="2026-02-01")], "withdrawn"),
    ],
)
def test_the_last_answer_counts_the_no_on_a_tie_and_a_claim_undoes_no_no(lines, expected):
    assert outcome(*lines) == expected


def test_a_no_to_one_topic_or_channel_says_nothing_about_another():
    reading = read(
        line(),
        line(topic="Offers", answer="no"),
        line(channel="sms", phone="+61 491 570 006", answer="no"),
    )
    assert sorted(people.outcomes(reading.answers).items()) == [
        (("News", "email", "anna@list.example"), "sent"),
        (("News", "sms", "+61491570006"), "refused"),
        (("Offers", "email", "anna@list.example"), "refused"),
    ]


def test_lines_of_one_name_are_one_person_if_they_can_be():
    reading = read(
        line(),
        line("", phone="+61491570006", channel="sms"),
        line("other@list.example"),
        line().replace("Anna", "Ben"),
        line("nameless@list.example").replace("Anna", ""),
    )
    assert people.people(reading.answers) == [
        ("Anna", "anna@list.example", "+61491570006"),
        ("Anna", "other@list.example", ""),
        ("Ben", "anna@list.example", ""),
        ("nameless@list.example", "nameless@list.example", ""),
    ]


def test_too_many_topics_are_a_mistaken_column():
    reading = read(*[line(topic=f"Topic {number}") for number in range(30)])
    assert len({answer.topic for answer in reading.answers}) == people.MAX_TOPICS
    assert len(reading.errors) == 30 - people.MAX_TOPICS


def test_twenty_thousand_hostile_lines_are_read_in_seconds():
    reading = read(*['"' + "x" * 50] * 20_000)
    assert not reading.answers
    assert reading.errors


@pytest.mark.parametrize(
    ("block", "answers", "expected"),
    [
        (None, ("sent",), "sent"),
        (None, (None,), "no_consent"),
        (None, ("sent", "refused"), "refused"),
        (None, ("sent", None), "no_consent"),
        ("paused", ("sent",), "paused"),
        ("paused", (None,), "paused"),
        ("paused", ("withdrawn",), "withdrawn"),
        ("blacklisted", ("withdrawn",), "blacklisted"),
        ("objected", ("sent",), "objected"),
    ],
)
def test_what_must_become_of_a_record_is_the_first_thing_that_stands_in_the_way(expectation, block, answers, expected):
    campaign = expectation.Campaign(1, "News", "News", "res.partner", "email", "News")
    addresses = tuple(f"a{number}@list.example" for number in range(len(answers)))
    said = {("News", "email", address): answer for address, answer in zip(addresses, answers, strict=True) if answer}
    said |= {("*", "email", addresses[0]): block} if block else {}
    party = expectation.Party(7, "Anna", addresses)
    assert expectation.outcome(party, campaign, said) == expected
    assert expectation.outcome(party, campaign._replace(topic=None), said) == "sent"
    assert expectation.outcome(party._replace(addresses=(None,)), campaign, said) == "unusable_address"
    left = expectation.deliveries([party, party._replace(id=8)], campaign, said)
    assert left == ({("News", address): 1 for address in addresses} if expected == "sent" else {})


def test_the_story_is_readable_and_blocks_are_a_part_of_it(expectation):
    story = expectation.story()
    assert story["newsletter", "email", "anna@kruimel.example"] == "sent"
    assert expectation.blocks().items() < story.items()
    assert not {"sent", "no_consent"} & set(expectation.blocks().values())
