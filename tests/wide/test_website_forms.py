"""Forms that addons bring on which ours does not depend: the checkout of the shop, registration for an event."""

import json
import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..browser import BrowserCase
from ..common import BEN, CARLA
from ..test_capture import NEW, CaptureCase
from ..test_preference_page import TOKEN


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


@tagged("post_install", "-at_install")
class TestEventRegistration(CaptureCase):
    def test_who_is_registered_for_an_event_by_whomever_has_said_nothing_by_it(self):
        start = fields.Datetime.now() + timedelta(days=1)
        values = {"name": "Evening", "date_begin": start, "date_end": start + timedelta(hours=2), "is_published": True}
        evening = self.env["event.event"].create(values)
        questions = {question.question_type: question.id for question in evening.question_ids}
        self.authenticate(None, None)
        events = self.env["consent.event"].search_count([])
        for address, reason in ((CARLA, "no_consent"), (BEN, "withdrawn")):
            page = self.url_open(f"/event/{evening.id}/register").text
            form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1], "1-event_ticket_id": "0"}
            form |= {f"1-name-{questions['name']}": "Else", f"1-email-{questions['email']}": address}
            form |= {"1-consent_choice-1": "yes", "newsletter": "on", "opt_in": "1"}
            self.url_open(f"/event/{evening.id}/registration/confirm", data=form)
            self.env.invalidate_all()
            self.assertIn(address, evening.registration_ids.mapped("email"))
            self.assertEqual(self.verdict(address).reason, reason)
            self.assertFalse(self.env["mailing.subscription"].search([("contact_id.email", "=", address)]))
            self.assertFalse(self.waiting(address))
        self.assertEqual(self.env["consent.event"].search_count([]), events)
