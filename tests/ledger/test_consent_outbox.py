from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..cases.story import ANNA, CARLA, ConsentCase

LOGGER = "odoo.addons.marketing_consent.models.ledger.consent_outbox"


@tagged("post_install", "-at_install")
class TestConsentOutbox(ConsentCase):
    """A consumer that wants to hear of every withdrawal, and may fail."""

    def setUp(self):
        super().setUp()
        self.outbox, self.heard, self.poison = self.env["consent.outbox"], [], set()
        self.outbox.search([]).unlink()  # what the story left to tell
        model = type(self.outbox)

        def deliver(_outbox, events):
            if self.poison.intersection(events.contact_point_id.mapped("address")):
                raise RuntimeError("out of order")
            self.heard += events.contact_point_id.mapped("address")

        self.patch(model, "_consumers", lambda _outbox: ("test",))
        for name, method in {
            "_wants_test": lambda _outbox, facts: [fact for fact in facts if fact["type"] == "withdrawn"],
            "_deliver_test": deliver,
        }.items():
            patcher = patch.object(model, name, method, create=True)
            self.addCleanup(patcher.stop)
            patcher.start()

    def deliver(self):
        self.env.ref("marketing_consent.ir_cron_consent_outbox").method_direct_trigger()

    def test_a_consumer_hears_of_what_it_wants_once(self):
        self.yes(CARLA)
        self.withdraw(ANNA)
        self.assertEqual(self.outbox.search([]).event_id.contact_point_id.mapped("address"), [ANNA])
        with self.enter_registry_test_mode():
            self.deliver()
            self.deliver()
        self.assertEqual(self.heard, [ANNA])
        self.assertFalse(self.outbox.search([]))

    def test_what_cannot_be_delivered_waits_with_its_error_and_holds_nobody_up(self):
        self.yes(CARLA)
        self.poison = {ANNA}
        self.withdraw(ANNA)
        self.withdraw(CARLA)
        with self.enter_registry_test_mode(), mute_logger(LOGGER):
            self.deliver()
        self.assertEqual(self.heard, [CARLA])
        waiting = self.outbox.search([])
        self.assertEqual((waiting.attempts, waiting.error), (1, "RuntimeError: out of order"))
        self.poison = set()
        with self.enter_registry_test_mode():
            self.deliver()
            self.assertEqual(self.heard, [CARLA], "not before its time")
            with self.travel(minutes=3):
                self.deliver()
        self.assertEqual(self.heard, [CARLA, ANNA])

    def test_an_event_that_is_rolled_back_is_never_heard_of(self):
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            self.withdraw(ANNA)
            raise ZeroDivisionError
        self.assertFalse(self.outbox.search([]))

    def test_a_batch_costs_one_statement(self):
        people = [f"p{number}@lumen.example" for number in range(20)]
        for address in people:
            self.yes(address)

        def statements(addresses):
            entries = [
                {"fact": "withdrawn", "topic": "news", "channel": "email", "address": address, "source": "paper"}
                for address in addresses
            ]
            before = self.cr.sql_log_count
            self.records._submit(entries)
            return self.cr.sql_log_count - before

        statements(people[:1])  # fills the caches
        self.assertEqual(statements(people[1:2]), statements(people[2:]))
