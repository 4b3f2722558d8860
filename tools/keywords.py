"""What an incoming SMS asks for: a word of a table, or a text that looks like a no (requirements R-200, R-201)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

STOP, START, HELP, HOLD, NONE = "stop", "start", "help", "hold", "none"
#: Nobody reads further than that for a decision; providers send 1,600 characters at most.
MAX_LENGTH = 1600
#: Words that change nothing ("bitte abmelden, danke").
POLITE = frozenset("please pls thanks thank you aub svp merci bitte danke takk tack tak graag now nu jetzt".split())
#: "Don't stop sending!" is no STOP. A person looks at it.
NEGATIONS = frozenset("not dont never niet nicht kein keine ikke inte aldrig aldri pas jamais nooit nie".split())
#: Words that Twilio acts on, and answers, itself wherever its default handling is on; it matches whole messages only.
TWILIO_DEFAULTS = {
    STOP: frozenset("stop stopall unsubscribe cancel end quit revoke optout".split()),
    START: frozenset("start yes unstop".split()),
    HELP: frozenset("help info".split()),
}
#: These end marketing whatever the table says (47 CFR 64.1200(a)(10)).
PER_SE = frozenset("stop quit end revoke optout cancel unsubscribe".split())
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "ð": "d", "þ": "th"})
_apostrophes = re.compile(r"['’`´]")
#: A no that repeats the code ("NO 123456") is no yes.
_code = re.compile(
    r"[^\w]{0,9}(?:(?:my|mijn|min|mein|mon)? ?(?:code|kode|kod)\W{0,4})?(\d{3})[ -]?(\d{3})[^\w]{0,9}", re.A | re.I
)
_joined = re.compile(r"(?<=\w)[-‐-―](?=\w)")

#: What a new database starts with, by action, language and strength (requirements table 8.1). Strong words act at the
#: beginning and at the end of a message as well, the others only by themselves.
DEFAULTS = {
    (STOP, "", True): "stop stopall unsubscribe optout revoke",
    (STOP, "", False): "cancel end quit remove td",
    (STOP, "nl", True): "afmelden uitschrijven stoppen",
    (STOP, "nb", True): "stopp avmeld",
    (STOP, "nb", False): "avslutt slutt",
    (STOP, "sv", True): "avregistrera avsluta",
    (STOP, "sv", False): "sluta",
    (STOP, "da", True): "afmeld frameld",
    (STOP, "da", False): "slut",
    (STOP, "de", True): "abmelden abbestellen",
    (STOP, "de", False): "ende",
    (STOP, "fr", True): "arret arrete arreter desabonner",
    (STOP, "fr", False): "fin",
    (STOP, "es", False): "baja alto",
    (STOP, "it", False): "cancella",
    (STOP, "pt", False): "sair parar",
    (STOP, "fi", False): "lopeta peru",
    (STOP, "pl", False): "koniec",
    (START, "", False): "start unstop yes",
    (START, "nl", False): "aanmelden ja",
    (START, "nb", False): "påmeld",
    (START, "da", False): "tilmeld",
    (START, "de", False): "anmelden",
    (START, "fr", False): "debut oui",
    (HELP, "", False): "help info",
    (HELP, "nl", False): "hulp",
    (HELP, "nb", False): "hjelp",
    (HELP, "sv", False): "hjälp",
    (HELP, "da", False): "hjælp",
    (HELP, "de", False): "hilfe",
    (HELP, "fr", False): "aide",
    (HELP, "es", False): "ayuda",
}
#: Beginnings of phrases that look like a no, wherever they stand: a person decides.
PHRASES = {
    "": ("opt out", "unsub", "spam"),
    "en": (
        *("take me off", "remove me", "remove my", "no more", "do not", "dont", "leave me alone", "not interested"),
        *("delete my", "wrong number", "never contact", "quit texting", "cease"),
    ),
    "nl": (
        "geen berichten",
        "geen sms",
        "haal me",
        "haal mij",
        "niet meer",
        "laat me met rust",
        "uitschrijv",
        "verwijder",
    ),
    "nb": ("ikke mer", "ingen flere", "slett meg", "fjern meg", "meld meg av"),
    "sv": ("inte mer", "inga fler", "ta bort mig", "radera"),
    "da": ("ikke mere", "slet mig", "fjern mig", "meld mig fra", "afmeld mig"),
    "de": ("keine sms", "keine nachrichten", "nicht mehr", "losch", "loesch", "abmeld", "austragen", "lassen sie mich"),
    "fr": ("ne plus", "plus de sms", "plus de message", "desabonn", "desinscri", "retirez", "supprimez", "laissez moi"),
}


class Keyword(NamedTuple):
    """One row of the table; `word` is normalised."""

    word: str
    action: str
    strong: bool = False
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
    """Return what the message asks for.

    A whole message that is a keyword acts. A strong STOP word at its beginning or end acts too, unless the message
    denies it. Whatever else contains a strong word, or a phrase of the table, is held for a person to read.
    """
    said, keywords = normalise(text), list(keywords)
    by_word = {keyword.word.replace(" ", ""): keyword for keyword in keywords if keyword.action != HOLD}
    if whole := by_word.get(said.replace(" ", "")):
        return Meaning(whole.action, whole.word, whole.lang)
    words = said.split()
    strong = {keyword.word: keyword for keyword in keywords if keyword.action == STOP and keyword.strong}
    found = [strong[word] for word in words if word in strong]
    if not found:
        return _suspicious(said, keywords)
    core = [word for word in words if word not in POLITE]
    at_edge = {words[0], words[-1]} & strong.keys() or len(core) == 1
    if at_edge and not NEGATIONS.intersection(words):
        return Meaning(STOP, found[0].word, found[0].lang)
    return Meaning(HOLD, found[0].word, found[0].lang)


def provider_acts(text: str) -> str | None:
    """Return what Twilio's default handling takes the message for, None where it does nothing and answers nothing."""
    said = text.strip().casefold()
    return next((action for action, words in TWILIO_DEFAULTS.items() if said in words), None)


def defaults() -> list[dict]:
    """Return the rows that a new database starts with."""
    rows = [
        {"word": word, "action": action, "lang": lang, "strong": strong}
        for (action, lang, strong), words in DEFAULTS.items()
        for word in words.split()
    ]
    return rows + [
        {"word": phrase, "action": HOLD, "lang": lang, "strong": False}
        for lang, phrases in PHRASES.items()
        for phrase in phrases
    ]


def _suspicious(said, keywords):
    for keyword in keywords:
        if keyword.action == HOLD and f" {keyword.word}" in f" {said}":
            return Meaning(HOLD, keyword.word, keyword.lang)
    return Meaning()


def _visible(char):
    return unicodedata.category(char)[0] != "C"
