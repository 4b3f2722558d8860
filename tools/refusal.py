"""Whether a text refuses messages, in seven languages: a small grammar over the words of `refusal_words`.

It acts on what is certain only. A text that may be a no, and may be something else, is `UNSURE`: a person reads it.
"""

import re
from typing import NamedTuple

from . import refusal_patterns as patterns
from . import refusal_words as words
from .refusal_spelling import fold

#: A no to messages, wherever it comes from · a no to whatever it answers · a request to be erased · for a person to
#: read · written by a program · nothing of these.
CLEAR, BARE, ERASE, UNSURE, ABSENT, OTHER = "clear", "bare", "erase", "unsure", "absent", "other"
#: Within a text only: one of its clauses denies what another may say.
DENIED = "denied"
MAX_TEXT = 2000
#: From so many words on a text is no short answer: only words that refuse by themselves act in it.
LONG = 80
_clauses = re.compile(r"[.!?;:,\n()…–—|]+|\s-\s")
_sentences = re.compile(r"[.!;\n]+|(?<=\?)")
_dotted = re.compile(r"\b(?:[^\W\d_][.\- ]){3,}[^\W\d_]?\b\.?")


class Judgement(NamedTuple):
    """What a text says, and the language that it says it in, if that is known."""

    kind: str = OTHER
    lang: str = ""


def judge(text: str) -> Judgement:
    """Return what a person says by `text`; where one clause denies another, somebody must read it."""
    text = _dotted.sub(lambda found: re.sub(r"\W", "", found[0]), text[:MAX_TEXT])
    said = fold(text)
    if not said:
        return _signs(text)
    parts = list(_parts(text))
    found = [judgement for part in parts for judgement in _in_each_language(*part)]
    kinds = {judgement.kind for judgement in found}
    lang = next((judgement.lang for judgement in found if judgement.kind in (CLEAR, ERASE)), "")
    if patterns.absence().search(said) and not _names_the_end(said):
        # People on holiday refuse too; programs are known by their headers, so somebody may read what is left.
        refuses = kinds & {CLEAR, ERASE} or any(_bare(clause) for clause, _asked in parts)
        return Judgement(UNSURE if refuses else ABSENT, lang)
    if DENIED in kinds:
        return Judgement(UNSURE, lang)
    if ERASE in kinds:
        return Judgement(ERASE, lang)
    if CLEAR in kinds and not _doubtful(said, lang):
        long = len(said.split()) > LONG and not patterns.grammar(lang)["out"].search(said)
        return Judgement(UNSURE if long else CLEAR, lang)
    if "?" not in text and (bare := _bare(said)):
        return Judgement(BARE, bare)
    return Judgement(UNSURE, lang) if kinds else Judgement()


def is_automatic_subject(subject: str) -> bool:
    """Return whether a mail program in somebody's absence begins a subject like this."""
    said = fold(subject)
    return any(said == start or said.startswith(f"{start} ") for start in patterns.subjects())


def own_text(text: str) -> str:
    """Return `text` without the line that a mail program puts under it."""
    lines = text.strip().splitlines()
    kept = [line for line in lines if not patterns.signatures().match(fold(line))]
    return "\n".join(kept).strip()


def means_all(text: str) -> bool:
    """Return whether a no is to all topics, whatever it answers."""
    return bool(patterns.all_topics().search(fold(text)))


def names_other_channel(text: str, channel: str) -> bool:
    """Return whether a no that came over `channel` is one to the other channel too."""
    return bool(patterns.other_channel(channel).search(fold(text)))


# -- a clause ------------------------------------------------------------------------------------------------------


def _parts(text):
    """Yield the clauses of `text`, each with whether it belongs to a question."""
    for sentence in _sentences.split(text):
        asked = sentence.rstrip().endswith("?")
        for clause in _clauses.split(sentence):
            if said := " ".join(map(patterns.respelled, fold(clause).split())):
                yield said, asked


def _in_each_language(said, asked):
    for lang in _languages(said):
        kind = _in_language(said, asked, patterns.grammar(lang))
        if kind != OTHER:
            yield Judgement(kind, lang)


def _languages(said):
    """Return the languages that know the most words of `said`."""
    spoken = said.split()
    known = {lang: sum(bool(patterns.vocabulary(lang).fullmatch(word)) for word in spoken) for lang in words.WORDS}
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


def _names_the_end(said):
    return any(patterns.grammar(lang)["out"].search(said) for lang in _languages(said))


def _doubtful(said, lang):
    """Return whether a condition, another matter or a mistake stands beside a no."""
    return bool(
        patterns.conditions(lang).search(said) or patterns.matters().search(said) and not _names_messages(said, lang)
    )


def _names_messages(said, lang):
    grammar = patterns.grammar(lang)
    return grammar["out"].search(said) and grammar["things"].search(said)


def _bare(said):
    """Return the language in which the whole text is a no and courtesies, None where it says more."""
    for lang in words.WORDS:
        grammar = patterns.grammar(lang)
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
