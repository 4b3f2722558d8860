import os
import re
from pathlib import Path

from lxml.html import fromstring
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..cases.browser import BrowserCase
from ..cases.optional import library
from ..cases.story import ANNA, CARLA, ConsentCase, ConsentStory


@tagged("post_install", "-at_install")
class TestConsentProof(ConsentCase):
    """The printable proof of one consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "officer", groups="marketing_consent.group_officer", lang="en_US")

    def proof(self, event, user=None):
        """Return the text of the proof as it is printed."""
        user = user or self.officer
        asked = self.env["consent.access.reason"].with_user(user).create({"kind": "proof", "event_ids": event.ids})
        asked.reason = "Asked by the authority"
        self.assertEqual(asked.action_confirm()["report_name"], "marketing_consent.consent_proof")
        return self.printed(event, user)

    def printed(self, event, user):
        report = self.env["ir.actions.report"].with_user(user)
        html, _type = report._render_qweb_html("marketing_consent.consent_proof", event.ids)
        text = " ".join(fromstring(html).text_content().split())
        return re.sub(r"\s+(?=[:,)])|(?<=\()\s+", "", text)

    def confirmed(self):
        request, token = (
            self.env["consent.request"]
            .sudo()
            ._open(
                self.news,
                "email",
                CARLA,
                self.news.purpose_id.notice_ids,
                source_label="Newsletter box",
                evidence={"ip": "192.0.2.1", "user_agent": "Firefox"},
            )
        )
        self.env["consent.request"]._confirm(token, evidence={"ip": "192.0.2.7"})
        return self.record(CARLA).granting_event_id

    def test_it_shows_the_wording_and_both_steps_of_a_double_opt_in(self):
        text = self.proof(self.confirmed())
        for part in (
            CARLA,
            "Confirmed: News about lamps",
            "I want News about lamps. I can stop at any time.",
            "https://lumen.example/privacy",
            "Requested",
            "Newsletter box",
            "192.0.2.1",
            "Firefox",
            "192.0.2.7",
            "A: confirmed by the person from the address",
            "Yes: No entry was changed, added or removed",
            "Yes: The text above is the one shown then",
            "Yes: The published wording is unchanged",
            "Yes: Address and evidence are the ones recorded then",
        ):
            self.assertIn(part, text)
        self.assertNotIn("NO:", text)

    def test_it_stays_the_same_when_the_purpose_is_closed_and_the_topic_renamed(self):
        event = self.confirmed()
        before = self.proof(event)
        self.news.purpose_id.active = False
        self.news.active = False
        self.assertEqual(self.proof(event).split("Printed on")[0], before.split("Printed on")[0])
        self.news.name = "Something else"
        self.assertIn("News about lamps (E-mail) I want News about lamps. I can stop at any time.", self.proof(event))

    def test_it_says_what_came_after(self):
        event = self.record(ANNA).granting_event_id
        self.withdraw(ANNA)
        text = self.proof(event)
        self.assertIn("Today Withdrawn", text)
        self.assertRegex(text, r"What came after .* Withdrawn \(Preference page\)")

    def test_it_says_when_evidence_was_erased(self):
        event = self.record(ANNA).granting_event_id
        event.sudo().evidence_id._erase()
        text = self.proof(event)
        self.assertIn("Erased: Address and evidence are the ones recorded then", text)
        self.assertIn("I want News about lamps. I can stop at any time.", text)

    def test_it_says_when_the_ledger_was_tampered_with(self):
        self.__class__.tampered = True
        event = self.record(ANNA).granting_event_id
        self.env.cr.execute("ALTER TABLE consent_event DISABLE TRIGGER USER")
        self.env.cr.execute(SQL("UPDATE consent_event SET source = 'paper' WHERE id = %s", event.id))
        event.invalidate_recordset()
        self.assertIn("NO: No entry was changed", self.proof(event))

    def test_only_the_officer_prints_it(self):
        event = self.record(ANNA).granting_event_id
        for login, group in (("clerk", "group_user"), ("manager", "group_manager")):
            user = new_test_user(self.env, login, groups=f"marketing_consent.{group}")
            with self.assertRaises(AccessError):
                self.proof(event, user)

    def test_a_reason_is_asked_first_and_printed(self):
        event = self.record(ANNA).granting_event_id
        with self.assertRaises(AccessError):
            self.printed(event, self.officer)
        action = event.with_user(self.officer).action_print_proof()
        self.assertEqual(action["res_model"], "consent.access.reason")
        self.assertIn("by officer (marketing_consent.group_officer): Asked by the authority", self.proof(event))
        other = self.record(ANNA, channel="sms").granting_event_id
        with self.assertRaises(AccessError):
            self.printed(other, self.officer)


@tagged("post_install", "-at_install")
class TestPrintedProof(ConsentStory, BrowserCase):
    """On paper: one page that whoever asked can read by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.officer = new_test_user(cls.env, "officer", groups="marketing_consent.group_officer", password="officer")

    def test_the_officer_prints_it_on_one_page(self):
        pypdfium2 = library("pypdfium2")
        event = self.record(ANNA).granting_event_id
        with self.browsing("officer") as page:
            page.goto(f"/odoo/action-marketing_consent.consent_event_action/{event.id}", timeout=120_000)
            page.get_by_role("button", name="Print the Proof").click()
            dialog = page.get_by_role("dialog")
            dialog.locator(".o_field_widget[name=reason] textarea").fill("Asked by the authority")
            dialog.get_by_role("button", name="Print It").click()
            page.frame_locator("iframe").get_by_text("Proof of Consent").wait_for()
            page.goto(f"/report/html/marketing_consent.consent_proof/{event.id}")
            paper = page.pdf(format="A4", print_background=True)
        document = pypdfium2.PdfDocument(paper)
        if folder := os.environ.get("MARKETING_CONSENT_SCREENSHOTS"):
            document[0].render(scale=1.5).to_pil().save(Path(folder) / "proof.png")
        self.assertEqual(len(document), 1)
        text = " ".join(document[0].get_textpage().get_text_range().split())
        for part in (
            "Proof of Consent",
            f"Who {ANNA} (E-mail)",
            "Given: News about lamps (Consent)",
            "I want News about lamps. I can stop at any time. https://lumen.example/privacy",
            "Wording News about lamps v1",
            "Yes: No entry was changed, added or removed",
            "Asked by the authority",
        ):
            self.assertIn(part, text)
