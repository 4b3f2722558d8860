"""Forms that addons bring on which ours does not depend: the checkout of the shop, registration for an event."""

import json
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.pages import NEW, TOKEN, CaptureCase
from ..cases.story import BEN, CARLA


class ShopCase(CaptureCase):
    """A shop whose checkout offers a newsletter, and somebody with a lamp in the cart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        site = cls.env.ref("website.default_website")
        cls.newsletter = cls.env["mailing.list"].create({"name": "Newsletter"})
        site.newsletter_id = cls.newsletter
        cls.env["ir.ui.view"].with_context(active_test=False).search(
            [("key", "=", "website_sale_mass_mailing.newsletter")]
        ).active = True
        cls.lamp = cls.env["product.product"].create({"name": "Lamp", "list_price": 10, "is_published": True})

    def put_in_cart(self):
        values = {"product_template_id": self.lamp.product_tmpl_id.id, "product_id": self.lamp.id, "quantity": 1}
        self.make_jsonrpc_request("/shop/cart/add", values)

    def check_out(self, email=NEW, **values):
        """Enter an address at the checkout, as a visitor; return the answer."""
        self.authenticate(None, None)
        self.put_in_cart()
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open("/shop/address").text)[1]
        address = {"name": "Nora", "email": email, "phone": "+32470000077", "street": "A", "city": "B", "zip": "1000"}
        address |= {"country_id": self.env.ref("base.be").id, "csrf_token": token, "use_delivery_as_billing": "true"}
        answer = json.loads(self.url_open("/shop/address/submit", data=address | values).text)
        self.work_off()
        self.env.invalidate_all()
        return answer

    def subscriptions(self, email=NEW):
        return self.env["mailing.subscription"].search([("contact_id.email", "=", email)])


@tagged("post_install", "-at_install")
class TestCheckout(ShopCase):
    def test_the_newsletter_box_joins_nobody_to_a_list_of_a_topic(self):
        self.newsletter.consent_topic_id = self.news
        for address in (CARLA, BEN, NEW):
            with self.subTest(address):
                reason = self.verdict(address).reason
                self.assertIn("redirectUrl", self.check_out(address, newsletter="on"))
                self.assertFalse(self.subscriptions(address))
                self.assertEqual(self.verdict(address).reason, reason)
                self.assertFalse(self.waiting(address))

    def test_it_brings_nobody_back_who_left_and_grants_nothing(self):
        contact = self.env["mailing.contact"].create({"name": "Ben", "email": BEN, "list_ids": self.newsletter.ids})
        contact.subscription_ids.opt_out = True
        events = self.env["consent.event"].search_count([])
        for address in (BEN, CARLA):
            self.check_out(address, newsletter="on")
        self.assertTrue(self.subscriptions(BEN).opt_out)
        self.assertEqual(self.env["consent.event"].search_count([]), events)
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")

    def test_a_ticked_box_at_the_checkout_is_confirmed_and_becomes_evidence(self):
        self.newsletter.consent_topic_id = self.news
        self.env.company.consent_account_topic_ids = self.events
        boxes = self.boxes(form="account") | self.boxes(newsletter="1")
        self.assertEqual({pair for pair in boxes if pair[0] == self.news}, {(self.news, "email")})
        ticked = dict(boxes[topic, "email"] for topic in (self.news, self.events))
        self.assertIn("redirectUrl", self.check_out(**ticked))
        self.assertEqual(self.verdict(NEW).reason, "waiting")
        token = TOKEN.search(self.queued(NEW)[-1:].body_html)[1]
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        event = self.record(NEW).granting_event_id
        self.assertEqual((event.source, event.evidence_grade), ("double_opt_in", "A"))
        self.assertIn("I want News about lamps", event._evidence()["statement"])
        self.assertEqual(event._evidence()["request"]["form"], "address")
        self.assertTrue(self.verdict(NEW, self.events).allowed)

    def test_a_box_that_could_have_no_effect_is_said_before_the_address_is_saved(self):
        self.env.company.consent_account_topic_ids = self.news
        ticked = dict([self.boxes(form="account")[self.news, "sms"]])
        people = self.env["res.partner"].search_count([])
        for values, field, message in (
            (ticked | {"phone": ""}, "phone", "mobile number"),
            ({"consent_choice_1_email": "yes"}, "email", "open for too long"),
        ):
            answer = self.check_out(**values)
            self.assertIn(message, " ".join(answer["messages"]))
            self.assertIn(field, answer["invalid_fields"])
        self.assertEqual(self.env["res.partner"].search_count([]), people)


@tagged("post_install", "-at_install")
class TestCheckoutPage(BrowserCase, ShopCase):
    def test_the_box_of_the_topic_stands_in_place_of_the_shops_own(self):
        self.newsletter.consent_topic_id = self.news
        with self.browsing() as page:
            page.goto(self.lamp.website_url)
            page.evaluate(
                """values => fetch("/shop/cart/add", {method: "POST", headers: {"Content-Type": "application/json"},
                    body: JSON.stringify({jsonrpc: "2.0", method: "call", params: values})})""",
                {"product_template_id": self.lamp.product_tmpl_id.id, "product_id": self.lamp.id, "quantity": 1},
            )
            page.goto("/shop/address")
            box = page.get_by_label("News about lamps (E-mail)")
            box.wait_for()
            self.assertFalse(box.is_checked())
            self.assertFalse(page.locator("[name=newsletter]").is_visible())
            self.screenshot(page, "checkout")


class EventCase(CaptureCase):
    """An evening in the shop for which people register."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start = fields.Datetime.now() + timedelta(days=1)
        values = {"name": "Evening", "date_begin": start, "date_end": start + timedelta(hours=2), "is_published": True}
        cls.evening = cls.env["event.event"].create(values)
        cls.questions = {question.question_type: question.id for question in cls.evening.question_ids}

    def register(self, *people, **values):
        """Register people by (address, phone), as a visitor; return where it leads to."""
        page = self.url_open(f"/event/{self.evening.id}/register").text
        form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1], **values}
        for number, (email, phone) in enumerate(people, 1):
            form[f"{number}-event_ticket_id"] = "0"
            for kind, value in (("name", "Else"), ("email", email), ("phone", phone)):
                form[f"{number}-{kind}-{self.questions[kind]}"] = value
        headers = {"Referer": f"{self.base_url()}/event/evening/register?email=secret@lumen.example"}
        path = f"/event/{self.evening.id}/registration/confirm"
        answer = self.url_open(path, data=form, headers=headers, allow_redirects=False)
        self.work_off()
        self.env.invalidate_all()
        return answer.headers.get("Location", "")

    def registered(self):
        return self.evening.registration_ids.mapped("email")


@tagged("post_install", "-at_install")
class TestEventRegistration(EventCase):
    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.env.company.consent_account_topic_ids = self.news | self.events

    def test_a_ticked_box_is_confirmed_and_becomes_evidence(self):
        ticked = dict([self.boxes(form="account")[self.news, "email"]])
        self.assertIn("/registration/success", self.register((NEW, ""), **ticked))
        self.assertEqual(self.registered(), [NEW])
        self.assertEqual(self.verdict(NEW).reason, "waiting")
        token = TOKEN.search(self.queued(NEW)[-1:].body_html)[1]
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        event = self.record(NEW).granting_event_id
        self.assertEqual((event.source, event.evidence_grade), ("double_opt_in", "A"))
        evidence = event._evidence()
        self.assertIn("I want News about lamps", evidence["statement"])
        asked = evidence["request"]
        said = (asked["page"], asked["form"], asked["language"])
        self.assertEqual(said, ("/event/evening/register", "registration", "en_US"))
        self.assertNotIn("secret", json.dumps(evidence))
        self.assertEqual(self.verdict(NEW, self.events).reason, "no_consent", "one box, one topic")

    def test_it_speaks_for_the_first_person_only(self):
        ticked = dict([self.boxes(form="account")[self.news, "email"]])
        self.register((NEW, ""), (CARLA, ""), **ticked)
        self.assertCountEqual(self.registered(), [NEW, CARLA])
        self.assertTrue(self.waiting(NEW))
        self.assertFalse(self.waiting(CARLA))
        self.register(("", ""), (CARLA, ""), **ticked)
        self.assertFalse(self.waiting(CARLA), "nor for the next where the first has no address")

    def test_a_box_by_sms_is_for_the_phone(self):
        ticked = dict([self.boxes(form="account")[self.news, "sms"]])
        self.register((NEW, "0470 12 34 56"), **ticked)
        self.assertTrue(self.waiting("+32470123456", "sms"))
        self.assertFalse(self.waiting(NEW))

    def test_a_box_without_effect_costs_nobody_the_seat(self):
        by_sms = dict([self.boxes(form="account")[self.news, "sms"]])
        for number, ticked in enumerate((by_sms, {"consent_choice_1_email": "yes"}, {}), 1):
            self.assertIn("/registration/success", self.register((NEW, ""), **ticked))
            self.assertEqual(len(self.registered()), number)
            self.assertFalse(self.waiting() or self.waiting(NEW, "sms"))

    def test_who_gets_no_seat_has_asked_for_nothing(self):
        self.evening.write({"seats_limited": True, "seats_max": 1})
        ticked = dict([self.boxes(form="account")[self.news, "email"]])
        self.assertIn("registration_error_code", self.register((NEW, ""), (CARLA, ""), **ticked))
        self.assertFalse(self.registered())
        self.assertFalse(self.waiting())

    def test_who_has_proven_the_address_by_a_login_need_not_confirm(self):
        user = new_test_user(self.env, "carla", groups="base.group_portal", email=CARLA, partner_id=self.carla.id)
        proven = patch.object(type(user), "_consent_addresses", lambda user: {("email", CARLA): True})
        ticked = dict([self.boxes(form="account")[self.news, "email"]])
        self.authenticate("carla", "carla")
        with proven:
            self.register((CARLA, ""), **ticked)
        self.assertTrue(self.verdict(CARLA).allowed)

    def test_who_is_registered_for_an_event_by_whomever_has_said_nothing_by_it(self):
        events = self.env["consent.event"].search_count([])
        for address, reason in ((CARLA, "no_consent"), (BEN, "withdrawn")):
            self.register((address, ""), **{"1-consent_choice-1": "yes", "newsletter": "on", "opt_in": "1"})
            self.assertIn(address, self.registered())
            self.assertEqual(self.verdict(address).reason, reason)
            self.assertFalse(self.env["mailing.subscription"].search([("contact_id.email", "=", address)]))
            self.assertFalse(self.waiting(address))
        self.assertEqual(self.env["consent.event"].search_count([]), events)


@tagged("post_install", "-at_install")
class TestEventRegistrationPage(BrowserCase, EventCase):
    def open_form(self, page):
        page.goto(f"/event/{self.evening.id}/register")
        page.locator("[data-bs-target='#modal_ticket_registration']:visible").first.click()
        page.locator("#registration_form .a-submit").click()
        form = page.locator("form#attendee_registration")
        form.wait_for()
        return form

    def test_the_boxes_stand_above_the_buttons_and_a_ticked_one_needs_its_address(self):
        self.env.company.consent_account_topic_ids = self.news
        for size in (DESKTOP, PHONE):
            with self.browsing(size=size) as page:
                form = self.open_form(page)
                box = form.get_by_label("News about lamps (SMS)")
                box.wait_for()
                self.assertFalse(form.get_by_label("News about lamps (E-mail)").is_checked())
                self.assertFalse(box.is_checked() or box.get_attribute("required"))
                phone = form.locator("[name*='-phone-']")
                self.assertIsNone(phone.get_attribute("required"))
                box.check()
                self.assertIsNotNone(phone.get_attribute("required"))
                box.uncheck()
                self.assertIsNone(phone.get_attribute("required"))
                self.screenshot(page, f"registration-{size['width']}")

    def test_a_form_that_asks_for_no_phone_has_no_box_about_sms(self):
        self.env.company.consent_account_topic_ids = self.news
        self.evening.question_ids -= self.evening.question_ids.filtered(lambda asked: asked.question_type == "phone")
        with self.browsing() as page:
            form = self.open_form(page)
            form.get_by_label("News about lamps (E-mail)").wait_for()
            self.assertEqual(form.locator("[name^=consent_choice]").count(), 1)
