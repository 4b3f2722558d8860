import time
from email import message_from_string, policy

import pytest
from odoo import tools

from ...tools import inbound_mail


def html_of(text):
    return tools.html_sanitize(tools.plaintext2html(text))


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Unsubscribe please\n\nOn 1 March 2026 Lumen wrote:\n> Look", "Unsubscribe please"),
        ("Afmelden\n\nOp zo 1 mrt. 2026 om 12:00 schreef Lumen <news@lumen.example>:\nKijk", "Afmelden"),
        ("Bitte abmelden\n\nAm 01.03.2026 um 12:00 schrieb Lumen:\n> Schau", "Bitte abmelden"),
        ("Stop\n\nLe dim. 1 mars 2026 à 12:00, Lumen\n<news@lumen.example> a écrit :\n> Regarde", "Stop"),
        ("Meld meg av\n\nsøn. 1. mars 2026 kl. 12:00 skrev Lumen:\n> Se", "Meld meg av"),
        ("Afmeld\n\nDen 1. marts 2026 kl. 12.00 skrev Lumen:\n> Se", "Afmeld"),
        ("On second thought, unsubscribe me\n\nOn 1 March 2026 Lumen wrote:\n> x", "On second thought, unsubscribe me"),
        ("On 1 March 2026 Lumen wrote:\n> Look\n> Unsubscribe\n\nNo thanks", "No thanks"),
        ("Stop\n-----Oorspronkelijk bericht-----\nVan: Lumen\nAfmelden", "Stop"),
        ("Stop\n________________________________\nFrom: Lumen <news@lumen.example>\nUnsubscribe", "Stop"),
        ("Stop\nVon: Lumen\nGesendet: Sonntag\nBetreff: Lampen\n\nAbmelden", "Stop"),
        ("Stop\n\nSent from my iPhone", "Stop"),
        ("Stop\n\nVerzonden vanaf mijn Samsung", "Stop"),
        ("> unsubscribe", ""),
        ("", ""),
    ],
)
def test_what_an_answer_quotes_does_not_count(body, own):
    assert " ".join(inbound_mail.own_text(html_of(body)).split()) == own


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">On 1 March Lumen wrote:<blockquote>Unsubscribe</blockquote></div>',
        '<blockquote type="cite">Unsubscribe</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> Lumen<br><b>Sent:</b> Sunday</div><div>Unsubscribe</div>',
    ],
)
def test_what_mail_programs_mark_as_quoted_does_not_count(quote):
    body = tools.html_sanitize(f"<div>Lovely lamps</div><br>{quote}")
    assert inbound_mail.own_text(body).split() == ["Lovely", "lamps"]


def test_the_text_counts_before_the_subject_and_an_answered_subject_not_at_all():
    assert inbound_mail.meaning("Unsubscribe", "") == "clear"
    assert inbound_mail.meaning("Unsubscribe", "Thank you, Anna") == "clear"
    assert inbound_mail.meaning("Unsubscribe", "Please do not unsubscribe me!") == "unsure"
    assert inbound_mail.own_subject("Re: Unsubscribe from winter", "Unsubscribe from winter") == ""
    assert inbound_mail.own_subject("AW: Re: Stop", "New lamps") == "Stop"


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("", False),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; x=y", True),
        ("Precedence: bulk", True),
        ("Return-Path: <>", True),
        ("Return-Path: <anna@x.example>", False),
        ("List-Id: <x.example>", True),
        ("Precedence: auto_reply", True),
        ("Precedence: Auto-Reply", True),
        ("Precedence: first-class", False),
        ("X-Autoreply: yes", True),
        ("X-Autoreply: no", False),
        ("X-Autorespond: vacation", True),
        ("X-Auto-Response-Suppress: All", True),
        ("X-Auto-Response-Suppress: None", False),
    ],
)
def test_what_programs_write_is_not_acted_on(headers, automatic):
    message = message_from_string(f"Subject: unsubscribe\n{headers}\n\nx".replace("\n\n\n", "\n\n"), policy=policy.SMTP)
    assert inbound_mail.is_automatic(message) is automatic


@pytest.mark.parametrize(
    "subject",
    [
        *("Automatic reply: New lamps", "Out of Office: lamps", "Automatisch antwoord: Lampen", "Afwezig: lampen"),
        *("Automatische Antwort: Lampen", "Abwesenheitsnotiz: Lampen", "Réponse automatique : Lampes"),
        *("Automatisk svar: Lamper", "Autosvar: Lamper", "Automatiskt svar: Lampor", "Fravær: lamper", "Auto: Lamps"),
    ],
)
def test_mail_programs_answer_in_their_own_words(subject):
    assert inbound_mail.is_automatic(message_from_string(f"Subject: {subject}\n\nx", policy=policy.SMTP))
    assert not inbound_mail.is_automatic(message_from_string("Subject: Stop\n\nx", policy=policy.SMTP))


def test_the_token_is_found_in_the_subject_however_programs_encode_it():
    token = "AQEBAQECAk6jMg0dikXwArStDdVZYFM"
    for subject in (f"unsubscribe {token}", f"Re: Unsubscribe  {token}", f"unsubscribe_{token}"):
        assert inbound_mail.token(subject) == token
    assert inbound_mail.token("unsubscribe me") is None
    assert inbound_mail.token(None) is None


def test_any_mail_is_read_quickly():
    started = time.process_time()
    for text in ("from: x\n" * 20_000, "-" * 100_000 + "x", "_" * 100_000, "on 1 " * 50_000, "wrote " * 50_000):
        inbound_mail.own_text(f"<pre>{text}</pre>")
    assert time.process_time() - started < 20
