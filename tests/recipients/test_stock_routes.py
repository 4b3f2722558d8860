from odoo.tests import HttpCase, new_test_user, tagged

from ..cases.pages import ONE_CLICK, LinkCase
from ..cases.story import ANNA, BEN, PHONES


@tagged("post_install", "-at_install")
class TestStockRoutes(LinkCase, HttpCase):
    """What people have in their mailboxes already, and what Odoo's own pages call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailing_list = cls.env["mailing.list"].create({"name": "Lamp friends", "is_public": True})
        contacts = [{"name": "Anna", "email": ANNA, "list_ids": cls.mailing_list.ids}]
        cls.contact = cls.env["mailing.contact"].create(contacts)
        common = {"subject": "Lamps", "consent_topic_id": cls.news.id, "body_html": "<p>x</p>"}
        model = cls.env["ir.model"]._get_id
        cls.to_partners = cls.env["mailing.mailing"].create({**common, "mailing_model_id": model("res.partner")})
        cls.to_list = cls.env["mailing.mailing"].create(
            {**common, "mailing_model_id": model("mailing.list"), "contact_list_ids": cls.mailing_list.ids}
        )
        cls.sms = cls.env["mailing.mailing"].create(
            {**common, "mailing_model_id": model("res.partner"), "mailing_type": "sms", "body_plaintext": "x"}
        )
        cls.env["mailing.trace"].create(
            {"mass_mailing_id": cls.sms.id, "trace_type": "sms", "model": "res.partner", "res_id": cls.anna.id}
            | {"sms_number": PHONES[ANNA], "sms_code": "abc"}
        )

    def proof(self, mailing=None, res_id=None, email=ANNA):
        mailing = mailing or self.to_partners
        res_id = res_id or self.anna.id
        token = mailing._generate_mailing_recipient_token(res_id, email)
        return {"document_id": res_id, "email": email, "hash_token": token}

    def query(self, **proof):
        return "&".join(f"{name}={value}" for name, value in (proof or self.proof()).items())

    def log_in(self):
        new_test_user(self.env, "anna", email=ANNA, groups="base.group_portal")
        self.authenticate("anna", "anna")

    def blacklisted(self):
        return self.env["mail.blacklist"].search_count([("email", "in", (ANNA, BEN))])

    def test_looking_at_any_of_them_changes_nothing(self):
        before, optin = self.snapshot(), self.mailing_list.subscription_ids.filtered("opt_out")
        urls = [
            f"/mailing/{mailing.id}/{page}?{self.query(**self.proof(mailing))}"
            for mailing in (self.to_partners, self.to_list)
            for page in ("unsubscribe", "confirm_unsubscribe", "view")
        ]
        number = f"sms_number=%2B{PHONES[ANNA][1:]}"
        urls += [f"/sms/{self.sms.id}/abc?{number}", f"/sms/{self.sms.id}/unsubscribe/abc?{number}"]
        for url in urls:
            for method in ("GET", "HEAD", "GET"):
                self.assertEqual(self.url_open(url, method=method).status_code, 200, url)
        self.assertEqual(
            self.url_open(f"/mailing/{self.to_list.id}/unsubscribe_oneclick?{self.query()}").status_code, 405
        )
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.mailing_list.subscription_ids.filtered("opt_out"), optin)
        self.assertFalse(self.blacklisted())

    def test_one_click_of_a_mail_sent_before_us_withdraws_its_topic(self):
        url = f"/mailing/{self.to_partners.id}/unsubscribe_oneclick?{self.query()}"
        self.assertEqual(self.url_open(url, data={"x": "1"}).status_code, 400)
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertEqual(self.url_open(url, data=ONE_CLICK).status_code, 200)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertEqual(self.record(ANNA).last_event_id.source, "one_click")
        self.assertFalse(self.blacklisted(), "about the topic, not about everything")

    def test_the_button_withdraws_the_topic_and_leaves_the_list(self):
        proof = self.proof(self.to_list, self.contact.id)
        page = self.url_open(f"/mailing/{self.to_list.id}/unsubscribe?{self.query(**proof)}").text
        csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {**proof, "mailing_id": self.to_list.id, "csrf_token": csrf}
        answer = self.url_open("/mailing/confirm_unsubscribe", data=data)
        self.assertIn("You are unsubscribed", answer.text)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.assertTrue(self.mailing_list.subscription_ids.opt_out)
        self.assertFalse(self.blacklisted())
        undo = answer.text.split('name="undo" value="')[1].split('"')[0]
        ours = answer.text.split('action="/consent/unsubscribe/')[1].split('"')[0]
        self.url_open(f"/consent/unsubscribe/{ours}", data={"action": "undo", "undo": undo})
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_forged_and_broken_links_change_nothing_and_break_nothing(self):
        before, good = self.snapshot(), self.proof()
        bad = [
            {**good, "hash_token": "é" * 20},
            {**good, "hash_token": "0" * 128},
            {**good, "document_id": "abc"},
            {**good, "email": BEN},
            {**good, "document_id": self.ben.id},
        ]
        for proof in bad:
            for mailing in (self.to_partners.id, 2**40, 0):
                for page in ("unsubscribe", "unsubscribe_oneclick"):
                    data = ONE_CLICK if page.endswith("click") else None
                    answer = self.url_open(f"/mailing/{mailing}/{page}?{self.query(**proof)}", data=data)
                    self.assertIn(answer.status_code, (400, 401, 403, 404), (mailing, page, proof))
        self.assertEqual(self.snapshot(), before)

    def test_a_link_leaves_lists_but_joins_none(self):
        other = self.env["mailing.list"].create({"name": "Other", "is_public": True})
        self.mailing_list.consent_topic_id = self.news
        proof = {**self.proof(), "mailing_id": self.to_partners.id}
        left = self.make_jsonrpc_request("/mailing/list/update", {**proof, "lists_optin_ids": other.ids})
        self.assertEqual(left, 1)
        self.assertTrue(self.mailing_list.subscription_ids.opt_out)
        self.assertFalse(other.contact_ids)
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        self.make_jsonrpc_request("/mailing/list/update", {**proof, "lists_optin_ids": self.mailing_list.ids})
        self.assertTrue(self.mailing_list.subscription_ids.opt_out, "nor does it come back")

    def test_who_is_logged_in_joins_lists_but_no_topic_without_its_wording(self):
        self.log_in()
        other = self.env["mailing.list"].create({"name": "Other", "is_public": True})
        topical = self.env["mailing.list"].create(
            {"name": "Evenings", "is_public": True, "consent_topic_id": self.events.id}
        )
        lists = [*self.mailing_list.ids, *other.ids, *topical.ids]
        self.make_jsonrpc_request("/mailing/list/update", {"lists_optin_ids": lists})
        self.assertEqual(other.contact_ids.email, ANNA)
        self.assertFalse(topical.contact_ids)

    def test_the_blacklist_is_an_objection_that_a_link_cannot_lift(self):
        proof = {**self.proof(), "mailing_id": self.to_partners.id}
        self.assertIs(self.make_jsonrpc_request("/mailing/blocklist/add", proof), True)
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.make_jsonrpc_request("/mailing/blocklist/remove", proof), "unauthorized")
        self.assertTrue(self.blacklisted())
        self.log_in()
        self.assertIs(self.make_jsonrpc_request("/mailing/blocklist/remove", {}), True)
        self.assertFalse(self.blacklisted())
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_feedback_is_about_ones_own_address_only(self):
        self.log_in()
        entry = self.env["mail.blacklist"]._add(BEN)
        reason = self.env["mailing.subscription.optout"].search([], limit=1)
        self.make_jsonrpc_request(
            "/mailing/feedback", {"email": BEN, "last_action": "blocklist_add", "opt_out_reason_id": reason.id}
        )
        self.assertFalse(entry.opt_out_reason_id)

    def test_the_number_stops_sms_of_the_topic_and_nothing_else(self):
        url = f"/sms/{self.sms.id}/abc"
        csrf = self.url_open(url).text.split('name="csrf_token" value="')[1].split('"')[0]
        wrong = self.url_open(url, data={"sms_number": PHONES[BEN], "csrf_token": csrf})
        self.assertIn("not found", wrong.text)
        answer = self.url_open(url, data={"sms_number": PHONES[ANNA], "csrf_token": csrf})
        self.assertIn("You are unsubscribed", answer.text)
        self.assertEqual(self.verdict(ANNA, channel="sms").reason, "withdrawn")
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertFalse(self.env["phone.blacklist"].search_count([]))
