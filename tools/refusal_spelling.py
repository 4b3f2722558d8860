"""One spelling for all that people type: case, accents, umlauts, apostrophes, doubled letters, digits, blanks."""

import re
import unicodedata

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "ð": "d", "þ": "th", "ı": "i"})
_LEET = str.maketrans("0134", "oiea")
_JOINED = {
    "e mail": "email",
    "e post": "epost",
    "e mejl": "mejl",
    "opt out": "optout",
    "un subscribe": "unsubscribe",
    "news letter": "newsletter",
}
_elided = re.compile(r"\b([cdjlmnst]|qu|jusqu|lorsqu|aujourd)['’`´‘ʼ](?=[aeiouyhàâéèêëîïôùû])", re.IGNORECASE)
_apostrophes = re.compile(r"['’`´‘ʼ]")
_spelled = re.compile(r"\b(?:\w ){2,}\w\b")
_folds = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def fold(text: str) -> str:
    """Return the words of `text` in small plain letters, spelled the same however people spell them."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    text = _apostrophes.sub("", _elided.sub(r"\1 ", text))
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = " ".join("".join(char if char.isalnum() else " " for char in text).split())
    text = _spelled.sub(lambda found: found[0].replace(" ", ""), text)
    text = " ".join(filter(None, map(_fold_word, text.split())))
    for apart, joined in _JOINED.items():
        text = re.sub(rf"\b{apart}", joined, text)
    return text


def _fold_word(word):
    """Return a word without digits at its end, in one spelling; nothing of a number."""
    if re.fullmatch(r"[a-z][a-z0-9]*[a-z]", word):
        word = word.translate(_LEET)
    word = re.sub(r"\d+$", "", word)
    for pair, letter in _folds:
        word = word.replace(pair, letter)
    return re.sub(r"(.)\1+", r"\1", word)
