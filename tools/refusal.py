"""Whether a text refuses messages, in seven languages: a small grammar over the words of `refusal_words`.

It acts on what is certain only. A text that may be a no, and may be something else, is `UNSURE`: a person reads it.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from . import refusal_words as words

#: A no to messages, wherever it comes from · a no to whatever it answers · a request to be erased · for a person to
#: read · written by a program · nothing of these.
CLEAR, BARE, ERASE, UNSURE, ABSENT, OTHER = "clear", "bare", "erase", "unsure", "absent", "other"
#: Within a text only: one of its clauses denies what another may say.
DENIED = "denied"
MAX_TEXT = 2000
#: From so many words on a text is no short answer: only words that refuse by themselves act in it.
LONG = 80
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
_clauses = re.compile(r"[.!?;:,\n()…–—|]+|\s-\s")
_sentences = re.compile(r"[.!;\n]+|(?<=\?)")
_spelled = re.compile(r"\b(?:\w ){2,}\w\b")
_dotted = re.compile(r"\b(?:[^\W\d_][.\- ]){3,}[^\W\d_]?\b\.?")
#: Stands for up to five words.
_GAP_MARK = "\0"
_folds = (("ae", "a"), ("oe", "o"), ("ue", "u"))


class Judgement(NamedTuple):
    """What a text says, and the language that it says it in, if that is known."""

    kind: str = OTHER
    lang: str = ""


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


def judge(text: str) -> Judgement:
    """Return what a person says by `text`; where its parts differ, what is for a person to read counts."""
    text = _dotted.sub(lambda found: re.sub(r"\W", "", found[0]), text[:MAX_TEXT])
    said = fold(text)
    if not said:
        return _signs(text)
    found = [judgement for part in _parts(text) for judgement in _in_each_language(*part)]
    kinds = {judgement.kind for judgement in found}
    lang = next((judgement.lang for judgement in found if judgement.kind in (CLEAR, ERASE)), "")
    if _absence().search(said) and not any(_grammar(name)["out"].search(said) for name in _languages(said)):
        return Judgement(ABSENT)
    if DENIED in kinds:
        return Judgement(UNSURE, lang)
    if ERASE in kinds:
        return Judgement(ERASE, lang)
    if CLEAR in kinds and not _doubtful(said, lang):
        long = len(said.split()) > LONG and not _grammar(lang)["out"].search(said)
        return Judgement(UNSURE if long else CLEAR, lang)
    if "?" not in text and (bare := _bare(said)):
        return Judgement(BARE, bare)
    return Judgement(UNSURE, lang) if kinds else Judgement()


def is_automatic_subject(subject: str) -> bool:
    """Return whether a mail program in somebody's absence begins a subject like this."""
    said = fold(subject)
    return any(said == start or said.startswith(f"{start} ") for start in _subjects())


def own_text(text: str) -> str:
    """Return `text` without the line that a mail program puts under it."""
    lines = text.strip().splitlines()
    kept = [line for line in lines if not _signatures().match(fold(line))]
    return "\n".join(kept).strip()


def means_all(text: str) -> bool:
    """Return whether a no is to all topics, whatever it answers."""
    return bool(_all().search(fold(text)))


def names_other_channel(text: str, channel: str) -> bool:
    """Return whether a no that came over `channel` is one to the other channel too."""
    return bool(_other_channel(channel).search(fold(text)))


# -- a clause ------------------------------------------------------------------------------------------------------


def _parts(text):
    """Yield the clauses of `text`, each with whether it belongs to a question."""
    for sentence in _sentences.split(text):
        asked = sentence.rstrip().endswith("?")
        for clause in _clauses.split(sentence):
            if said := " ".join(map(_respelled, fold(clause).split())):
                yield said, asked


def _in_each_language(said, asked):
    for lang in _languages(said):
        kind = _in_language(said, asked, _grammar(lang))
        if kind != OTHER:
            yield Judgement(kind, lang)


def _languages(said):
    """Return the languages that know the most words of `said`."""
    spoken = said.split()
    known = {lang: sum(bool(_vocabulary(lang).fullmatch(word)) for word in spoken) for lang in words.WORDS}
    best = max(known.values())
    return [lang for lang, count in known.items() if count == best] if best else []


def _in_language(said, asked, grammar):
    if not grammar["any"].search(said):
        return OTHER
    if grammar["erase"].search(said) and not grammar["negated"].search(said):
        return UNSURE if asked and not grammar["you"].search(said) else ERASE
    found = next(filter(None, (grammar[name].search(said) for name in ("out", "ends", "removes"))), None)
    if found or grammar["cease"].search(said) and _whole(said, grammar, "cease"):
        return _strong(said, asked, grammar, found)
    if grammar["away"].search(said):
        return DENIED if grammar["denied"].search(said) else CLEAR
    if grammar["forbids"].search(said) and not grammar["claims"].search(said):
        return UNSURE if asked else CLEAR
    return UNSURE if grammar["hints"].search(said) else OTHER


def _strong(said, asked, grammar, found):
    """Judge what names the end of messages: denied, or asked how, it is no such wish."""
    if grammar["denied"].search(said) or found and grammar["neg"].search(found[0]) and not grammar["away"].search(said):
        return DENIED
    if grammar["wh"].match(said) or asked and not grammar["you"].search(said) and len(said.split()) > 2:
        return UNSURE
    return CLEAR


def _doubtful(said, lang):
    """Return whether a condition, another matter or a mistake stands beside a no."""
    return bool(_conditions(lang).search(said) or _matters().search(said) and not _names_messages(said, lang))


def _names_messages(said, lang):
    grammar = _grammar(lang)
    return grammar["out"].search(said) and grammar["things"].search(said)


def _bare(said):
    """Return the language in which the whole text is a no and courtesies, None where it says more."""
    for lang in words.WORDS:
        grammar = _grammar(lang)
        if grammar["claims"].search(said):
            continue
        if (grammar["bare"].search(said) and _whole(said, grammar, "bare")) or grammar["unwanted"].fullmatch(said):
            return lang
    return None


def _whole(said, grammar, role):
    """Return whether `said` is a phrase of a role and words that may stand beside it."""
    found = grammar[role].search(said)
    beside = grammar["fill"].sub("", grammar[role].sub("", grammar["you"].sub("", said)))
    if role == "bare" and " " in found[0]:
        beside = grammar["things"].sub("", beside)
    return not beside.strip()


def _signs(text):
    found = {sign for mark, sign in words.SIGNS.items() if mark in text}
    return Judgement(CLEAR if "stop" in found else BARE) if found else Judgement()


# -- patterns ------------------------------------------------------------------------------------------------------


@cache
def _lists(lang):
    """Return the words of a language by role; what everybody says counts in each."""
    lists = dict(words.WORDS[lang])
    for role, everywhere in words.EVERYWHERE.items():
        lists[role] = f"{everywhere} {lists[role]}"
    return lists


@cache
def _vocabulary(lang):
    found = {word for text in _lists(lang).values() for word in text.replace("|", " ").split() if word.strip("*")}
    return re.compile(_alternatives(" ".join(sorted(found))))


@cache
def _grammar(lang):
    """Return the patterns of a language, by name."""
    lists = _lists(lang)
    role = {name: _alternatives(text) for name, text in lists.items()}
    near, far = r" (?:\w+ ){0,3}", r" (?:\w+ ){0,6}"
    verb, noun, things, send = role["neg"], role["none"], role["things"], role["send"]
    wanted = rf"(?:{role['more']}|{role['me']}|{things}|{role['want']})"
    out = role["out"]
    forbids = (
        rf"{verb}{near}{send}{far}{wanted}",
        rf"{verb}{near}(?:{role['more']}|{role['me']}){near}{send}",
        rf"{send}{near}{verb} (?:{role['fill']} )?(?:{role['more']}|{role['me']})",
        rf"{send} {wanted}{near}{verb}",
        rf"{noun}{near}{things}{far}(?:{role['more']}|{role['want']}|{send})",
        rf"(?:{send}|{role['want']}){far}{noun}{near}{things}",
        rf"{verb} (?:\w+ )?{role['want']}{far}{things}",
        rf"{role['want']}{near}{verb}{far}{things}",
        rf"{things}{near}{verb}{near}(?:{role['want']}|{role['more']})",
        rf"{verb} (?:\w+ )?{things}{near}{role['more']}",
        rf"{role['want']}{near}{things}{near}{verb}",
        rf"{verb}{near}{role['more']}{far}(?:{send}|{things})",
        rf"{noun}{near}{role['more']}{near}{things}",
        rf"^(?:{role['fill']} )*{noun} (?:(?:{role['more']}|{role['fill']}) )*{things}(?: {wanted}| {role['fill']})*$",
        rf"{role['want']}{far}{verb}{far}{role['get']}",
        rf"{verb}{far}{role['get']}{far}{role['more']}",
        rf"{verb}{near}{role['want']}{near}{role['get']}",
        rf"{verb}{near}{role['want']}{far}{role['lists']}",
        rf"{role['want']}{far}{verb}{far}{role['lists']}",
        rf"{role['want']}{near}{role['me']}{near}{verb}{near}{send}",
    )
    forbids += tuple(_more_forbids(lang, send))
    free = rf"(?:(?!(?:{send}|{things}|{role['more']})\b)\w+ ){{0,3}}"
    ending = rf"(?:{out}|{role['cease']}|{role['remove']}|{role['away']})"
    after = r"(?:pas|jamais)" if lang == "fr" else verb
    denied = (
        rf"{verb} {free}{ending}",
        rf"{ending} (?:(?:{role['me']}|{role['fill']}) ){{0,3}}{after}\b(?! (?:{role['more']}|{send}|{things}))",
        rf"{role['cease']} {after} (?:\w+ )?{send}",
    )
    ends = (rf"{role['cease']}{far}(?:{send}|{things})", rf"(?:{send}|{things}){near}{role['cease']}")
    target = rf"(?:{role['me']}|{role['lists']})"
    removes = (rf"{role['remove']}{far}{target}", rf"{target}{far}{role['remove']}")
    erase = (rf"{role['remove']}{far}{role['personal']}", rf"{role['personal']}{far}{role['remove']}")
    forget = _alternatives("|" + lists["personal"].partition("|")[2])
    return {
        **{name: _pattern(role[name]) for name in ("cease", "neg", "things", "away", "bare", "fill")},
        "out": _pattern(out),
        "wh": re.compile(rf"(?:{role['wh']})\b"),
        "you": re.compile(rf"^(?:\w+ ){{0,2}}{role['you']}\b(?! {role['first']}\b)"),
        "ends": _any(ends),
        "removes": _any(removes),
        "erase": _any((*erase, forget)),
        "forbids": _any(forbids),
        "denied": _any(denied),
        "negated": _any((rf"{verb} {free}{role['remove']}",)),
        "claims": _any(words.CLAIMS[lang]),
        "hints": _any((rf"{verb}{near}(?:{send}|{things}|{role['more']})", rf"{noun}{near}{things}", role["cease"])),
        "unwanted": re.compile(_unwanted(role)),
        "any": _any((verb, noun, out, role["cease"], role["remove"], role["away"], role["personal"])),
    }


def _unwanted(role):
    """Return the pattern of a text that is “want” and “not” and what may stand beside them."""
    beside = "|".join(role[name] for name in ("fill", "want", "neg", "more", "things"))
    return rf"(?=.*\b{role['want']}\b)(?=.*\b{role['neg']}\b)(?:(?:{beside})(?: |$))+"


def _more_forbids(lang, send):
    """Return what only one language does: French puts its no around the verb."""
    if lang == "fr":
        yield rf"(?:ne|n) (?:\w+ ){{0,2}}{send} (?:\w+ )?(?:plus|jamais|rien)"
        yield rf"ne (?:plus|jamais|rien) (?:\w+ ){{0,2}}{send}"


@cache
def _conditions(lang):
    found = []
    for phrase in words.CONDITIONS.split("|"):
        if words.CONDITION_LANGUAGES.get(phrase, lang) == lang:
            found.append(_phrase(phrase))
    return _any(found)


@cache
def _matters():
    return _any([_alternatives(words.OTHER_MATTERS)])


@cache
def _absence():
    return _any([_alternatives(f"|{words.ABSENCE}")])


@cache
def _subjects():
    return tuple(fold(start) for start in words.AUTOMATIC_SUBJECTS.split("|"))


@cache
def _signatures():
    return re.compile("|".join(_phrase(mark) for mark in words.SIGNATURES.split("|")))


@cache
def _all():
    return _any([_alternatives(words.ALL)])


@cache
def _other_channel(channel):
    return _any([_alternatives(words.OTHER_CHANNEL[channel])])


def _any(patterns):
    return _pattern("|".join(patterns))


def _pattern(alternatives):
    return re.compile(rf"\b(?:{alternatives})\b")


def _alternatives(text):
    """Return the pattern of words (up to the first “|”) and phrases."""
    single, *phrases = text.split("|")
    found = {_phrase(word) for word in [*single.split(), *phrases] if word.strip()}
    return "(?:" + "|".join(sorted(found, key=lambda pattern: (-len(pattern), pattern))) + ")"


def _phrase(phrase):
    """Return the pattern of a word or phrase: * alone stands for a word, at the end of one for any ending."""
    parts = []
    for word in phrase.split():
        if word == "**":
            parts.append(_GAP_MARK)
            continue
        stem = fold(word.rstrip("*"))
        parts.append((stem or r"\w+") + (r"\w*" if stem and word.endswith("*") else ""))
    return " ".join(parts).replace(_GAP_MARK + " ", r"(?:\w+ ){0,5}")


@cache
def _typos():
    """Return the long words that refuse by themselves, by their first letter: one letter in them may be wrong."""
    stems = {fold(word.rstrip("*")) for lists in words.WORDS.values() for word in lists["out"].split("|")[0].split()}
    return {letter: [s for s in stems if len(s) >= 6 and s[0] == letter] for letter in {stem[0] for stem in stems}}


def _respelled(word):
    """Return the word that was meant where one letter is missing, too many, wrong or at another place."""
    if len(word) < 5 or word.startswith(_sound()) or any(_vocabulary(lang).fullmatch(word) for lang in words.WORDS):
        return word
    return next((stem for stem in _typos().get(word[0], ()) if _almost(word, stem)), word)


@cache
def _sound():
    return tuple(fold(word) for word in words.SOUND.split())


def _almost(word, stem):
    if word.startswith(stem):
        return False
    at = next((at for at, (one, other) in enumerate(zip(word, stem, strict=False)) if one != other), len(word))
    rest, wanted = word[at:], stem[at:]
    swapped = len(rest) > 1 and rest[1] + rest[0] + rest[2:]
    return any(
        candidate is not False and candidate[: len(end)] == end and (len(candidate) - len(end) <= 4)
        for candidate, end in ((rest[1:], wanted), (rest[1:], wanted[1:]), (rest, wanted[1:]), (swapped, wanted))
    )


def _fold_word(word):
    """Return a word without digits at its end, in one spelling; nothing of a number."""
    if re.fullmatch(r"[a-z][a-z0-9]*[a-z]", word):
        word = word.translate(_LEET)
    word = re.sub(r"\d+$", "", word)
    for pair, letter in _folds:
        word = word.replace(pair, letter)
    return re.sub(r"(.)\1+", r"\1", word)
