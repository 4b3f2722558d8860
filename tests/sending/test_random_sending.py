"""Sending at random: people say yes, no, object, pause; users of every role make, copy, change and launch mailings.

What may leave is worked out here from the design alone, without a line of the addon, and compared with the envelopes
that reached the mail server and the texts that were handed to the SMS provider.
"""

import os
import random
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.least_user import LeastUser
from ..cases.story import ANNA, BEN, CARLA, DIRK, PHONES

STEPS = 200
PEOPLE = (ANNA, BEN, CARLA, DIRK)
CHANNELS = ("email", "email", "sms")
OFTEN = {"do_launch": 8, "do_create": 6, "do_yes": 6, "do_edit": 3}
REFUSED = (AccessError, UserError, ValidationError)
MARKETING = "base.group_user,mass_mailing.group_mass_mailing_user"
USERS = {
    "seller": "base.group_user,sales_team.group_sale_salesman,base.group_partner_manager",
    "marketer": MARKETING,
    "announcer": f"{MARKETING},marketing_consent.group_transactional",
    "second": f"{MARKETING},marketing_consent.group_transactional",
    "clerk": "marketing_consent.group_user",
    "manager": f"{MARKETING},marketing_consent.group_manager",
}
#: Who may call a message transactional.
TRUSTED = ("announcer", "second")
SERVICE = {"message_class": "transactional", "transactional_reason": "We move"}
QUIET = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.sql_db", "odoo.orm.models")


@dataclass
class Message:
    """A mailing, by what was written into it and done with it."""

    number: int
    channel: str
    people: tuple
    values: dict
    #: Who wrote what it is now, who approved that, who launched that.
    author: str
    approved_by: str | None = None
    launched_by: str | None = None
    #: Who got it already.
    got: set = field(default_factory=set)
    planned: bool = False

    @property
    def is_service(self):
        return self.values.get("message_class") == "transactional"

    def change(self, role, values):
        """Note what somebody wrote: what was approved and launched was something else."""
        changed = {name for name, value in values.items() if name != "state" and self.values.get(name) != value}
        self.values.update({name: value for name, value in values.items() if name != "state"})
        if changed:
            self.author, self.approved_by, self.launched_by = role, None, None
        if state := values.get("state"):
            self.launched_by = role if state == "in_queue" else None


class Oracle:
    """Who may be written to, by what they said and in which order."""

    def __init__(self, four_eyes):
        self.four_eyes = four_eyes
        self.answers, self.objected, self.blocked, self.paused = {}, {}, set(), set()

    def allows(self, channel, person, topic):
        """A yes to the topic that no later no ends; it passes earlier objections, but no blacklist and no pause."""
        yes, turn = self.answers.get((channel, person, topic), (False, 0))
        at = (channel, person)
        return yes and turn > self.objected.get(at, -1) and at not in self.blocked and at not in self.paused

    def may(self, message):
        """Return who may get a message now."""
        if not message.launched_by:
            return set()
        if message.is_service:
            approved = not self.four_eyes or message.approved_by
            trusted = message.launched_by in TRUSTED and message.values.get("transactional_reason")
            return set(message.people) if trusted and approved else set()
        topic = message.values.get("consent_topic_id")
        return {person for person in message.people if self.allows(message.channel, person, topic)}


@tagged("post_install", "-at_install")
class TestRandomSending(LeastUser):
    # superuser: pages record what people say, and the scheduled actions send what is queued.
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"random-{role}", groups=groups, email=f"{role}@lumen.example")
            for role, groups in USERS.items()
        }
        cls.partner = {partner.email: partner for partner in cls.partners}
        cls.topics = [cls.news, cls.events]

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("MARKETING_CONSENT_SEED") or random.randrange(2**32))
        self.draw = random.Random(self.seed)
        self.oracle = Oracle(four_eyes=self.draw.random() < 0.5)
        self.env.company.consent_four_eyes = self.oracle.four_eyes
        self.turn, self.messages, self.number, self.reached = 0, {}, 0, 0
        # The story so far.
        self.oracle.answers["email", ANNA, self.news.id] = self.oracle.answers["sms", ANNA, self.news.id] = (True, 0)
        self.oracle.objected["email", DIRK] = 0

    def attempt(self, role, model, method, *args, **kwargs):
        """Call as a user of a role; return the result, True where there is none, None where it is refused."""
        try:
            with self.cr.savepoint():
                result = self.rpc(model, method, *args, user=self.users[role], **kwargs)
                return True if result is None else result
        except REFUSED:
            self.env.invalidate_all()
            return None

    # What people do
    def somebody(self):
        return self.draw.choice(CHANNELS), self.draw.choice(PEOPLE)

    def do_yes(self):
        (channel, person), topic = self.somebody(), self.draw.choice(self.topics)
        self.yes(person, topic, channel)
        self.oracle.answers[channel, person, topic.id] = (True, self.turn)

    def do_no(self):
        (channel, person), topic = self.somebody(), self.draw.choice(self.topics)
        self.withdraw(person, topic, channel)
        self.oracle.answers[channel, person, topic.id] = (False, self.turn)

    def do_object(self):
        channel, person = self.somebody()
        self.records.object_to(channel, self.at(person, channel), source="preference_page")
        self.oracle.objected[channel, person] = self.turn

    def do_pause(self):
        channel, person = at = self.somebody()
        until = fields.Datetime.now() + timedelta(days=90)
        resumed = at in self.oracle.paused
        details = {} if resumed else {"until": until}
        fact = "resumed" if resumed else "paused"
        self.records.block(fact, channel, self.at(person, channel), source="preference_page", **details)
        (self.oracle.paused.discard if resumed else self.oracle.paused.add)(at)

    def do_blacklist(self):
        channel, person = at = self.somebody()
        blacklist = self.env["mail.blacklist" if channel == "email" else "phone.blacklist"]
        address = person if channel == "email" else [PHONES[person]]
        if at in self.oracle.blocked:
            blacklist._remove(address)
            self.oracle.blocked.discard(at)
        else:
            blacklist._add(address)
            self.oracle.blocked.add(at)

    # What users do
    def content(self, number):
        return {"subject": f"Lamps {number}", "body_plaintext": f"Lamps {number}"}

    def next_number(self):
        self.number += 1
        return self.number

    def do_create(self):
        role, people = self.marketer(), tuple(self.draw.sample(PEOPLE, self.draw.randint(1, 4)))
        number, channel = self.next_number(), self.draw.choice(CHANNELS)
        values = {
            "consent_topic_id": self.draw.choice([*self.topics, self.news.browse()]).id,
            **self.draw.choice([{}, {}, SERVICE]),
            **self.draw.choice([{}, {}, {"state": "in_queue"}, {"use_exclusion_list": False}]),
        }
        sent = {"mailing_model_id": self.model.id, "mailing_domain": str([("email", "in", people)])}
        sent |= {"body_html": "<p>Lamps</p>", "mailing_type": "mail" if channel == "email" else "sms"}
        context = self.draw.choice([{}, {"default_message_class": "transactional"}, {"mail_notrack": True}])
        made = self.attempt(
            role, "mailing.mailing", "create", {**self.content(number), **sent, **values}, context=context
        )
        if made:
            if "default_message_class" in context:
                values = {"message_class": "transactional"} | values
            message = Message(number, channel, people, {}, role)
            message.change(role, values)
            self.messages[made] = message

    def any_message(self):
        return self.draw.choice([*self.messages.items()]) if self.messages else (None, None)

    def do_copy(self):
        source, message = self.any_message()
        role, number = self.draw.choice([*USERS]), self.next_number()
        if source and (made := self.attempt(role, "mailing.mailing", "copy", [source], self.content(number))):
            values = {"consent_topic_id": message.values.get("consent_topic_id")}
            self.messages[made[0]] = Message(number, message.channel, message.people, values, role)

    def do_edit(self):
        mailing, message = self.any_message()
        topics = [{"consent_topic_id": topic.id} for topic in (*self.topics, self.news.browse())]
        more = [SERVICE, {"message_class": "marketing"}, {"state": "draft"}, {"state": "in_queue"}]
        more += [{"transactional_reason": False}, {"body_html": f"<p>Better lamps {self.turn}</p>"}]
        role, values = self.draw.choice([*USERS]), self.draw.choice([*topics, *more])
        if mailing and self.attempt(role, "mailing.mailing", "write", [mailing], values):
            message.change(role, values)

    def do_approve(self):
        mailing, message = self.any_message()
        role = self.draw.choice([*USERS])
        waits = mailing and self.oracle.four_eyes and message.is_service and not message.approved_by
        if waits and self.attempt(role, "mailing.mailing", "action_approve", [mailing]):
            self.assertTrue(role in TRUSTED and role != message.author, f"{role} approved {message}")
            message.approved_by = role

    def do_launch(self):
        mailing, message = self.any_message()
        button, role = self.draw.choice(["action_launch", "action_put_in_queue", "action_send_mail"]), self.marketer()
        if not mailing:
            return
        with self.judged():
            earlier, message.launched_by = message.launched_by, role
            if self.attempt(role, "mailing.mailing", button, [mailing]) is None:
                message.launched_by = earlier

    def marketer(self):
        """Return a role, mostly one that may send mailings."""
        return self.draw.choice([*USERS, *3 * ("marketer", "announcer", "second")])

    def do_queue(self):
        with self.judged():
            pass

    def do_compose(self):
        people, role, number = self.draw.sample(PEOPLE, 3), self.draw.choice([*USERS]), self.next_number()
        ids = [self.partner[person].id for person in people]
        flagged = self.draw.choice([{}, {"consent_topic_id": self.news.id}, {"template_id": self.template.id}])
        values = {"model": "res.partner", "res_ids": str(ids), "composition_mode": "mass_mail", **flagged}
        values |= {"subject": f"Lamps {number}", "body": "<p>Lamps</p>"}
        with self.sending():
            wizard = self.attempt(role, "mail.compose.message", "create", values)
            sent = wizard and self.attempt(role, "mail.compose.message", "action_send_mail", [wizard]) is not None
        # A free text to several people that nobody called marketing or service asks for its kind.
        may = {person for person in people if flagged and sent and self.oracle.allows("email", person, self.news.id)}
        self.assertEqual(self.left_by_number().get(number, set()), may)

    def do_text(self):
        people, role, number = self.draw.sample(PEOPLE, 3), self.draw.choice([*USERS]), self.next_number()
        ids = [self.partner[person].id for person in people]
        flagged = self.draw.choice([{}, {"consent_topic_id": self.news.id}])
        values = {"composition_mode": "mass", "res_model": "res.partner", "res_ids": str(ids), **flagged}
        with self.sending():
            wizard = self.attempt(role, "sms.composer", "create", {**values, "body": f"Lamps {number}"})
            sent = wizard and self.attempt(role, "sms.composer", "action_send_sms", [wizard]) is not None
        may = {person for person in people if flagged and sent and self.oracle.allows("sms", person, self.news.id)}
        self.assertEqual(self.left_by_number().get(number, set()), may)

    # What left
    @contextmanager
    def judged(self):
        """Run the queues after the block, and compare what left with what each message might reach."""
        with self.sending():
            yield
            self.run_queue()
        self.compare()

    def run_queue(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1):  # a test may not commit
            self.env["mailing.mailing"]._process_mass_mailing_queue()

    def left_by_number(self):
        """Return who was reached by each message."""
        numbers = {number: person for person, number in PHONES.items()}
        mails = [(mail.message["subject"], address) for mail in self.sink.messages for address in mail.recipients]
        left = mails + [(sms["body"], numbers.get(sms["number"])) for sms in self._sms]
        found = {}
        for text, person in left:
            if person in PEOPLE and (number := re.search(r"Lamps (\d+)", text)):
                reached = found.setdefault(int(number[1]), set())
                self.assertNotIn(person, reached, "it reached somebody twice")
                reached.add(person)
        self.reached += sum(map(len, found.values()))
        return found

    def compare(self):
        left = self.left_by_number()
        self.assertLessEqual(left.keys(), {message.number for message in self.messages.values()})
        for message in self.messages.values():
            reached, may = left.get(message.number, set()), self.oracle.may(message)
            self.assertFalse(reached & message.got, f"{message} reached somebody again")
            if may and not message.planned:
                self.assertEqual(reached, may, message)
            self.assertLessEqual(reached, may, message)
            message.got |= reached
            message.planned |= bool(message.launched_by)

    @mute_logger(*QUIET, "odoo.addons.marketing_consent.models.sending.consent_mailing_launch")
    def test_what_leaves_is_what_the_design_lets_leave(self):
        deeds = [name for name in dir(self) if name.startswith("do_")]
        weights = [OFTEN.get(name, 2) for name in deeds]
        print(f"seed {self.seed}")  # pylint: disable=print-used
        for self.turn in range(1, STEPS + 1):
            deed = self.draw.choices(deeds, weights)[0]
            with self.subTest(seed=self.seed, turn=self.turn, deed=deed):
                getattr(self, deed)()
        print(f"{self.reached} messages left")  # pylint: disable=print-used
        self.assertTrue(self.reached, "nothing left at all")
