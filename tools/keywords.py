"""What an incoming SMS asks for: a word of a table, or a text that refuses (requirements R-200, R-201)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from . import refusal

STOP, START, HELP, HOLD, NONE = "stop", "start", "help", "hold", "none"
#: What no word of the table asks for: no to what we sent last, to be erased, nothing (a phone wrote it).
NO, ERASE, ABSENT = "no", "erase", "absent"
_OF_TEXT = {
    refusal.CLEAR: STOP,
    refusal.BARE: NO,
    refusal.ERASE: ERASE,
    refusal.UNSURE: HOLD,
    refusal.ABSENT: ABSENT,
    refusal.OTHER: NONE,
}
#: Nobody reads further than that for a decision; providers send 1,600 characters at most.
MAX_LENGTH = 1600
MAX_WORD = 60
#: Words that Twilio acts on, and answers, itself wherever its default handling is on; it matches whole messages only.
TWILIO_DEFAULTS = {
    STOP: frozenset("stop stopall unsubscribe cancel end quit revoke optout".split()),
    START: frozenset("start yes unstop".split()),
    HELP: frozenset("help info".split()),
}
#: These end marketing whatever the table says (47 CFR 64.1200(a)(10)).
PER_SE = frozenset("stop quit end revoke optout cancel unsubscribe".split())
#: These answer any question: they are a START only where no question of ours is open.
AFFIRMATIVES = frozenset("yes ja oui".split())
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "ð": "d", "þ": "th"})
_apostrophes = re.compile(r"['’`´]")
#: A no that repeats the code ("NO 123456") is no yes.
_code = re.compile(
    r"[^\w]{0,9}(?:(?:my|mijn|min|mein|mon)? ?(?:code|kode|kod)\W{0,4})?(\d{3})[ -]?(\d{3})[^\w]{0,9}", re.A | re.I
)
_joined = re.compile(r"(?<=\w)[-‐-―](?=\w)")

#: What a new database starts with, by action and language (requirements table 8.1). Each is a whole message.
DEFAULTS = {
    (STOP, ""): "stop stopall unsubscribe optout revoke cancel end quit remove td",
    (STOP, "nl"): "afmelden uitschrijven stoppen",
    (STOP, "nb"): "stopp avmeld avslutt slutt",
    (STOP, "sv"): "avregistrera avsluta sluta",
    (STOP, "da"): "afmeld frameld slut",
    (STOP, "de"): "abmelden abbestellen ende",
    (STOP, "fr"): "arret arrete arreter desabonner fin",
    (STOP, "es"): "baja alto",
    (STOP, "it"): "cancella",
    (STOP, "pt"): "sair parar",
    (STOP, "fi"): "lopeta peru",
    (STOP, "pl"): "koniec",
    (START, ""): "start unstop yes",
    (START, "nl"): "aanmelden ja",
    (START, "nb"): "påmeld",
    (START, "da"): "tilmeld",
    (START, "de"): "anmelden",
    (START, "fr"): "debut oui",
    (HELP, ""): "help info",
    (HELP, "nl"): "hulp",
    (HELP, "nb"): "hjelp",
    (HELP, "sv"): "hjälp",
    (HELP, "da"): "hjælp",
    (HELP, "de"): "hilfe",
    (HELP, "fr"): "aide",
    (HELP, "es"): "ayuda",
}


class Keyword(NamedTuple):
    """One row of the table; `word` is normalised."""

    word: str
    action: str
    lang: str = ""


class Meaning(NamedTuple):
    """What a message asks for, by which keyword, and the language of that."""

    action: str = NONE
    word: str = ""
    lang: str = ""


def normalise(text: str) -> str:
    """Return the words of `text` in small plain letters, without accents, hyphens, emoji and punctuation."""
    text = unicodedata.normalize("NFKC", text[:MAX_LENGTH])
    text = "".join(" " if char.isspace() else char for char in text if char.isspace() or _visible(char))
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = _joined.sub("", _apostrophes.sub("", text))
    return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def code(text: str) -> str | None:
    """Return the code that a message consists of, None where there is none, or any word beside it but “my code”."""
    found = _code.fullmatch(text.strip())
    return found and "".join(found.groups())


def classify(text: str, keywords: Iterable[Keyword]) -> Meaning:
    """Return what the message asks for: by a keyword that is all of it, else by what it says."""
    said = normalise(text).replace(" ", "")
    whole = next((keyword for keyword in keywords if keyword.word.replace(" ", "") == said), None)
    if whole:
        return Meaning(whole.action, whole.word, whole.lang)
    found = refusal.judge(text)
    return Meaning(_OF_TEXT[found.kind], normalise(text)[:MAX_WORD] if found.kind != refusal.OTHER else "", found.lang)


def provider_acts(text: str) -> str | None:
    """Return what Twilio's default handling takes the message for, None where it does nothing and answers nothing."""
    said = text.strip().casefold()
    return next((action for action, words in TWILIO_DEFAULTS.items() if said in words), None)


def defaults() -> list[dict]:
    """Return the rows that a new database starts with."""
    return [
        {"word": word, "action": action, "lang": lang}
        for (action, lang), words in DEFAULTS.items()
        for word in words.split()
    ]


def _visible(char):
    return unicodedata.category(char)[0] != "C"
