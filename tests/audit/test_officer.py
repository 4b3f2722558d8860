from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...exceptions import ConsentError
from ..cases.browser import PHONE, BrowserCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase, ConsentStory

GROUPS = "marketing_consent.group_officer,mass_mailing.group_mass_mailing_user,base.group_partner_manager"
WHY = "Complaint of 3 March"
ASSETS = 120_000  # the first page of a run waits for assets to be built (milliseconds)


def days(number):
    """Return the time some days from now."""
    return fields.Datetime.now() + timedelta(days=number)


@tagged("post_install", "-at_install")
class TestAccessToEvidence(ConsentCase):
    """Evidence is seen for a reason, and the reason is kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "officer", groups=GROUPS)
        event = cls.yes(
            CARLA, source="paper", evidence={"note": "Form in folder 7"}, attachments=[("form.txt", b"Carla says yes")]
        )
        cls.event = cls.env["consent.event"].browse(event).with_user(cls.officer)

    def ask(self, reason=WHY):
        wizard = self.env["consent.access.reason"].browse(self.event.action_see_evidence()["res_id"])
        wizard = wizard.with_user(self.officer)
        wizard.reason = reason
        return wizard

    def test_it_is_shown_for_a_reason_which_is_kept(self):
        wizard = self.ask()
        self.assertFalse(wizard.line_ids)
        wizard.action_confirm()
        self.assertIn(("Note", "Form in folder 7"), [(line.name, line.value) for line in wizard.line_ids])
        self.assertEqual(wizard.attachment_ids.raw, b"Carla says yes")
        entry = self.env["consent.access.log"].with_user(self.officer).search([], limit=1)
        self.assertEqual(
            (entry.user_label, entry.kind, entry.res_model, entry.res_ids, entry.reason),
            (self.officer.name, "evidence", "consent.event", self.event.ids, WHY),
        )
        self.assertNotIn(CARLA, entry.subject)

    def test_without_a_reason_nothing_is_shown_nor_noted(self):
        for reason in (False, "", "   ", "x"):
            wizard = self.ask(reason)
            with self.assertRaises(ConsentError):
                wizard.action_confirm()
            self.assertFalse(wizard.line_ids)
        self.assertFalse(self.env["consent.access.log"].search_count([]))

    def test_no_way_leads_around_the_reason(self):
        for user in (self.officer, new_test_user(self.env, "manager", groups="marketing_consent.group_manager")):
            with self.assertRaises(AccessError):
                self.env["consent.evidence"].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.event.with_user(user).read(["evidence_id"])
        other = new_test_user(self.env, "other", groups=GROUPS)
        wizard = self.ask()
        wizard.action_confirm()
        with self.assertRaises(AccessError):
            wizard.with_user(other).read(["line_ids"])
        with self.assertRaises(AccessError):
            wizard.line_ids.with_user(other).read(["value"])
        with self.assertRaises(AccessError):
            wizard.attachment_ids.with_user(other).read(["datas"])

    def test_the_log_cannot_be_changed(self):
        self.ask().action_confirm()
        entry = self.env["consent.access.log"].search([], limit=1)
        for user in (self.officer, self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            with self.assertRaises(AccessError):
                entry.with_user(user).write({"reason": "none"})
            with self.assertRaises(AccessError):
                entry.with_user(user).unlink()
        with self.assertRaises(AccessError):
            self.env["consent.access.log"].with_user(self.officer).create({"reason": WHY})

    def test_who_may_not_see_evidence_is_not_asked(self):
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        with self.assertRaises(AccessError):
            self.event.with_user(clerk).action_see_evidence()

    def test_the_download_of_the_ledger_needs_a_reason_too(self):
        with self.assertRaises(ConsentError):
            self.env["consent.export"].with_user(self.officer).create({}).action_download()
        self.env["consent.export"].with_user(self.officer).create({"reason": WHY}).action_download()
        self.assertEqual(self.env["consent.access.log"].search([], limit=1).kind, "export")


@tagged("post_install", "-at_install")
class TestAsOf(ConsentCase):
    """What was true then, and what we knew then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "officer", groups=GROUPS)

    def ask(self, record, valid_at, known_at, reason=WHY):
        context = {"active_model": record._name, "active_ids": record.ids}
        wizard = self.env["consent.as.of"].with_user(self.officer).with_context(**context)
        wizard = wizard.create({"valid_at": valid_at, "known_at": known_at, "reason": reason})
        wizard.action_answer()
        return wizard.line_ids

    def test_now_it_agrees_with_the_gate(self):
        self.yes(CARLA, valid_until=days(10))
        self.yes("erik@lumen.example")
        self.env["consent.record"].block(
            "paused", "email", "erik@lumen.example", until=days(3), source="preference_page"
        )
        self.yes("frida@lumen.example")
        self.env["consent.record"].block("bounced", "email", "frida@lumen.example", source="bounce")
        self.records.refuse("news", "email", "gus@lumen.example", source="preference_page")
        self.yes(DIRK)
        people = [ANNA, BEN, CARLA, DIRK, *(f"{name}@lumen.example" for name in ("erik", "frida", "gus"))]
        points = self.env["consent.contact.point"].search([("address", "in", people)])
        for topic in self.news, self.events:
            for mode in ("opt_in", "opt_out"):
                self.env.company.consent_mode = mode
                for later in (0, 5, 20):
                    at = days(later) + timedelta(seconds=5)
                    verdicts = self.env["consent.gate"]._decide(topic, "email", people, self.env.company, at)
                    reasons = self.env["consent.past"]._reasons(points, topic, self.env.company, at, at)
                    with self.subTest(topic=topic.code, mode=mode, later=later):
                        self.assertEqual(
                            {point.address: reasons[point.id] for point in points},
                            {address: verdicts[address].reason for address in people},
                        )

    def test_a_fact_that_arrived_late_was_true_before_we_knew(self):
        self.yes(CARLA, source="paper", occurred_at=days(-30), evidence={"note": "Fair"})
        then = self.ask(self.carla, days(-10), days(-10))
        self.assertFalse(then, "not known then")
        now = self.ask(self.carla, days(-10), days(1))
        self.assertEqual(now.filtered("topic_id").mapped("state"), ["granted"])
        self.assertEqual(now.event_id.occurred_at.date(), days(-30).date())
        self.assertFalse(self.ask(self.carla, days(-40), days(1)), "not true yet")

    def test_of_a_whole_mailing(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "consent_topic_id": self.news.id,
            }
        )
        self.env["mailing.trace"].create(
            [
                {
                    **{"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": partner.id},
                    **{
                        "email": partner.email,
                        "trace_status": "cancel" if reason else "sent",
                        "consent_reason": reason,
                    },
                }
                for partner, reason in zip(self.partners, (False, False, "no_consent", "objected"), strict=True)
            ]
        )
        self.yes(CARLA, source="paper", occurred_at=days(-30), evidence={"note": "Fair"})
        found = {(line.outcome, line.verdict): line for line in self.ask(mailing, days(1), days(1))}
        self.assertEqual(
            {key: line.count for key, line in found.items()},
            {
                ("Sent", "Allowed"): 1,
                ("Sent", "Withdrawn"): 1,
                ("No consent", "Allowed"): 1,
                ("Objected to marketing", "Objected to marketing"): 1,
            },
        )
        action = found["Sent", "Withdrawn"].action_open()
        self.assertEqual(self.env["mailing.trace"].search(action["domain"]).email, BEN)

    def test_it_asks_in_a_fixed_number_of_statements(self):
        people = [f"p{number}@lumen.example" for number in range(60)]
        for address in people:
            self.yes(address)
        points = self.env["consent.contact.point"].search([("address", "in", people)])

        def statements(points):
            before = self.cr.sql_log_count
            self.env["consent.past"]._reasons(points, self.news, self.env.company, days(1), days(1))
            return self.cr.sql_log_count - before

        statements(points)
        self.assertEqual(statements(points[:1]), statements(points))

    def test_it_needs_a_reason_and_times_that_make_sense(self):
        with self.assertRaises(ConsentError):
            self.ask(self.anna, days(0), days(0), reason="")
        with self.assertRaises(UserError):
            self.ask(self.anna, days(0), days(-1))
        self.ask(self.anna, days(0), days(0))
        self.assertEqual(self.env["consent.access.log"].search([], limit=1).kind, "as_of")
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        with self.assertRaises(AccessError):
            self.env["consent.as.of"].with_user(clerk).create({"valid_at": days(0), "known_at": days(0)})


@tagged("post_install", "-at_install")
class TestOfficerInTheBrowser(ConsentStory, BrowserCase):
    """An officer asks about the past, and sees evidence for a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        new_test_user(cls.env, "officer", groups=GROUPS, password="officer")
        cls.event = cls.env["consent.event"].browse(cls.yes(CARLA, source="paper", evidence={"note": "Folder 7"}))

    def test_evidence_is_shown_for_a_reason(self):
        with self.browsing("officer") as page:
            page.goto(f"/odoo/action-marketing_consent.consent_event_action/{self.event.id}", timeout=ASSETS)
            page.get_by_role("button", name="See the Evidence").click()
            dialog = page.get_by_role("dialog")
            dialog.locator(".o_field_widget[name=reason] textarea").fill(WHY)
            self.screenshot(page, "evidence_why")
            dialog.get_by_role("button", name="Show It").click()
            page.get_by_role("dialog").get_by_text("Folder 7").wait_for()
            self.screenshot(page, "evidence")
        self.assertEqual(self.env["consent.access.log"].search([], limit=1).reason, WHY)

    def test_the_past_of_a_person_on_a_phone(self):
        with self.browsing("officer", size=PHONE) as page:
            page.goto(f"/odoo/contacts/{self.ben.id}", timeout=ASSETS)
            page.locator(".o_cp_action_menus button").first.click()
            page.get_by_text("Consent in the Past").click()
            dialog = page.get_by_role("dialog")
            dialog.locator(".o_field_widget[name=reason] input").fill(WHY)
            self.screenshot(page, "as_of_why_phone")
            dialog.get_by_role("button", name="Answer").click()
            page.get_by_role("dialog").get_by_text("Withdrawn").first.wait_for()
            self.screenshot(page, "as_of_phone")
            self.assert_fits(page)
