"""Scanners, previews and prefetchers fetch every link of every message: nothing in the database may change.

The links are those of the bytes that reached the mail server and of the texts that the provider got.
"""

import re
from datetime import timedelta
from email.utils import unquote
from html import unescape
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import tagged

from ..cases.messages import MessageCase
from ..cases.paths import Paths
from ..cases.story import ANNA, BEN, CARLA, PHONES

THEME = """<p><a href="/unsubscribe_from_list">Stop</a> <a href="/view">View</a> <a href="/consent/subscribe">More</a>
<a href="/consent/why">Why</a> <a href="/consent/preferences">Choose</a> <a href="/consent/confirm">Yes</a>
<a href="https://shop.example/lamps">Lamps</a></p>"""
HOST = "lumen.example"
#: Not the names of document types, which look like addresses and lead nowhere.
ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)[^\s\"'<>]+")
#: Odoo counts who opens and clicks, whatever the method. That is no consent, and all that it may touch.
COUNTING = re.compile(r"/r/\w+|/mail/track/")
COUNTED = {"link_tracker", "link_tracker_click", "mailing_trace"}
#: Every kind of page that a link leads to: a message that carries another kind, or none of one, fails the test.
PAGES = {
    *("/consent/unsubscribe", "/consent/preferences", "/consent/why", "/consent/view", "/consent/confirm", "/c"),
    *("/consent/access", "/consent/change", "/consent/subscribe", "/r", "/mail/track"),
}


@tagged("post_install", "-at_install")
class TestCrawler(Paths, MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.base.url", f"https://{HOST}")
        cls.env["consent.page"].create({"name": "News", "code": "news", "topic_ids": cls.news.ids})

    def changes(self):
        """Return how many rows this transaction has inserted, updated or deleted so far, by table."""
        self.env.flush_all()
        self.cr.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
                WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
        )
        return dict(self.cr.fetchall())

    # -- what is sent: marketing of every kind, and every neutral message ------------------------------------------

    def sends_mailing(self):
        self.mailing(body_html=THEME).action_send_mail()

    def sends_sms_mailing(self):
        text = "https://shop.example/lamps /consent/unsubscribe /consent/why"
        self.mailing(mailing_type="sms", sms_force_send=True, body_plaintext=text).action_send_mail()

    def sends_flagged(self):
        self.path_template_send_mail(self.news)
        self.path_composer_in_comment_mode(self.news)
        self.path_sms_with_template(self.news)

    def sends_sign_up(self):
        form = {"choice": [f"{self.news.id}:{channel}" for channel in ("email", "sms")]}
        self.url_open("/consent/page/news", data={**form, "email": CARLA, "phone": PHONES[CARLA]})
        self.work_off()

    def sends_fresh_link(self):
        self.url_open("/consent/find", data={"address": ANNA})
        self.url_open("/consent/find", data={"address": PHONES[ANNA]})
        self.work_off()

    def sends_correction(self):
        for typed, channel in (("new@lumen.example", "email"), ("+32470000099", "sms")):
            arguments = ([channel], self.env.company, "198.51.100.1")
            self.env["consent.correction"]._request(self.ben, typed, *arguments)

    def sends_corrected(self):
        corrections = self.env["consent.correction"]
        token = corrections._open(self.carla, "email", "carla@home.example", self.env.company)
        corrections._find(token)._use({})

    def sends_renewal(self):
        for channel in ("email", "sms"):
            self.yes(ANNA, channel=channel, valid_until=fields.Datetime.now() + timedelta(days=20))
            self.env["consent.request"]._ask_to_renew(self.record(ANNA, channel=channel))

    def sends_receipt(self):
        changes = self.record(BEN).last_event_id
        for channel in ("email", "sms"):
            receipt = {"channel": channel, "addresses": {"email": BEN, "sms": PHONES[BEN]}, "lang": "en_US"}
            self.env["consent.outbox"]._send_receipt(changes, receipt | {"person": "Ben"})

    def texts(self):
        """Return the texts and headers of all messages as they left, by what sent them."""
        for name in (
            "mailing",
            "sms_mailing",
            "flagged",
            "sign_up",
            "fresh_link",
            "correction",
            "corrected",
            "renewal",
        ):
            yield name, self.sent_by(name)
        yield "receipt", self.sent_by("receipt")

    def sent_by(self, name):
        with self.sending():
            self.env.invalidate_all()
            getattr(self, f"sends_{name}")()
        texts = [sms["body"] for sms in self._sms]
        for mail in self.sink.messages:
            texts += [unescape(mail.message.get_body("html").get_content())]
            texts += [part.get_content() for part in mail.message.walk() if part.get_content_type() == "text/plain"]
            texts += [unquote(str(value)) for value in mail.message.values()]
        return texts

    def links(self):
        found = {}
        for name, texts in self.texts():
            self.assertTrue(texts, f"{name} sent nothing")
            for text in texts:
                found.update(dict.fromkeys(ADDRESS.findall(text), name))
        return found

    # -- what fetching them does ------------------------------------------------------------------------------------

    def fetch(self, link, method):
        parts = urlsplit(link)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.url_open(path, method=method, allow_redirects=not COUNTING.match(parts.path))

    def test_whoever_fetches_every_link_of_every_message_changes_nothing(self):
        links = self.links()
        self.assertEqual({urlsplit(link).netloc for link in links}, {HOST}, "a link that is not followed")
        kinds = {re.sub(r"(/r|/mail/track|/c|/consent/\w+)/.*", r"\1", urlsplit(link).path) for link in links}
        self.assertEqual(kinds - {"", "/"}, PAGES)
        self.assertEqual({name for link, name in links.items() if "/r/" in link}, {"mailing", "sms_mailing"})
        before, verdict = self.changes(), self.verdict(ANNA)
        for link, name in links.items():
            for method in ("GET", "HEAD"):
                answer = self.fetch(link, method)
                expected = 301 if "/r/" in link else 200
                self.assertEqual(answer.status_code, expected, (name, link, method))
        changed = {table for table, count in self.changes().items() if count != before.get(table)}
        self.assertEqual(changed, COUNTED)
        self.assertEqual(self.verdict(ANNA), verdict)

    def test_what_counts_clicks_is_all_that_changes_anything(self):
        links = [link for link in self.links() if not COUNTING.match(urlsplit(link).path)]
        before = self.changes()
        for link in links:
            for method in ("GET", "HEAD"):
                self.fetch(link, method)
        self.assertEqual(self.changes(), before)
