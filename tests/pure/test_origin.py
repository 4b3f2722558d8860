from markupsafe import Markup

from ...tools import origin
from ...tools.origin import Origin

KEY = b"k" * 32
NEWS, UNSET = Origin("mail.template,3", topic_id=7), Origin("mail.template,4", held=True)


def test_a_mark_comes_off_and_names_the_origin_once():
    text = origin.put(origin.put(Markup("<p>Lamps</p>"), NEWS, KEY), NEWS, KEY)
    assert origin.take(text, KEY) == (Markup("<p>Lamps</p>"), NEWS)
    assert isinstance(origin.take(text, KEY)[0], Markup)
    assert origin.take(origin.put("<p>Lamps</p>", UNSET, KEY), KEY) == ("<p>Lamps</p>", UNSET)


def test_service_messages_and_documents_carry_no_mark():
    for harmless in (Origin("mail.template,3"), Origin("mail.template,3", service=True)):
        assert origin.put("<p>Lamps</p>", harmless, KEY) == "<p>Lamps</p>"
    assert origin.take("<p>Lamps</p>", KEY) == ("<p>Lamps</p>", None)


def test_an_altered_or_foreign_mark_comes_off_and_holds_the_message():
    real = origin.put("", NEWS, KEY)
    for mark in (
        real.replace(":7:", ":8:"),
        real.replace("template,3", "template,5"),
        real.replace(":7:", ":0:"),
        origin.put("", NEWS, b"other"),
        "<!--consent-origin-x-->",
        "<!--consent-origin-\n-->",
    ):
        assert origin.take(f"<p>Lamps</p>{mark}", KEY) == ("<p>Lamps</p>", Origin(origin.UNKNOWN, held=True)), mark


def test_marketing_goes_first_then_a_stated_kind_then_what_is_held():
    service, document = Origin("ir.actions.server,1", service=True), Origin("mail.template,9")
    both = "ir.actions.server,1 mail.template,3"
    assert origin.within(service, NEWS) == Origin(both, 7, True)
    assert origin.within(service, UNSET).held is False
    assert origin.within(UNSET, service).held is False
    assert origin.within(UNSET, document) == Origin("mail.template,4 mail.template,9", held=True)
    assert origin.within(None, NEWS) == NEWS
    assert origin.within(NEWS, Origin("x", topic_id=8)).topic_id == 7


def test_a_topic_that_was_said_counts_more_than_the_origin():
    assert origin.stamp({"body": "a"}, NEWS) == {"body": "a", "consent_topic_id": 7}
    assert origin.stamp({"body": "a", "consent_topic_id": 3}, NEWS)["consent_topic_id"] == 3
    assert origin.stamp({"body": "a"}, UNSET) == {"body": "a", "consent_origin": "mail.template,4"}
    for harmless in (None, Origin("x"), Origin("x", service=True)):
        assert origin.stamp({"body": "a"}, harmless) == {"body": "a"}


def test_only_an_origin_counts_in_a_context():
    assert origin.of({origin.CONTEXT_KEY: NEWS}) == NEWS
    for forged in (None, {"service": True}, ["", 0, True, False], "service"):
        assert origin.of({origin.CONTEXT_KEY: forged}) is None
