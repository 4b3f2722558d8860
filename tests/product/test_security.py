from odoo.tests import tagged
from odoo.tools import mute_logger

from ..cases.roles import RoleCase
from ..cases.story import ANNA


@tagged("post_install", "-at_install")
class TestSecurity(RoleCase):
    """Over RPC, as each role."""

    @mute_logger("odoo.http")
    def test_the_doors_behind_the_verbs_are_closed(self):
        self.authenticate("administrator", "administrator-password")
        for model, method in (
            ("consent.event", "_append"),
            ("consent.record", "_submit"),
            ("consent.record", "_upsert"),
            ("consent.record", "_rebuild"),
            ("consent.gate", "_decide"),
            ("consent.gate", "_confirm_database"),
            ("consent.request", "_confirm"),
            ("consent.contact.point", "_key"),
        ):
            with self.subTest(model=model, method=method):
                self.assertEqual(self.call(model, method), "odoo.exceptions.AccessError")

    @mute_logger("odoo.http")
    def test_a_clerk_records_what_somebody_said_and_bad_input_is_one_clear_error(self):
        self.authenticate("clerk", "clerk-password")
        details = {"source": "staff_phone", "evidence": {"note": "rang us"}}
        clerk = self.env["res.users"].search([("login", "=", "clerk")])
        event = self.env["consent.event"].browse(
            self.call("consent.record", "withdraw", "news", "email", ANNA, **details)
        )
        self.assertEqual(
            (event.type, event.actor_label, event._evidence()), ("withdrawn", clerk.name, {"note": "rang us"})
        )
        for broken in ([], {}, None, 7, "nobody"):
            answer = self.call("consent.record", "withdraw", "news", "email", broken, source="staff_phone")
            self.assertEqual(answer, "odoo.addons.marketing_consent.exceptions.ConsentError")
