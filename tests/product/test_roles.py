from odoo.tests import tagged
from odoo.tools import mute_logger

from ..cases.roles import CLERKS, DENIED, MATRIX, NO_RECORD, ROLES, RoleCase
from ..cases.story import ANNA


@tagged("post_install", "-at_install")
class TestRoles(RoleCase):
    """Each role, each model, each operation, over RPC."""

    def operations(self, role, model):
        """Return calls that each ask for one right; what is there is in use, so that nothing is really deleted."""
        user = self.env["res.users"].search([("login", "=", role)])
        mine = self.env[model].with_user(user)
        found = (mine if mine.has_access("read") else mine.sudo()).search([], limit=1).id or NO_RECORD
        return (
            ("c", ("create", {})),
            ("r", ("search_count", [])),
            ("w", ("write", [found], {})),
            ("d", ("unlink", [found])),
        )

    @mute_logger(
        "odoo.http", "odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.sql_db"
    )
    def test_each_role_may_do_what_the_matrix_says_and_nothing_else(self):
        ours = {
            name for name, model in self.env.registry.items() if name.startswith("consent.") and not model._abstract
        }
        self.assertEqual(ours, set(MATRIX), "every model of ours belongs in the matrix")
        for role in ROLES:
            self.authenticate(role, f"{role}-password")
            for model, rights in MATRIX.items():
                expected = "".join(sorted({letter for roles, may in rights.items() if role in roles for letter in may}))
                with self.subTest(role=role, model=model):
                    done = [
                        letter for letter, call in self.operations(role, model) if self.call(model, *call) != DENIED
                    ]
                    self.assertEqual("".join(sorted(done)), expected)

    @mute_logger("odoo.http", "odoo.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nobody_copies_the_ledger_and_marketers_see_state_but_no_address_nor_event(self):
        self.authenticate("administrator", "administrator-password")
        for model in ("consent.event", "consent.record", "consent.contact.point"):
            self.assertEqual(self.call(model, "copy", self.env[model].search([], limit=1).ids), DENIED)
        self.authenticate("marketer", "marketer-password")
        point = self.record(ANNA).contact_point_id
        self.assertEqual(self.call("consent.contact.point", "read", point.ids, ["masked"])[0]["masked"], point.masked)
        self.assertEqual(self.call("consent.contact.point", "read", point.ids, ["address"]), DENIED)
        self.assertEqual(self.call("consent.record", "read", self.record(ANNA).ids, ["state"])[0]["state"], "granted")
        self.assertEqual(self.call("consent.record", "withdraw", "news", "email", ANNA, source="staff_phone"), DENIED)

    @mute_logger("odoo.http", "odoo.models", "odoo.addons.base.models.ir_rule")
    def test_companies_stay_apart_for_every_role(self):
        other = self.env["res.company"].create({"name": "Candles"})
        topic = self.make_topic("candles", "News about candles", company_id=other.id)
        event = self.env["consent.event"].browse(self.yes(ANNA, topic, company=other.id))
        record = self.env["consent.record"].search([("topic_id", "=", topic.id)])
        for role in ("marketer", *CLERKS):
            self.authenticate(role, f"{role}-password")
            for found in (topic, topic.purpose_id, topic.purpose_id.notice_ids, record, event):
                with self.subTest(role=role, model=found._name):
                    self.assertIn(self.call(found._name, "read", found.ids, ["id"]), (DENIED, []))
                    self.assertIn(self.call(found._name, "search_count", [("id", "in", found.ids)]), (0, DENIED))
