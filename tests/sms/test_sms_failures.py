"""SMS whose hand-over fails, on the queue's way, where each request is a transaction of its own."""

from contextlib import ExitStack
from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules import module
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..cases.database import fresh_registry
from ..cases.sms_sending import SendingCase

NUMBERS = [f"+3247000000{digit}" for digit in range(1, 5)]
CREDENTIALS = {"sms_twilio_account_sid": "AC" + "1" * 32, "sms_twilio_auth_token": "secret"}
LOGS = "odoo.addons.marketing_consent.models"


@tagged("post_install", "-at_install")
class TestRequestsThatFail(BaseCase):
    # superuser: the queue sends as the scheduler does
    def setUp(self):
        super().setUp()
        stack = self.enterContext(ExitStack())
        self.registry = stack.enter_context(fresh_registry("sms_failures"))
        stack.enter_context(patch.object(module, "current_test", None))  # else nothing is committed
        stack.enter_context(SendingCase.twilio(self))
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            belgium = env.ref("base.be").id
            env.company.write({"country_id": belgium, "sms_provider": "twilio", **CREDENTIALS})
            own_number = {"number": "+32460000000", "country_id": belgium}
            env["sms.twilio.number"].create({"company_id": env.company.id, **own_number})
            partners = env["res.partner"].create([{"name": number, "phone": number} for number in NUMBERS])
            self.mailing_id = (
                env["mailing.mailing"]
                .create(
                    {
                        "subject": "New opening hours",
                        "mailing_type": "sms",
                        "body_plaintext": "We open at nine.",
                        "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                        "mailing_domain": [("id", "in", partners.ids)],
                        "message_class": "transactional",
                        "transactional_reason": "Customers have appointments",
                        "sms_force_send": True,
                    }
                )
                .id
            )

    def test_in_the_plan_of_a_mailing_what_fails_fails_alone_and_visibly(self):
        self.launch()
        with self.failing(ValueError("no such currency"), at=0), mute_logger(f"{LOGS}.sms.sms_sms"):
            self.run_crons()
        self.run_crons()
        self.assertEqual(self.numbers_posted(), NUMBERS)
        self.assertEqual(self.statuses(), ["error", "pending", "pending", "pending"])

    def test_in_the_queue_what_fails_fails_alone_and_visibly(self):
        self.launch(sms_force_send=False)
        with self.failing(ValueError("no such currency"), at=1), mute_logger(f"{LOGS}.sms.sms_sms"):
            self.run_crons()
        self.run_crons()
        self.assertEqual(self.numbers_posted(), NUMBERS)
        self.assertEqual(self.statuses(), ["pending", "error", "pending", "pending"])

    def test_where_the_database_fails_the_rest_waits_for_the_next_run(self):
        for error in (psycopg2.errors.InFailedSqlTransaction("aborted"), psycopg2.InterfaceError("connection closed")):
            with self.subTest(error), self.failing(error, at=1):
                self.posted.clear()
                self.launch()
                self.run_crons("mailing.mailing")
                self.assertEqual(self.numbers_posted(), NUMBERS[:2])
                self.assertEqual(self.statuses(), ["pending", "outgoing", "outgoing", "outgoing"])
                self.run_crons()
                # Only the request that was under way is repeated: the provider has no key to tell the two apart.
                self.assertEqual(self.numbers_posted(), sorted([*NUMBERS, NUMBERS[1]]))
                self.assertEqual(set(self.statuses()), {"pending"})

    def launch(self, **values):
        with self.registry.cursor() as cr:
            mailing = api.Environment(cr, SUPERUSER_ID, {})["mailing.mailing"].browse(self.mailing_id)
            mailing = mailing.copy(
                {"message_class": "transactional", "transactional_reason": "Customers have appointments", **values}
            )
            mailing.action_put_in_queue()
            self.mailing_id = mailing.id

    def run_crons(self, *models):
        crons = {"mailing.mailing": "_process_mass_mailing_queue", "sms.sms": "_process_queue"}
        for model in models or crons:
            with self.registry.cursor() as cr:
                getattr(api.Environment(cr, SUPERUSER_ID, {})[model], crons[model])()

    def failing(self, error, at):
        """Let the note of what the provider has taken fail, once, after the request number `at`."""
        real, calls = self.registry["consent.sms.sent"]._note, []

        def note(sent, messages):
            calls.append(messages)
            if len(calls) == at + 1:
                raise error
            return real(sent, messages)

        return patch.object(self.registry["consent.sms.sent"], "_note", note)

    def numbers_posted(self):
        return sorted(posted["To"] for posted in self.posted)

    def statuses(self):
        """Return the states of the mailing's traces, by number."""
        with self.registry.cursor() as cr:
            mailing = api.Environment(cr, SUPERUSER_ID, {})["mailing.mailing"].browse(self.mailing_id)
            return mailing.mailing_trace_ids.sorted("sms_number").mapped("trace_status")
