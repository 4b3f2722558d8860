import base64
import csv
import io
from hashlib import sha256
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ...models.imports import consent_import_work
from ..cases.imports import FILE, NEW, ImportStory
from ..cases.story import ANNA, BEN, CARLA, PHONES, ConsentCase


@tagged("post_install", "-at_install")
class TestImport(ImportStory, ConsentCase):
    def test_the_check_says_what_will_become_of_each_line_and_writes_nothing(self):
        before = [self.env[model].search_count([]) for model in ("consent.event", "consent.contact.point")]
        batch = self.upload()
        self.assertEqual(batch.column_ids.mapped("means"), ["email", "date", "answer", "name"])
        self.assertEqual(batch.column_ids[0].sample.split(" · ")[0], NEW)
        batch.action_check()
        self.assertEqual(batch.state, "checked")
        after = [self.env[model].search_count([]) for model in ("consent.event", "consent.contact.point")]
        self.assertEqual(before, after)
        expected = {4: "not_applied", 6: "error", 7: "duplicate", 8: "error"}
        self.assertEqual((self.counts(batch), self.outcomes(batch)), ((2, 1, 2, 2), expected))
        self.assertEqual(
            batch.totals, "7 lines: 3 to record, 2 change nothing, 0 say nothing, 2 with an error", "each line once"
        )
        whys = {line.line: line.why for line in batch.line_ids}
        self.assertEqual(whys[6], "“not an address” is no usable address.")
        self.assertEqual(whys[8], "“2026” is no date as chosen.")
        self.assertNotIn(BEN, whys[4], "masked")
        self.record_all(batch)
        self.assertEqual((batch.state, self.counts(batch), self.outcomes(batch)), ("done", (2, 1, 2, 2), expected))

    def test_its_buttons_open_what_they_name(self):
        batch = self.upload()
        batch.action_check()
        lines = batch.action_open_lines()
        self.assertEqual(self.env[lines["res_model"]].search(lines["domain"]), batch.line_ids)
        batch.action_reset()
        self.assertEqual((batch.state, self.outcomes(batch)), ("draft", {}))
        self.record_all(batch)
        records = batch.action_open_records()
        found = self.env[records["res_model"]].search(records["domain"])
        self.assertEqual(set(found.contact_point_id.mapped("address")), {NEW, CARLA})

    def test_each_answer_becomes_evidence_with_source_date_wording_and_proof(self):
        proof = self.env["ir.attachment"].create({"name": "form.pdf", "raw": b"%PDF of the form"})
        batch = self.upload(proof_ids=proof.ids, note="Binder 12")
        self.record_all(batch)
        event = self.record(NEW).granting_event_id
        self.assertEqual(
            (event.type, event.source, event.source_label, str(event.occurred_at), event.evidence_grade),
            ("given", "import", "Light fair", "2026-01-05 00:00:00", "C"),
        )
        evidence = event._evidence()
        self.assertEqual(evidence["statement"], "Send me news about lamps.")
        self.assertEqual(evidence["proof"], [{"name": "form.pdf", "sha256": sha256(b"%PDF of the form").hexdigest()}])
        self.assertEqual((evidence["file"], evidence["file_sha256"]), ("fair.csv", sha256(FILE.encode()).hexdigest()))
        known = {name: evidence[name] for name in ("line", "name", "note", "collector")}
        self.assertEqual(known, {"line": 2, "name": "Nora", "note": "Binder 12", "collector": "Stand 7"})
        self.assertTrue(self.verdict(NEW).allowed)
        self.check_ledger()

    def test_a_list_without_proof_is_worth_little_and_doubtful_lists_are_warned_of(self):
        batch = self.upload("mail\ninfo@fair.example\n", collected_on="2020-01-01 10:00:00")
        batch.action_check()
        for warning in (
            "neither proof nor a note",
            "at the same time",
            "functions, not of people: 1",
            "two years: 1",
        ):
            self.assertIn(warning, batch.warning)
        self.record_all(batch)
        self.assertEqual(self.record("info@fair.example").evidence_grade, "D")

    def test_no_import_undoes_a_no_whatever_date_it_claims(self):
        batch = self.upload(f"email,when\n{BEN},2026-11-01\n")
        self.record_all(batch)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertEqual(self.outcomes(batch), {2: "not_applied"})
        self.assertEqual(batch.standing_count, 0)

    def test_a_no_in_the_file_counts_at_once(self):
        self.assertTrue(self.verdict(ANNA).allowed)
        self.record_all(self.upload(f"email,when,answer\n{ANNA},{self.env.cr.now().date()},no\n"))
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")

    def test_a_no_counts_whatever_else_is_wrong_with_its_line(self):
        lines = [f"{ANNA},12,no,soon", f"{NEW},12,yes,2026-01-01"]
        batch = self.upload("\n".join(["email,phone,answer,when", *lines]), by_sms=True)
        self.record_all(batch)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertEqual((self.counts(batch), self.outcomes(batch)), ((0, 1, 0, 2), {2: "error", 3: "error"}))

    def test_numbers_and_addresses_of_a_line_count_together_or_not_at_all(self):
        lines = [f"{NEW},0470 11 22 33", "x@fair.example,12", f",{PHONES[CARLA]}"]
        text = "\n".join(f"{line},2026-01-01" for line in ["email,phone,when", *lines]).replace(
            "when,2026-01-01", "when"
        )
        batch = self.upload(text, by_sms=True, country_id=self.env.ref("base.be").id)
        self.record_all(batch)
        self.assertEqual((self.counts(batch), self.outcomes(batch)), ((3, 0, 0, 1), {3: "error"}))
        self.assertTrue(self.verdict("+32470112233", channel="sms").allowed)
        self.assertEqual(self.verdict("x@fair.example").reason, "no_consent")

    def test_topics_of_the_file_are_known_by_name_or_code(self):
        names = [self.events.name.upper(), self.news.code, "Unknown"]
        lines = [f"{number}@fair.example,{name},2026-01-01" for number, name in enumerate(names)]
        batch = self.upload("\n".join(["email,topic,when", *lines]), topic_id=False)
        self.record_all(batch)
        self.assertTrue(self.verdict("0@fair.example", self.events).allowed)
        self.assertTrue(self.verdict("1@fair.example").allowed)
        self.assertEqual(batch.line_ids.why, "There is no topic “Unknown”.")

    def test_a_topic_of_the_own_company_comes_before_one_of_the_group_that_is_called_alike(self):
        group = self.env["consent.purpose"].create({"name": "Group", "code": "group", "company_id": False}).topic_ids
        group.write({"code": self.news.code, "name": self.events.name})
        self.env["consent.topic"].create(
            {"name": self.news.code, "code": "x", "purpose_id": self.news.purpose_id.id, "sequence": 99}
        )
        lines = [f"{number}@fair.example,{text},2026-01-01" for number, text in enumerate([group.code, group.name])]
        self.record_all(self.upload("\n".join(["email,topic,when", *lines]), topic_id=False))
        self.assertEqual(self.granted("0@fair.example"), self.news, "the own one, and by its code rather than a name")
        self.assertEqual(self.granted("1@fair.example"), self.events)

    def test_a_line_whose_topic_could_be_another_as_well_is_an_error_that_says_so(self):
        self.env["consent.topic"].create(
            {"name": self.events.name.upper(), "code": "other", "purpose_id": self.events.purpose_id.id}
        )
        batch = self.upload(f"email,topic,when\n{NEW},{self.events.name},2026-01-01\n", topic_id=False)
        self.record_all(batch)
        self.assertEqual(batch.line_ids.why, f"Several topics are called “{self.events.name}”: write the code.")
        self.assertFalse(self.granted(NEW))

    def test_a_topic_is_known_by_its_name_in_any_language(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.events.with_context(lang="nl_NL").name = "Evenementen"
        self.record_all(self.upload(f"email,topic,when\n{NEW},evenementen,2026-01-01\n", topic_id=False))
        self.assertEqual(self.granted(NEW), self.events)

    def test_what_is_missing_is_said_before_anything_is_read(self):
        batch = self.upload(topic_id=False, wording=False, place=False, kind="yes")
        batch.column_ids.means = False
        with self.assertRaises(UserError) as caught:
            batch.action_check()
        for missing in ("e-mail address", "topic", "when they answered", "wording", "where they answered"):
            self.assertIn(missing, str(caught.exception))
        self.assertEqual(batch.state, "draft")

    def test_what_is_no_list_is_refused(self):
        for content, name in ((b"", "a.csv"), (b"\x00\x01", "a.csv"), (b"email", "a.xlsx")):
            with self.subTest(name=name, content=content), self.assertRaises(UserError):
                self.upload(content, name)

    def test_a_change_after_the_check_needs_a_new_check(self):
        batch = self.upload()
        batch.action_check()
        batch.date_order = "mdy"
        self.assertEqual((batch.state, len(batch.line_ids)), ("draft", 0))
        with self.assertRaises(UserError):
            batch.action_record()
        self.record_all(batch)
        batch = batch.with_user(self.env.ref("base.user_admin"))
        for change in ({"wording": "Something else"}, {"file": base64.b64encode(b"email\n")}):
            with self.subTest(change=change), self.assertRaises(UserError):
                batch.write(change)
        batch = batch.sudo()
        with self.assertRaises(UserError):
            batch.unlink()

    def test_nobody_skips_the_check_or_the_second_person_over_rpc(self):
        manager = new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        batch = self.upload().with_user(manager)
        content = base64.b64encode(FILE.encode())
        for values in (
            {"state": "running"},
            {"asked_by_id": 1},
            {"approved_by_id": 1},
            {"checked_sha256": "x"},
            {"reference": "x"},
            {"yes_count": 9},
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    batch.write(values)
                with self.assertRaises(AccessError):
                    self.env["consent.import"].with_user(manager).create({"file": content, **values})
                forged = {f"default_{name}": value for name, value in values.items()}
                made = batch.with_context(**forged).create({"file": content, "topic_id": self.news.id})
                for name, value in values.items():
                    self.assertNotEqual(made.read([name], load=None)[0][name], value, "nor by a default")
        batch.action_check()
        self.assertEqual(batch.state, "checked")
        batch.column_ids[0].means = "name" if batch.column_ids[3].write({"means": False}) else False
        self.assertEqual(batch.state, "draft", "another meaning is another check")
        batch.sudo().state = "running"
        with self.assertRaises(UserError):
            batch.column_ids[0].means = "email"

    def test_what_was_cut_off_goes_on_and_counts_each_line_once(self):
        text = "email,when\n" + "".join(f"{number % 9}@fair.example,2026-01-01\n" for number in range(20))
        whole = self.upload(text)
        with patch.object(consent_import_work, "CHUNK", 4):
            whole.action_check()
            self.assertEqual(self.counts(whole), (9, 0, 11, 0), "twice in the file, in different chunks")
            whole.action_record()
            chunks, progress = [], []
            while whole.state == "running":
                whole.sudo()._advance(chunks.append)  # returns None: there is no time for another one
                self.env.invalidate_all()
                progress.append(whole.progress)
        self.assertEqual(chunks, [4] * 5)
        self.assertEqual(progress[:5], [20, 40, 60, 80, 100], "progress moves")
        self.assertEqual(self.counts(whole), (9, 0, 11, 0))
        self.assertEqual(self.env["consent.event"].search_count([("batch", "=", whole.reference)]), 9)
        whole.sudo().write({"state": "running", "position": 0})
        whole.sudo()._advance()
        self.assertEqual(self.env["consent.event"].search_count([("batch", "=", whole.reference)]), 9)

    def test_another_person_approves_where_four_eyes_are_asked_for(self):
        self.env.company.consent_four_eyes = True
        asking, other = (
            new_test_user(self.env, name, "marketing_consent.group_manager,base.group_user") for name in ("mia", "max")
        )
        batch = self.upload().with_user(asking)
        batch.action_check()
        batch.action_record()
        self.assertEqual(batch.state, "approval")
        with self.assertRaises(AccessError):
            batch.action_approve()
        batch.with_user(other).action_approve()
        self.assertEqual(batch.state, "running")
        batch.sudo()._advance()
        self.assertEqual(self.record(NEW).granting_event_id.actor_label, asking.name)

    def test_revoking_ends_what_rests_on_it_and_spares_what_people_said_since(self):
        batch = self.upload()
        self.record_all(batch)
        self.assertEqual(batch.standing_count, 2)
        self.yes(CARLA)
        batch.invalidate_recordset()
        self.assertEqual(batch.standing_count, 1)
        manager = new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        with self.assertRaises(AccessError):
            batch.with_user(manager).action_revoke()
        batch.action_revoke()
        batch.sudo()._advance()
        self.assertEqual((batch.state, self.record(NEW).state), ("revoked", "revoked"))
        self.assertFalse(self.verdict(NEW).allowed)
        self.assertTrue(self.verdict(CARLA).allowed)
        self.check_ledger()

    def test_what_could_not_be_recorded_is_forgotten_after_a_while(self):
        batch = self.upload()
        self.record_all(batch)
        lines = self.env["consent.import.line"]
        lines._gc()
        self.assertEqual(len(batch.line_ids), 4)
        self.env.cr.execute("UPDATE consent_import SET write_date = now() - interval '100 days'")
        self.env.invalidate_all()
        lines._gc()
        self.assertFalse(batch.line_ids)

    def test_a_preset_names_the_columns_of_the_next_file(self):
        first = self.upload(note="Binder 12")
        first.column_ids[3].means = "collector"
        first.action_save_preset()
        second = self.upload(f"Name;Answer;When;E-mail\nNora;yes;05.01.2026;{NEW}\n", note=False, kind=False)
        second.date_order = "ymd"
        with Form(second) as form:
            form.preset_id = self.env["consent.import.preset"].search([("name", "=", first.place)])
        self.assertEqual(second.column_ids.mapped("means"), ["collector", "answer", "date", "email"])
        self.assertEqual((second.note, second.date_order, second.kind), ("Binder 12", "dmy", "answer"))
        self.assertEqual(second.value_ids.means, "yes")

    def test_only_managers_import_and_only_for_their_companies(self):
        clerk = new_test_user(self.env, "kim", "marketing_consent.group_user,base.group_user")
        with self.assertRaises(AccessError):
            self.env["consent.import"].with_user(clerk).create({"file": base64.b64encode(FILE.encode())})
        other = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        theirs = self.upload(company_id=other.id)
        self.assertFalse(self.env["consent.import"].with_user(manager).search([("id", "=", theirs.id)]))
        self.news.purpose_id.company_id = self.env.company
        theirs.action_check()
        self.assertEqual(theirs.yes_count, 0)


@tagged("post_install", "-at_install")
class TestImportDownload(ImportStory, HttpCase):
    def setUp(self):
        super().setUp()
        self.setUpStory()

    def test_the_lines_that_are_not_recorded_come_back_as_they_stood_with_why(self):
        batch = self.upload(FILE + "=cmd|' /C calc'!A0;05.01.2026;yes;\n")
        batch.action_check()
        url = batch.action_download()["url"]
        new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        new_test_user(self.env, "kim", "marketing_consent.group_user,base.group_user")
        self.authenticate("max", "max")
        rows = list(csv.reader(io.StringIO(self.url_open(url).content.decode("utf-8-sig"))))
        self.assertEqual(rows[0], ["Line", "Outcome", "Why", "E-mail", "When", "Answer", "Name"])
        self.assertEqual([row[0] for row in rows[1:]], ["4", "6", "7", "8", "9"])
        self.assertEqual(rows[4][2:], ["“2026” is no date as chosen.", "pia@fair.example", "2026", "yes", "Pia"])
        self.assertTrue(rows[5][3].startswith("'="), "no formula for the spreadsheet that opens it")
        self.authenticate("kim", "kim")
        self.assertEqual(self.url_open(url).status_code, 403)
