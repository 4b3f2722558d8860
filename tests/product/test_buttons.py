"""Every button of ours: who may press it, over RPC, and the test that checks what it does."""

import base64
import importlib
import inspect
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.browser import BrowserCase
from ..cases.roles import CLERKS, DENIED, MANAGERS, MARKETERS, MATRIX, OFFICERS, ROLES, STAFF, RoleCase
from ..cases.story import ANNA, CARLA, ConsentStory

ADDON = "marketing_consent"
TESTS = __package__.rpartition(".")[0]
TOURS = Path(__file__).resolve().parents[2] / "static" / "tests" / "tours"
#: Of the consent panel, which is no view.
PANEL = ("record_choice", "object_to_all", "withdraw", "why", "open_event", "prove", "more")


class Button(NamedTuple):
    """Who may press it, and the test of what it does, as file.Class.test."""

    roles: tuple
    test: str
    #: It only opens what the role may then see or not; anybody may be told where that is.
    opens: bool = False


HERE = "test_buttons.TestButtons."
IMPORT = "test_import.TestImport."
INVITATION = "test_invitation.TestInvitation."
PREFLIGHT = "test_preflight.TestPreflight."
REPLY = "test_replies.TestRepliesOverRpc."
CASE = "test_address_change.TestAddressOfAnother."
REMEDIES = Button(MARKETERS, f"{PREFLIGHT}test_the_remedies_do_what_they_say")
PEOPLE = Button(MARKETERS, f"{PREFLIGHT}test_it_counts_by_reason_and_opens_the_people")
LENS = Button(STAFF, f"{HERE}test_each_lens_opens_the_consent_of_its_person", opens=True)
BUTTONS = {
    "consent.access.reason action_confirm": Button(
        OFFICERS, "test_officer.TestAccessToEvidence.test_it_is_shown_for_a_reason_which_is_kept"
    ),
    "consent.address.case action_open_record": Button(CLERKS, f"{CASE}test_the_same_person", opens=True),
    "consent.address.case action_other_person": Button(
        CLERKS, f"{CASE}test_another_person_needs_a_reason_and_leaves_everything_as_it_was"
    ),
    "consent.address.case action_same_person": Button(CLERKS, f"{CASE}test_the_same_person"),
    "consent.as.of action_answer": Button(OFFICERS, "test_officer.TestAsOf.test_now_it_agrees_with_the_gate"),
    "consent.as.of.line action_open": Button(OFFICERS, "test_officer.TestAsOf.test_of_a_whole_mailing"),
    "consent.database.confirm action_confirm": Button(
        OFFICERS, "test_database.TestDatabase.test_after_a_restore_marketing_waits_for_the_officers_statement"
    ),
    "consent.disown action_replace": Button(
        CLERKS, "test_address_change.TestNeverTheirs.test_nothing_follows_and_the_record_says_why"
    ),
    "consent.event action_print_proof": Button(
        OFFICERS, "test_consent_proof.TestConsentProof.test_a_reason_is_asked_first_and_printed", opens=True
    ),
    "consent.event action_see_evidence": Button(
        OFFICERS, "test_officer.TestAccessToEvidence.test_it_is_shown_for_a_reason_which_is_kept", opens=True
    ),
    "consent.event action_verify": Button(
        CLERKS, "test_consent_event.TestConsentEvent.test_the_daily_check_and_the_button_say_what_is_wrong"
    ),
    "consent.export action_download": Button(
        OFFICERS, "test_officer.TestAccessToEvidence.test_the_download_of_the_ledger_needs_a_reason_too"
    ),
    "consent.invitation action_check": Button(MANAGERS, f"{INVITATION}test_the_check_says_why_and_opens_them"),
    "consent.invitation action_open_invitees": Button(
        STAFF, f"{INVITATION}test_who_said_nothing_is_asked_and_nobody_else", opens=True
    ),
    "consent.invitation action_start": Button(MANAGERS, f"{INVITATION}test_who_said_nothing_is_asked_and_nobody_else"),
    "consent.invitation action_stop": Button(
        MANAGERS, f"{INVITATION}test_new_contacts_are_asked_by_themselves_and_old_ones_are_not"
    ),
    "consent.invitation.check.line action_open": Button(
        MANAGERS, f"{INVITATION}test_the_check_says_why_and_opens_them"
    ),
    "consent.invitation.variant action_keep": Button(
        MANAGERS, "test_invitation.TestInvitationTexts.test_the_best_can_be_chosen_by_hand"
    ),
    "consent.form.check action_open": Button(
        OFFICERS,
        "test_capture.TestFormsThatAskTooMuch.test_the_officer_finds_the_forms_that_ask_more_than_their_topics_need",
    ),
    "consent.import action_approve": Button(
        MANAGERS, f"{IMPORT}test_another_person_approves_where_four_eyes_are_asked_for"
    ),
    "consent.import action_check": Button(
        MANAGERS, f"{IMPORT}test_the_check_says_what_will_become_of_each_line_and_writes_nothing"
    ),
    "consent.import action_download": Button(
        MANAGERS,
        "test_import.TestImportDownload.test_the_lines_that_are_not_recorded_come_back_as_they_stood_with_why",
        opens=True,
    ),
    "consent.import action_go_on": Button(
        MANAGERS,
        "test_import_stays.TestImportStaysAsChecked"
        ".test_another_file_than_was_approved_is_not_recorded_either_where_it_was_cut_off",
    ),
    "consent.import action_open_lines": Button(MANAGERS, f"{IMPORT}test_its_buttons_open_what_they_name", opens=True),
    "consent.import action_open_records": Button(MANAGERS, f"{IMPORT}test_its_buttons_open_what_they_name", opens=True),
    "consent.import action_record": Button(MANAGERS, f"{IMPORT}test_a_change_after_the_check_needs_a_new_check"),
    "consent.import action_reset": Button(MANAGERS, f"{IMPORT}test_its_buttons_open_what_they_name"),
    "consent.import action_revoke": Button(
        OFFICERS, f"{IMPORT}test_revoking_ends_what_rests_on_it_and_spares_what_people_said_since"
    ),
    "consent.import action_retract": Button(
        OFFICERS, "test_import_stays.TestRecordedImportStays.test_false_noes_are_retracted_once_a_second_officer_agrees"
    ),
    "consent.import action_approve_retraction": Button(
        OFFICERS, "test_import_stays.TestRecordedImportStays.test_false_noes_are_retracted_once_a_second_officer_agrees"
    ),
    "consent.import action_use_format": Button(
        MANAGERS, "test_import_answers.TestImportAnswers.test_one_way_of_writing_dates_that_fits_is_offered"
    ),
    "consent.import action_use_proposals": Button(
        MANAGERS, "test_import_answers.TestImportAnswers.test_each_value_is_shown_with_its_count_and_must_get_a_meaning"
    ),
    "consent.import action_save_preset": Button(MANAGERS, f"{IMPORT}test_a_preset_names_the_columns_of_the_next_file"),
    "consent.notice action_publish": Button(
        MANAGERS,
        "test_consent_publish.TestConsentPublish.test_all_languages_that_have_a_text_are_published_as_one_version",
    ),
    "consent.outbox action_retry": Button(MANAGERS, f"{HERE}test_what_was_put_off_is_delivered_again"),
    "consent.page action_open": Button(STAFF, f"{HERE}test_a_page_opens_where_people_find_it", opens=True),
    "consent.preflight action_send": Button(MARKETERS, f"{PREFLIGHT}test_it_sends"),
    "consent.preflight.line action_ask": REMEDIES,
    "consent.preflight.line action_open_blacklist": REMEDIES,
    "consent.preflight.line action_open_people": PEOPLE,
    "consent.preflight.line action_open_purpose": REMEDIES,
    "consent.preflight.line action_open_requests": REMEDIES,
    "consent.preflight.line action_open_topic": REMEDIES,
    "consent.preflight.line action_send_later": REMEDIES,
    "consent.preflight.line action_use_other_channel": REMEDIES,
    "consent.provider.sync action_retry": Button(
        MANAGERS, "test_twilio_contract.TestProviderSync.test_one_item_that_fails_fails_alone"
    ),
    "consent.publish action_publish": Button(
        MANAGERS,
        "test_consent_publish.TestConsentPublish.test_all_languages_that_have_a_text_are_published_as_one_version",
    ),
    "consent.purpose consent_publish_action": Button(
        MANAGERS, "test_consent_publish.TestConsentPublish.test_the_form_opens_from_the_purpose"
    ),
    "consent.purpose consent_simulation_action": Button(
        MANAGERS, f"{HERE}test_a_button_that_opens_something_opens_what_is_there"
    ),
    "consent.record action_check_ledger": Button(
        (*MARKETERS, *CLERKS),
        "test_consent_event.TestConsentEvent.test_the_daily_check_and_the_button_say_what_is_wrong",
    ),
    "consent.reversal action_approve": Button(
        MANAGERS, "test_undoing.TestUndoing.test_another_person_approves_what_waits_and_a_later_no_prevails"
    ),
    "consent.reversal action_decline": Button(
        MANAGERS, "test_undoing.TestUndoing.test_another_person_declines_what_waits_and_the_no_stays"
    ),
    "consent.simulation action_simulate": Button(
        MANAGERS, "test_simulation.TestSimulation.test_better_evidence_loses_who_has_less"
    ),
    "consent.sms.setup action_check": Button(
        ("administrator",), "test_twilio_contract.TestSending.test_the_check_says_in_words_what_is_missing"
    ),
    "consent.staff.change action_record": Button(
        CLERKS, "test_staff_change.TestStaffChange.test_several_changes_bring_one_receipt_with_choices_data_and_a_link"
    ),
    "consent.status action_open": Button(
        (*MARKETERS, *CLERKS), "test_consent_topic.TestConsentTopic.test_a_status_opens_what_it_rests_on"
    ),
    "consent.takeover action_take_over": Button(
        OFFICERS, "test_takeover.TestTakeover.test_a_list_is_a_yes_only_on_a_stated_basis_and_undoes_no_no"
    ),
    "consent.reply action_no_objection": Button(CLERKS, f"{REPLY}test_the_least_consent_user_decides"),
    "consent.reply action_opt_out": Button(CLERKS, f"{REPLY}test_the_least_consent_user_decides"),
    "consent.topic action_open_people": Button(
        STAFF,
        "test_consent_topic.TestConsentTopic.test_the_buttons_open_the_people_and_the_trend_of_the_topic",
        opens=True,
    ),
    "consent.topic action_open_trend": Button(
        STAFF,
        "test_consent_topic.TestConsentTopic.test_the_buttons_open_the_people_and_the_trend_of_the_topic",
        opens=True,
    ),
    "crm.lead action_open_consent": LENS,
    "mailing.contact action_open_consent": LENS,
    "res.partner action_open_consent": LENS,
    "mailing.mailing action_approve": Button(
        (*MARKETERS, "administrator"),
        "test_transactional_approval.TestTransactionalApproval"
        ".test_it_leaves_only_when_a_second_person_with_the_right_approved",
    ),
    **dict.fromkeys(
        ("mail.template action_consent_approve", "sms.template action_consent_approve"),
        Button(OFFICERS, "test_kind.TestHeld.test_what_waits_leaves_once_it_is_called_a_service_message"),
    ),
    "ir.actions.server action_consent_approve": Button(
        (), "test_kind.TestHeld.test_a_service_action_covers_its_template_until_either_changes"
    ),
    "mailing.mailing action_preflight": Button(MARKETERS, f"{PREFLIGHT}test_it_counts_by_reason_and_opens_the_people"),
    "mailing.mailing action_view_withheld": Button(
        MARKETERS, "test_tours.TestTours.test_a_marketer_sees_who_was_withheld_and_why", opens=True
    ),
    "mailing.trace action_open_consent_event": Button(
        MARKETERS, "test_marketer.TestMarketer.test_afterwards_they_find_the_way_back_to_the_event"
    ),
    **dict.fromkeys(
        (
            f"res.config.settings consent_{name}_action"
            for name in ("country_profile", "notice", "purpose", "sms_setup")
        ),
        Button(("administrator",), f"{HERE}test_a_button_that_opens_something_opens_what_is_there"),
    ),
    "res.config.settings action_confirm_consent_database": Button(
        ("administrator",),
        "test_coverage.TestMailings.test_a_copied_database_holds_marketing_until_somebody_confirms",
    ),
    "res.config.settings action_rotate_consent_keys": Button(
        ("administrator",), f"{HERE}test_links_are_signed_with_a_new_key_and_old_ones_keep_working"
    ),
}


@tagged("post_install", "-at_install")
class TestButtons(RoleCase):
    """Every button of ours: no view has one that is not in the table, and no row of the table is untrue."""

    def buttons(self):
        """Return the buttons of all views of ours, each as its model and name."""
        names = self.env["ir.model.data"].search([("module", "=", ADDON), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].browse(names.mapped("res_id")).filtered(lambda view: view.type != "qweb")
        found = set()
        for view in views:
            for node in etree.fromstring(view.arch_db).iter("button", "a", "list", "kanban"):
                name = node.get("action") if node.tag in ("list", "kanban") else node.get("name")
                if node.get("type") in ("object", "action") and name:
                    found.add(f"{self.model_at(view, node)} {self.plain_name(name)}")
        return found

    def model_at(self, view, node):
        """Return the model that `node` speaks of: that of the innermost list it stands in."""
        lists = [field for field in node.iterancestors("field") if not field.get("position")]
        model = view.model or view.inherit_id.model
        for field in reversed(lists):
            model = self.env[model]._fields[field.get("name")].comodel_name
        return model

    def plain_name(self, name):
        if not name.isdigit():
            return name
        action = self.env["ir.actions.actions"].browse(int(name))
        return self.env[action.type].browse(action.id).get_external_id()[action.id].partition(".")[2]

    def test_every_button_is_in_the_table(self):
        self.assertEqual(self.buttons(), set(BUTTONS))

    def test_each_has_a_test_of_what_it_does(self):
        for name, button in BUTTONS.items():
            with self.subTest(button=name):
                file, case, test = button.test.split(".")
                module = getattr(importlib.import_module(TESTS), file)
                self.assertTrue(callable(getattr(getattr(module, case), test)))
                method = name.split()[1]
                if not method.startswith("action_"):
                    continue
                told = inspect.getsource(module) + "".join(map(Path.read_text, TOURS.glob("*.js")))
                self.assertIn(method, told, f"{file} never presses it")

    def pressable(self):
        """Return a record of each lasting model with buttons, made where the story has none."""
        point = self.record(ANNA).contact_point_id.id
        event = self.record(ANNA).granting_event_id
        company = self.env.company.id
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", self.partners.ids)],
                "consent_topic_id": self.news.id,
            }
        )
        made = {
            "consent.import": {"file": base64.b64encode(b"email\nx@x.example\n"), "company_id": company},
            "consent.reply": {"contact_point_id": point, "company_id": company, "received_at": datetime.now()}
            | {"channel": "email", "sender": ANNA, "reason": "unclear"},
            "consent.notice": {"purpose_id": self.news.purpose_id.id, "lang": "en_US", "version": 9, "body": "Yes."}
            | {"privacy_url": "https://lumen.example/privacy"},
            "consent.outbox": {"event_id": event.id, "consumer": "nobody"},
            "consent.page": {"name": "Sign up", "code": "sign-up", "topic_ids": self.news.ids},
            "consent.provider.sync": {"contact_point_id": point, "company_id": company},
            "consent.reversal": {"event_id": event.id, "company_id": company, "state": "declined", "number": 1}
            | {"at": datetime.now()},
            "crm.lead": {"name": "Lamps", "email_from": CARLA},
            "mailing.contact": {"email": CARLA},
            "mailing.trace": {"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": self.anna.id},
        }
        found = {model: self.env[model].sudo().create(values) for model, values in made.items()}
        found |= {"mailing.mailing": mailing, "res.partner": self.anna, "consent.event": event}
        found |= {
            "consent.record": self.record(ANNA),
            "consent.topic": self.news,
            "consent.purpose": self.news.purpose_id,
        }
        return found | {"consent.status": self.env["consent.status"].search([], limit=1)}

    @mute_logger(
        "odoo.http", "odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.sql_db"
    )
    def test_only_who_may_press_it_can(self):
        records = self.pressable()
        for role in ROLES:
            self.authenticate(role, f"{role}-password")
            for name, button in BUTTONS.items():
                model, method = name.split()
                if model not in records or not method.startswith("action_"):
                    continue
                with self.subTest(role=role, button=name):
                    answer = self.call(model, method, records[model].ids)
                    if button.opens and isinstance(answer, dict):
                        self.assertIn("type", answer)
                    elif role in button.roles:
                        self.assertNotEqual(answer, DENIED)
                    else:
                        self.assertEqual(answer, DENIED)

    def test_a_wizards_buttons_are_for_who_may_open_the_wizard(self):
        for name, button in BUTTONS.items():
            model = name.split()[0]
            if self.env[model]._transient and model in MATRIX:
                with self.subTest(button=name):
                    may = {role for roles, rights in MATRIX[model].items() if "r" in rights for role in roles}
                    self.assertEqual(set(button.roles), may)

    def test_a_button_that_opens_something_opens_what_is_there(self):
        for name in BUTTONS:
            model, action = name.split()
            if action.startswith("action_"):
                continue
            with self.subTest(button=name):
                opened = self.env["ir.actions.act_window"]._for_xml_id(f"{ADDON}.{action}")
                views = self.env[opened["res_model"]].get_views(opened["views"])["views"]
                self.assertTrue(views)

    def test_each_lens_opens_the_consent_of_its_person(self):
        lead = self.env["crm.lead"].create({"name": "Lamps", "email_from": ANNA})
        for record in (self.anna, lead, self.env["mailing.contact"].create({"email": ANNA})):
            opened = record.action_open_consent()
            self.assertEqual(opened["tag"], "marketing_consent.panel")
            whose = (opened["context"]["active_model"], opened["context"]["active_id"])
            self.assertEqual(whose, (record._name, record.id))
            self.assertEqual(self.env["consent.panel"].look(*whose)["columns"][0]["address"], ANNA)

    def test_a_page_opens_where_people_find_it(self):
        page = self.env["consent.page"].create({"name": "Sign up", "code": "sign-up", "topic_ids": self.news.ids})
        self.assertIn("Sign up", self.url_open(page.action_open()["url"]).text)

    def test_what_was_put_off_is_delivered_again(self):
        outbox = self.env["consent.outbox"].sudo()
        row = outbox.create({"event_id": self.record(ANNA).granting_event_id.id, "consumer": "nobody"})
        row._put_off(ValueError("not now"))
        self.assertNotIn(row, outbox._take("nobody"))
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([])
        row.action_retry()
        self.assertGreater(triggers.search_count([]), before)
        self.assertIn(row, outbox._take("nobody"))

    def test_links_are_signed_with_a_new_key_and_old_ones_keep_working(self):
        def token():
            return self.env["consent.link"]._tokens("email", [ANNA], self.env.company, self.news)[ANNA]

        before = token()
        self.env["res.config.settings"].create({}).action_rotate_consent_keys()
        self.assertNotEqual(token(), before)
        answer = self.url_open(f"/consent/unsubscribe/{before}")
        self.assertEqual((answer.status_code, "News about lamps" in answer.text), (200, True))


@tagged("post_install", "-at_install")
class TestPanelButtons(ConsentStory, BrowserCase):
    """The buttons of the panel, which no view has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        for _round in range(12):
            cls.withdraw(ANNA)
            cls.yes(ANNA)
        for role, groups in {"clerk": "group_user", "officer": "group_officer"}.items():
            groups = f"marketing_consent.{groups},base.group_partner_manager"
            new_test_user(cls.env, role, groups=groups, password=role)

    def panel(self, page):
        page.goto(f"/odoo/contacts/{self.anna.id}", timeout=120_000)
        page.locator("button[name=action_open_consent]").click()
        page.locator(".o_consent_page .o_consent_matrix").wait_for()
        return {button.get_attribute("name") for button in page.locator(".o_consent_panel button[name]").all()}

    def test_each_does_what_it_says(self):
        with self.browsing("officer") as page:
            self.assertEqual(self.panel(page), set(PANEL))
            events = page.locator(".o_consent_timeline > li")
            before = events.count()
            page.locator("button[name=more]").click()
            events.nth(before).wait_for()
            page.locator("button[name=why]").first.click()
            page.locator(".o_field_widget[name=type]", has_text="Given").wait_for()
            self.panel(page)
            page.locator("button[name=prove]").first.click()
            page.get_by_role("dialog").locator(".o_field_widget[name=reason]").wait_for()

    def test_a_clerk_writes_down_a_choice_a_withdrawal_and_an_objection(self):
        with self.browsing("clerk") as page:
            self.assertEqual(self.panel(page), set(PANEL) - {"prove"})
            page.locator("button[name=record_choice]").click()
            page.get_by_role("dialog").get_by_text("What did they tell us?").wait_for()
            page.keyboard.press("Escape")
            page.locator("button[name=withdraw]").first.click()
            page.get_by_role("menuitem", name="Staff, by phone").click()
            page.locator(".o_consent_matrix td", has_text="Withdrawn").wait_for()
            page.locator("button[name=object_to_all]").click()
            page.get_by_role("menuitem", name="Paper form").click()
            page.locator(".o_consent_panel .alert", has_text="all marketing").first.wait_for()
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.record(ANNA).last_event_id.source, "staff_phone")
