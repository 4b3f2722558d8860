"""Messages that left, and the links in them."""

import re

from .gate import GateCase

LINK = re.compile(r"https://lumen\.example/consent/(\w+)/([\w-]+)")


class MessageCase(GateCase):
    """Mail that is read as its recipient's program reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.website_id.domain = "https://lumen.example"

    def received(self):
        """Return the messages in the sink by recipient."""
        return {recipient: mail.message for mail in self.sink.messages for recipient in mail.recipients}

    def links(self, message):
        """Return the pages that a message links to in its HTML, with their tokens."""
        return dict(LINK.findall(message.get_body("html").get_content()))

    def send(self, **values):
        with self.sending():
            self.mailing(**values)._action_send_mail()
        return self.received()
