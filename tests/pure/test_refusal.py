"""How people say no, and what is no no, in seven languages; the texts are in `replies`, one file for each language.

`no` are the phrases that the grammar was built with, `held out` those that were written after it and that it was not
changed for, `other` are texts that must not be acted on.
"""

import logging
from pathlib import Path

import pytest

from ...tools import refusal

_logger = logging.getLogger(__name__)
LANGUAGES = ("nl", "fr", "de", "en", "nb", "sv", "da")
ACTED = (refusal.CLEAR, refusal.BARE)
#: At which an answer to marketing is neither acted on nor shown to a person.
LOST = (refusal.ABSENT,)


def phrases(lang, section):
    text = Path(__file__).with_name("replies").joinpath(f"{lang}.txt").read_text()
    _before, _heading, rest = text.partition(f"[{section}]\n")
    return [line for line in rest.partition("\n[")[0].splitlines() if line]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hundred_ordinary_ways_to_say_no_are_understood(lang):
    said = phrases(lang, "no")
    assert len(set(said)) >= 100
    assert not [phrase for phrase in said if refusal.judge(phrase).kind not in ACTED]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_phrases_that_the_grammar_never_saw_are_acted_on_and_none_is_lost(lang):
    kinds = {phrase: refusal.judge(phrase).kind for phrase in phrases(lang, "held out")}
    acted = sum(kind in ACTED for kind in kinds.values()) / len(kinds)
    _logger.info("%s: %.0f%% of %s held-out phrases acted on", lang, 100 * acted, len(kinds))
    assert len(kinds) >= 30
    assert acted >= 0.8, [phrase for phrase, kind in kinds.items() if kind not in ACTED]
    assert not [phrase for phrase, kind in kinds.items() if kind in LOST]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_only_looks_like_a_no_is_not_acted_on(lang):
    said = phrases(lang, "other")
    assert len(set(said)) >= 60
    assert not [phrase for phrase in said if refusal.judge(phrase).kind in (*ACTED, refusal.ERASE)]


@pytest.mark.parametrize(
    "text",
    [
        "I'm on holiday, stop texting me",
        "Ik ben op vakantie, stuur me niks meer",
        "Bin im Urlaub, bitte keine Werbung mehr",
        "Je suis en vacances, laissez-moi tranquille",
        "Er på ferie, slett meg fra lista",
        "Är på semester, sluta skicka",
        "Jeg er på ferie, stop nu",
        "Nein danke, bin im Urlaub",
    ],
)
def test_a_no_of_somebody_on_holiday_is_not_taken_for_an_automatic_answer(text):
    assert refusal.judge(text).kind == refusal.UNSURE


@pytest.mark.parametrize("spelled", ["{}", " {}!! ", "{}.", "\u201c{}\u201d", "{} \U0001f621", "\u200b{}"])
def test_spelling_makes_no_difference(spelled):
    for phrase in (
        "Meld mij af",
        "Désabonnez-moi",
        "Löschen Sie mich aus dem Verteiler",
        "la meg være",
        "Låt mig vara",
    ):
        for said in (phrase, phrase.upper(), phrase.lower(), phrase.replace("ö", "oe").replace("ø", "oe")):
            assert refusal.judge(spelled.format(said)).kind in ACTED, said


def test_any_text_is_judged_quickly():
    for text in ("stop " * 5000, "geen " * 5000, "x" * 100_000, "a " * 50_000, "ne pas plus de sms " * 2000):
        refusal.judge(text)
