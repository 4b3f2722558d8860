from markupsafe import Markup

from ...tools import topic_mark


def test_a_mark_comes_off_and_names_the_topic_once():
    text = topic_mark.put(topic_mark.put(Markup("<p>Lamps</p>"), 7), 7)
    assert topic_mark.take(text) == (Markup("<p>Lamps</p>"), 7)
    assert isinstance(topic_mark.take(text)[0], Markup)


def test_a_mark_of_somebody_else_comes_off_and_means_nothing():
    assert topic_mark.take("<p>Lamps</p><!--consent-topic-0123456789abcdef:7-->") == ("<p>Lamps</p>", None)


def test_a_topic_that_was_said_counts_more_than_the_mark():
    marked = {"body": topic_mark.put("a", 7), "body_html": topic_mark.put("b", 7), "subject": "c"}
    unmarked = {"body": "a", "body_html": "b", "subject": "c"}
    assert topic_mark.take_off(marked, "body", "body_html") == {**unmarked, "consent_topic_id": 7}
    assert topic_mark.take_off({**marked, "consent_topic_id": 3}, "body", "body_html")["consent_topic_id"] == 3
    assert topic_mark.take_off(unmarked, "body", "body_html") is unmarked
    assert topic_mark.take_off({"body": False}, "body") == {"body": False}
