"""Scanners, previews and prefetchers fetch every link of every message: nothing in the database may change."""

import re
from email.utils import unquote

from odoo.tests import tagged

from .common import ANNA
from .test_coverage import Paths
from .test_message_links import MessageCase

THEME = """<p><a href="/unsubscribe_from_list">Stop</a> <a href="/view">View</a> <a href="/consent/subscribe">More</a>
<a href="/consent/why">Why</a> <a href="/consent/preferences">Choose</a> <a href="/consent/confirm">Yes</a></p>"""
OURS = re.compile(r"https://lumen\.example(/[^\s\"'<>]+)")


@tagged("post_install", "-at_install")
class TestCrawler(Paths, MessageCase):
    def changes(self):
        """Return how many rows this transaction has inserted, updated or deleted so far, by table."""
        self.env.flush_all()
        self.cr.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
                WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
        )
        return dict(self.cr.fetchall())

    def messages(self):
        """Return the text and headers of marketing of every kind, as it left."""
        yield from self.send(body_html=THEME).values()
        for path in (self.path_template_send_mail, self.path_composer_in_comment_mode):
            with self.sending():
                path(self.news)
            yield from self.received().values()

    def links(self):
        found = set()
        for message in self.messages():
            headers = " ".join(map(unquote, message.get_all("List-Unsubscribe", [])))
            for part in ("html", "plain"):
                found |= set(OURS.findall(message.get_body(part).get_content() + headers))
        with self.sending():
            self.mailing(
                mailing_type="sms", sms_force_send=True, body_plaintext="/consent/unsubscribe"
            ).action_send_mail()
        for sms in self._sms:
            found |= set(OURS.findall(sms["body"]))
        return found

    def test_whoever_fetches_every_link_of_every_message_changes_nothing(self):
        links = self.links()
        pages = {re.sub(r"/[\w-]{26,}$", "", link) for link in links}
        self.assertLessEqual({"/consent/unsubscribe", "/consent/why", "/consent/view", "/c"}, pages)
        for link in links:
            self.url_open(link)  # what the server looks up for the first time it may keep
        before, verdict = self.changes(), self.verdict(ANNA)
        for link in links:
            for method in ("GET", "HEAD"):
                answer = self.url_open(link, method=method)
                self.assertIn(answer.status_code, (200, 404) if "/preferences/" in link else (200,), (link, method))
        self.assertEqual(self.changes(), before)
        self.assertEqual(self.verdict(ANNA), verdict)
