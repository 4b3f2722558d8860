import base64
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.imports import consent_import_work
from ..cases.imports import FILE, NEW, ImportStory
from ..cases.roles import RoleCase
from ..cases.story import ANNA, CARLA


@tagged("post_install", "-at_install")
class TestImportStaysAsChecked(ImportStory, RoleCase):
    """Whatever a manager does over RPC after the check, nothing else than what was checked is recorded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["res.users"].search([("login", "=", "manager")])

    def setUp(self):
        super().setUp()
        self.authenticate("manager", "manager-password")
        self.batch = self.upload().with_user(self.manager)
        self.batch.action_check()

    def on_rpc(self, method, *args, record=None):
        record = self.batch if record is None else record
        result = self.call(record._name, method, record.ids, *args)
        self.env.invalidate_all()
        return result

    def work(self):
        """Do what the scheduler does."""
        self.batch.sudo()._advance()
        self.env.invalidate_all()

    def swap(self, text):
        """Put another file in place, past the import's own form, as somebody with the file store could."""
        attachment = self.batch.sudo()._attachment()
        attachment.raw = text.encode()
        self.assertEqual(self.batch.sudo()._attachment().raw.decode(), text)

    @mute_logger("odoo.http")
    def test_no_other_attachment_becomes_the_file(self):
        values = {"name": "file", "res_model": "consent.import", "res_id": self.batch.id, "res_field": "file"}
        answer = self.call("ir.attachment", "create", [{**values, "raw": "email"}])
        self.assertEqual(answer, "odoo.exceptions.AccessError")
        own = self.env["ir.attachment"].with_user(self.manager).create({"name": "x", "raw": b"email\n"})
        self.assertEqual(self.on_rpc("write", values, record=own), "odoo.exceptions.AccessError")
        self.assertEqual(self.batch.sudo()._attachment().raw.decode(), FILE)

    def test_another_file_than_was_checked_is_not_recorded(self):
        self.swap(FILE.replace("nein", "yes"))
        self.on_rpc("action_record")
        self.work()
        self.assertEqual((self.batch.state, self.events_of(self.batch)), ("stopped", 0))
        self.assertIn("not what was checked", self.batch.message_ids[0].body)
        self.on_rpc("action_reset")
        self.assertEqual(self.batch.state, "draft")

    @mute_logger("odoo.http")
    def test_another_file_than_was_approved_is_not_recorded_either_where_it_was_cut_off(self):
        self.env.company.consent_four_eyes = True
        self.on_rpc("action_record")
        other = new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        self.batch.with_user(other).action_approve()
        self.assertEqual((self.batch.asked_by_id, self.batch.approved_by_id), (self.manager, other))
        with patch.object(consent_import_work, "CHUNK", 2):
            self.batch.sudo()._advance(lambda _done: None)
        self.env.invalidate_all()
        self.assertEqual((self.batch.position, self.events_of(self.batch)), (3, 2))
        self.swap(FILE.replace("nein", "yes"))
        self.work()
        self.assertEqual((self.batch.state, self.events_of(self.batch)), ("stopped", 2))
        self.assertEqual(self.on_rpc("action_go_on"), "odoo.exceptions.UserError")
        self.on_rpc("action_reset")
        self.assertEqual(self.batch.state, "stopped", "part of it is evidence already")
        self.swap(FILE)
        self.on_rpc("action_go_on")
        self.work()
        self.assertEqual((self.batch.state, self.counts(self.batch)), ("done", (2, 1, 2, 2)))

    def test_a_check_that_was_cut_off_does_not_go_on_with_another_file(self):
        self.batch._start("checking")
        with patch.object(consent_import_work, "CHUNK", 2):
            self.batch.sudo()._advance(lambda _done: None)
        self.swap(FILE.replace("nein", "yes"))
        self.work()
        self.assertEqual((self.batch.state, self.batch.position), ("draft", 0))

    @mute_logger("odoo.http")
    def test_another_meaning_or_proof_than_was_checked_is_not_recorded(self):
        proof = self.env["ir.attachment"].create({"name": "form.pdf", "raw": b"form", "res_model": "consent.import"})
        self.batch.sudo().write({"proof_ids": proof.ids})
        self.batch.action_check()
        self.on_rpc("action_record")
        answer = self.batch.column_ids[2]
        for change in (lambda: self.on_rpc("unlink", record=answer), lambda: self.on_rpc("write", {"company_id": 1})):
            self.assertIn(change(), ("odoo.exceptions.UserError", "odoo.exceptions.AccessError"))
        proof.raw = b"something else"
        self.work()
        self.assertEqual((self.batch.state, self.events_of(self.batch)), ("stopped", 0))

    def test_moving_an_import_to_another_company_gets_nobody_past_the_second_person(self):
        self.env.company.consent_four_eyes = True
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids += other
        self.on_rpc("write", {"company_id": other.id})
        self.assertEqual(self.batch.state, "draft", "another company is another check")
        self.on_rpc("action_check")
        self.assertEqual((self.batch.yes_count, self.batch.no_count), (0, 0), "another company's topic")
        group = self.env.ref("marketing_consent.consent_topic_marketing")
        self.assertFalse(group.company_id)
        self.on_rpc("write", {"topic_id": group.id})
        self.on_rpc("action_check")
        self.assertEqual((self.batch.yes_count, self.batch.no_count), (3, 1))
        self.on_rpc("action_record")
        self.assertEqual(self.batch.state, "approval", "the group's topic concerns the company that asks for two")


@tagged("post_install", "-at_install")
class TestRecordedImportStays(ImportStory, RoleCase):
    """What was recorded never changes, whoever tries over RPC: a manager, and the officer too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["res.users"].search([("login", "=", "manager")])
        cls.officer = cls.env["res.users"].search([("login", "=", "officer")])

    def setUp(self):
        super().setUp()
        self.proof = self.env["ir.attachment"].create({"name": "form.pdf", "raw": b"form"})
        self.batch = self.upload(proof_ids=self.proof.ids)
        self.batch.with_user(self.manager).action_check()
        self.batch.with_user(self.manager).action_record()
        self.batch.sudo()._advance()
        self.env.invalidate_all()
        self.before = self.snapshot()

    def snapshot(self):
        """Return all that an import keeps, and what the ledger has of it."""
        self.env.invalidate_all()
        fields = [name for name in self.batch._fields if name not in ("message_ids", "write_date", "write_uid")]
        skipped = ("__last_update", "activity", "message", "website", "has_message", "rating")
        stored = [name for name in fields if self.batch._fields[name].store and not name.startswith(skipped)]
        return (
            self.batch.read(stored),
            self.batch.column_ids.read(["means", "heading"]),
            self.batch.value_ids.read(["means", "value"]),
            self.batch._attachment().raw,
            self.events_of(self.batch),
        )

    def attempts(self):
        """Return (record, method, arguments) of everything that would change it."""
        another = base64.b64encode(FILE.replace("nein", "yes").encode()).decode()
        batch = self.batch
        for method in ("action_check", "action_record", "action_reset", "action_go_on", "action_approve"):
            yield batch, method, []
        for method in ("action_use_proposals", "action_use_format", "action_approve_retraction", "unlink"):
            yield batch, method, []
        for values in (
            {"file": another},
            {"name": "other.csv"},
            {"kind": "yes"},
            {"encoding": "cp1250"},
            {"wording": "Something else"},
            {"note": "x"},
            {"topic_id": self.events.id},
            {"company_id": self.env.company.id},
            {"proof_ids": [[5, 0, 0]]},
            {"preset_id": self.env.ref("marketing_consent.consent_import_preset_shopify").id},
            {"column_ids": [[1, batch.column_ids[0].id, {"means": "name"}]]},
            {"column_ids": [[5, 0, 0]]},
            {"value_ids": [[1, batch.value_ids[0].id, {"means": "yes"}]]},
            {"tz": "Europe/Brussels"},
            {"active": False},
        ):
            yield batch, "write", [values]
        yield batch.column_ids[2], "write", [{"means": False}]
        yield batch.column_ids[2], "unlink", []
        yield batch.value_ids[0], "write", [{"means": "nothing"}]
        yield batch.value_ids[0], "unlink", []
        for attachment in (batch._attachment(), self.proof):
            yield attachment, "write", [{"datas": another}]
            yield attachment, "write", [{"res_model": "res.partner", "res_id": 1}]
            yield attachment, "unlink", []

    @mute_logger("odoo.http", "odoo.sql_db")
    def test_nothing_of_it_changes_over_rpc(self):
        for login in ("manager", "officer"):
            self.authenticate(login, f"{login}-password")
            for record, method, arguments in self.attempts():
                with self.subTest(login=login, record=record, method=method, arguments=arguments):
                    self.call(record._name, method, record.ids, *arguments)
                    self.assertEqual(self.snapshot(), self.before)

    def test_revoking_keeps_who_launched_it(self):
        self.batch.with_user(self.officer).action_revoke()
        self.batch.sudo()._advance()
        self.env.invalidate_all()
        self.assertEqual(self.batch.state, "revoked")
        self.assertEqual((self.batch.asked_by_id, self.batch.revoked_by_id), (self.manager, self.officer))
        event = self.env["consent.event"].search([("type", "=", "revoked")], limit=1)
        self.assertEqual(event.actor_label, self.officer.name)

    def test_false_noes_are_retracted_once_a_second_officer_agrees(self):
        other = new_test_user(self.env, "olga", "marketing_consent.group_officer,base.group_user")
        self.yes(CARLA, occurred_at="2026-03-01 10:00:00")
        wrong = self.upload(f"email,when\n{CARLA},2026-04-01\n{ANNA},2026-12-24\n{NEW},2026-04-01\n", kind="no")
        self.record_all(wrong)
        self.assertEqual([self.verdict(each).reason for each in (CARLA, ANNA, NEW)], ["withdrawn"] * 3)
        self.withdraw(NEW)
        with self.assertRaises(AccessError):
            wrong.with_user(self.manager).action_retract()
        wrong.with_user(self.officer).action_retract()
        with self.assertRaises(AccessError):
            wrong.with_user(self.officer).action_approve_retraction()
        self.assertEqual((wrong.state, self.verdict(CARLA).reason), ("retraction", "withdrawn"))
        wrong.with_user(other).action_approve_retraction()
        wrong.sudo()._advance()
        self.env.invalidate_all()
        self.assertEqual((wrong.state, wrong.retracted_by_id), ("retracted", self.officer))
        self.assertTrue(self.verdict(CARLA).allowed and self.verdict(ANNA).allowed)
        self.assertEqual(self.verdict(NEW).reason, "withdrawn", "she said it herself")
        corrected = self.upload(f"email,when\n{CARLA},2026-05-01\n", kind="yes", note="The right file")
        self.record_all(corrected)
        self.assertEqual(corrected.yes_count, 1, "no false no stands in its way")
        self.check_ledger()
