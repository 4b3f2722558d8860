import json
import re
from unittest.mock import patch

from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...tools import capture, throttle
from ..cases.browser import BrowserCase
from ..cases.pages import HOSTILE, NEW, PAGE, CaptureCase, PageCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES


@tagged("post_install", "-at_install")
class TestBoxes(CaptureCase):
    def test_the_server_says_what_stands_beside_a_box_and_none_is_ticked(self):
        boxes = self.boxes((self.news, "email"), (self.events, "sms"), checked="1", consent_choice="1", ticked="1")
        self.assertEqual(set(boxes), {(self.news, "email"), (self.events, "sms")})
        text = self.page_of_boxes
        self.assertNotRegex(text, r"\schecked|\srequired|type=\"hidden\"")
        self.assertEqual(text.count('type="checkbox"'), 2)
        self.assertIn(f"{self.env.company.name}: News about lamps (E-mail)", text)
        self.assertIn("I want News about lamps. I can stop at any time.", text)
        self.assertIn('href="https://lumen.example/privacy"', text)

    def test_what_is_closed_unknown_or_of_another_company_has_no_box(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.make_topic("foreign", "Foreign", company_id=other.id)
        draft = self.env["consent.purpose"].create({"name": "Draft", "code": "draft"}).topic_ids
        self.events.write({"offer_sms": False, "active": False})
        pairs = [(foreign, "email"), (draft, "email"), (self.events, "sms"), (self.events, "email")]
        self.assertFalse(self.boxes(*pairs))
        for query in ("x", "1:2:3", "999999999:email", "-1:email,0:sms", "1:email" * 999, "'; --"):
            answer = self.url_open("/consent/boxes", params={"choices": query, "lists": query, "form": query})
            self.assertEqual((answer.status_code, "<input" in answer.text), (200, False), query)

    def test_the_settings_choose_the_boxes_of_forms_that_no_editor_builds(self):
        with Form(self.env["res.config.settings"]) as settings:
            settings.consent_account_topic_ids = self.events
        settings.save().execute()
        self.assertEqual(set(self.boxes(form="account")), {(self.events, "email"), (self.events, "sms")})

    def test_hostile_texts_are_texts(self):
        topic = self.make_topic("hostile", HOSTILE)
        self.assertTrue(self.boxes((topic, "email")))
        self.assertNotIn("<img", self.page_of_boxes)
        self.assertIn("{{7*7}}", self.page_of_boxes)

    def test_looking_changes_nothing(self):
        before = self.snapshot()
        for method in ("GET", "HEAD"):
            url = f"/consent/boxes?choices={self.news.id}:email"
            self.assertEqual(self.url_open(url, method=method).status_code, 200)
        self.assertEqual(self.snapshot(), before)
        self.assertFalse(self.waiting())


@tagged("post_install", "-at_install")
class TestWebsiteForm(CaptureCase):
    def test_a_ticked_box_waits_for_its_confirmation_and_becomes_evidence(self):
        ticked = self.boxes((self.news, "email"), (self.events, "email"))[self.news, "email"]
        answer = self.contact([ticked])
        self.assertTrue(answer["id"])
        self.assertEqual(self.verdict(NEW).reason, "waiting")
        self.assertEqual(self.waiting().topic_ids, self.news, "one box, one topic")
        (mail,) = self.queued(NEW)
        self.assertNotIn("secret", mail.body_html)
        page = self.url_open(f"/consent/confirm/{self.token_of(mail)}", data={"action": "confirm", "sure": "1"})
        self.assertIn("Thank you", page.text)
        self.assertTrue(self.verdict(NEW).allowed)
        self.assertEqual(self.verdict(NEW, self.events).reason, "no_consent")
        requested, confirmed = self.record(NEW).last_event_id.contact_point_id.event_ids.sorted("seq")
        self.assertEqual((requested.type, confirmed.type), ("requested", "confirmed"))
        evidence = confirmed._evidence()
        asked = evidence["request"]
        self.assertEqual((asked["page"], asked["form"], asked["language"]), (PAGE, "form/mail.mail", "en_US"))
        self.assertEqual(asked["network"], "127.0.0.0/24")
        self.assertLessEqual(len(asked["user_agent"]), 256)
        self.assertIn("I want News about lamps", evidence["statement"])
        self.assertNotIn("secret", json.dumps(evidence))

    def test_the_answers_are_no_text_of_the_mail(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        mail = self.env["mail.mail"].browse(self.contact([ticked], colour="red")["id"])
        self.assertNotIn(capture.PREFIX, mail.body_html or "")

    def test_nothing_ticked_asks_for_nothing_and_the_form_works(self):
        self.boxes((self.news, "email"))
        self.assertTrue(self.contact()["id"])
        self.assertFalse(self.waiting() or self.queued(NEW))

    def test_a_value_that_we_did_not_sign_is_no_yes(self):
        name, good = self.boxes((self.news, "email"))[self.news, "email"]
        before = self.env["mail.mail"].search_count([])
        for value in ("1", "on", "é", "AQAB", good[:-4], good[:20] + ("B" if good[20] == "A" else "A") + good[21:]):
            self.assertIn("load it again", self.contact([(name, value)])["error"], value)
        self.assertFalse(self.waiting())
        self.assertEqual(self.env["mail.mail"].search_count([]), before, "and no mail has left twice")

    def test_an_answer_holds_for_a_day_and_for_what_is_open(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        with self.travel(hours=25):
            self.assertIn("open for too long", self.contact([ticked])["error"])
        self.news.purpose_id.active = False
        self.assertIn("open for too long", self.contact([ticked])["error"])

    def test_a_wording_published_meanwhile_does_not_replace_the_one_that_was_read(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        self.publish(self.news.purpose_id, version=2, body="Something else.")
        self.contact([ticked])
        self.assertEqual(self.waiting().notice_id.version, 1)
        self.assertIn("Something else.", (self.boxes((self.news, "email")), self.page_of_boxes)[1])

    def test_a_box_without_its_address_is_said_before_anything_is_sent(self):
        ticked = self.boxes((self.news, "sms"))[self.news, "sms"]
        before = self.env["mail.mail"].search_count([])
        self.assertIn("mobile number", self.contact([ticked])["error"])
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.contact([ticked], phone="0470 12 34 56")
        self.assertTrue(self.waiting("+32470123456", "sms"))
        self.assertFalse(self.waiting(), "a box for SMS says nothing about e-mail")

    def test_a_purpose_without_double_opt_in_has_it_on_anonymous_forms_all_the_same(self):
        self.news.purpose_id.double_opt_in = False
        self.contact([self.boxes((self.news, "email"))[self.news, "email"]])
        self.assertEqual(self.verdict(NEW).reason, "waiting")
        self.assertTrue(self.waiting())

    def test_who_is_known_suppressed_or_new_gets_the_same_answer(self):
        self.records.block("suppressed", "email", BEN, source="staff_phone", company=self.env.company.id)
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        answers = [self.contact([ticked], email_from=address) for address in (NEW, ANNA, BEN)]
        self.assertEqual({tuple(answer) for answer in answers}, {("id",)})
        self.assertFalse(self.queued(BEN))
        self.assertTrue(self.queued(NEW) and self.queued(ANNA))

    def test_a_hundred_posts_send_one_mail(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        for _time in range(100):
            self.assertTrue(self.contact([ticked], model="crm.lead", contact_name="N", name="x")["id"])
        self.assertEqual(len(self.queued(NEW)), 1)

    def test_boxes_of_many_forms_from_one_network_are_kept_for_confirmation(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        people = [f"visitor{number}@lumen.example" for number in range(8)]
        for address in people:
            self.assertTrue(self.contact([ticked], email_from=address)["id"])
        self.assertTrue(all(map(self.waiting, people)))
        self.assertEqual(self.lost_boxes(), 0)

    def test_boxes_over_the_limit_lose_no_form_and_staff_see_their_number(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        limits = tuple(limit._replace(count=1) for limit in throttle.BOX_LIMITS)
        with patch.object(throttle, "BOX_LIMITS", limits):
            self.contact([ticked])
            self.assertTrue(self.contact([ticked], email_from=DIRK)["id"])
        self.assertFalse(self.waiting(DIRK))
        self.assertEqual(self.lost_boxes(), 1)
        with self.travel(hours=25):
            self.assertEqual(self.lost_boxes(), 0)

    def test_an_error_about_boxes_loses_no_form(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        failing = patch.object(type(self.env["consent.capture"]), "_note", side_effect=ValueError("broken"))
        with failing, mute_logger("odoo.addons.marketing_consent.controllers.recipients.capture"):
            self.assertTrue(self.contact([ticked])["id"])
        self.assertEqual(self.lost_boxes(), 1)

    def lost_boxes(self):
        """Return what a consent manager sees at the company's pages."""
        login = {"login": "page_manager", "groups": "base.group_user,marketing_consent.group_manager"}
        manager = self.env["res.users"].search([("login", "=", "page_manager")]) or new_test_user(self.env, **login)
        page = self.env["consent.page"].search([("company_id", "=", self.env.company.id)], limit=1)
        page.invalidate_recordset()
        return page.with_user(manager).lost_box_count

    def test_a_lead_form_makes_a_lead_that_knows_of_the_wish(self):
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        answer = self.contact([ticked], model="crm.lead", contact_name="Nora", name="A lamp")
        lead = self.env["crm.lead"].browse(answer["id"])
        self.assertEqual(lead.email_from, NEW)
        self.assertNotIn(capture.PREFIX, lead.description or "")
        self.assertTrue(self.waiting())

    def test_who_is_logged_in_with_the_address_has_said_yes(self):
        new_test_user(self.env, "carla@lumen.example", email=CARLA, groups="base.group_portal", password="carla-carla")
        self.authenticate("carla@lumen.example", "carla-carla")
        csrf = re.search(r'csrf_token: "([^"]+)"', self.url_open("/contactus").text)[1]
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        with patch.object(type(self.env["res.users"]), "_get_signup_invitation_scope", lambda self: "b2b"):
            self.contact([ticked, ("csrf_token", csrf)], email_from=CARLA)
            self.assertTrue(self.verdict(CARLA).allowed)
            event = self.record(CARLA).last_event_id
            self.assertEqual((event.type, event.source, event.source_label), ("given", "web_form", PAGE))
            self.contact([ticked, ("csrf_token", csrf)], email_from=DIRK)
        self.assertFalse(self.verdict(DIRK).allowed, "not for anybody else")
        self.assertTrue(self.waiting(DIRK))

    def test_a_box_ticked_while_logged_in_follows_an_earlier_no_to_that_address_only(self):
        new_test_user(self.env, CARLA, email=CARLA, groups="base.group_portal", password="carla-carla")
        for address in (CARLA, DIRK):
            self.yes(address)
            self.withdraw(address)
        self.authenticate(CARLA, "carla-carla")
        csrf = re.search(r'csrf_token: "([^"]+)"', self.url_open("/contactus").text)[1]
        ticked = self.boxes((self.news, "email"))[self.news, "email"]
        self.env["website"].search([]).auth_signup_uninvited = "b2c"
        self.contact([ticked, ("csrf_token", csrf)], email_from=CARLA)
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn", "free sign-up: a login proves no mailbox")
        self.env["website"].search([]).auth_signup_uninvited = "b2b"
        for address in (CARLA, DIRK):
            self.contact([ticked, ("csrf_token", csrf)], email_from=address)
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertTrue(self.record(CARLA).last_event_id.proven)
        self.assertFalse(self.verdict(DIRK).allowed)

    def test_a_form_joins_no_private_list_and_none_of_a_topic_without_its_wording(self):
        lists = self.env["mailing.list"].create(
            [
                {"name": "Private", "is_public": False},
                {"name": "Public", "is_public": True},
                {"name": "Topical", "is_public": True, "consent_topic_id": self.news.id},
            ]
        )
        self.env["ir.model.fields"].formbuilder_whitelist("mailing.contact", ["name", "email", "list_ids"])
        private, public, topical = lists
        ids = f"{public.id},{topical.id}"
        wish = {"model": "mailing.contact", "name": "Nora", "email": NEW}
        self.assertIn("Private", self.contact(**wish, list_ids=f"{private.id},{public.id}")["error"])
        self.assertIn("tick the box of “News about lamps”", self.contact(**wish, list_ids=ids)["error"])
        self.assertFalse(self.env["mailing.contact"].search([("email", "=", NEW)]))
        ticked = self.boxes(lists=ids)[self.news, "email"]
        self.assertTrue(self.contact([ticked], **wish, list_ids=str(topical.id))["id"])
        self.assertFalse(self.env["mailing.contact"].search([("email", "=", NEW)]), "none before the confirmation")
        self.assertEqual(self.waiting().topic_ids, self.news)
        answer = self.contact([ticked], **wish, list_ids=ids)
        self.assertEqual(self.env["mailing.contact"].browse(answer["id"]).list_ids, public)


@tagged("post_install", "-at_install")
class TestAccountForms(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.consent_account_topic_ids = cls.news
        cls.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        cls.env["website"].search([]).auth_signup_uninvited = "b2c"

    def sign_up(self, **values):
        page = self.url_open("/web/signup").text
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        values = {"login": NEW, "name": "Nora", "password": "lamp-lamp-1", "confirm_password": "lamp-lamp-1", **values}
        return self.url_open("/web/signup", data={"csrf_token": csrf, **values})

    def test_an_account_needs_no_box_and_a_ticked_one_is_confirmed_from_the_mailbox(self):
        self.sign_up(login="other@lumen.example")
        self.assertTrue(self.env["res.users"].search([("login", "=", "other@lumen.example")]))
        self.assertFalse(self.waiting("other@lumen.example"))
        self.opener.cookies.clear()
        name, value = self.boxes(form="account", channel="email")[self.news, "email"]
        self.sign_up(**{name: value})
        self.assertTrue(self.env["res.users"].search([("login", "=", NEW)]))
        self.assertEqual(self.waiting().topic_ids, self.news)
        self.assertEqual(self.verdict(NEW).reason, "waiting", "an account proves no mailbox")

    def test_a_login_chosen_at_free_sign_up_proves_nothing_after_sign_up_is_closed(self):
        self.yes(ANNA)
        self.withdraw(ANNA)
        self.sign_up(login=ANNA)
        self.env["website"].search([]).auth_signup_uninvited = "b2b"
        self.assertEqual(self.save_address(ANNA, "lamp-lamp-1", email=ANNA).status_code, 200)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertFalse(self.env["res.users"].search([("login", "=", ANNA)])._consent_addresses()["email", ANNA])

    def test_a_box_ticked_at_the_own_address_follows_a_no_of_the_logins_address_only(self):
        self.env["website"].search([]).auth_signup_uninvited = "b2b"
        new_test_user(self.env, CARLA, email=CARLA, groups="base.group_portal", password="carla-carla")
        for address in (CARLA, BEN):
            self.yes(address)
            self.withdraw(address)
        self.save_address(CARLA, "carla-carla", email=CARLA)
        self.assertTrue(self.verdict(CARLA).allowed)
        self.save_address(CARLA, "carla-carla", email=BEN)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")

    def save_address(self, login, password, **values):
        """Save the form of one's own address with the box for e-mails ticked."""
        self.authenticate(login, password)
        partner = self.env["res.users"].search([("login", "=", login)]).partner_id
        name, value = self.boxes(form="account", channel="email")[self.news, "email"]
        csrf = re.search(r'csrf_token: "([^"]+)"', self.url_open("/contactus").text)[1]
        address = {
            **{"csrf_token": csrf, "partner_id": partner.id, "name": "Carla", "phone": PHONES[CARLA], "street": "A"},
            **{"city": "B", "zip": "1", "country_id": self.env.ref("base.be").id, name: value, **values},
        }
        answer = self.url_open("/my/address/submit", data=address)
        self.assertIn("redirectUrl", answer.text)
        self.env.invalidate_all()
        self.work_off()
        return answer

    def test_a_mistake_makes_no_account_and_no_wish(self):
        name, value = self.boxes(form="account", channel="email")[self.news, "email"]
        answer = self.sign_up(confirm_password="else", **{name: value})
        self.assertIn("Passwords do not match", answer.text)
        self.assertNotIn(value, answer.text, "the box comes back without a tick")
        self.assertFalse(self.waiting() or self.env["res.users"].search([("login", "=", NEW)]))
        self.assertIn("enter your e-mail address", self.sign_up(login="nora", **{name: value}).text)
        self.assertFalse(self.env["res.users"].search([("login", "=", "nora")]))

    def test_an_address_form_notes_what_is_ticked_for_the_addresses_in_it(self):
        user = new_test_user(self.env, "carla", email=CARLA, groups="base.group_portal", password="carla-carla")
        user.partner_id.write({"street": "A", "city": "B", "zip": "1", "country_id": self.env.ref("base.be").id})
        self.authenticate("carla", "carla-carla")
        name, value = self.boxes(form="account")[self.news, "sms"]
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open("/my/account").text)[1]
        address = {
            **{"csrf_token": csrf, "partner_id": user.partner_id.id, "name": "Carla", "email": CARLA, "phone": ""},
            **{"street": "A", "city": "B", "zip": "1", "country_id": self.env.ref("base.be").id, name: value},
        }
        answer = json.loads(self.url_open("/my/address/submit", data=address).text)
        self.assertIn("mobile number", " ".join(answer["messages"]))
        answer = json.loads(self.url_open("/my/address/submit", data=address | {"phone": PHONES[CARLA]}).text)
        self.assertIn("redirectUrl", answer)
        self.assertEqual(self.waiting(PHONES[CARLA], "sms").topic_ids, self.news)
        self.assertFalse(self.waiting(CARLA))


@tagged("post_install", "-at_install")
class TestFormsThatAskTooMuch(PageCase):
    """What a form asks is looked at where it stands: in the pages of the website."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, "form_officer", "base.group_user,marketing_consent.group_officer")

    def make_form(self, *names, choices=None, url="/join"):
        fields = "".join(f'<input class="form-control" name="{name}"/>' for name in names)
        choices = choices or f"{self.news.id}:email,{self.news.id}:sms"
        block = f'<div class="s_marketing_consent" data-choices="{choices}"/>'
        arch = f"""<t t-name="website.join"><t t-call="website.layout"><section class="s_website_form">
            <form action="/website/form/" data-model_name="res.partner">{fields}{block}</form></section></t></t>"""
        view = {"name": "Join", "type": "qweb", "key": f"website{url.replace('/', '.')}", "arch": arch}
        view = self.env["ir.ui.view"].create(view)
        self.env["website.page"].create({"view_id": view.id, "url": url, "name": "Join", "is_published": True})

    def found(self):
        checks = self.env["consent.form.check"].with_user(self.officer)
        lines = checks.search(checks.action_look()["domain"])
        return {line.url: (line.topics, line.surplus) for line in lines}

    def test_the_officer_finds_the_forms_that_ask_more_than_their_topics_need(self):
        self.make_form("name", "email", "phone", url="/enough")
        self.make_form("name", "email", "phone", "birthdate", "company_name")
        self.make_form("email", "birthdate", choices="999999:email", url="/unknown-topic")
        self.assertEqual(self.found(), {"/join": ("News about lamps", "birthdate, company_name")})
        line = self.env["consent.form.check"].search([("url", "=", "/join")])
        self.assertEqual(line.action_open()["url"], "/join")
        self.news.purpose_id.needed_data = "birthdate, company_name"
        self.assertEqual(self.found(), {})

    def test_a_number_is_too_much_where_no_topic_comes_by_sms(self):
        topic = self.make_topic("lights", "Lights of the month")
        self.make_form("email", "phone", choices=f"{topic.id}:email,{topic.id}:sms")
        self.assertEqual(self.found(), {})
        topic.offer_sms = False
        self.assertEqual(self.found(), {"/join": ("Lights of the month", "phone")})


@tagged("post_install", "-at_install")
class TestFormBuilder(BrowserCase, PageCase):
    def build(self, page):
        """Open the form of /contactus in the builder, and return its frame and the place for its topics."""
        # The builder's styles name fonts of another site; out of reach of that, it would not open.
        fonts = "**/fonts.googleapis.com/**"
        page.context.route(fonts, lambda route: route.fulfill(content_type="text/css", body=""))
        page.goto("/odoo/action-website.website_preview?path=%2Fcontactus&enable_editor=1")
        page.locator(".o-snippets-menu").wait_for(timeout=120_000)
        form = page.frame_locator("iframe[src*=contactus], .o_website_preview iframe").first
        form.locator(".s_website_form_submit").click(position={"x": 5, "y": 5})
        return form

    def choose(self, page, topic):
        row = page.locator(".hb-row", has=page.get_by_text("Consent", exact=True)).first
        row.locator("button").last.click()
        page.get_by_placeholder("Search for records").fill(topic[:6])
        page.get_by_text(topic, exact=True).first.click()

    def test_who_builds_a_form_that_asks_too_much_is_told_so_at_once(self):
        self.make_topic("lights", "Lights of the month").offer_sms = False
        view = self.env.ref("website.contactus")
        view.arch = re.sub(r'name="(description|subject)"', r'name="shoe_\1"', view.arch)
        with self.browsing("admin") as page:
            self.build(page)
            self.choose(page, "Lights of the month")
            warning = page.locator(".o_consent_surplus")
            warning.wait_for()
            self.screenshot(page, "builder-asks-too-much")
            self.assertIn("Company, Phone Number, Question, Subject", warning.inner_text())

    def test_who_builds_a_form_chooses_topics_and_visitors_get_their_boxes(self):
        self.make_topic("lights", "Lights of the month")
        with self.browsing("admin") as page:
            form = self.build(page)
            self.choose(page, "Lights of the month")
            block = form.locator(".s_marketing_consent")
            block.wait_for(state="attached")
            self.assertEqual(block.get_attribute("data-label"), "Lights of the month")
            self.assertEqual(page.locator(".o_consent_surplus").count(), 0, "a question has a purpose of its own")
            self.screenshot(page, "builder")
            page.get_by_role("button", name="Save").first.click()
            page.locator(".o-snippets-menu").wait_for(state="detached")
        with self.browsing() as page:
            page.goto("/contactus")
            box = page.get_by_label("Lights of the month (E-mail)")
            box.wait_for()
            self.assertFalse(box.is_checked())
            self.screenshot(page, "built")
