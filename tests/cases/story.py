"""One story that all tests share: Lumen Lamps writes to its customers.

Anna said yes by e-mail and SMS, Ben withdrew, Carla never said anything, Dirk objected to everything.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import SQL

from ...tools import clock

NOW = datetime(2026, 3, 1, 12)
ANNA, BEN, CARLA, DIRK = "anna@lumen.example", "ben@lumen.example", "carla@lumen.example", "dirk@lumen.example"
PHONES = {ANNA: "+32470000001", BEN: "+32470000002", CARLA: "+32470000003", DIRK: "+32470000004"}


class ConsentStory:
    """The story, for any Odoo test case; ends by checking that the records equal the replay of the ledger."""

    @classmethod
    def setUpStory(cls):
        """Make purposes, topics, wordings and people, and let them speak."""
        cls.env.company.consent_mode = "opt_in"
        cls.env.company.country_id = cls.env.ref("base.be")
        cls.env["consent.gate"]._confirm_database()
        cls.news = cls.make_topic("news", "News about lamps")
        cls.events = cls.make_topic("events", "Evenings in the shop")
        cls.records = cls.env["consent.record"]
        cls.partners = cls.env["res.partner"].create(
            [
                {"name": email.split("@")[0].title(), "email": email, "phone": phone, "lang": "en_US"}
                for email, phone in PHONES.items()
            ]
        )
        cls.anna, cls.ben, cls.carla, cls.dirk = cls.partners
        cls.yes(ANNA)
        cls.yes(ANNA, channel="sms")
        cls.yes(BEN)
        cls.withdraw(BEN)
        cls.records.object_to("email", DIRK, source="preference_page")

    @classmethod
    def make_topic(cls, code, name, **purpose):
        """Return a topic of a purpose of its own, with a published wording."""
        values = {"code": code, "name": name, "company_id": cls.env.company.id, **purpose}
        purpose = cls.env["consent.purpose"].create(values)
        cls.publish(purpose)
        return purpose.topic_ids

    @classmethod
    def publish(cls, purpose, version=1, **values):
        """Return a published wording of `purpose`."""
        notice = cls.env["consent.notice"].create(
            {
                "purpose_id": purpose.id,
                "lang": "en_US",
                "version": version,
                "body": f"I want {purpose.name}. I can stop at any time.",
                "privacy_url": "https://lumen.example/privacy",
                **values,
            }
        )
        notice.action_publish()
        return notice

    @classmethod
    def yes(cls, address, topic=None, channel="email", **details):
        """Let somebody say yes, at the preference page unless told otherwise; an e-mail address names its phone too."""
        topic = topic or cls.news
        notice = topic.purpose_id.notice_ids.filtered(lambda notice: notice.state == "published")[:1]
        details = {"source": "preference_page", "notice": notice.id, **details}
        return cls.records.give(topic.code, channel, cls.at(address, channel), **details)

    @classmethod
    def withdraw(cls, address, topic=None, channel="email", **details):
        """Let somebody withdraw."""
        details = {"source": "preference_page", **details}
        return cls.records.withdraw((topic or cls.news).code, channel, cls.at(address, channel), **details)

    @classmethod
    def at(cls, address, channel):
        """Return the address of a person of the story in `channel`."""
        return PHONES.get(address, address) if channel == "sms" else address

    def record(self, address, topic=None, channel="email"):
        """Return the record of an address and a topic (False: all marketing)."""
        topic = self.news if topic is None else topic
        return self.records.search(
            [
                ("contact_point_id.address", "=", self.at(address, channel)),
                ("topic_id", "=", topic.id if topic else False),
            ]
        )

    def verdict(self, address, topic=None, channel="email", **details):
        """Return the gate's verdict on one address."""
        address = self.at(address, channel)
        topics = self.news if topic is None else topic
        return self.env["consent.gate"]._decide(topics, channel, [address], self.env.company, **details)[address]

    def work_off(self):
        """Work off the forms that visitors sent, as the scheduled action does seconds later."""
        while batch := self.env["consent.submission"]._take():
            for submission in batch:
                submission._work()

    @contextmanager
    def travel(self, **delta):
        """Let the consent clock run ahead by a timedelta's arguments, from the database's time now."""
        real = clock.now
        with patch.object(clock, "now", lambda: SQL("(%s + %s)", real(), timedelta(**delta))):
            yield

    @contextmanager
    def undone(self):
        """Roll back what the block did."""
        savepoint = self.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def check_ledger(self):
        """Assert that chains hold and that records equal the replay of their events."""
        self.assertEqual(self.env["consent.record"]._check_ledger(), [])


class ConsentCase(ConsentStory, TransactionCase):
    """A transaction with the story in it."""

    tampered = False

    @classmethod
    def setUpClass(cls):
        """Tell the story; what the class wrote is checked at its end."""
        super().setUpClass()
        cls.setUpStory()

    def tearDown(self):
        """Check the ledger as each test leaves it, unless it tampered on purpose."""
        if not self.tampered:
            self.check_ledger()
        super().tearDown()
