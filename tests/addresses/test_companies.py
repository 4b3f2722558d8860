"""Addresses of other companies' people stay theirs, whatever a user of one company asks over RPC."""

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.story import ANNA, BEN, CARLA, ConsentStory

DENIED = "odoo.exceptions.AccessError"
#: Models without a rule, and why that shows nobody an address.
WITHOUT_RULE = {"consent.throttle": "keeps keyed hashes only"}


@tagged("post_install", "-at_install")
class TestCompanies(ConsentStory, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.north = cls.env["res.company"].create({"name": "Lumen North"})
        purpose = cls.env["consent.purpose"].create({"code": "north", "name": "North", "company_id": cls.north.id})
        cls.publish(purpose)
        cls.northern = purpose.topic_ids
        cls.yes("nina@north.example", cls.northern, company=cls.north.id)
        cls.yes(CARLA, cls.northern, company=cls.north.id)
        cls.records.object_to("email", "gus@group.example", source="preference_page", company=False)
        cls.points = cls.env["consent.contact.point"]
        for login, company in (("south", cls.env.company), ("norma", cls.north)):
            new_test_user(
                cls.env,
                login,
                groups="marketing_consent.group_officer,mass_mailing.group_mass_mailing_user",
                password=f"{login}-password",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )

    def call(self, model, method, *args, **kwargs):
        request = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        payload = {"jsonrpc": "2.0", "method": "call", "params": request}
        answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json=payload).json()
        return answer["error"]["data"]["name"] if "error" in answer else answer.get("result")

    def found(self, model, domain=(), fields=("address",)):
        return self.call(model, "search_read", list(domain), list(fields))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_an_officer_sees_the_people_of_their_companies_and_those_of_all(self):
        for login, seen, hidden in (
            ("norma", {"nina@north.example", CARLA, "gus@group.example"}, (ANNA, BEN)),
            ("south", {ANNA, BEN, "gus@group.example"}, ("nina@north.example",)),
        ):
            self.authenticate(login, f"{login}-password")
            found = {row["address"] for row in self.found("consent.contact.point")}
            with self.subTest(login=login):
                self.assertLessEqual(seen, found)
                self.assertFalse(found & set(hidden))
                for address in hidden:
                    point = self.points._find("email", address)
                    self.assertEqual(self.call("consent.contact.point", "read", point.ids, ["address"]), DENIED)
                    self.assertEqual(self.call("consent.contact.point", "read", point.ids, ["masked"]), DENIED)
                    self.assertNotIn(address, str(self.call("consent.contact.point", "name_search", address)))
                    exported = self.call("consent.contact.point", "export_data", point.ids, ["address"])
                    self.assertNotIn(address, str(exported))
                    for model in ("consent.record", "consent.event", "consent.status"):
                        domain = [("contact_point_id.address", "=", address)]
                        self.assertFalse(self.call(model, "search_count", domain), model)
                        self.assertFalse(self.call(model, "search_count", [("contact_point_id", "=", point.id)]), model)
                    groups = self.call("consent.contact.point", "formatted_read_group", [], ["address"], ["__count"])
                    self.assertNotIn(address, str(groups))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_the_wizards_of_an_officer_show_nothing_of_another_company(self):
        point = self.points._find("email", ANNA)
        event = point.sudo().event_ids[:1]
        self.authenticate("norma", "norma-password")
        context = {"active_model": "consent.contact.point", "active_ids": point.ids, "active_id": point.id}
        wizard = self.call("consent.as.of", "default_get", ["contact_point_ids"], context=context)
        self.assertFalse(wizard["contact_point_ids"][0][2])
        made = self.call(
            "consent.as.of", "create", {"contact_point_ids": [(6, 0, point.ids)], "reason": "I am curious about her"}
        )
        if isinstance(made, int):
            self.assertEqual(self.call("consent.as.of", "action_answer", [made]), DENIED)
        export = self.call("consent.export", "create", {"reason": "A copy for the safe of the north"})
        self.assertEqual(self.call("consent.export", "action_download", [export]), DENIED)
        for method in ("action_verify", "action_see_evidence", "action_print_proof"):
            self.assertEqual(self.call("consent.event", method, event.ids), DENIED, method)

    def test_every_model_that_shows_an_address_has_a_rule(self):
        ruled = set(self.env["ir.rule"].search([]).model_id.mapped("model"))
        access = self.env["ir.model.access"].search([("perm_read", "=", True)])
        readable = set(access.model_id.mapped("model"))
        for name, model in self.env.registry.items():
            if not name.startswith("consent.") or model._abstract or name not in readable:
                continue
            shows = [
                field.name
                for field in model._fields.values()
                if field.comodel_name == "consent.contact.point"
                or field.name in ("address", "masked", "email", "phone")
            ]
            # A line is reached through its wizard, which has the rule.
            through = any(field.comodel_name in ruled and field.required for field in model._fields.values())
            if shows and name not in WITHOUT_RULE:
                self.assertTrue(name in ruled or through, f"{name} shows {shows}")
