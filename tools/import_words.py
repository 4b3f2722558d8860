"""What words in a file of answers probably mean: proposals only, which a person accepts or changes.

Seven languages: Dutch, English, French, German, Norwegian, Swedish, Danish. No Odoo here.
"""

import re
import unicodedata

YES, NO, NOTHING = "yes", "no", "nothing"
#: The keys under which empty cells and dates of an answer column are counted.
EMPTY, DATE = "", "<date>"

_TRUE = """true t 1 yes y x on ok okay ✓ ✔ checked ja j oui o waar wahr vrai sann sant sand"""
_FALSE = """false f 0 no n off unchecked nee nein non nei nej onwaar falsch faux usann falskt falsk"""
_SAID_YES = """
    opt in|optin|opted in|allow|allowed|subscribed|accepted|agreed|agree|i agree|consented|confirmed|
    granted|permission given|yes please|ingeschreven|aangemeld|akkoord|toegestemd|toestemming gegeven|
    bevestigd|ja graag|graag|angemeldet|eingewilligt|einwilligung erteilt|zugestimmt|bestätigt|
    abonniert|ja gerne|ja bitte|abonné|abonnée|inscrit|inscrite|accepté|d'accord|confirmé|oui merci|
    j'accepte|påmeldt|samtykket|godtatt|bekreftet|abonnert|ja takk|tilmeldt|accepteret|bekræftet|
    ja tak|anmäld|samtyckt|godkänd|godkänt|bekräftad|prenumererar|ja tack"""
_SAID_NO = """
    opt out|optout|opted out|unsubscribed|unsubscribe|unsub|no thanks|no thank you|declined|denied|
    refused|withdrawn|revoked|objected|rejected|do not contact|do not email|do not mail|do not allow|
    do not call|dnc|blocked|blocklisted|blacklisted|suppressed|complained|complaint|spam complaint|
    spam|removed|left|stop|stopped|uitgeschreven|afgemeld|geweigerd|geen toestemming|ingetrokken|
    niet akkoord|bezwaar|opgezegd|nee bedankt|nee dank je|abgemeldet|abbestellt|abgelehnt|widerrufen|
    widersprochen|keine einwilligung|ausgetragen|gesperrt|nein danke|désabonné|désabonnée|désinscrit|
    désinscrite|refusé|refusée|retiré|pas d'accord|opposé|opposée|non merci|avmeldt|meldt av|avslått|
    trukket|reservert|ikke samtykket|nei takk|avanmäld|avregistrerad|avböjt|nekad|nekat|återkallad|
    återkallat|avprenumererad|samtycker ej|nej tack|afmeldt|frameldt|afvist|trukket tilbage|frabedt|
    nej tak"""
_SAID_NOTHING = """
    never subscribed|not subscribed|non subscribed|nonsubscribed|unknown|n/a|na|none|null|-|--|
    pending|unconfirmed|not set|no answer|no response|not asked|not specified|onbekend|unbekannt|
    inconnu|ukjent|okänd|ukendt|cleaned|bounced|hard bounced|soft bounced|bounce"""


def fold(text: str) -> str:
    """Return the spelling under which a value is counted: case, underscores, hyphens, outer marks do not matter."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold().strip()
    if len(text) > 1:
        text = re.sub(r"[\s_]+|(?<=\w)-(?=\w)", " ", text).strip(" .!?;:,\"'“”„»«")
    return text


def _phrases(text):
    return frozenset(map(fold, text.split("|" if "|" in text else None)))


TRUE, FALSE = _phrases(_TRUE), _phrases(_FALSE)
SAID_YES, SAID_NO, SAID_NOTHING = map(_phrases, (_SAID_YES, _SAID_NO, _SAID_NOTHING))
_brackets = re.compile(r"\s*[(\[{].*$", re.DOTALL)

#: Headings whose “true” means that somebody left.
_negative = re.compile(
    r"opt(ed)? ?-?out|opt\.? ?out|unsub|do ?n[o']t|dont|donot|no ?mail|\bd[ou]?n[decm]\b|bounce|spam|complain|suppress"
    r"|black ?list|block|clean|remov|withdr|revo|object|refus|declin|den(y|ied)|disa(llow|gree)|uninscri|exclu|cancel"
    r"|reject|\bleft\b|\bstop|expired|missing|robinson|un ?consent|non ?consent"
    r"|\b(not?(?! of\b)|non|never|without)\b(?= \w)"
    r"|uitgeschr|uitschr|afgemeld|afmeld|ingetrok|bezwaar|weiger|opgezegd|opzeg|beëind|verlopen|\b(niet|geen|zonder|nooit)\b"
    r"|abgemeld|abmeld|abbest|widerr|widerspr|sperr|verweiger|kündig|abgewählt|abgelaufen|fehlt"
    r"|\b(kein\w*|nicht|ohne|nie)\b"
    r"|d[ée]sabon|d[ée]sinscri|retir|oppos|r[ée]sili|expiré|\b(ne|pas|sans|aucun|aucune|jamais)\b"
    r"|avmeld|reserv|avanm|avregi|avpren|[åa]terkall|frameld|frabed|saknar|mangler|avslut|oppsagt|uppsagd|opsagt"
    r"|\b(ikke|inte|ej|uten|utan|uden|ingen|inget|intet|aldri|aldrig)\b"
)
#: Beginnings of words that name a yes.
_YES_STEMS = """
    optin opted subscri accept agree consent permission allow wants toestem inschr ingeschr aangemeld akkoord einwillig
    zustimm anmeld angemeld abonn inscri accord samtykk påmeld samtyck anmäl tilmeld
""".split()
_positive = re.compile(rf"opt(ed)? ?-?in\b|\b({'|'.join(_YES_STEMS)})")
#: Words beside them that leave their sense alone. Any other word may turn it, in whichever language.
_NEUTRAL = frozenset(
    """
    opt in optin e mail mails email emails sms text phone mobile marketing newsletter newsletters news mailing mailings
    list status state date time datetime timestamp at on when since to of for the a by via and or i my is has was have
    from receive offers updates promotional commercial communications communication messages customer contact gdpr
    double first level answer response choice
    nieuwsbrief nieuwsbrieven voor de het een ik wil ontvangen datum tijd op gegeven van en antwoord keuze avg
    für den die das der zum zur ich möchte erhalten zeit am um erteilt gegeben von und per antwort wahl dsgvo werbung
    pour la le les l d j je veux recevoir heure à au aux du des et par courriel courriels donné bulletin infolettre
    réponse reponse choix rgpd
    nyhetsbrev nyhedsbrev til av den det jeg jag vil vill ønsker motta modtage få dato tid gitt givet och og om epost
    post svar valg val
""".split()
)
_word = re.compile(r"[^\W\d_]+")
_answer = re.compile(r"answer|response|status|antwoord|antwort|svar|r[ée]ponse|choice|keuze|wahl|choix|val(g)?$")
#: Headings of answers whose sense they leave open: in some exports “true” under “Marketing” means that somebody left.
_open = re.compile(
    r"answer|antwoord|antwort|svar|r[ée]ponse|newsletter|marketing|mailing|nieuwsbrief|nyhe[td]sbrev|infolettre"
)
_email = re.compile(r"e-? ?mail|courriel|e-? ?post|bulk|newsletter|mailing")
_phone = re.compile(r"sms|text|phone|mobil|whatsapp|telefo|tel\b|gsm|handy")


def sense(text: str) -> str | None:
    """Return what a word says by itself: `YES`, `NO`, `NOTHING`, None where that is not certain.

    What stands in brackets after a no is a remark: “unsubscribed (admin)”. After anything else it may be a condition.
    """
    word = fold(text)
    if word in SAID_NOTHING or not word:
        return NOTHING
    if word in SAID_NO | FALSE or fold(_brackets.sub("", word)) in SAID_NO | FALSE:
        return NO
    return YES if word in SAID_YES | TRUE else None


def key(text: str) -> str:
    """Return under which key a value of an answer column is counted; remarks in brackets after a no do not count."""
    word = fold(text)
    bare = fold(_brackets.sub("", word))
    return bare if bare != word and bare in SAID_NO | FALSE else word


def is_negative(heading: str) -> bool:
    """Return whether “true” under this heading means that somebody left."""
    return bool(_negative.search(_plain(heading)))


def propose(heading: str, value: str) -> str | None:
    """Return what a value under a heading probably means, None where only a person can say.

    :param value: `key` of the cell, `EMPTY` or `DATE`
    """
    if value == EMPTY:
        return NOTHING
    said = YES if value == DATE else sense(value)
    if is_negative(heading):
        # Never a yes: not opting out is no opt-in.
        left = value == DATE or value in TRUE or said == NO and value not in FALSE
        return NO if left else NOTHING if value in FALSE or said else None
    if value in FALSE:
        return NO if _names_answer(heading) else None
    if value == DATE and not _positive.search(_plain(heading)):
        return None
    return said if said != YES or value in SAID_YES or _affirms(heading) else None


def _names_answer(heading):
    plain = _plain(heading)
    return bool(_positive.search(plain) or _answer.search(plain))


def _affirms(heading):
    """Return whether “true” or a date under a heading means a yes: it names one, and no word that may turn it."""
    words = _word.findall(_plain(heading))
    names = _positive.search(" ".join(words)) or _answer.search(" ".join(word for word in words if word != "status"))
    return bool(names) and all(word in _NEUTRAL or word.startswith(tuple(_YES_STEMS)) for word in words)


def answer_of(heading: str, values) -> str | None:
    """Return which answer a column probably is: answer, answer_email, answer_sms, None where it is none.

    :param values: keys of its values, None where there are too many
    """
    if values is None:
        return None
    plain, filled = _plain(heading), [value for value in values if value != EMPTY]
    named = _negative.search(plain) or _positive.search(plain) or _open.search(plain)
    telling = SAID_NO | SAID_YES | (TRUE | FALSE if named else frozenset())
    if not any(value in telling or named and propose(heading, value) for value in filled):
        return None
    if _phone.search(plain):
        return "answer_sms"
    return "answer_email" if _email.search(plain) else "answer"


def says_no(heading: str, values) -> bool:
    """Return whether a column that is no answer holds a no."""
    filled = [value for value in values or () if value != EMPTY]
    noes = FALSE if answer_of(heading, values) else ()
    return any(value in SAID_NO or value in noes or propose(heading, value) == NO for value in filled)


def _plain(heading):
    """Return a heading in lower case, its words apart: doNotEmail, EMAIL_OPT_OUT and “E-mail opt-out” look alike."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return re.sub(r"[\s_]+", " ", spaced.casefold())
