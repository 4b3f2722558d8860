"""The gate, judged by what really left: envelopes at an SMTP server, SMS at the provider."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon

from . import optional
from .story import ConsentStory


class GateCase(ConsentStory, MassSMSCommon):
    """Odoo with a mail server that really sends, to a sink."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.sink = cls.enterClassContext(optional.program("sink").MailSink())
        cls.env["ir.mail_server"].search([("active", "=", True)]).active = False
        server = {"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": cls.sink.port, "smtp_encryption": "none"}
        cls.env["ir.mail_server"].create(server)
        cls.two = cls.anna | cls.carla  # one said yes, one said nothing
        cls.model = cls.env["ir.model"]._get("res.partner")

    @contextmanager
    def sending(self):
        """Send what is queued in the end; what left is in `self.left` (addresses) and `self._sms`."""
        self.sink.clear()
        with patch.object(IrMail_Server, "_disable_send", lambda *_args: False), self.mockSMSGateway():
            yield
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
            self.env["sms.sms"].search([("state", "=", "outgoing")]).send()
        self.left = set(self.sink.recipients()) | {sms["number"] for sms in self._sms}

    def mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "body_html": "<p>Look at our lamps.</p>",
                "body_plaintext": "Look at our lamps.",
                "mailing_model_id": self.model.id,
                "mailing_domain": [("id", "in", self.two.ids)],
                "consent_topic_id": self.news.id,
                **values,
            }
        )
