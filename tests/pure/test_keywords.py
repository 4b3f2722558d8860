import random
import unittest

from ...tools import keywords, sms_text
from ...tools.keywords import ABSENT, ERASE, HELP, HOLD, NO, NONE, START, STOP

TABLE = [keywords.Keyword(keywords.normalise(row["word"]), row["action"], row["lang"]) for row in keywords.defaults()]


class TestKeywords(unittest.TestCase):
    def test_what_people_write_is_understood(self):
        expected = {
            STOP: [
                *(
                    "STOP",
                    "stop.",
                    " Stop!! ",
                    "“STOP”",
                    "St\u200bop",
                    "ＳＴＯＰ",
                    "OPT-OUT",
                    "opt out",
                    "OptOut",
                    "STOP 🛑",
                ),
                *(
                    "ARRÊT",
                    "arret",
                    "STOPP",
                    "afmelden",
                    "Uitschrijven!",
                    "Stop please",
                    "please stop",
                    "s'il vous plaît STOP",
                ),
                *(
                    "STOP sending me this rubbish every single day",
                    "Abmelden bitte",
                    "Désabonner",
                    "end",
                    "Slutt",
                    "FIN",
                ),
                *("please take me off your list", "geen berichten meer aub", "Bitte keine SMS mehr", "STOP2", "🛑"),
                *("do not contact me", "Ne plus m'envoyer de SMS", "Stopp", "arrêtez", "haal me van de lijst"),
                *("STOP ALL", "STOP ALLES", "STOPP ALT", "STOPP ALLT", "STOP ALT", "STOP TOUT"),
            ],
            START: ["START", "unstop", "Yes", "ja", "Påmeld", "OUI"],
            HELP: ["help", "INFO?", "Hjælp", "HJÄLP", "hilfe!"],
            NO: ["No thanks", "Nee, dank je", "kein Interesse", "Nej tack", "Sorry, not interested"],
            ERASE: ["Please delete my data", "Verwijder al mijn gegevens", "Bitte löschen Sie meine Daten"],
            ABSENT: ["I'm driving right now", "Ik ben met vakantie tot maandag"],
            HOLD: [
                *("don't stop sending!", "Please stop by Saturday", "Never stop", "How do I unsubscribe?"),
                *("i wish this would stop some day", "Bitte nicht abmelden", "Ne me désabonnez pas"),
            ],
            NONE: ["", "🙂", "Thanks!", "When do you open?", "ja graag om 5 uur", "no problem", "geen probleem"],
        }
        for action, texts in expected.items():
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(keywords.classify(text, TABLE).action, action)

    def test_no_text_breaks_it(self):
        generator = random.Random(5)
        for _n in range(2000):
            text = "".join(chr(generator.randrange(1, 0xD7FF)) for _char in range(generator.randrange(40)))
            self.assertIn(
                keywords.classify(text + " please", TABLE).action, (STOP, START, HELP, HOLD, NONE, NO, ERASE, ABSENT)
            )
        self.assertEqual(keywords.classify("x" * 10**6, TABLE).action, NONE)

    def test_twilios_default_words_are_whole_messages(self):
        self.assertEqual(keywords.provider_acts(" Stop "), STOP)
        self.assertEqual(keywords.provider_acts("info"), HELP)
        for text in ("STOPP", "stop!", "stop please", "arret", ""):
            self.assertIsNone(keywords.provider_acts(text))

    def test_no_word_means_two_things(self):
        words = [keyword.word for keyword in TABLE]
        self.assertEqual(len(words), len(set(words)))


class TestTexts(unittest.TestCase):
    def test_each_text_is_there_in_each_language_and_fits_one_message(self):
        values = {
            "topic": "News about lamps",
            "brand": "Lumen Lamps",
            "contact": "hello@lumen.example",
            "url": "https://lumen.example/consent/x",
        }
        for name, texts in sms_text.TEXTS.items():
            self.assertEqual(tuple(texts), sms_text.LANGUAGES, name)
            for lang in texts:
                with self.subTest(name=name, lang=lang):
                    text = sms_text.say(name, lang, **values)
                    self.assertTrue(sms_text.is_gsm7(text), [char for char in text if not sms_text.is_gsm7(char)])
                    self.assertEqual(sms_text.segments(text), 1, len(text))

    def test_languages_fall_back(self):
        self.assertEqual(sms_text.say("first", "no_NO"), sms_text.TEXTS["first"]["nb"])
        self.assertEqual(sms_text.say("first", "nl-BE"), sms_text.TEXTS["first"]["nl"])
        for lang in (None, "", "ja_JP"):
            self.assertEqual(sms_text.say("first", lang), sms_text.TEXTS["first"]["en"])

    def test_length_is_counted_as_operators_do(self):
        for text, count in (("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ê" * 70, 1), ("ê" * 71, 2)):
            self.assertEqual(sms_text.segments(text), count, text[:3])
        self.assertEqual(sms_text.segments("a" * 306), 2)
        self.assertEqual(sms_text.segments("🙂" * 35), 1)
        self.assertFalse(sms_text.is_gsm7("ARRÊT"))
