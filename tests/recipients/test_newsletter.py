import re

from odoo.tests import new_test_user, tagged

from ..cases.pages import NEW, CaptureCase
from ..cases.story import ANNA, BEN, CARLA


@tagged("post_install", "-at_install")
class TestNewsletter(CaptureCase):
    """The website's newsletter blocks: Odoo's routes, as its pages and anybody else may call them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.topical, cls.plain, cls.private = cls.env["mailing.list"].create(
            [
                {"name": "Lamp news", "is_public": True, "consent_topic_id": cls.news.id},
                {"name": "Plain", "is_public": True},
                {"name": "Private", "is_public": False},
            ]
        )

    def subscribe(self, mailing_list, value=NEW, kind="email", **more):
        params = {"list_id": getattr(mailing_list, "id", mailing_list), "value": value, "subscription_type": kind}
        answer = self.make_jsonrpc_request("/website_mass_mailing/subscribe", {**params, **more})
        self.env.invalidate_all()
        return answer["toast_type"], answer["toast_content"]

    def is_subscriber(self, mailing_list):
        params = {"list_id": mailing_list.id, "subscription_type": "email"}
        return self.make_jsonrpc_request("/website_mass_mailing/is_subscriber", params)

    def members(self, mailing_list):
        return mailing_list.subscription_ids.filtered(lambda row: not row.opt_out).contact_id.mapped("email")

    def ticked(self, channel="email"):
        return [value for _name, value in self.boxes(lists=str(self.topical.id), channel=channel).values()]

    def test_a_list_with_a_topic_takes_a_wish_and_confirms_it(self):
        kind, message = self.subscribe(self.topical, consent=self.ticked())
        self.assertEqual(kind, "success")
        self.assertIn("please confirm it", message)
        self.assertFalse(self.members(self.topical), "nobody is on it before they confirmed")
        self.assertFalse(self.env["mailing.contact"].search([("email", "=", NEW)]))
        self.assertEqual(self.waiting().topic_ids, self.news)
        token = self.token_of(self.queued(NEW))
        self.url_open(f"/consent/confirm/{token}", data={"action": "confirm", "sure": "1"})
        self.assertTrue(self.verdict(NEW).allowed)
        asked = self.record(NEW).last_event_id._evidence()["request"]
        self.assertEqual(asked["form"], f"newsletter/{self.topical.id}")

    def test_without_its_box_there_is_no_wish(self):
        for consent in (None, [], ["1"], "x", [None], {"a": 1}):
            self.assertEqual(self.subscribe(self.topical, consent=consent)[0], "danger", consent)
        other = self.boxes((self.events, "email"))[self.events, "email"][1]
        self.assertIn("tick the box of “News about lamps”", self.subscribe(self.topical, consent=[other])[1])
        self.assertFalse(self.waiting() or self.queued(NEW) or self.members(self.topical))

    def test_sms_is_a_box_of_its_own(self):
        self.assertEqual(self.subscribe(self.topical, "0470 12 34 56", "mobile", consent=self.ticked())[0], "danger")
        kind, _message = self.subscribe(self.topical, "0470 12 34 56", "mobile", consent=self.ticked("sms"))
        self.assertEqual(kind, "success")
        self.assertTrue(self.waiting("+32470123456", "sms"))

    def test_private_unknown_and_nonsensical_lists_are_refused(self):
        for wrong in (self.private, 999_999, "x", None, -1, [1], 2**40):
            self.assertEqual(self.subscribe(wrong)[0], "danger", wrong)
        self.assertEqual(self.subscribe(self.plain, kind="fax")[0], "danger")
        self.assertEqual(self.subscribe(self.plain, value=7)[0], "danger")
        self.assertFalse(self.members(self.private))

    def test_a_list_without_a_topic_is_joined_as_ever_but_not_for_those_who_left_it(self):
        self.assertEqual(self.subscribe(self.plain)[0], "success")
        self.assertEqual(self.members(self.plain), [NEW])
        first = self.subscribe(self.plain, CARLA)
        self.plain.subscription_ids.opt_out = True
        self.assertEqual(self.subscribe(self.plain), first, "the same answer, T-03")
        self.assertIn("If you had left this newsletter, please confirm", first[1])
        self.assertFalse(self.members(self.plain))

    def test_who_left_a_list_comes_back_by_the_message_that_their_address_gets(self):
        self.subscribe(self.plain)
        self.plain.subscription_ids.opt_out = True
        self.subscribe(self.plain)
        self.subscribe(self.plain)
        [mail] = self.queued(NEW)
        self.assertIn("'Auto-Submitted': 'auto-generated'", mail.headers)
        path = re.search(r"/consent/come_back/[\w-]+", mail.body_html)[0]
        for method in ("GET", "HEAD"):
            self.url_open(path, method=method)
        self.assertFalse(self.members(self.plain))
        self.assertIn("You are on the list again.", self.url_open(path, data={"action": "come_back"}).text)
        self.assertEqual(self.members(self.plain), [NEW])
        self.plain.consent_topic_id = self.events
        self.assertEqual(self.url_open(path).status_code, 404, "a topic takes a yes under its wording")

    def test_a_list_linked_on_either_side_asks_for_consent(self):
        self.events.mailing_list_ids = self.plain
        self.assertEqual(self.subscribe(self.plain)[0], "danger")
        self.assertFalse(self.members(self.plain))

    def test_who_left_comes_back_after_a_login_that_proves_the_address(self):
        contact = self.env["mailing.contact"].create({"email": CARLA, "list_ids": self.plain.ids})
        other = self.env["mailing.contact"].create({"email": BEN, "list_ids": self.plain.ids})
        (contact | other).subscription_ids.opt_out = True
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2b")
        self.env["website"].search([]).auth_signup_uninvited = "b2b"
        new_test_user(self.env, CARLA, email=CARLA, groups="base.group_portal", password="carla-carla")
        self.authenticate(CARLA, "carla-carla")
        self.subscribe(self.plain, BEN)
        self.subscribe(self.plain, CARLA)
        self.assertEqual(self.members(self.plain), [CARLA])

    def test_nobody_learns_who_is_on_a_list(self):
        self.env["mailing.contact"].create({"email": ANNA, "list_ids": self.plain.ids})
        self.assertEqual(self.is_subscriber(self.plain), {"is_subscriber": False, "value": None})
        self.subscribe(self.plain, BEN)
        self.assertEqual(
            self.is_subscriber(self.plain), {"is_subscriber": True, "value": None}, "what this visitor did"
        )
        self.assertFalse(self.is_subscriber(self.topical)["is_subscriber"])

    def test_the_same_answer_for_known_suppressed_and_new(self):
        self.records.block("suppressed", "email", BEN, source="staff_phone", company=self.env.company.id)
        consent = self.ticked()
        self.assertEqual(len({self.subscribe(self.topical, who, consent=consent) for who in (NEW, ANNA, BEN)}), 1)
        self.assertFalse(self.queued(BEN))
