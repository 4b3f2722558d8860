import io
import tempfile
import unittest
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from ...tools import import_countries, import_dates, import_encoding, import_file, import_words
from ...tools.import_file import Row, Unreadable

POLISH, CZECH = "Kraków, Łódź, Wałęsa, źrebię", "Příliš žluťoučký kůň úpěl"


def read(content: bytes, name="list.csv", encoding=None):
    """Return headings, what stands outside the table, and all rows of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        with import_file.opened(str(path), name, encoding) as table:
            return table.headings, table.outside, list(table.rows)


def book(*sheets, change=lambda _sheet: None):
    """Return a workbook of (title, rows), each sheet changed by `change`."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
        change(sheet)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        workbook.save(file.name)
        return Path(file.name).read_bytes()


class TestReading(unittest.TestCase):
    def test_files_as_people_save_them_read_alike(self):
        text = 'Name;E-mail\r\nZoë;"a@köln.example; b@süd.example"\r\n'
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"):
            with self.subTest(encoding=encoding):
                headings, _outside, rows = read(text.encode(encoding))
                self.assertEqual(headings, ["Name", "E-mail"])
                self.assertEqual(rows, [Row(2, ["Zoë", "a@köln.example; b@süd.example"])])
        for delimiter in (",", "\t", "|", ";"):
            with self.subTest(delimiter=delimiter):
                content = f"email{delimiter}b\nx@y.example{delimiter}2".encode()
                self.assertEqual(read(content)[2], [Row(2, ["x@y.example", "2"])])

    def test_letters_of_central_europe_are_read_as_they_were_written(self):
        for text, encoding in (
            (POLISH, "cp1250"),
            (POLISH, "iso-8859-2"),
            (CZECH, "cp1250"),
            (CZECH, "iso-8859-2"),
            ("Zoë, Köln, Søren, Åsa, Léa, François", "cp1252"),
            ("Иван Петров, Москва", "cp1251"),
            ("Şişli Çağrı İzmir ığdır", "cp1254"),
        ):
            with self.subTest(text=text, encoding=encoding):
                content = f"email|name\na@b.example|{text}\n".encode(encoding)
                self.assertEqual(read(content)[2][0].cells[1], text)
        self.assertFalse(import_encoding.is_known("klingon"))

    def test_a_letter_of_windows_far_down_is_noticed(self):
        text = "name\n" + "plain\n" * 20_000 + "Zoë\n"
        self.assertEqual(read(text.encode("cp1252"))[2][-1], Row(20_002, ["Zoë"]))

    def test_headings_are_found_behind_what_stands_before_them(self):
        for text, headings, first in (
            ("sep=;\nName, first;E-mail\nMaes, An;a@x.example\n", ["Name, first", "E-mail"], 3),
            (
                "Fair of Ghent\n\nMade by Max;;\nE-mail;When;Answer\na@x.example;1;yes\n",
                ["E-mail", "When", "Answer"],
                5,
            ),
            ("a@x.example,yes\nb@x.example,no\n", [], 1),
            ('"E-\nmail",x\na@x.example,1\n', ["E-\nmail", "x"], 3),
            ("email\na@x.example\n", ["email"], 2),
            ("\n" * 70 + "email\na@x.example\n", [], 71),
        ):
            with self.subTest(text=text):
                found, _outside, rows = read(text.encode())
                self.assertEqual((found, rows[0].number), (headings, first))

    def test_a_workbook_gives_its_table_and_names_its_other_sheets(self):
        people = [
            ["Guests"],
            ["email", "when", "phone"],
            ["a@x.example", datetime(2026, 3, 4, 5, 6), 32470123456.0],
            [],
            ["b@x.example", datetime(2026, 3, 4), 7],
        ]
        headings, outside, rows = read(book(("Notes", [["Read me"], ["x"]]), ("People", people)), "Fair.XLSX")
        self.assertEqual((headings, outside), (["email", "when", "phone"], ["Guests", "Notes"]))
        self.assertEqual(rows[0], Row(3, ["a@x.example", "2026-03-04 05:06:00", "32470123456"]))
        self.assertEqual(rows[1], Row(5, ["b@x.example", "2026-03-04", "7"]), "a day has no time")

    def test_a_sheet_that_shows_something_else_than_its_cells_is_refused(self):
        rows = [["email", "answer"], ["a@x.example", "no"], ["b@x.example", None], ["c@x.example", "yes"]]

        def hidden(sheet):
            sheet.row_dimensions[3].hidden = True

        def merged(sheet):
            sheet.merge_cells("B2:B3")

        def uncalculated(sheet):
            sheet["B3"] = '=IF(A3="", "yes", "no")'

        for change, code in ((hidden, "hidden_lines"), (merged, "merged_lines"), (uncalculated, "not_calculated")):
            with self.subTest(code=code), self.assertRaises(Unreadable) as caught:
                read(book(("People", rows), change=change), "a.xlsx")
            self.assertEqual(caught.exception.code, code)
        title = [["Fair of Ghent", ""], *rows]
        content = book(("People", title), change=lambda sheet: sheet.merge_cells("A1:B1"))
        self.assertEqual(len(read(content, "a.xlsx")[2]), 3, "a title over several columns does no harm")

    def test_a_hidden_sheet_is_named_and_not_read(self):
        def hide(sheet):
            sheet.sheet_state = "hidden" if sheet.title == "Old" else "visible"

        old, new = [["email"], ["old@x.example"]], [["email"], ["new@x.example"]]
        _headings, outside, rows = read(book(("Old", old), ("New", new), change=hide), "a.xlsx")
        self.assertEqual((rows[0].cells, outside), (["new@x.example"], ["Old"]))

    def test_a_sheet_is_read_to_its_end_whatever_size_it_states(self):
        content = book(("People", [["email", "answer"], ["a@x.example", "no"]]))
        with zipfile.ZipFile(io.BytesIO(content)) as old, io.BytesIO() as file:
            with zipfile.ZipFile(file, "w") as new:
                for name in old.namelist():
                    new.writestr(name, old.read(name).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
            smaller = file.getvalue()
        self.assertEqual(read(smaller, "a.xlsx")[2], [Row(2, ["a@x.example", "no"])])

    def test_a_cell_of_a_workbook_without_a_heading_breaks_its_line(self):
        rows = read(book(("People", [["email"], ["a@x.example", "left"], ["b@x.example"]])), "a.xlsx")[2]
        self.assertEqual([row.broken for row in rows], [True, False])

    def test_a_file_in_another_encoding_than_stated_says_so(self):
        for encoding in ("utf-16", "utf-32", "idna", "punycode", "undefined"):
            with self.subTest(encoding=encoding), self.assertRaises(Unreadable) as caught:
                read("email\né@x.example\n".encode("latin-1"), encoding=encoding)
            self.assertEqual(caught.exception.code, "bad_encoding")

    def test_what_is_no_file_of_that_kind_says_so(self):
        for content, name, code in (
            (b"", "a.csv", "no_text"),
            (b" \n\n", "a.csv", "no_text"),
            (b"\x89PNG\0\0\0", "a.csv", "no_text"),
            (b"email\n", "a.xlsx", "no_workbook"),
            (b"PK\x03\x04", "a.xlsx", "no_workbook"),
        ):
            with self.subTest(content=content), self.assertRaises(Unreadable) as caught:
                read(content, name)
            self.assertEqual(caught.exception.code, code)

    def test_a_quote_that_is_never_closed_costs_its_own_line(self):
        text = 'email,answer,note\na@x.example,yes,"open\nb@x.example,no,\nc@x.example,yes,\n'
        _headings, _outside, rows = read(text.encode())
        self.assertEqual([(row.number, row.broken) for row in rows], [(2, True), (3, False), (4, False)])
        self.assertEqual(rows[1].cells, ["b@x.example", "no", ""])
        rows = read(('email,b\n"open,1\n' + "x@y.example,y\n" * 500).encode())[2]
        self.assertEqual(len(rows), 501)

    def test_lines_between_two_stray_quotes_are_all_listed(self):
        text = 'email,answer,note\na@x.example,yes,"open\nb@x.example,no,\nc@x.example,yes,"\nd@x.example,yes,\n'
        rows = read(text.encode())[2]
        self.assertEqual([(row.number, row.broken) for row in rows], [(2, True), (3, True), (4, True), (5, False)])

    def test_lines_in_a_cell_are_one_line(self):
        rows = read(b'email;answer;note\n"a@x.example\nb@x.example";no;"Hello;\nthere"\nc@x.example;yes;\n')[2]
        self.assertEqual([row.number for row in rows], [2, 5])
        self.assertEqual(rows[0].cells[0], "a@x.example\nb@x.example")

    @given(st.binary(max_size=300))
    def test_no_bytes_break_it(self, content):
        for name in ("a.csv", "a.xlsx"):
            with suppress(Unreadable):
                read(content, name)

    @given(st.lists(st.text(alphabet='ab,;"\n@.1 ', max_size=12), min_size=1, max_size=8))
    def test_no_address_of_a_text_vanishes(self, lines):
        text = "email,answer\n" + "".join(f"p{number}@x.example,{line}\n" for number, line in enumerate(lines))
        with suppress(Unreadable):
            headings, outside, rows = read(text.encode())
            shown = "\n".join([*headings, *outside, *(cell for row in rows for cell in row.cells)])
            for number in range(len(lines)):
                self.assertIn(f"p{number}@x.example", shown)


class TestDates(unittest.TestCase):
    def test_dates_are_read_as_chosen_and_never_guessed(self):
        for text, order, wanted in (
            ("2026-01-05", "dmy", datetime(2026, 1, 5)),
            ("2026-01-05T10:20:30Z", "ymd", datetime(2026, 1, 5, 10, 20, 30)),
            ("2026-01-05T10:20:30.123+02:00", "ymd", datetime(2026, 1, 5, 8, 20, 30)),
            ("2025/09/30 9:41:10 AM GMT+2", "ymd", datetime(2025, 9, 30, 7, 41, 10)),
            ("2025/09/30 12:05 am", "ymd", datetime(2025, 9, 30, 0, 5)),
            ("2026-01-05 09:30 CET", "ymd", datetime(2026, 1, 5, 8, 30)),
            ("5/1/2026 10:20", "dmy", datetime(2026, 1, 5, 10, 20)),
            ("5.1.2026", "dmy", datetime(2026, 1, 5)),
            ("1/5/2026", "mdy", datetime(2026, 1, 5)),
            ("45292", "ymd", datetime(2024, 1, 1)),
            ("45292.5", "ymd", datetime(2024, 1, 1, 12)),
            ("Nov 28, 2025 1:22 PM", "dmy", datetime(2025, 11, 28, 13, 22)),
            ("28 janv. 2026", "mdy", datetime(2026, 1, 28)),
            ("3. Mai 2026 10:00", "ymd", datetime(2026, 5, 3, 10)),
        ):
            with self.subTest(text=text, order=order):
                self.assertEqual(import_dates.parse(text, order), wanted)
        for text, order in (
            ("13/13/2026", "dmy"),
            ("31/12/2026", "mdy"),
            ("5/1/2026", "ymd"),
            ("5/1/26", "dmy"),
            ("yesterday", "dmy"),
            ("2026-02-30", "ymd"),
            ("2026-01-05 09:30 EST", "ymd"),
            ("2026-01-05 13:30 PM", "ymd"),
            ("99999", "ymd"),
            ("", "ymd"),
            ("0001-01-01T00:00+14:00", "ymd"),
            ("٢٠٢٦-٠١-٠٥", "ymd"),
        ):
            with self.subTest(text=text, order=order), self.assertRaises(ValueError):
                import_dates.parse(text, order)

    def test_zone_end_of_day_and_short_years_are_stated(self):
        zone = ZoneInfo("America/New_York")
        self.assertEqual(import_dates.parse("2026-01-05 09:30", "ymd", zone=zone), datetime(2026, 1, 5, 14, 30))
        self.assertEqual(
            import_dates.parse("2026-01-05", "ymd", zone=zone, end_of_day=True), datetime(2026, 1, 6, 4, 59, 59)
        )
        self.assertEqual(import_dates.parse("5/1/26", "dmy", short_years=True), datetime(2026, 1, 5))

    def test_the_ways_in_which_a_text_is_a_date_are_known(self):
        for text, wanted in (
            ("2026-01-05", import_dates.ALL),
            ("5.1.2026", {"dmy", "dmy2"}),
            ("13/1/2026 10:00", {"dmy", "dmy2"}),
            ("1/13/26", {"mdy2"}),
            ("today", set()),
        ):
            with self.subTest(text=text):
                self.assertEqual(import_dates.formats(text), wanted)


class TestWords(unittest.TestCase):
    def test_words_of_seven_languages_are_known_in_any_spelling(self):
        for word in (
            "Opted out, opted_out, OPT-OUT, No thanks, unsubscribed (admin), Nee bedankt, Afgemeld, geen toestemming, "
            "FALSCH, Abgemeldet, Keine Einwilligung, Non merci, désabonné, Faux, Nei takk, Avmeldt, Nej tack, "
            "Avanmäld, "
            "AVREGISTRERAD (kund), Nej tak, Frameldt, no, 0"
        ).split(", "):
            with self.subTest(word=word):
                self.assertEqual(import_words.sense(word), "no")
        for word in "Yes, JA, oui, Opt-in, subscribed, Påmeldt, Tilmeldt, Anmäld, Ja graag, Zugestimmt, x, 1".split(
            ", "
        ):
            with self.subTest(word=word):
                self.assertEqual(import_words.sense(word), "yes")
        for word in "perhaps, yes (no longer), yes until 2020, subscribed?no, maybe".split(", "):
            with self.subTest(word=word):
                self.assertNotEqual(import_words.sense(word), "yes")

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_no_negative_heading_gives_a_yes(self, before, value):
        for heading in (f"{before} opt out", f"{before} unsubscribed", f"{before} do not email", f"{before} bounce"):
            self.assertNotEqual(import_words.propose(heading, import_words.key(value)), "yes")

    def test_a_word_that_may_turn_a_heading_gives_no_yes(self):
        for heading in (
            "No consent, Not subscribed, Disallow marketing, Without consent, Missing consent, Consent expired, "
            "Consent required, Subscription cancelled, Subscription paused, subscription_deleted, Opt-in failed, "
            "Unconsented, Disagree, uninscribed, Cancellation status, Zustimmung verweigert, Ohne Einwilligung, "
            "Kein Opt-in, Einwilligung fehlt, Abo gekündigt, Toestemming geweigerd, Zonder toestemming, "
            "Pas de consentement, Sans accord, Abonnement résilié, Uten samtykke, Ingen samtykke, Saknar samtycke, "
            "Suostumus: consent puuttuu"
        ).split(", "):
            for value in ("true", "yes", "x", import_words.DATE):
                with self.subTest(heading=heading, value=value):
                    self.assertNotEqual(import_words.propose(heading, value), "yes")
        for heading in (
            "Opt-in, Accepts Email Marketing, consent_date, Newsletter subscribed, OPTIN_TIME, Toestemming gegeven op, "
            "Einwilligung erteilt am, Consentement, Samtykke til nyhetsbrev, emailOptIn"
        ).split(", "):
            for value in ("true", import_words.DATE):
                with self.subTest(heading=heading, value=value):
                    self.assertEqual(import_words.propose(heading, value), "yes")

    @given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüéåø", min_size=5, max_size=12))
    def test_no_unknown_word_beside_consent_gives_a_yes(self, word):
        known = import_words.propose(word, "true") or import_words.propose(f"opt-in {word}", "true") == "yes"
        neutral = word in import_words._NEUTRAL or word.startswith(tuple(import_words._YES_STEMS))
        self.assertTrue(neutral or not known or known == "no", word)

    def test_a_column_beside_a_file_of_yeses_that_may_say_no_is_noticed(self):
        for heading, values in (
            ("Werbesperre", ("ja", "nein")),
            ("NoMail", ("1", "0")),
            ("Kein Newsletter", ("x",)),
            ("Newsletter", ("ja", "nein")),
            ("Opt-in", ("1", "0")),
            ("Status", ("yes", "no")),
            ("Tags", ("vip", "unsubscribed")),
        ):
            with self.subTest(heading=heading):
                self.assertTrue(import_words.says_no(heading, values))
        for heading, values in (("Table no", ("2", "3")), ("No of guests", ("1", "2")), ("Paid", ("yes", "no"))):
            with self.subTest(heading=heading):
                self.assertFalse(import_words.says_no(heading, values))


class TestCountries(unittest.TestCase):
    def test_countries_are_known_by_name_code_and_locale(self):
        for text, wanted in (
            ("France", "FR"),
            ("FRA", "FR"),
            ("Frankrijk", "FR"),
            ("nl-BE", "BE"),
            ("nl_NL.UTF-8", "NL"),
            ("Sverige", "SE"),
            ("日本", "JP"),
            ("USA", "US"),
            ("Holland", "NL"),
            ("Atlantis", None),
            ("xx", None),
            ("12", None),
        ):
            with self.subTest(text=text):
                self.assertEqual(import_countries.code_of(text), wanted)
