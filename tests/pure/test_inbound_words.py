from email import message_from_string, policy

import pytest

from ...tools import inbound_mail


@pytest.mark.parametrize(
    "text",
    [
        *("Unsubscribe", "please remove me from your list", "AFMELDEN", "Ik wil me uitschrijven.", "Meld meg av!"),
        *("avregistrera mig", "Bitte abmelden", "Abbestellen", "Je veux me désabonner", "me desinscrire", "STOP"),
    ],
)
def test_people_unsubscribe_in_their_own_words(text):
    assert inbound_mail.meaning("Re: New lamps", text) == "withdraw"
    assert inbound_mail.meaning(text, "") == "withdraw"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "VERWIJDER",
            "Graag al mijn gegevens verwijderen",
            "Bitte löschen Sie meine Daten",
            "slett meg",
            "radera mig",
        ),
        *("Please delete my data", "erase me", "Veuillez effacer mes données", "Supprimez-moi", "vergeet mij"),
    ],
)
def test_people_ask_for_erasure_in_their_own_words(text):
    assert inbound_mail.meaning("", text) == "erase"


@pytest.mark.parametrize("text", ["", "When do you open?", "I love the nonstop service", "> unsubscribe", "Thanks!"])
def test_other_words_mean_nothing(text):
    assert inbound_mail.meaning("Re: lamps", text) is None


def test_what_an_answer_quotes_does_not_count():
    assert inbound_mail.meaning("Re: lamps", "Nice!\n\nOn 1 March 2026 Lumen wrote:\nUnsubscribe") is None
    assert inbound_mail.meaning("Re: lamps", "Mooi!\n\nOp 1 maart 2026 schreef Lumen:\nAfmelden") is None


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("", False),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; x=y", True),
        ("Precedence: bulk", True),
        ("Return-Path: <>", True),
        ("List-Id: <x.example>", True),
    ],
)
def test_what_programs_write_is_not_acted_on(headers, automatic):
    message = message_from_string(f"Subject: unsubscribe\n{headers}\n\nx".replace("\n\n\n", "\n\n"), policy=policy.SMTP)
    assert inbound_mail.is_automatic(message) is automatic


def test_the_token_is_found_in_the_subject_however_programs_encode_it():
    token = "AQEBAQECAk6jMg0dikXwArStDdVZYFM"
    for subject in (f"unsubscribe {token}", f"Re: Unsubscribe  {token}", f"unsubscribe_{token}"):
        assert inbound_mail.token(subject) == token
    assert inbound_mail.token("unsubscribe me") is None
    assert inbound_mail.token(None) is None
