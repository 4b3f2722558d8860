import re
import tempfile
import unittest
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from ...tools import opt_in_file
from ...tools.opt_in_file import Unreadable, parse_date


def read(content: bytes, name="list.csv"):
    """Return all lines of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        with opt_in_file.opened(str(path), name) as rows:
            return list(rows)


class TestReading(unittest.TestCase):
    def test_files_as_people_save_them_read_alike(self):
        wanted = [(1, ["Name", "Stadt"]), (2, ["Zoë", "Köln; Süd"])]
        text = 'Name;Stadt\r\nZoë;"Köln; Süd"\r\n'
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            with self.subTest(encoding=encoding):
                self.assertEqual(read(text.encode(encoding)), wanted)
        for delimiter in (",", "\t", "|"):
            with self.subTest(delimiter=delimiter):
                self.assertEqual(read(f"a{delimiter}b\n1{delimiter}2".encode()), [(1, ["a", "b"]), (2, ["1", "2"])])

    def test_a_letter_of_windows_far_down_is_noticed(self):
        text = "name\n" + "plain\n" * 20_000 + "Zoë\n"
        self.assertEqual(read(text.encode("cp1252"))[-1], (20_002, ["Zoë"]))

    def test_a_workbook_gives_dates_and_numbers_as_they_are_written(self):
        book = openpyxl.Workbook()
        book.active.append(["email", "when", "phone"])
        book.active.append(["anna@example.com", datetime(2026, 3, 4, 5, 6), 32470123456.0])
        book.active.append([])
        book.active.append([None, "4.3.2026", 7])
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            book.save(file.name)
            rows = read(Path(file.name).read_bytes(), "Messe.XLSX")
        self.assertEqual(rows[1], (2, ["anna@example.com", "2026-03-04 05:06:00", "32470123456"]))
        self.assertEqual(rows[2], (4, ["", "4.3.2026", "7"]))

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

    def test_a_quote_that_is_never_closed_spoils_a_hundred_lines_and_not_the_file(self):
        rows = read(('a,b\n"open,1\n' + "x,y\n" * 500).encode())
        self.assertEqual(rows[:3], [(1, ["a", "b"]), (2, None), (3, ["x", "y"])])
        self.assertEqual(len(rows), 2 + 500 - 99)

    @given(st.binary(max_size=300))
    def test_no_bytes_break_it(self, content):
        for name in ("a.csv", "a.xlsx"):
            with suppress(Unreadable):
                read(content, name)


class TestUnderstanding(unittest.TestCase):
    def test_headings_of_six_languages_are_known(self):
        for headings, wanted in (
            (
                ["Name", "E-mail", "Phone", "Topic", "When", "Where"],
                ["name", "email", "phone", "topic", "date", "place"],
            ),
            (["Naam", "E-mailadres", "Gsm", "Wanneer"], ["name", "email", "phone", "date"]),
            (["Vorname", "E-Mail-Adresse", "Handy", "Datum"], ["", "email", "phone", "date"]),
            (["Nom", "Courriel", "Téléphone portable", "Quand", "Lieu"], ["name", "email", "phone", "date", "place"]),
            (["Navn", "E-post", "Mobil", "Samtykke"], ["name", "email", "phone", "answer"]),
            (["x", "email", "email 2", ""], ["", "email", "", ""]),
        ):
            with self.subTest(headings=headings):
                self.assertEqual(opt_in_file.suggest(headings), wanted)

    def test_dates_are_read_as_chosen_and_never_guessed(self):
        for text, order, wanted in (
            ("2026-01-05", "dmy", datetime(2026, 1, 5)),
            ("2026-01-05T10:20:30Z", "ymd", datetime(2026, 1, 5, 10, 20, 30)),
            ("2026-01-05T10:20:30.123+02:00", "ymd", datetime(2026, 1, 5, 8, 20, 30)),
            ("5/1/2026 10:20", "dmy", datetime(2026, 1, 5, 10, 20)),
            ("5.1.2026", "dmy", datetime(2026, 1, 5)),
            ("1/5/2026", "mdy", datetime(2026, 1, 5)),
        ):
            with self.subTest(text=text, order=order):
                self.assertEqual(parse_date(text, order), wanted)
        for text, order in (
            ("13/13/2026", "dmy"),
            ("31/12/2026", "mdy"),
            ("5/1/2026", "ymd"),
            ("yesterday", "dmy"),
            ("2026-02-30", "ymd"),
            ("", "ymd"),
            ("0001-01-01T00:00+14:00", "ymd"),
            ("٢٠٢٦-٠١-٠٥", "ymd"),
        ):
            with self.subTest(text=text, order=order), self.assertRaises(Unreadable):
                parse_date(text, order)

    @given(
        st.one_of(
            st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True),
            st.datetimes().map(lambda when: when.isoformat(" ", "seconds")),
            st.dates().map(str),
        ),
        st.sampled_from([*opt_in_file.ORDERS]),
        st.booleans(),
    )
    def test_the_short_way_for_usual_dates_reads_as_the_long_one(self, text, order, end_of_day):
        def read_date():
            with suppress(Unreadable):
                return parse_date(text, order, end_of_day=end_of_day)

        short = read_date()
        with patch.object(opt_in_file, "_iso", re.compile("(?!)")):
            self.assertEqual(short, read_date())

    def test_the_order_of_a_date_is_known_only_where_there_is_no_other(self):
        for text, wanted in (
            ("2026-01-05", "ymd"),
            ("5.1.2026", "dmy"),
            ("13/1/2026 10:00", "dmy"),
            ("1/13/2026", "mdy"),
            ("5/1/2026", None),
            ("today", None),
        ):
            with self.subTest(text=text):
                self.assertEqual(opt_in_file.order_of(text), wanted)

    def test_an_answer_is_yes_or_no_or_an_error(self):
        def understand(*cells):
            columns = {"email": 0, "answer": 1}
            return opt_in_file.understand(list(cells), columns, channels=["email"], order="ymd")

        self.assertTrue(understand("a@b.example", " Ja ").yes)
        self.assertFalse(understand("a@b.example", "NEIN").yes)
        for cells, code in (
            (("a@b.example", "perhaps"), "unknown_answer"),
            (("a@b.example", ""), "unknown_answer"),
            (("a@b.example",), "unknown_answer"),
            (("", "yes"), "no_address"),
        ):
            with self.subTest(cells=cells), self.assertRaises(Unreadable) as caught:
                understand(*cells)
            self.assertEqual(caught.exception.code, code)

    def test_mailboxes_of_functions_are_told_from_people(self):
        for address in ("info@lumen.example", "sales+x@lumen.example"):
            self.assertTrue(opt_in_file.is_role(address))
        for address in ("anna@lumen.example", "informant@lumen.example"):
            self.assertFalse(opt_in_file.is_role(address))
