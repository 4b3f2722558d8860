import base64
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import requests
from odoo import SUPERUSER_ID, api, fields
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ...tools import retry
from ..cases.database import fresh_registry, renamed_registry, served

SCRIPTS = Path(__file__).resolve().parents[1] / "cases"
SAID = {"topic": "marketing", "channel": "email", "address": "anna@lumen.example", "source": "paper", "wording": "Yes"}


CALLERS = 12


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Writers that really run at the same time, on a database of their own."""

    def environment(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    @mute_logger("odoo.sql_db")
    def test_fifty_writers_to_one_address_lose_nothing_and_none_fails(self):
        with fresh_registry("one_address") as registry:

            def write(number):
                def work(cr):
                    entry = {**SAID, "fact": "given", "source_label": str(number)}
                    return self.environment(cr)["consent.record"]._submit([entry])

                return retry.in_new_transaction(registry, work)

            with ThreadPoolExecutor(50) as threads:
                written = list(threads.map(write, range(50)))
            self.assertEqual(len({event for (event,) in written}), 50)
            with registry.cursor() as cr:
                env = self.environment(cr)
                events = env["consent.event"].search([], order="seq")
                self.assertEqual(events.mapped("seq"), list(range(1, 51)))
                self.assertEqual({event.source_label for event in events}, {str(number) for number in range(50)})
                self.assertEqual(env["consent.record"]._check_ledger(), [])

    def test_eight_processes_with_overlapping_sets_lose_nothing_and_none_fails(self):
        with fresh_registry("processes") as registry:
            script = str(SCRIPTS / "writer.py")
            writers = [
                subprocess.Popen(
                    [sys.executable, script, registry.db_name, str(number), "3"],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
                for number in range(8)
            ]
            for writer in writers:
                output, _none = writer.communicate(timeout=300)
                self.assertEqual(writer.returncode, 0, output.decode()[-2000:])
            with registry.cursor() as cr:
                env = self.environment(cr)
                points = env["consent.contact.point"].search([])
                self.assertEqual(len(points), 12)
                self.assertEqual(env["consent.event"].search_count([]), sum(points.mapped("head_seq")))
                self.assertEqual(env["consent.record"]._check_ledger(), [])
                # Every yes of every writer is there; a no repeated is one no.
                said = env["consent.event"].search([("fact", "=", "given")]).mapped("source_label")
                expected = {
                    f"{number}/{turn}/{step}"
                    for number in range(8)
                    for turn in range(3)
                    for step in range(0, 12, 1 + (number % 3))
                    if (turn + number) % 2 == 0
                }
                got = {"/".join([*label.split("/")[:2], label.split("/")[2]]) for label in said}
                self.assertEqual(len(said), len(expected))
                self.assertEqual(got, expected)

    def test_calls_at_once_with_one_key_are_done_once_and_all_get_the_same_answer(self):
        said = {name: value for name, value in SAID.items() if name != "source"} | {"key": "order-4711"}
        many = [{**said, "address": f"p{number % 3}@lumen.example", "key": f"k{number % 3}"} for number in range(3)]
        with fresh_registry("same_key") as registry:
            with registry.cursor() as cr:
                env = self.environment(cr)
                tomorrow = fields.Datetime.now() + timedelta(days=1)
                secret = env["res.users.apikeys"].with_user(env.ref("base.user_admin"))._generate(None, "api", tomorrow)
            with served(registry.db_name) as address:

                def call(method, values):
                    url, token = f"{address}/json/2/consent.api/{method}", {"Authorization": f"Bearer {secret}"}
                    return requests.post(url, json=values, headers=token, timeout=120).json()

                self.assertTrue(
                    call("check", {"topic": "marketing", "channel": "email", "address": "x@x.example"})["ok"]
                )
                for values, expected in ((said, 1), ({"items": many}, 3)):
                    with ThreadPoolExecutor(CALLERS) as threads:
                        answers = list(threads.map(lambda _n, values=values: call("give", values), range(CALLERS)))
                    self.assertEqual(answers, [answers[0]] * CALLERS)
                    done = answers[0] if isinstance(answers[0], list) else answers[:1]
                    self.assertEqual([(answer["ok"], answer["changed"]) for answer in done], [(True, True)] * expected)
            with registry.cursor() as cr:
                env = self.environment(cr)
                self.assertEqual(env["consent.event"].search_count([]), 4)
                self.assertEqual(env["consent.record"]._check_ledger(), [])

    @mute_logger("odoo.sql_db")
    def test_a_crowd_on_one_link_is_one_withdrawal_and_the_link_outlives_the_databases_name(self):
        with fresh_registry("link") as registry:
            with registry.cursor() as cr:
                env = self.environment(cr)
                topic = env["consent.topic"].search([], limit=1)
                env["consent.record"]._submit([{**SAID, "topic": topic, "fact": "given"}])
                token = env["consent.link"]._tokens("email", [SAID["address"]], env.company, topic)[SAID["address"]]

            def click(_number):
                def work(cr):
                    link = self.environment(cr)["consent.link"]
                    return link._withdraw(link._subject(token), "topic", source="one_click", evidence={})

                with registry.cursor() as cr:
                    cr.execute("SELECT 1")  # what comes before has begun the snapshot
                    return retry.in_request(cr, work)

            with ThreadPoolExecutor(20) as threads:
                events = [event for clicked in threads.map(click, range(20)) for event in clicked]
            self.assertEqual(len(events), 1)
            with renamed_registry(registry.db_name) as renamed, renamed.cursor() as cr:
                link = self.environment(cr)["consent.link"]
                self.assertEqual(link._subject(token)["point"].address, SAID["address"])
                self.assertTrue(link._withdraw(link._subject(token), "group", source="one_click", evidence={}))

    @mute_logger("odoo.sql_db")
    def test_of_many_sign_ups_for_one_address_at_once_one_is_written_to(self):
        with fresh_registry("flood") as registry:
            ready, begun = Barrier(10), set()

            def sign_up(number):
                def work(cr):
                    cr.execute("SELECT 1")  # a request has read something, and so has its snapshot, before it gets here
                    if number not in begun:
                        begun.add(number)
                        ready.wait()
                    env = self.environment(cr)
                    return env["consent.throttle"]._allow("email", SAID["address"])

                return retry.in_new_transaction(registry, work)

            with ThreadPoolExecutor(10) as threads:
                allowed = list(threads.map(sign_up, range(10)))
            self.assertEqual(allowed.count(True), 1)

    def test_an_import_that_is_killed_again_and_again_leaves_the_ledger_of_one_clean_run(self):
        lines = [f"person{number % 5000}@fair.example,2026-01-{number % 3 + 1:02}" for number in range(6000)]
        values = {
            "kind": "yes",
            "file": base64.b64encode("\n".join(["email,when", *lines, "broken,2026-01-01"]).encode()),
            "wording": "Send me news.",
            "place": "Light fair",
        }
        with fresh_registry("import") as registry:
            script, ledgers = str(SCRIPTS / "importer.py"), []
            for kills in (0, 3):
                with registry.cursor() as cr:
                    env = self.environment(cr)
                    topic = env["consent.purpose"].create({"name": "News", "code": f"news_{kills}"}).topic_ids
                    batch = env["consent.import"].create({**values, "topic_id": topic.id})
                    batch.checked_sha256 = batch._fingerprint()
                    batch._start("running")
                    batch_id = batch.id
                for kill in range(kills + 1):
                    worker = subprocess.Popen([sys.executable, script, registry.db_name], stdout=subprocess.PIPE)
                    self.assertEqual(worker.stdout.readline(), b"ready\n")
                    if kill < kills:
                        time.sleep(random.uniform(0.1, 0.8))
                        worker.kill()
                    worker.communicate(timeout=120)
                with registry.cursor() as cr:
                    batch = self.environment(cr)["consent.import"].browse(batch_id)
                    # Of those who are in it twice, some said it earlier than the line before says.
                    counts = (batch.state, batch.yes_count, batch.skipped_count, batch.error_count)
                    self.assertEqual(counts, ("done", 5334, 666, 1))
                    ledgers.append(self.recorded(batch))
            self.assertEqual(ledgers[0], ledgers[1])
            self.assertEqual(len(ledgers[0]), 6000)

    def recorded(self, batch):
        """Return what an import left in the ledger, in its order."""
        batch.env.cr.execute(
            """SELECT point.address, event.type, event.occurred_at, evidence.payload::json->>'line'
                 FROM consent_event event JOIN consent_contact_point point ON point.id = contact_point_id
                 JOIN consent_evidence evidence ON evidence.id = event.id
                WHERE batch = %s ORDER BY event.id""",
            [batch.reference],
        )
        return batch.env.cr.fetchall()

    def test_a_withdrawal_that_commits_after_our_snapshot_counts_at_hand_over(self):
        with fresh_registry("hand_over") as registry:
            with registry.cursor() as cr:
                env = self.environment(cr)
                env["consent.gate"]._confirm_database()
                env["consent.record"]._submit([{**SAID, "fact": "given"}])
                topic = env.ref("marketing_consent.consent_topic_marketing").id
            with registry.cursor() as sender, registry.cursor() as other:
                env = self.environment(sender)
                gate, topic = env["consent.gate"], env["consent.topic"].browse(topic)
                parties = {"anna": gate._emails(SAID["address"], None, env["res.partner"])}
                self.assertTrue(gate._judge(parties, topic, "email", env.company)["anna"].allowed)
                self.environment(other)["consent.record"]._submit([{**SAID, "fact": "withdrawn"}])
                other.commit()
                self.assertTrue(gate._judge(parties, topic, "email", env.company)["anna"].allowed, "an old snapshot")
                verdict = gate._judge_at_hand_over(parties, topic, "email", env.company)["anna"]
                self.assertEqual(verdict.reason, "withdrawn")
