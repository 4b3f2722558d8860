"""Recipients' own links in users' own texts: listed in the editor, filled when the message leaves."""

import re

from odoo.tests import tagged

from ..cases.browser import BrowserCase
from ..cases.pages import LinkCase
from ..cases.paths import Paths
from ..cases.story import ANNA, BEN, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestSmsPlaceholders(Paths):
    # superuser: the links of a message do not depend on who sends.

    def bodies(self, path=None, **values):
        with self.sending():
            path(self.news) if path else self.mailing(
                mailing_type="sms", sms_force_send=True, **values
            ).action_send_mail()
        return {sms["number"]: sms["body"] for sms in self._sms}

    def setUp(self):
        super().setUp()
        self.env.company.website_id.domain = "https://lumen.example"

    def test_an_sms_gets_the_short_link_that_stops_it_and_stays_one_segment(self):
        self.env.company.consent_sms_brand = "Lumen Lamps"
        text = "New lamps are in, 20% off until Sunday at Lumen Lamps, Brussels. Stop: /consent/unsubscribe"
        body = self.bodies(body_plaintext=text)[PHONES[ANNA]]
        found = re.fullmatch(r"New lamps .* Stop: https://lumen\.example/c/([\w-]+)", body)
        self.assertEqual(
            self.env["consent.link"]._read(found[1]).point_id, self.record(ANNA, channel="sms").contact_point_id.id
        )
        self.assertLessEqual(len(body), 160)

    def test_a_flagged_sms_template_gets_them_too(self):
        def path(topic):
            template = self.new_sms_template(topic)
            template.body = "Lamps. https://lumen.example/consent/why"
            self.anna._message_sms_with_template(template=template, partner_ids=self.anna.ids)

        why = r"^[^:]+: Lamps\. https://lumen\.example/consent/why/[\w-]{30,}\nStop: https://lumen\.example/c/[\w-]+$"
        self.assertRegex(self.bodies(path)[PHONES[ANNA]], why)

    def test_brand_and_way_out_are_there_whatever_links_a_text_has(self):
        company, link = self.env.company, self.env["consent.link"]
        company.consent_sms_brand = "Lumen"
        [token] = link._tokens("sms", [PHONES[CARLA]], company, self.news).values()
        tokens = link._tokens("sms", [PHONES[ANNA]], company, self.news)
        for text in (
            "Lamps https://shop.example/c/7",
            "Lamps https://lumen.example/c/sale",
            f"Lamps https://lumen.example/c/{token}",
            f"Lamps https://lumen.example/c/{tokens[PHONES[ANNA]]}x",
            f"Lamps https://evil.example/c/{tokens[PHONES[ANNA]]}",
            "Lamps /consent/preferences",
            "Lamps www.lumen.example",
            "Lamps: mail to shop@lumen.example",
        ):
            body = self.bodies(body_plaintext=text)[PHONES[ANNA]]
            self.assertRegex(body, r"(?s)^Lumen: Lamps.*\nStop: https://lumen\.example/c/[\w-]+$", text)
            found = body.rpartition("/c/")[2]
            self.assertEqual(link._subject(found)["point"].address, PHONES[ANNA], text)
        body = self.bodies(body_plaintext="Lamps, stop: /consent/unsubscribe")[PHONES[ANNA]]
        self.assertRegex(body, r"^Lumen: Lamps, stop: https://lumen\.example/c/[\w-]+$")

    def test_a_message_that_failed_is_finished_once(self):
        self.env.company.consent_sms_brand = "Lumen"
        sms = self.env["sms.sms"].create({"number": PHONES[ANNA], "body": "Lamps", "consent_topic_id": self.news.id})
        sms._consent_finish()
        finished = sms.body
        self.env["consent.link"]._rotate_keys()
        sms._consent_finish()
        self.assertEqual(sms.body, finished, "a link that an older key signed is ours too")

    def test_a_text_without_placeholders_stays_as_it_is(self):
        body = self.bodies(body_plaintext="Lamps /consent/other")[PHONES[ANNA]]
        self.assertRegex(body, r"^[^:]+: Lamps /consent/other\nStop: https://lumen\.example/c/[\w-]+$")


@tagged("post_install", "-at_install")
class TestUnflagged(Paths):
    # superuser: the links of a message do not depend on who sends.

    def bodies(self, **values):
        self.env.company.website_id.domain = "https://lumen.example"
        template = self.new_template(self.env["consent.topic"])
        template.body_html = '<p>Your order. <a href="/consent/unsubscribe">Stop</a></p>'
        self.of_a_kind(template)
        with self.sending():
            template.send_mail(self.carla.id, force_send=True, email_values=values)
        return [message.message.get_body("html").get_content() for message in self.sink.messages]

    def test_a_placeholder_in_a_message_that_is_no_marketing_is_the_recipients_link(self):
        [body] = self.bodies()
        token = re.search(r'href="https://lumen\.example/consent/unsubscribe/([\w-]+)"', body)[1]
        link = self.env["consent.link"]._read(token)
        self.assertEqual(self.env["consent.contact.point"].browse(link.point_id).sudo().address, CARLA)

    def test_of_several_recipients_none_gets_the_link_of_another(self):
        self.bodies(email_cc=f"{BEN}, {ANNA}")
        for message in self.sink.messages:
            body = message.message.get_body("html").get_content()
            self.assertEqual("/consent/unsubscribe/" in body, message.recipients == [CARLA])


@tagged("post_install", "-at_install")
class TestEditor(BrowserCase, LinkCase):
    def test_the_editor_of_a_template_lists_the_links_and_inserts_them(self):
        template = self.env["mail.template"].create(
            {"name": "Lamps", "model_id": self.env["ir.model"]._get_id("res.partner"), "consent_topic_id": self.news.id}
        )
        with self.browsing("admin") as page:
            page.goto(f"/odoo/mail.template/{template.id}")
            page.locator(".odoo-editor-editable").click()
            page.keyboard.type("/unsub")
            page.locator(".o-we-command", has_text="Unsubscribe link").wait_for()
            self.screenshot(page, "editor-powerbox")
            page.keyboard.press("Enter")
            page.locator(".odoo-editor-editable a", has_text="Unsubscribe").wait_for()
            page.locator(".o_form_button_save").click()
            page.locator(".o_form_saved, .o_form_readonly, .o_form_view").first.wait_for()
            page.wait_for_timeout(1000)
        self.assertIn('href="/consent/unsubscribe"', template.body_html)
