"""Calls as the least user makes them: over RPC, by method name, with JSON."""

import json

from odoo.service.model import call_kw
from odoo.tests import new_test_user

from .gate import GateCase

SALES = "base.group_user,sales_team.group_sale_salesman,base.group_partner_manager"


class LeastUser(GateCase):
    """Calls as the web client makes them: by method name, with JSON, as a user without any right in consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(cls.env, "salesman", groups=SALES, email="salesman@lumen.example")
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Lamps",
                "model_id": cls.model.id,
                "subject": "Lamps",
                "body_html": "<p>Lamps</p>",
                "use_default_to": True,
                "consent_topic_id": cls.news.id,
            }
        )
        cls.sms_template = cls.env["sms.template"].create(
            {"name": "Lamps", "model_id": cls.model.id, "body": "Lamps", "consent_topic_id": cls.news.id}
        )

    def rpc(self, model, method, *args, user=None, **kwargs):
        """Call a public method as a client does; return what a client gets back."""
        env = self.env(user=user or self.salesman, su=False, context={})
        args, kwargs = json.loads(json.dumps([args, kwargs]))
        result = call_kw(env[model], method, args, kwargs)
        env.flush_all()
        return result

    def use(self, wizard, method, /, user=None, **values):
        """Fill in a wizard and press one of its buttons."""
        wizard_id = self.rpc(wizard, "create", values, user=user)
        return self.rpc(wizard, method, [wizard_id], user=user)

    def text_of(self, number):
        return next(sms["body"] for sms in self._sms if sms["number"] == number)
