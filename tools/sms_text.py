"""What we send by SMS: fixed texts that fit one message, and how long a text is (3GPP TS 23.038)."""

import re

_LINK = re.compile(r"\S*(?:://|www\.|@)\S*|\S+\.\S+/\S*")
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: These take two places each.
_GSM_EXTENDED = "^{}\\[~]|€"
_SEPTETS = {**dict.fromkeys(_GSM, 1), **dict.fromkeys(_GSM_EXTENDED, 2)}
#: Places in a single message, and in each part of a long one.
GSM, UCS2 = (160, 153), (70, 67)

#: By what is said and in which language. All of them in GSM-7: one letter outside of it more than halves what fits.
TEXTS = {
    "stopped": {
        "en": "{brand}: you will get no more messages from us. Send START to get them again.",
        "nl": "{brand}: je krijgt geen berichten meer van ons. Stuur START om ze weer te krijgen.",
        "nb": "{brand}: du får ikke flere meldinger fra oss. Send START for å få dem igjen.",
        "sv": "{brand}: du får inga fler meddelanden från oss. Skicka START för att få dem igen.",
        "da": "{brand}: du får ikke flere beskeder fra os. Send START for at få dem igen.",
        "de": "{brand}: Sie erhalten keine Nachrichten mehr von uns. Mit START erhalten Sie sie wieder.",
        "fr": "{brand} : vous ne recevrez plus de messages. Envoyez START pour les recevoir à nouveau.",
    },
    "stopped_topic": {
        "en": "{brand}: you will get no more messages about {topic}. Send STOP ALL to end all, START to go on.",
        "nl": "{brand}: je krijgt geen berichten meer over {topic}. STOP ALLES stopt alles, START gaat door.",
        "nb": "{brand}: du får ikke flere meldinger om {topic}. STOPP ALT stopper alt, START fortsetter.",
        "sv": "{brand}: du får inga fler meddelanden om {topic}. STOPP ALLT avslutar allt, START fortsätter.",
        "da": "{brand}: du får ikke flere beskeder om {topic}. STOP ALT stopper alt, START fortsætter.",
        "de": "{brand}: keine Nachrichten mehr über {topic}. STOP ALLES beendet alle, START setzt sie fort.",
        "fr": "{brand} : vous ne recevrez plus de messages sur {topic}. STOP TOUT met fin à tous, START les reprend.",
    },
    "started": {
        "en": "{brand}: you get our messages again, as you had agreed. Send STOP to end them, HELP for help.",
        "nl": "{brand}: je krijgt onze berichten weer, zoals je had gekozen. Stuur STOP om te stoppen, HELP voor hulp.",
        "nb": "{brand}: du får meldingene våre igjen, slik du hadde valgt. Send STOP for å stoppe, HELP for hjelp.",
        "sv": "{brand}: du får våra meddelanden igen, som du hade valt. Skicka STOP för att sluta, HELP för hjälp.",
        "da": "{brand}: du får vores beskeder igen, som du havde valgt. Send STOP for at stoppe, HELP for hjælp.",
        "de": "{brand}: Sie erhalten unsere Nachrichten wieder, wie gewählt. STOP beendet sie, HELP hilft.",
        "fr": "{brand} : vous recevez à nouveau nos messages, comme convenu. Envoyez STOP pour finir, HELP pour aide.",
    },
    "confirmed": {
        "en": "{brand}: thank you, your choice is confirmed. Send STOP to end, HELP for help.",
        "nl": "{brand}: bedankt, je keuze is bevestigd. Stuur STOP om te stoppen, HELP voor hulp.",
        "nb": "{brand}: takk, valget ditt er bekreftet. Send STOP for å stoppe, HELP for hjelp.",
        "sv": "{brand}: tack, ditt val är bekräftat. Skicka STOP för att sluta, HELP för hjälp.",
        "da": "{brand}: tak, dit valg er bekræftet. Send STOP for at stoppe, HELP for hjælp.",
        "de": "{brand}: danke, Ihre Wahl ist bestätigt. STOP beendet, HELP hilft.",
        "fr": "{brand} : merci, votre choix est confirmé. Envoyez STOP pour finir, HELP pour aide.",
    },
    "sign_up": {
        "en": "{brand}: to get our messages, please sign up: {url}",
        "nl": "{brand}: meld je aan om onze berichten te krijgen: {url}",
        "nb": "{brand}: meld deg på for å få meldingene våre: {url}",
        "sv": "{brand}: anmäl dig för att få våra meddelanden: {url}",
        "da": "{brand}: tilmeld dig for at få vores beskeder: {url}",
        "de": "{brand}: bitte melden Sie sich an, um Nachrichten zu erhalten: {url}",
        "fr": "{brand} : pour recevoir nos messages, inscrivez-vous : {url}",
    },
    "help": {
        "en": "{brand}: messages you signed up for. Help: {contact}. Msg & data rates may apply. STOP to end.",
        "nl": "{brand}: berichten waarvoor je je hebt aangemeld. Hulp: {contact}. Stuur STOP om te stoppen.",
        "nb": "{brand}: meldinger du har meldt deg på. Hjelp: {contact}. Send STOP for å stoppe.",
        "sv": "{brand}: meddelanden som du har anmält dig till. Hjälp: {contact}. Skicka STOP för att sluta.",
        "da": "{brand}: beskeder, som du har tilmeldt dig. Hjælp: {contact}. Send STOP for at stoppe.",
        "de": "{brand}: Nachrichten, die Sie bestellt haben. Hilfe: {contact}. STOP beendet sie.",
        "fr": "{brand} : les messages de votre inscription. Aide : {contact}. STOP pour finir.",
    },
    "way_out": {
        "en": "Stop: {url}",
        "nl": "Stop: {url}",
        "nb": "Stopp: {url}",
        "sv": "Stopp: {url}",
        "da": "Stop: {url}",
        "de": "Stopp: {url}",
        "fr": "Stop : {url}",
    },
    "first": {
        "en": "Reply HELP for help.",
        "nl": "Hulp? Antwoord HELP.",
        "nb": "Hjelp? Svar HELP.",
        "sv": "Hjälp? Svara HELP.",
        "da": "Hjælp? Svar HELP.",
        "de": "Hilfe? Antwort HELP.",
        "fr": "Aide ? Répondez HELP.",
    },
}
LANGUAGES = tuple(TEXTS["stopped"])
#: Where one language is the obvious guess.
LANGUAGE_OF_COUNTRY = {
    **{"NL": "nl", "NO": "nb", "SE": "sv", "DK": "da", "DE": "de", "AT": "de", "FR": "fr"},
    **{"GB": "en", "IE": "en", "US": "en", "AU": "en", "NZ": "en"},
}
_SAME = {"no": "nb", "nn": "nb"}


def say(name: str, lang: str | None, **values) -> str:
    """Return a text of `TEXTS` in a language, English where there is none.

    :param lang: a language or locale: nl, nl_BE …
    """
    code = (lang or "").replace("-", "_").partition("_")[0]
    texts = TEXTS[name]
    return texts.get(_SAME.get(code, code), texts["en"]).format(**values)


def branded(text: str, brand: str) -> str:
    """Return `text` with the sender's name in front, unless it is named there as a word of its own, not in a link."""
    prose = _LINK.sub(" ", text)
    named = re.search(rf"(?<!\w){re.escape(brand)}(?!\w)", prose, re.IGNORECASE)
    return text if named else f"{brand}: {text}"


def is_gsm7(text: str) -> bool:
    """Return whether every character is in GSM-7, so that 160 fit one message, and not 70."""
    return all(char in _SEPTETS for char in text)


def segments(text: str) -> int:
    """Return how many messages the text takes, and so how often it is paid for."""
    gsm = is_gsm7(text)
    places = sum(_SEPTETS[char] for char in text) if gsm else len(text.encode("utf-16-le")) // 2
    single, part = GSM if gsm else UCS2
    return 1 if places <= single else -(-places // part)
