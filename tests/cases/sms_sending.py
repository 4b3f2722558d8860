"""SMS that leave, where the provider answers as a test says."""

import json
from contextlib import contextmanager
from unittest.mock import patch

import requests

from .incoming import IncomingStory
from .story import ConsentCase


class SendingCase(IncomingStory, ConsentCase):
    """The story, where Twilio's answers are what the test says."""

    @contextmanager
    def twilio(self, answers=None):
        """Answer with (status, body) by number; what was posted is in `self.posted`."""
        self.posted = []

        def post(_session, url, data=None, **_kwargs):
            self.posted.append(dict(data))
            status, body = (answers or {}).get(data["To"], (201, {"sid": "SM" + data["To"][1:].zfill(32)}))
            if isinstance(body, Exception):
                raise body
            response = requests.Response()
            response.status_code = status
            response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return response

        with patch.object(requests.Session, "post", post):
            yield

    def sms(self, *people, topic=None, **values):
        topic = self.news if topic is None else topic
        return self.env["sms.sms"].create(
            [
                {"number": self.at(who, "sms"), "body": "New lamps", "consent_topic_id": topic and topic.id, **values}
                for who in people
            ]
        )

    def mailing(self, partners, **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "Lamps",
                "mailing_type": "sms",
                "body_plaintext": "New lamps",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", partners.ids)],
                "consent_topic_id": self.news.id,
                **values,
            }
        )

    def queue(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1):  # a test may not commit
            self.env["sms.sms"]._process_queue()
