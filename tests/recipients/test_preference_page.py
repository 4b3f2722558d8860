import re
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config, mute_logger
from psycopg2 import IntegrityError
from werkzeug.datastructures import MultiDict

from ..cases.browser import DESKTOP, PHONE, BrowserCase
from ..cases.pages import HOSTILE, TOKEN, PageCase
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestPreferencePage(PageCase):
    def preferences(self, *args, **kwargs):
        return self.url(*args, page="preferences", **kwargs)

    def test_a_blacklisted_address_gets_nothing_and_its_owner_is_told_so_at_any_link(self):
        blocked = "Marketing to this address is blocked"
        self.assertNotIn(blocked, self.url_open(self.preferences()).text)
        self.env["mail.blacklist"]._add(f"  {ANNA.upper()} ")
        self.assertEqual(self.verdict(ANNA).reason, "blacklisted")
        page = self.url_open(self.preferences()).text
        self.assertIn(blocked, page)
        self.assertNotIn("checked", page)
        self.prove()
        before = self.record(ANNA).state
        self.url_open("/consent/me")
        page = self.act(action="save").text
        self.assertEqual(self.record(ANNA).state, before, "what is not ticked as it is blocked is no withdrawal")
        self.assertIn(blocked, page)
        page = self.act(action="accept_all").text
        self.assertIn(blocked, page)
        self.assertNotIn("checked", page)
        self.env["mail.blacklist"]._remove(ANNA)
        page = self.url_open("/consent/me").text
        self.assertNotIn(blocked, page)
        self.assertIn("checked", page)

    def test_the_mirror_of_an_own_objection_is_no_block(self):
        self.records.block("objected", "email", ANNA, source="preference_page", company=False)
        self.env["mail.blacklist"]._consent_show([ANNA], [])
        self.prove()
        page = self.url_open("/consent/me").text
        self.assertNotIn("is blocked", page)
        self.assertIn("What you tick here is the exception", page)
        self.env["mail.blacklist"]._add(ANNA)
        page = self.url_open("/consent/me").text
        self.assertIn("is blocked", page)
        self.assertNotIn("What you tick here is the exception", page)

    def test_a_blacklisted_number_is_blocked_too(self):
        number = PHONES[ANNA]
        self.yes(ANNA, channel="sms")
        self.env["phone.blacklist"].create({"number": number})
        page = self.url_open(self.preferences(channel="sms")).text
        self.assertIn("is blocked", page)
        self.assertNotIn("checked", page)

    def test_looking_changes_nothing(self):
        access = self.env["consent.access"]._open("email", ANNA, self.env.company)
        urls = (
            self.preferences(),
            "/consent/find",
            f"/consent/access/{access}",
            "/consent/me",
            "/consent/page/newsletters",
        )
        before = self.snapshot()
        for url in urls:
            for method in ("GET", "HEAD"):
                self.assertEqual(self.url_open(url, method=method).status_code, 200, url)
        self.assertEqual(self.snapshot(), before)
        self.assertTrue(self.env["consent.access"]._find(access), "a scanner does not use it up")

    def test_a_message_link_takes_away_what_is_not_ticked_and_grants_nothing(self):
        self.yes(ANNA, self.events)
        answer = self.url_open(self.preferences(), data={"action": "save", "choice": self.box(topic=self.events)})
        self.assertIn("Saved.", answer.text)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertTrue(self.verdict(ANNA, self.events).allowed)
        self.url_open(self.preferences(), data={"action": "save", "choice": [self.box(), self.box(topic=self.events)]})
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn", "a forwarded message cannot say yes")
        for action in ("accept_all", "allow", "nonsense"):
            self.assertEqual(self.url_open(self.preferences(), data={"action": action}).status_code, 400)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")

    def test_a_message_link_shows_neither_address_nor_history(self):
        page = self.url_open(self.preferences()).text
        self.assertNotIn(ANNA, page)
        self.assertNotIn("What we have written down", page)
        self.assertIn("a•••@l•••.example", page)

    def test_a_message_link_of_one_person_touches_nobody_else(self):
        self.yes(CARLA)
        self.url_open(self.preferences(), data={"action": "save", "choice": self.box(CARLA)})
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")

    def test_a_break_withholds_until_it_ends(self):
        self.url_open(self.preferences(), data={"action": "pause", "days": "14"})
        self.assertEqual(self.verdict(ANNA).reason, "paused")
        with self.travel(days=15):
            self.assertTrue(self.verdict(ANNA).allowed)
        self.url_open(self.preferences(), data={"action": "resume"})
        self.assertTrue(self.verdict(ANNA).allowed)
        for days in ("0", "-1", "999", "x", ""):
            answer = self.url_open(self.preferences(), data={"action": "pause", "days": days})
            self.assertEqual(answer.status_code, 400)

    def test_how_often_is_the_persons_choice_and_a_message_link_asks_for_less_only(self):
        frequency, point = self.env["consent.frequency"], self.record(ANNA).contact_point_id
        url = self.url(page="preferences")
        for often, status, holds in (("7", 200, 7), ("0", 400, 7), ("30", 200, 30), ("7", 400, 30), ("x", 400, 30)):
            answer = self.url_open(url, data={"action": "often", "often": often})
            self.assertEqual((answer.status_code, frequency._of(point, self.env.company)), (status, holds), often)
        self.assertRegex(self.url_open(url).text, r'value="30"\s+selected')
        self.env["consent.preferences"]._of(point, self.env.company, "en_US").act(
            MultiDict({"action": "often", "often": "0"}), may_grant=True, evidence={}
        )
        self.assertFalse(frequency.search([]))
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_stopping_everything_and_taking_it_back(self):
        self.url_open(self.preferences(), data={"action": "stop_company"})
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.prove()
        self.act(action="allow")
        self.assertTrue(self.verdict(ANNA).allowed)
        self.act(action="stop_group")
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_a_fresh_link_opens_once_and_leaves_no_token_in_the_address(self):
        token = self.env["consent.access"]._open("email", ANNA, self.env.company)
        answer = self.url_open(f"/consent/access/{token}", data={"go": "1"})
        self.assertTrue(answer.url.endswith("/consent/me"))
        self.assertIn(ANNA, answer.text)
        self.opener.cookies.clear()
        self.assertEqual(self.url_open(f"/consent/access/{token}").status_code, 404)
        self.assertIn("Send me the link", self.url_open("/consent/me").text)

    def test_a_fresh_link_lapses_and_is_replaced_by_a_newer_one(self):
        old = self.env["consent.access"]._open("email", ANNA, self.env.company)
        new = self.env["consent.access"]._open("email", ANNA, self.env.company)
        self.assertEqual(self.url_open(f"/consent/access/{old}").status_code, 404)
        with self.travel(hours=25):
            self.assertEqual(self.url_open(f"/consent/access/{new}").status_code, 404)
        self.assertNotIn(new, str(self.env["consent.access"].search([]).read()), "only its digest is kept")

    def test_who_has_shown_to_be_there_may_say_yes_with_the_wording_as_evidence(self):
        self.prove(CARLA)
        self.act(action="save", choice=self.box(CARLA))
        event = self.record(CARLA).granting_event_id
        self.assertEqual((event.type, event.source, event.evidence_grade), ("given", "preference_page", "B"))
        self.assertIn("I want News about lamps.", event._evidence()["statement"])
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertIn("What we have written down", self.url_open("/consent/me").text)

    def test_accept_all_is_one_event_for_each_topic_and_reject_all_ends_each(self):
        self.prove(CARLA)
        before = self.env["consent.event"].search_count([])
        self.act(action="accept_all")
        given = self.env["consent.event"].search(
            [], order="id desc", limit=self.env["consent.event"].search_count([]) - before
        )
        self.assertEqual(set(given.topic_id), {self.news, self.events})
        self.assertEqual(set(given.contact_point_id.mapped("address")), {CARLA}, "the phone was not shown to be hers")
        self.act(action="reject_all")
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn")
        self.assertEqual(self.verdict(CARLA, self.events).reason, "withdrawn")

    def test_another_persons_boxes_and_hidden_topics_are_ignored(self):
        private = self.make_topic("private", "Private")
        private.active = False
        self.prove(CARLA)
        self.act(action="save", choice=[self.box(BEN), self.box(CARLA, private), "1:1", "x", "999999:999999"])
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertFalse(self.record(CARLA, private))

    def test_the_grant_ends_and_the_form_needs_its_token(self):
        self.prove()
        self.assertEqual(self.url_open("/consent/me", data={"action": "reject_all"}).status_code, 400)
        with self.travel(hours=2):
            self.assertIn("Send me the link", self.url_open("/consent/me").text)
        self.act(action="leave")
        self.assertIn("Send me the link", self.url_open("/consent/me").text)

    def test_send_me_my_link_says_the_same_to_everybody_and_writes_only_to_whom_we_know(self):
        answers = {}
        for address in (ANNA, "nobody@elsewhere.example", BEN, DIRK_DOTTED):
            answers[address] = self.url_open("/consent/find", data={"address": address})
        texts = {re.sub(r'nonce="[^"]+"', "", answer.text) for answer in answers.values()}
        self.assertEqual((len(texts), {answer.status_code for answer in answers.values()}), (1, {200}))
        self.assertEqual(len(self.queued(ANNA)), 1)
        self.assertFalse(self.queued("nobody@elsewhere.example"))
        self.assertEqual(self.url_open("/consent/find", data={"address": "nonsense"}).status_code, 400)

    def test_the_link_that_was_sent_works_and_the_message_is_neutral(self):
        self.url_open("/consent/find", data={"address": ANNA.upper()})
        mail = self.queued()
        self.assertEqual(mail.subject, f"Your preferences at {self.env.company.name}")
        self.assertIn("'Auto-Submitted': 'auto-generated'", mail.headers)
        self.url_open(f"/consent/access/{self.token_of(mail)}", data={"go": "1"})
        self.assertIn(ANNA, self.url_open("/consent/me").text)

    def test_a_link_by_sms_proves_the_number_only(self):
        self.url_open("/consent/find", data={"address": PHONES[ANNA]})
        self.work_off()
        sms = self.env["sms.sms"].search([("number", "=", PHONES[ANNA])])
        self.url_open(f"/consent/access/{TOKEN.search(sms.body)[1]}", data={"go": "1"})
        page = self.url_open("/consent/me").text
        self.assertIn(PHONES[ANNA], page)
        self.assertNotIn(ANNA, page)

    def test_the_page_costs_the_same_however_much_is_offered_and_said(self):
        def queries():
            url = self.preferences()
            self.url_open(url)  # fills the caches
            before = self.cr.sql_log_count
            self.url_open(url)
            return self.cr.sql_log_count - before

        first = queries()
        for number in range(10):
            self.yes(ANNA, self.make_topic(f"t{number}", f"Topic {number}"))
        self.assertEqual(queries(), first)

    def test_hostile_names_are_shown_as_text(self):
        self.news.name = self.news.description = self.page.name = self.page.intro = self.env.company.name = HOSTILE
        self.prove()
        for url in (self.preferences(), "/consent/me", "/consent/page/newsletters", "/consent/find"):
            text = self.url_open(url).text
            self.assertNotIn("<img src=x", text, url)


DIRK_DOTTED = "d.i.r.k@lumen.example"


@tagged("post_install", "-at_install")
class TestSignUp(PageCase):
    def sign_up(self, address=CARLA, **form):
        form = {"choice": f"{self.news.id}:email", "email": address, **form}
        answer = self.url_open("/consent/page/newsletters", data=form)
        self.work_off()
        return answer

    def test_nothing_counts_until_the_owner_of_the_address_confirms(self):
        self.assertIn("Almost done", self.sign_up().text)
        self.assertEqual(self.verdict(CARLA).reason, "waiting")
        mail = self.queued(CARLA)
        url = f"/consent/confirm/{self.token_of(mail)}"
        for method in ("GET", "HEAD"):
            self.assertEqual(self.url_open(url, method=method).status_code, 200)
        for form in ({}, {"action": "confirm"}, {"sure": "1"}):
            self.url_open(url, data=form or {"x": "1"})
        self.assertEqual(self.verdict(CARLA).reason, "waiting", "a scanner that submits the form as it is")
        self.assertIn("Thank you", self.url_open(url, data={"action": "confirm", "sure": "1"}).text)
        self.assertTrue(self.verdict(CARLA).allowed)
        again = self.url_open(url, data={"action": "confirm", "sure": "1"})
        self.assertEqual(again.status_code, 410, "only once")
        self.assertIn("You have answered already", again.text)

    def test_the_proof_says_who_asked_where_and_how_it_was_confirmed(self):
        self.sign_up()
        url = f"/consent/confirm/{self.token_of(self.queued(CARLA))}"
        self.url_open(url, data={"action": "confirm", "sure": "1"}, headers={"User-Agent": "Phone"})
        event = self.record(CARLA).granting_event_id
        self.assertEqual((event.type, event.source, event.evidence_grade), ("confirmed", "double_opt_in", "A"))
        self.assertEqual(event.source_label, "Our newsletters")
        evidence = event._evidence()
        self.assertEqual((evidence["user_agent"], evidence["page"]), ("Phone", "confirm"))
        self.assertEqual(evidence["request"]["page"], "page/newsletters")
        self.assertIn("I want News about lamps.", evidence["statement"])

    def test_the_confirmation_is_neutral(self):
        self.sign_up()
        mail = self.queued(CARLA)
        self.assertEqual(mail.subject, f"Please confirm: {self.env.company.name}")
        self.assertIn("'Auto-Submitted': 'auto-generated'", mail.headers)
        for advertising in ("<img", "List-Unsubscribe", "/r/", "track"):
            self.assertNotIn(advertising, mail.body_html + mail.headers)

    def test_a_second_sign_up_replaces_the_first_and_confirms_nothing(self):
        self.sign_up()
        first = self.token_of(self.queued(CARLA))
        with self.travel(minutes=11):
            self.sign_up()
            self.assertEqual(self.verdict(CARLA).reason, "waiting")
            self.assertEqual(self.url_open(f"/consent/confirm/{first}").status_code, 404)
            second = self.token_of(self.queued(CARLA)[-1])
            self.url_open(f"/consent/confirm/{second}", data={"action": "confirm", "sure": "1"})
            self.assertTrue(self.verdict(CARLA).allowed)

    def test_a_sign_up_by_somebody_else_undoes_no_withdrawal(self):
        self.sign_up(BEN)
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")

    def test_a_lapsed_link_confirms_nothing_and_the_sign_up_is_deleted(self):
        self.sign_up()
        token = self.token_of(self.queued(CARLA))
        with self.travel(days=8):
            self.assertEqual(self.url_open(f"/consent/confirm/{token}").status_code, 404)
            self.env["consent.request"]._cron_lapse()
        self.assertFalse(self.env["consent.request"].search([("address", "=", CARLA)]))
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")

    def test_it_was_not_me_deletes_the_sign_up_and_stops_further_ones(self):
        self.sign_up()
        url = f"/consent/confirm/{self.token_of(self.queued(CARLA))}"
        self.assertIn("We are sorry", self.url_open(url, data={"action": "disown"}).text)
        self.assertFalse(self.env["consent.request"].search([("address", "=", CARLA)]))
        self.queued(CARLA).unlink()
        with self.travel(days=300):
            self.assertIn("Almost done", self.sign_up().text)
        self.assertFalse(self.queued(CARLA))

    def test_a_hundred_sign_ups_are_answered_alike_and_send_one_message(self):
        answers = {re.sub(r'nonce="[^"]+"', "", self.sign_up().text) for _time in range(5)}
        self.assertEqual(len(answers), 1)
        answers = [self.sign_up(who) for who in ["carla+spam@lumen.example", *[CARLA] * 94]]
        self.assertEqual({answer.status_code for answer in answers}, {429})
        self.assertIn("Your sign-up was not stored", answers[0].text)
        self.assertEqual(len(self.env["mail.mail"].search([("state", "=", "outgoing")])), 1)

    def test_known_unknown_and_suppressed_addresses_get_the_same_answer(self):
        self.records.block("suppressed", "email", "sue@lumen.example", source="staff_phone")
        texts = set()
        for address in (ANNA, BEN, "new@elsewhere.example", "sue@lumen.example"):
            texts.add(re.sub(r'nonce="[^"]+"', "", self.sign_up(address).text))
        self.assertEqual(len(texts), 1)
        self.assertFalse(self.queued("sue@lumen.example"))

    def test_a_program_that_fills_in_the_hidden_field_sends_nothing(self):
        self.assertIn("Almost done", self.sign_up(website="spam").text)
        self.assertFalse(self.queued(CARLA))

    def test_boxes_are_never_ticked_for_the_person(self):
        for url in ("/consent/page/newsletters", "/consent/page/newsletters?choice=1&opt_in=1"):
            self.assertNotIn("checked", self.url_open(url).text)
        answer = self.url_open("/consent/page/newsletters", data={"choice": f"{self.news.id}:email", "email": ""})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(len(re.findall(r"\schecked", answer.text)), 1, "what the person ticked themselves is kept")

    def test_only_what_the_page_offers_can_be_chosen(self):
        answer = self.sign_up(choice=f"{self.events.id}:email")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Tick at least one box.", answer.text)
        self.assertEqual(self.sign_up("not an address").status_code, 400)

    def test_email_proves_no_number_and_each_is_confirmed_apart(self):
        form = {"choice": [f"{self.news.id}:email", f"{self.news.id}:sms"], "phone": PHONES[CARLA]}
        self.sign_up(**form)
        self.url_open(f"/consent/confirm/{self.token_of(self.queued(CARLA))}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "waiting")
        sms = self.env["sms.sms"].search([("number", "=", PHONES[CARLA])])
        self.url_open(f"/consent/confirm/{TOKEN.search(sms.body)[1]}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)

    def sign_up_by_sms(self, number=PHONES[CARLA]):
        page = self.sign_up(choice=f"{self.news.id}:sms", phone=number)
        self.handle = re.search(r'name="handle" value="([^"]+)"', page.text)[1]
        return re.search(r"code is (\d{6})\.", self.env["sms.sms"].search([("number", "=", PHONES[CARLA])])[:1].body)[1]

    def type_code(self, code, handle=None, source="203.0.113.9"):
        headers = {"X-Forwarded-For": source, "X-Forwarded-Host": "lumen.example"}
        with patch.dict(config.options, proxy_mode=True):
            form = {"handle": handle or self.handle, "code": code}
            return self.url_open("/consent/page/newsletters/code", data=form, headers=headers)

    def test_a_code_from_the_phone_confirms_the_number_on_the_page_once(self):
        code = self.sign_up_by_sms()
        self.assertIn("From now on you get", self.type_code(f" {code[:3]} {code[3:]}").text)
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)
        event = self.record(CARLA, channel="sms").granting_event_id
        self.assertEqual((event.source, event.evidence_grade), ("double_opt_in", "A"))
        self.assertEqual(event._evidence()["page"], "page/newsletters/code")
        self.assertEqual(self.type_code(code).status_code, 400, "only once")

    def test_wrong_codes_say_the_same_as_unknown_numbers_and_soon_spoil_the_right_one(self):
        code = self.sign_up_by_sms()
        wrong = f"{(int(code) + 1) % 10**6:06}"
        answers = set()
        for handle in [self.handle] * 5 + ["x" * 22]:
            answer = self.type_code(wrong, handle)
            self.assertEqual(answer.status_code, 400)
            answers.add(re.sub(r'nonce="[^"]+"', "", answer.text).replace(handle, ""))
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.type_code(code).status_code, 400)
        self.assertEqual(self.type_code(code, source="203.0.113.77").status_code, 400, "a neighbour is no stranger")
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "waiting")

    def test_wrong_codes_that_others_type_do_not_spoil_the_owners(self):
        code = self.sign_up_by_sms()
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for host in range(8):
            self.type_code(wrong, source=f"198.51.100.{host}")
            self.type_code(wrong, source=f"2001:db8:7:{host}::1")
        self.assertEqual(self.env["consent.request"].search([("address", "=", PHONES[CARLA])]).tries, 10)
        self.assertIn("From now on you get", self.type_code(code).text)

    def test_not_even_many_together_can_try_more_than_a_hundred_codes(self):
        code = self.sign_up_by_sms()
        self.env["consent.request"].search([("address", "=", PHONES[CARLA])]).tries = 99
        wrong = f"{(int(code) + 1) % 10**6:06}"
        self.type_code(wrong, source="198.51.100.1")
        self.assertEqual(self.type_code(code, source="192.0.2.1").status_code, 400)

    def test_wrong_codes_on_the_page_do_not_spoil_the_link_nor_the_answer_from_the_number(self):
        code = self.sign_up_by_sms()
        request = self.env["consent.request"].search([("address", "=", PHONES[CARLA])])
        request.tries = 100
        said = {"number": PHONES[CARLA], "company": self.env.company, "evidence": {}}
        for answer in (None, code):
            with self.undone():
                self.assertTrue(request._confirm_by_sms(**said, code=answer))
        token = TOKEN.search(self.env["sms.sms"].search([("number", "=", PHONES[CARLA])])[:1].body)[1]
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)

    def test_the_code_of_one_person_or_company_confirms_nothing_of_another(self):
        code = self.sign_up_by_sms()
        self.assertEqual(self.type_code(code, "y" * 22).status_code, 400, "it is for the page of that sign-up")
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.env["consent.request"]._confirm_by_sms(PHONES[CARLA], other, {}, code=code))
        for junk in ("", "12345", "1234567", code + "1", "１２３４５６", "x" * 9999):
            self.assertEqual(self.type_code(junk).status_code, 400)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "waiting")
        with self.travel(days=8):
            self.assertEqual(self.type_code(code).status_code, 400)

    def test_a_page_that_is_reached_without_encryption_is_warned_of(self):
        page = self.env["consent.page"].search([("code", "=", "newsletters")])
        for base, warned in (("http://lumen.example", True), ("https://lumen.example", False)):
            self.env["ir.config_parameter"].set_param("web.base.url", base)
            page.company_id.website_id.domain = base
            page.invalidate_recordset()
            self.assertEqual(page.is_open_text, warned)

    def test_a_page_has_a_colour_and_logo_of_its_own_and_others_keep_the_companys(self):
        self.env.company.primary_color = "#112233"
        self.env["consent.page"].create({"name": "Plain", "code": "plain", "topic_ids": self.news.ids})
        url, plain = "/consent/page/newsletters", "/consent/page/plain"
        self.assertIn("{--area:#112233;--on-area:#ffffff}", self.url_open(url).text)
        self.assertEqual(self.url_open(f"{url}/logo").status_code, 404)
        self.page.write({"colour": "#ffe14d", "logo": PIXEL})
        sign_up = {"choice": f"{self.news.id}:sms", "phone": PHONES[CARLA]}
        for answer in (self.url_open(url), self.url_open(url, data=sign_up), self.type_code("000000", "z" * 22)):
            self.assertIn("{--area:#ffe14d;--on-area:#000000}", answer.text)
            self.assertIn(f'src="{url}/logo"', answer.text)
        logo = self.url_open(f"{url}/logo")
        self.assertEqual((logo.status_code, logo.headers["Content-Type"]), (200, "image/png"))
        self.assertIn("{--area:#112233;--on-area:#ffffff}", self.url_open(plain).text)
        self.assertNotIn("/logo", re.search(r"<header>.*?</header>", self.url_open(plain).text, re.DOTALL)[0])
        self.page.active = False
        self.assertEqual(self.url_open(f"{url}/logo").status_code, 404)

    @mute_logger("odoo.sql_db")
    def test_a_colour_is_a_colour(self):
        for text in ("red", "#12", "#1234567", "#ffffff}body{display:none"):
            with self.undone(), self.assertRaises(IntegrityError):
                self.page.colour = text
                self.page.flush_recordset()

    def test_switching_double_opt_in_off_confirms_nobody(self):
        self.sign_up()
        self.news.purpose_id.double_opt_in = False
        self.env["consent.request"]._cron_lapse()
        self.assertEqual(self.verdict(CARLA).reason, "waiting")

    def single(self, **values):
        """Ask for no confirmation where one need not."""
        self.news.purpose_id.double_opt_in = False
        self.env["consent.country.profile"]._for_country_code("BE").double_opt_in = False

    def test_without_double_opt_in_a_sign_up_counts_at_once_and_the_address_is_told(self):
        self.single()
        self.assertIn("We have sent you a message", self.sign_up().text)
        self.assertTrue(self.verdict(CARLA).allowed)
        record = self.record(CARLA)
        self.assertEqual((record.evidence_grade, record.proven), ("B", False))
        mail = self.queued(CARLA)
        self.assertIn("/consent/preferences/", mail.body_html)
        self.assertFalse(mail.consent_topic_id)
        self.assertFalse(self.env["consent.request"].search([("address", "=", CARLA)]))

    def test_where_the_country_or_the_purpose_wants_it_there_is_double_opt_in(self):
        self.news.purpose_id.double_opt_in = False
        self.sign_up()
        self.assertEqual(self.verdict(CARLA).reason, "waiting")

    def test_without_double_opt_in_nobody_undoes_the_no_of_another(self):
        self.single()
        answers = {re.sub('nonce="[^"]+"', "", self.sign_up(who).text.replace(who, "")) for who in (BEN, DIRK, CARLA)}
        self.assertEqual(len(answers), 1, "the answer is the same whatever the address said")
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")
        self.assertEqual(self.verdict(DIRK).reason, "objected")
        self.assertIn("/consent/confirm/", self.queued(BEN).body_html)

    def test_without_double_opt_in_nobody_weakens_or_prolongs_the_yes_of_another(self):
        self.single()
        before = self.record(ANNA).granting_event_id
        self.sign_up(ANNA)
        self.assertEqual(self.record(ANNA).granting_event_id, before)
        self.assertIn("/consent/confirm/", self.queued(ANNA).body_html)

    def test_the_wording_is_in_the_language_of_the_page(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.publish(self.news.purpose_id, lang="fr_FR", body="Je veux les nouvelles.")
        self.assertIn("Je veux les nouvelles.", self.url_open("/consent/page/newsletters?lang=fr_FR").text)
        self.assertIn("I want News about lamps.", self.url_open("/consent/page/newsletters?lang=en_US").text)


@tagged("post_install", "-at_install")
class TestPreferencePagesInTheBrowser(BrowserCase, PageCase):
    def test_all_pages_are_accessible_fit_a_phone_and_need_no_javascript(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.yes(ANNA, self.events)
        for size, lang in ((DESKTOP, "en_US"), (PHONE, "en_US"), (PHONE, "ar_001")):
            name = f"{lang}-{size['width']}"
            access = self.env["consent.access"]._open("email", ANNA, self.env.company)
            request = self.env["consent.request"]._open(self.news, "email", CARLA, self.news.purpose_id.notice_ids)[1]
            with self.browsing(size=size) as page:
                for url in ("/consent/page/newsletters", "/consent/find", f"/consent/confirm/{request}"):
                    page.goto(f"{url}?lang={lang}")
                    self.look(page, f"{url.split('/')[2]}-{name}")
                page.goto(f"{self.url(page='preferences')}?lang={lang}")
                self.look(page, f"preferences-{name}")
                page.goto(f"/consent/access/{access}?lang={lang}")
                self.look(page, f"access-{name}")
                page.get_by_role("button", name="Open my preferences").click()
                page.get_by_role("heading", name="What we have written down").wait_for()
                self.look(page, f"me-{name}")

    def test_a_person_signs_up_confirms_and_changes_their_mind_on_a_phone_without_javascript(self):
        with self.browsing(size=PHONE, javascript=False) as page:
            page.goto("/consent/page/newsletters")
            page.get_by_label("News about lamps by e-mail").check()
            page.get_by_label("E-mail address").fill(CARLA)
            page.get_by_role("button", name="Sign up").click()
            page.get_by_role("heading", name="Almost done").wait_for()
        with self.browsing(size=PHONE, javascript=False) as page:
            page.goto(f"/consent/confirm/{self.token_of(self.queued(CARLA))}")
            page.get_by_label("Yes, I want to get this").check()
            page.get_by_role("button", name="Confirm").click()
            page.get_by_role("heading", name="Thank you").wait_for()
        self.assertTrue(self.verdict(CARLA).allowed)
        token = self.env["consent.access"]._open("email", CARLA, self.env.company)
        with self.browsing(size=PHONE, javascript=False) as page:
            page.goto(f"/consent/access/{token}")
            page.get_by_role("button", name="Open my preferences").click()
            page.get_by_label("News about lamps by e-mail").uncheck()
            page.get_by_role("button", name="Save", exact=True).click()
            page.get_by_text("Saved.").wait_for()
        self.assertEqual(self.verdict(CARLA).reason, "withdrawn")

    def test_pages_that_say_what_happened_are_accessible_and_fit_a_phone(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.page.write({"is_kiosk": True, "kiosk_limit": 1})
        used = self.env["consent.request"]._open(self.news, "email", CARLA, self.news.purpose_id.notice_ids)[1]
        self.env["consent.request"]._confirm(used)
        for size, lang in ((PHONE, "ar_001"), (DESKTOP, "en_US")):
            with self.browsing(size=size) as page:
                for path in (f"/consent/confirm/{used}", "/consent/unsubscribe", self.url(page="subscribe")):
                    page.goto(f"{path}?lang={lang}")
                    self.look(page, f"{path.split('/')[2]}-said-{lang}")
                for number in range(2):
                    page.goto(f"/consent/page/newsletters?lang={lang}")
                    page.locator("input[type=checkbox]").first.check()
                    page.locator("#email").fill(f"kiosk{number}@lumen.example")
                    page.locator("button.primary").click()
                    self.look(page, f"kiosk-{number}-{lang}")
                page.goto(f"{self.url(page='preferences')}?lang={lang}")
                page.locator("button[value=stop_company]").click()
                page.locator(".alert").wait_for()
                self.look(page, f"stopped-{lang}")
        self.assertEqual(self.page.sign_up_count, 1)
        self.assertGreaterEqual(self.page.turned_away_count, 2)

    def test_a_page_in_a_colour_and_with_a_logo_of_its_own_is_accessible(self):
        self.page.write({"colour": "#ffe14d", "logo": PIXEL})
        for size in (DESKTOP, PHONE):
            with self.browsing(size=size) as page:
                page.goto("/consent/page/newsletters")
                page.wait_for_function("document.querySelector('header img').naturalWidth === 1")
                self.look(page, f"page-styled-{size['width']}")

    def test_a_number_is_confirmed_by_typing_its_code(self):
        with self.browsing(size=PHONE) as page:
            page.goto("/consent/page/newsletters")
            page.get_by_label("News about lamps by SMS").check()
            page.get_by_label("Mobile number").fill(PHONES[CARLA])
            page.get_by_role("button", name="Sign up").click()
            page.get_by_label("The code in the message").fill("000 000")
            self.work_off()
            self.look(page, "code")
            page.get_by_role("button", name="Confirm my number").click()
            page.get_by_role("alert").wait_for()
            self.look(page, "code-wrong")
            sms = self.env["sms.sms"].search([("number", "=", PHONES[CARLA])])
            page.get_by_label("The code in the message").fill(re.search(r"\d{6}", sms.body)[0])
            page.get_by_role("button", name="Confirm my number").click()
            page.get_by_role("heading", name="Thank you").wait_for()
        self.assertTrue(self.verdict(CARLA, channel="sms").allowed)


@tagged("post_install", "-at_install")
class TestSeveralWebsites(PageCase):
    """A company with two websites, each with domain, name, logo and language of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        company = cls.env.company
        company.write({"name": "Lumen Lamps SA", "email": "hello@lumen.example"})
        cls.first = company.website_id
        cls.first.write({"name": "Lumen", "domain": "https://lumen.example"})
        values = {"company_id": company.id, "domain": "https://dimly.example", "logo": PIXEL}
        french = cls.env.ref("base.lang_fr").id
        languages = {"default_lang_id": french, "language_ids": [(6, 0, [french])]}
        cls.second = cls.env["website"].create({**values, **languages, "name": "Dimly"})

    def reach(self, path, host, **options):
        headers = {"X-Forwarded-Host": host, "X-Forwarded-For": "203.0.113.9", "Accept-Language": ""}
        with patch.dict(config.options, proxy_mode=True):
            return self.url_open(path, headers=headers, **options).text

    def test_a_page_shows_name_logo_and_language_of_the_website_on_whose_domain_it_is(self):
        for path in (self.url(), self.url(page="preferences"), "/consent/page/newsletters", "/consent/find"):
            page = self.reach(path, "dimly.example")
            self.assertRegex(page, r"<title>[^<]+ – Dimly</title>", path)
            self.assertIn(f'src="/web/image/website/{self.second.id}/logo"', page)
            self.assertIn('lang="fr-FR"', page)
            self.assertIn("Lumen Lamps SA", page, "who is responsible")
            page = self.reach(path, "lumen.example")
            self.assertRegex(page, r"<title>[^<]+ – Lumen</title>", path)
            self.assertIn('lang="en-US"', page)
            self.assertNotIn("Dimly", page)

    def test_a_page_of_a_website_speaks_for_it_wherever_it_is_reached(self):
        self.page.website_id = self.second
        self.assertEqual(self.page.url, "https://dimly.example/consent/page/newsletters")
        form = {"choice": f"{self.news.id}:email", "email": CARLA}
        for host in ("dimly.example", "lumen.example", "other.example"):
            shown = self.reach("/consent/page/newsletters", host)
            self.assertRegex(shown, r"<title>[^<]+ – Dimly</title>", host)
            self.assertIn('lang="fr-FR"', shown)
        self.reach("/consent/page/newsletters", "lumen.example", data=form)
        mail = self.queued(CARLA)
        self.assertEqual(mail.email_from, '"Dimly" <hello@lumen.example>')
        self.assertIn("https://dimly.example/consent/confirm/", mail.body_html)
        self.second.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertNotIn("Dimly", self.reach("/consent/page/newsletters", "lumen.example"))

    def test_elsewhere_and_with_one_website_the_company_speaks(self):
        self.assertRegex(self.reach(self.url(), "other.example"), r"<title>[^<]+ – Lumen Lamps SA</title>")
        self.second.company_id = self.env["res.company"].create({"name": "Other"})
        for host in ("lumen.example", "dimly.example"):
            page = self.reach(self.url(), host)
            self.assertRegex(page, r"<title>[^<]+ – Lumen Lamps SA</title>", "never another company's website")

    def test_what_is_asked_for_on_a_website_is_answered_in_its_name_with_its_links(self):
        form = {"choice": f"{self.news.id}:email", "email": CARLA}
        for host, name in (("dimly.example", "Dimly"), ("lumen.example", "Lumen")):
            with self.undone():
                self.reach("/consent/page/newsletters", host, data=form)
                self.reach("/consent/find", host, data={"address": ANNA})
                for address in (CARLA, ANNA):
                    mail = self.queued(address)
                    self.assertEqual(mail.email_from, f'"{name}" <hello@lumen.example>')
                    self.assertIn(f"https://{host}/consent/", mail.body_html)

    def test_a_reminder_leads_to_where_the_person_signed_up(self):
        self.reach(
            "/consent/page/newsletters", "dimly.example", data={"choice": f"{self.news.id}:sms", "phone": "0470000003"}
        )
        self.work_off()
        self.env["consent.request"].search([("address", "=", PHONES[CARLA])])._remind()
        texts = self.env["sms.sms"].search([("number", "=", PHONES[CARLA])]).mapped("body")
        self.assertEqual([text.count("https://dimly.example/consent/confirm/") for text in texts], [1, 1])

    def test_links_in_messages_about_a_topic_lead_to_its_website(self):
        link, company = self.env["consent.link"], self.env.company
        token = self.token()
        self.news.website_id = self.second
        self.assertTrue(link._url("unsubscribe", token, company, self.news).startswith("https://dimly.example/"))
        self.assertTrue(link._stop_url(token, company, self.events).startswith("https://lumen.example/"))
        self.second.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertTrue(link._url("unsubscribe", token, company, self.news).startswith("https://lumen.example/"))
