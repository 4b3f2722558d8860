"""The words of `refusal_words` as patterns, by language: what a clause that refuses is made of."""

import re
from functools import cache

from . import refusal_words as words
from .refusal_spelling import fold

#: Stands for up to five words.
_GAP_MARK = "\0"


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


def _alternatives(text):
    """Return the pattern of words (up to the first “|”) and phrases."""
    single, *phrases = text.split("|")
    found = {_phrase(word) for word in [*single.split(), *phrases] if word.strip()}
    return "(?:" + "|".join(sorted(found, key=lambda pattern: (-len(pattern), pattern))) + ")"


def _pattern(alternatives):
    return re.compile(rf"\b(?:{alternatives})\b")


def _any(patterns):
    return _pattern("|".join(patterns))


@cache
def _lists(lang):
    """Return the words of a language by role; what everybody says counts in each."""
    lists = dict(words.WORDS[lang])
    for role, everywhere in words.EVERYWHERE.items():
        lists[role] = f"{everywhere} {lists[role]}"
    return lists


@cache
def vocabulary(lang):
    found = {word for text in _lists(lang).values() for word in text.replace("|", " ").split() if word.strip("*")}
    return re.compile(_alternatives(" ".join(sorted(found))))


@cache
def grammar(lang):
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
        "negated": _any((rf"{verb} {free}(?:{role['remove']}|{forget})", rf"{forget} {verb}")),
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
def conditions(lang):
    found = []
    for phrase in words.CONDITIONS.split("|"):
        if words.CONDITION_LANGUAGES.get(phrase, lang) == lang:
            found.append(_phrase(phrase))
    return _any(found)


@cache
def matters():
    return _any([_alternatives(words.OTHER_MATTERS)])


@cache
def absence():
    return _any([_alternatives(f"|{words.ABSENCE}")])


@cache
def subjects():
    return tuple(fold(start) for start in words.AUTOMATIC_SUBJECTS.split("|"))


@cache
def signatures():
    return re.compile("|".join(_phrase(mark) for mark in words.SIGNATURES.split("|")))


@cache
def all_topics():
    return _any([_alternatives(words.ALL)])


@cache
def other_channel(channel):
    return _any([_alternatives(words.OTHER_CHANNEL[channel])])


@cache
def _sound():
    return tuple(fold(word) for word in words.SOUND.split())


@cache
def _typos():
    """Return the long words that refuse by themselves, by their first letter: one letter in them may be wrong."""
    stems = {fold(word.rstrip("*")) for lists in words.WORDS.values() for word in lists["out"].split("|")[0].split()}
    return {letter: [s for s in stems if len(s) >= 6 and s[0] == letter] for letter in {stem[0] for stem in stems}}


def respelled(word):
    """Return the word that was meant where one letter is missing, too many, wrong or at another place."""
    if len(word) < 5 or word.startswith(_sound()) or any(vocabulary(lang).fullmatch(word) for lang in words.WORDS):
        return word
    return next((stem for stem in _typos().get(word[0], ()) if _almost(word, stem)), word)


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
