from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tools import config

from .database import fresh_database


@tagged("post_install", "-at_install")
class TestAutomation(BaseCase):
    """Odoo's automation rules hear of consent, after its commit, where they are installed."""

    def test_rules_run_on_events_and_records(self):
        with fresh_database("automation") as database, patch.dict(config.options, test_enable=False):
            registry = Registry.new(database, install_modules={"base_automation"}, update_module=True)
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                self.set_up(env)
                env["consent.record"].withdraw("news", "email", "anna@lumen.example", source="api")
                self.assertFalse(self.heard(env), "not before the commit")
                cr.commit()  # pylint: disable=invalid-commit
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["consent.outbox"]._cron_deliver()
                self.assertEqual(
                    self.heard(env),
                    ["consent.event given", "consent.event withdrawn", "consent.record withdrawn"],
                )
                self.assertFalse(env["consent.outbox"].search([]))

    def set_up(self, env):
        purpose = env["consent.purpose"].create({"name": "News", "code": "news"})
        for model, trigger, domain, field in (
            ("consent.event", "on_create", [], "type"),
            ("consent.record", "on_create_or_write", [("state", "=", "withdrawn")], "state"),
        ):
            model_id = env["ir.model"]._get_id(model)
            rule = env["base.automation"].create(
                {"name": f"Hear of {model}", "model_id": model_id, "trigger": trigger, "filter_domain": repr(domain)}
            )
            code = f"env['res.partner.category'].create({{'name': '{model} ' + record.{field}}})"
            env["ir.actions.server"].create(
                {
                    **{"name": rule.name, "model_id": model_id, "state": "code", "code": code},
                    **{"usage": "base_automation", "base_automation_id": rule.id},
                }
            )
        said = {"source": "api", "wording": "Yes, news."}
        env["consent.record"].give("news", "email", "anna@lumen.example", **said)
        self.assertTrue(purpose.topic_ids)

    def heard(self, env):
        return env["res.partner.category"].search([("name", "like", "consent.")], order="id").mapped("name")
