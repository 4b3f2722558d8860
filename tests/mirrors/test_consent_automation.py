import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..cases.database import fresh_database


class Listener(BaseHTTPRequestHandler):
    """Another system, which keeps what it is told."""

    def do_POST(self):
        """Keep path and values."""
        values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.path, values))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args):
        """Stay silent."""


@contextmanager
def listening():
    """Give the address of another system, and the list of what it is told."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        server.heard = []
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", server.heard
        server.shutdown()


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

    def test_a_rules_condition_asks_what_may_be_sent(self):
        with fresh_database("condition") as database, patch.dict(config.options, test_enable=False):
            registry = Registry.new(database, install_modules={"base_automation"}, update_module=True)
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["consent.gate"]._confirm_database()
                env["consent.purpose"].create({"name": "News", "code": "news"})
                model_id = env["ir.model"]._get_id("res.partner")
                code = "record.write({'comment': 'greeted'})"
                env["base.automation"].create(
                    {
                        **{"name": "Greet", "model_id": model_id, "trigger": "on_create"},
                        "filter_domain": repr([("consent_allowed_email_topic_ids.code", "=", "news")]),
                        "action_server_ids": [
                            Command.create(
                                {
                                    **{"name": "Greet", "model_id": model_id, "state": "code", "code": code},
                                    "usage": "base_automation",
                                }
                            )
                        ],
                    }
                )
                said = {"source": "api", "wording": "Yes, news."}
                env["consent.record"].give("news", "email", "anna@lumen.example", **said)
                emails = ("anna@lumen.example", "ben@lumen.example")
                partners = env["res.partner"].create([{"name": email, "email": email} for email in emails])
                self.assertEqual([bool(partner.comment) for partner in partners], [True, False])

    def test_a_webhook_of_a_rule_tells_another_system_what_was_said(self):
        with (
            fresh_database("webhook") as database,
            patch.dict(config.options, test_enable=False),
            listening() as (address, heard),
        ):
            registry = Registry.new(database, install_modules={"base_automation"}, update_module=True)
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                purpose = env["consent.purpose"].create({"name": "News", "code": "news"})
                model_id = env["ir.model"]._get_id("consent.event")
                told = env["ir.model.fields"]._get("consent.event", "type")
                told |= env["ir.model.fields"]._get("consent.event", "topic_id")
                env["base.automation"].create(
                    {
                        **{"name": "Tell the shop", "model_id": model_id, "trigger": "on_create"},
                        "filter_domain": repr([("type", "=", "withdrawn")]),
                        "action_server_ids": [
                            Command.create(
                                {
                                    **{"name": "Tell", "model_id": model_id, "state": "webhook"},
                                    **{"usage": "base_automation", "webhook_url": f"{address}/consent"},
                                    "webhook_field_ids": [Command.set(told.ids)],
                                }
                            )
                        ],
                    }
                )
                said = {"source": "api", "wording": "Yes, news."}
                env["consent.record"].give("news", "email", "anna@lumen.example", **said)
                env["consent.record"].withdraw("news", "email", "anna@lumen.example", source="api")
                env["consent.outbox"]._cron_deliver()
                cr.commit()  # pylint: disable=invalid-commit
                withdrawn = env["consent.event"].search([("type", "=", "withdrawn")])
                topic = purpose.topic_ids.id
        ((path, told),) = heard
        expected = {"_model": "consent.event", "_id": withdrawn.id, "type": "withdrawn", "topic_id": topic}
        self.assertEqual((path, {name: told[name] for name in expected}), ("/consent", expected))

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
