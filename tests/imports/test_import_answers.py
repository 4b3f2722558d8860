from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..cases.imports import NEW, ImportStory
from ..cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase

HUBSPOT = """Email,Portal Bounce,Portal Unsubscribe,Portal Spam Report,Global Bounce,Marketing Information
{anna},,TRUE,,,
{carla},FALSE,FALSE,FALSE,FALSE,FALSE
"""


@tagged("post_install", "-at_install")
class TestImportAnswers(ImportStory, ConsentCase):
    """What a file is and what its values mean is stated by its user; nothing is assumed to be a yes."""

    def proposals(self, batch):
        return {(value.column_id.heading, value.value): value.proposal for value in batch.value_ids}

    def test_nothing_is_read_before_its_user_said_what_the_file_is(self):
        batch = self.upload(f"email,when\n{NEW},2026-01-01\n", kind=False)
        with self.assertRaisesRegex(UserError, "Say what this file is"):
            batch.action_check()
        for kind, verdict in (("yes", True), ("no", False)):
            with self.subTest(kind=kind), self.undone():
                self.record_all(self.upload(f"email,when\n{CARLA},2026-01-01\n", kind=kind, note="Binder 1"))
                self.assertEqual(self.verdict(CARLA).allowed, verdict)
                self.assertEqual(self.verdict(CARLA).reason, None if verdict else "refused" if False else "withdrawn")

    def test_each_value_is_shown_with_its_count_and_must_get_a_meaning(self):
        text = "email,answer\n" + "".join(f"a{n}@fair.example,{'yes no Perhaps'.split()[n % 3]}\n" for n in range(9))
        batch = self.upload(
            text + "x@fair.example,\ny@fair.example,5.1.2026\n", proposals=False, collected_on="2026-01-01"
        )
        shown = {value.value: (value.count, value.proposal) for value in batch.value_ids}
        expected = {"yes": (3, "yes"), "no": (3, "no"), "Perhaps": (3, False)}
        self.assertEqual(shown, expected | {"(empty)": (1, "nothing"), "(a date)": (1, False)})
        self.assertFalse(any(batch.value_ids.mapped("means")), "a proposal is no answer")
        batch.action_use_proposals()
        with self.assertRaises(UserError) as caught:
            batch.action_check()
        self.assertEqual(str(caught.exception).count("Say what"), 2)
        batch.value_ids.filtered(lambda value: not value.means).means = "nothing"
        batch.action_check()
        self.assertEqual((batch.yes_count, batch.no_count, batch.nothing_count), (3, 3, 5))

    def test_a_heading_that_says_no_never_gives_a_yes(self):
        for heading, true, false in (
            ("Email Opt Out", "1", "0"),
            ("doNotEmail", "TRUE", "FALSE"),
            ("Unsubscribed", "yes", "no"),
            ("Portal Unsubscribe", "true", "false"),
            ("Do not allow Bulk Emails", "Do Not Allow", "Allow"),
            ("Abgemeldet", "WAHR", "FALSCH"),
            ("Uitgeschreven", "ja", "nee"),
            ("Désabonné", "oui", "non"),
            ("Avmeldt", "ja", "nei"),
            ("HasOptedOutOfEmail", "true", "false"),
            ("is_blacklisted", "1", "0"),
        ):
            with self.subTest(heading=heading):
                text = f"email,{heading}\na@fair.example,{true}\nb@fair.example,{false}\nc@fair.example,\n"
                batch = self.upload(text, collected_on="2026-01-01", proposals=False)
                if not batch.value_ids:
                    batch.column_ids[1].means = "answer"
                self.assertEqual(
                    {value.value: value.proposal for value in batch.value_ids},
                    {true: "no", false: "nothing", "(empty)": "nothing"},
                )
                self.assertIn("left", batch.value_ids.filtered(lambda value: value.value == true).hint)  # noqa: B023

    def test_hubspots_opt_outs_end_consents_and_make_none(self):
        batch = self.upload(HUBSPOT.format(anna=ANNA, carla=CARLA))
        self.assertEqual(batch.kind, "answer", "its columns are answers")
        left_open = batch.value_ids.filtered(lambda value: not value.means)
        self.assertEqual(left_open.column_id.heading, "Marketing Information", "whose sense nothing tells")
        left_open.means = "nothing"
        self.record_all(batch)
        self.assertEqual((batch.yes_count, batch.no_count, batch.nothing_count), (0, 1, 1))
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")

    def test_a_file_of_yeses_with_a_column_of_noes_stops(self):
        text = HUBSPOT.format(anna=ANNA, carla=CARLA)
        batch = self.upload(text, kind="yes", collected_on="2026-01-01")
        with self.assertRaisesRegex(UserError, "Portal Unsubscribe"):
            batch.action_check()
        batch.column_ids[1:].means = False
        with self.assertRaisesRegex(UserError, "looks like a no"):
            batch.action_check()
        batch.column_ids[1:].means = "ignored"
        batch.action_check()
        self.assertEqual(batch.state, "checked")
        self.assertIn("Portal Unsubscribe", batch.ignored, "what is not read is said")

    def test_a_column_of_many_values_is_no_answer(self):
        text = "email,answer\n" + "".join(f"a{n}@fair.example,word {n}\n" for n in range(31))
        batch = self.upload(text, kind="answer", collected_on="2026-01-01")
        batch.column_ids[1].means = "answer"
        with self.assertRaisesRegex(UserError, "more than 30"):
            batch.action_check()

    def test_each_channel_has_its_own_answer(self):
        text = f"""Email,Phone,Accepts Email Marketing,Accepts SMS Marketing
{NEW},{PHONES[CARLA]},yes,no
{CARLA},12,yes,yes
{ANNA},,no,
"""
        batch = self.upload(text, kind="channels", collected_on="2026-01-01", note="Shop")
        self.assertEqual(batch.column_ids.mapped("means"), ["email", "phone", "answer_email", "answer_sms"])
        self.record_all(batch)
        self.assertTrue(self.verdict(NEW).allowed)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "withdrawn", "her number")
        self.assertTrue(self.verdict(CARLA).allowed, "the yes by e-mail does not depend on the number")
        self.assertEqual(self.outcomes(batch)[3], "error")
        self.assertTrue(self.verdict(ANNA).allowed, "her yes is newer than this no")

    def test_a_no_counts_for_every_address_of_its_line(self):
        batch = self.upload(
            f'email,phone,answer,when\n"{ANNA}; {CARLA}",+32 470 11 22 33 / +32 470 11 22 34,opted_out,not known\n'
            f'"a@fair.example, b@fair.example",,yes,2026-01-01\n',
            by_sms=True,
        )
        self.record_all(batch)
        for address in (ANNA, CARLA):
            self.assertEqual(self.verdict(address).reason, "withdrawn")
        for number in ("+32470112233", "+32470112234"):
            self.assertEqual(self.verdict(number, channel="sms").reason, "withdrawn")
        self.assertEqual((batch.no_count, batch.yes_count, batch.error_count), (4, 0, 1))
        self.assertIn("Which of them said yes?", batch.line_ids.why)

    def test_a_number_is_read_in_the_country_of_its_line_or_not_at_all(self):
        countries = ("France", "FRA", "Frankrijk", "fr_FR", "fr", "Atlantis", "")
        lines = [f"06 18 44 59 0{n},{country}" for n, country in enumerate(countries)]
        text = "phone,country\n" + "\n".join(lines) + "\n+32 470 11 22 33,Atlantis\n"
        values = {"by_email": False, "by_sms": True, "collected_on": "2026-01-01", "kind": "yes", "note": "x"}
        batch = self.upload(text, country_id=self.env.ref("base.nl").id, **values)
        self.record_all(batch)
        found = self.env["consent.contact.point"].search([("channel", "=", "sms")]).mapped("address")
        for number in range(5):
            self.assertIn(f"+336184459{number:02}".replace("+33618445900", "+33618445900"), found)
        self.assertIn("+31618445906", found, "the stated country where the line names none")
        self.assertIn("+32470112233", found, "a number with its country needs no other")
        self.assertEqual(
            batch.line_ids.mapped("why"), ["“Atlantis” is no country that is known, and the number has none."]
        )

    def test_the_check_says_what_the_gate_will_say(self):
        self.news.purpose_id.write({"validity_months": 12, "min_evidence": "C"})
        text = f"email,when\na@fair.example,2020-01-01\nb@fair.example,2026-11-01\n{ANNA},2019-01-01\n"
        weak = self.upload(text)
        weak.action_check()
        whys = {line.line: (line.outcome, line.why.partition(":")[0]) for line in weak.line_ids}
        self.assertEqual(whys[2], ("withheld", "Expired"))
        self.assertEqual(whys[3], ("withheld", "Evidence too weak"))
        self.assertEqual(whys[4][0], "older")
        self.record_all(weak)
        for line, address in ((2, "a@fair.example"), (3, "b@fair.example")):
            reason = self.verdict(address).reason
            self.assertEqual(whys[line][1].lower().replace(" ", "_"), reason)
        self.env["mail.blacklist"]._add("c@fair.example")
        strong = self.upload("email,when\nc@fair.example,2026-11-01\n", note="Binder 1")
        strong.action_check()
        self.assertEqual(strong.line_ids.why.partition(":")[0], "On the blacklist")

    def test_a_wording_that_is_too_old_is_said(self):
        old = self.news.purpose_id.notice_ids
        self.publish(self.news.purpose_id, 2)
        self.news.purpose_id.min_notice_version = 2
        batch = self.upload(f"email,when\n{NEW},2026-11-01\n", notice_id=old.id, wording=False, note="x")
        batch.action_check()
        self.assertEqual(batch.line_ids.why.partition(":")[0], "Wording changed since")

    def test_one_way_of_writing_dates_that_fits_is_offered(self):
        batch = self.upload("email,when\na@fair.example,13/1/2026\nb@fair.example,1/2/2026\n", note="x")
        self.assertEqual(batch.date_order, "dmy", "no other reads all of them")
        batch = self.upload("email,when\na@fair.example,13/1/26\nb@fair.example,1/2/26\n", note="x")
        self.assertFalse(batch.short_years, "two-digit years are asked")
        batch.action_check()
        self.assertEqual(batch.error_count, 2)
        self.assertEqual(batch.offered_format, "dmy2")
        batch.action_use_format()
        self.assertEqual((batch.state, batch.date_order, batch.short_years), ("draft", "dmy", True))
        batch.action_check()
        self.assertEqual((batch.yes_count, batch.error_count), (2, 0))

    def test_times_count_in_the_stated_zone_and_a_no_of_the_same_morning_wins(self):
        self.yes(CARLA, occurred_at="2026-11-02 13:00:00")
        text = f"email,answer,when\n{CARLA},no,2026-11-02 09:30\n"
        self.record_all(self.upload(text, tz="America/New_York"))
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn", "09:30 in New York is 14:30 UTC")

    def test_two_columns_are_swapped_in_one_save(self):
        batch = self.upload("name,note,email,when\nNora,x,n@fair.example,2026-01-01\n", kind="yes")
        first, second = batch.column_ids[2:]
        batch.write({"column_ids": [(1, first.id, {"means": "date"}), (1, second.id, {"means": "email"})]})
        self.assertEqual(batch.column_ids[2:].mapped("means"), ["date", "email"])
        first.means = "email"
        batch.column_ids[0].means = "date"
        second.means = "date"
        with self.assertRaisesRegex(UserError, "Two columns cannot be the same: name, when"):
            batch.action_check()

    def test_paper_with_a_document_for_each_line_undoes_a_no_once_a_second_person_agrees(self):
        scan = self.env["ir.attachment"].create({"name": "card-17.pdf", "raw": b"%PDF card 17"})
        tomorrow = self.env.cr.now().date() + timedelta(days=1)
        text = f"email,when,scan\n{BEN},{tomorrow},card-17.pdf\nx@fair.example,{tomorrow},card-99.pdf\n"
        batch = self.upload(text, proof_ids=scan.ids, kind="yes", proposals=False)
        batch.column_ids[2].means = "document"
        with self.travel(days=2):
            batch.action_check()
            self.assertEqual(self.outcomes(batch), {3: "error"})
            batch.action_record()
            self.assertEqual(batch.state, "approval", "although the company asks for no second person")
            batch.with_user(self.env.ref("base.user_admin")).action_approve()
            batch.sudo()._advance()
            self.env.invalidate_all()
            self.assertTrue(self.verdict(BEN).allowed)
        evidence = self.record(BEN).granting_event_id._evidence()
        self.assertEqual([proof["name"] for proof in evidence["proof"]], ["card-17.pdf"])

    def test_a_claim_is_kept_and_undoes_no_no(self):
        batch = self.upload(f"email,when\n{BEN},{self.env.cr.now().date()}\n", note="Binder 1", kind="yes")
        self.record_all(batch)
        self.assertEqual((self.outcomes(batch), self.verdict(BEN).reason), ({2: "not_applied"}, "withdrawn"))

    def test_no_default_says_what_a_value_means(self):
        self.env["ir.default"].set("consent.import.value", "means", "yes")
        batch = self.upload("email,answer\na@fair.example,\nb@fair.example,no\n", proposals=False)
        self.assertEqual(batch.value_ids.mapped("means"), [False, False])
        column = batch.column_ids[1].with_context(default_means="yes")
        column.means = False
        column.means = "answer"
        self.assertEqual(batch.value_ids.mapped("means"), [False, False])

    def test_a_yes_whose_note_says_no_is_an_error(self):
        notes = ("ok", "please do not mail me anymore", "Unsubscribed", "will keinen Newsletter mehr", "met at the bar")
        text = "email,note\n" + "".join(f"a{n}@fair.example,{note}\n" for n, note in enumerate(notes))
        batch = self.upload(text, kind="yes", collected_on="2026-01-01")
        batch.column_ids[1].means = "note"
        with self.assertRaisesRegex(UserError, "looks like a no"):
            batch.action_check()
        text += "".join(f"b{n}@fair.example,remark {n}\n" for n in range(31))
        batch = self.upload(text, kind="yes", collected_on="2026-01-01")
        batch.column_ids[1].means = "note"
        self.record_all(batch)
        self.assertEqual((batch.yes_count, batch.error_count), (33, 3))
        self.assertIn("please do not mail me anymore", batch.line_ids[0].why)

    def test_a_no_counts_for_the_address_inside_any_text(self):
        written = (
            "'a0@fair.example",
            "'a1@fair.example'",
            "mailto:a2@fair.example",
            "Ern (a3@fair.example)",
            '"=HYPERLINK(""mailto:a4@fair.example"")"',
            "A <a5@fair.example>",
        )
        batch = self.upload("email,answer\n" + "".join(f"{text},no\n" for text in written), tz="UTC")
        self.record_all(batch)
        self.assertEqual((batch.no_count, batch.error_count), (6, 0))
        for number in range(6):
            self.assertEqual(self.verdict(f"a{number}@fair.example").reason, "withdrawn")

    def test_a_table_that_is_too_wide_is_refused(self):
        headings = ",".join(["email", *(f"c{n}" for n in range(205)), "Unsubscribed"])
        with self.assertRaisesRegex(UserError, "more than 200 columns"):
            self.upload(f"{headings}\na@fair.example{',' * 206}TRUE\n")

    def test_a_date_of_birth_is_no_date_of_an_answer(self):
        for heading in ("Date of birth", "Date de naissance", "Datum Geburt"):
            with self.subTest(heading=heading):
                batch = self.upload(f"email,{heading},answer\na@fair.example,1999-01-01,no\n")
                self.assertFalse(batch.column_ids[1].means)
