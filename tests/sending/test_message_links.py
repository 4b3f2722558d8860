"""What marketing carries and transactional mail does not, by the bytes that reached a real SMTP server."""

import re
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ...tools import list_headers
from ..cases.messages import LINK, MessageCase
from ..cases.story import ANNA, CARLA


@tagged("post_install", "-at_install")
class TestMessageLinks(MessageCase):
    # superuser: the links of a message do not depend on who sends.

    def test_marketing_carries_the_recipients_own_links(self):
        message = self.send()[ANNA]
        links = self.links(message)
        self.assertEqual(set(links), {"why", "preferences", "unsubscribe"})
        link = self.env["consent.link"]._read(links["unsubscribe"])
        self.assertEqual((link.point_id, link.topic_id), (self.record(ANNA).contact_point_id.id, self.news.id))
        self.assertIn(
            f"https://lumen.example/consent/unsubscribe/{links['unsubscribe']}", message.get_body("plain").get_content()
        )

    def test_links_lead_to_the_website_of_the_topic(self):
        values = {"name": "Dimly", "company_id": self.env.company.id, "domain": "https://dimly.example"}
        self.news.website_id = self.env["website"].create(values)
        message = self.send(body_html='<p><a href="/view">View</a></p>')[ANNA]
        text = message.get_body("html").get_content() + message["List-Unsubscribe"]
        found = re.findall(r"https://(\w+)\.example/consent/(\w+)/", text)
        self.assertEqual({page for _host, page in found}, {"view", "why", "preferences", "unsubscribe"})
        self.assertEqual({host for host, _page in found}, {"dimly"})

    def test_no_link_carries_the_address(self):
        message = self.send()[ANNA]
        for link in re.findall(r'href="([^"]+)"', message.get_body("html").get_content()):
            self.assertNotIn("anna", link)
        self.assertNotIn("anna", message["List-Unsubscribe"])

    def test_marketing_headers_offer_one_click_at_the_same_address(self):
        message = self.send()[ANNA]
        url = f"https://lumen.example/consent/unsubscribe/{self.links(message)['unsubscribe']}"
        self.assertIn(f"<{url}>", message["List-Unsubscribe"])
        self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(message["List-Id"], "<news.lumen.example>")
        self.assertEqual(message["Precedence"], "bulk")

    def test_marketing_headers_name_an_address_that_unsubscribes_by_mail(self):
        self.env.company.alias_domain_id = self.env["mail.alias.domain"].create({"name": "mail.lumen.example"})
        message = self.send()[ANNA]
        self.assertIn(
            f"<mailto:marketing-unsubscribe@mail.lumen.example?subject=unsubscribe%20"
            f"{self.links(message)['unsubscribe']}>",
            message["List-Unsubscribe"],
        )

    def test_the_links_speak_the_recipients_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.anna.lang = "fr_FR"
        terms = {"fr_FR": {"Why am I getting this?": "Pourquoi ce message ?"}}
        values = {"subject": "Lamps", "body_html": "<p>x</p>", "consent_topic_id": self.news.id}
        with patch.object(code_translations, "get_python_translations", lambda _module, lang: terms.get(lang, {})):
            with self.sending():
                self.env["mail.mail"].create({**values, "recipient_ids": self.anna.ids})
        self.assertIn("Pourquoi ce message ?", self.received()[ANNA].get_body("html").get_content())

    def test_the_web_copy_shows_the_mailing_of_this_person_with_their_links(self):
        text = '<p>Dear <t t-out="object.name"/></p><a href="/view">Web</a> <a href="/consent/why">Why</a>'
        token = self.links(self.send(body_html=text)[ANNA])["view"]
        answer = self.url_open(f"/consent/view/{token}")
        self.assertIn("Dear Anna", answer.text)
        self.assertIn(f"https://lumen.example/consent/why/{token}", answer.text)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"], "nothing in it can run")
        other = self.env["consent.link"]._tokens("email", [ANNA], self.env.company, self.news)[ANNA]
        self.assertEqual(self.url_open(f"/consent/view/{other}").status_code, 404, "no mailing, no copy")

    def test_over_plain_http_no_one_click_is_offered(self):
        self.env.company.website_id.domain = "http://lumen.example"
        message = self.send()[ANNA]
        self.assertIn("http://lumen.example/consent/unsubscribe/", message["List-Unsubscribe"])
        self.assertNotIn("List-Unsubscribe-Post", message)

    def test_the_writers_own_placeholders_are_filled_and_not_repeated(self):
        body = (
            '<p><a href="/unsubscribe_from_list">Stop</a> <a href="/consent/why">Why</a> <a href="/view">View</a></p>'
        )
        html = self.send(body_html=body)[ANNA].get_body("html").get_content()
        for page, times in (("unsubscribe", 1), ("why", 1), ("preferences", 1)):
            self.assertEqual(len(re.findall(f'href="https://lumen.example/consent/{page}/', html)), times, page)
        self.assertNotIn("/r/", html, "no tracker learns who unsubscribes")

    def test_each_recipient_gets_links_of_their_own(self):
        self.yes(CARLA)
        received = self.send()
        own = {address: self.links(message)["unsubscribe"] for address, message in received.items()}
        self.assertEqual(set(own), {ANNA, CARLA})
        for address, token in own.items():
            point = self.env["consent.contact.point"].browse(self.env["consent.link"]._read(token).point_id)
            self.assertEqual(point.address, address)
            self.assertIn(token, received[address]["List-Unsubscribe"])

    def test_several_recipients_of_one_mail_get_headers_of_their_own(self):
        self.yes(CARLA)
        with self.sending():
            values = {"subject": "Lamps", "body_html": "<p>Lamps</p>", "consent_topic_id": self.news.id}
            self.env["mail.mail"].create({**values, "recipient_ids": self.two.ids})
        received = self.received()
        for address in (ANNA, CARLA):
            self.assertIn(self.links(received[address])["unsubscribe"], received[address]["List-Unsubscribe"])

    def test_of_several_addresses_each_gets_a_message_with_links_that_are_theirs_alone(self):
        """Who could read another's link could end another's consent."""
        office = "office@lumen.example"
        self.yes(CARLA)
        self.yes(office)
        both = self.env["res.partner"].create({"name": "Both", "email": f"{ANNA}, {CARLA}"})
        values = {"subject": "x", "body_html": "<p>x</p>", "consent_topic_id": self.news.id}
        for name, recipients in {
            "to and copy": {"email_to": f'"Anna" <{ANNA}>, {CARLA}', "email_cc": office},
            "copy alone": {"email_cc": f"{ANNA}, {CARLA}, {office}"},
            "partner": {"recipient_ids": both.ids, "email_cc": office},
            "twice": {"email_to": f"{ANNA}, {CARLA}, {office}", "email_cc": f'"Anna" <{ANNA.upper()}>, {office}'},
        }.items():
            with self.subTest(name):
                with self.sending():
                    self.env["mail.mail"].create({**values, **recipients})
                self.assertEqual(sorted(self.sink.recipients()), sorted([ANNA, CARLA, office]))
                for address, message in self.received().items():
                    own = self.record(address).contact_point_id.id
                    parts = [message.get_body(part).get_content() for part in ("html", "plain")]
                    text = "\n".join([*parts, *map(str, message.values())])
                    tokens = [token for _page, token in LINK.findall(text)]
                    found = {self.env["consent.link"]._read(token).point_id for token in tokens}
                    self.assertEqual(found, {own}, address)
                    self.assertGreater(len(tokens), 3)
                    others = {ANNA, CARLA, office} - {address}
                    self.assertFalse([other for other in others if other in text])

    def test_a_mailing_to_a_record_with_several_addresses_gives_each_its_own_links(self):
        self.yes(CARLA)
        self.anna.email = f"{ANNA}, {CARLA}"
        received = self.send(mailing_domain=[("id", "=", self.anna.id)])
        self.assertEqual(set(received), {ANNA, CARLA})
        for address, message in received.items():
            token = self.links(message)["unsubscribe"]
            self.assertEqual(self.env["consent.link"]._read(token).point_id, self.record(address).contact_point_id.id)

    def test_a_flagged_message_that_is_no_mailing_carries_them_too(self):
        with self.sending():
            self.env["mail.mail"].create(
                {"subject": "x", "body_html": "<p>x</p>", "email_to": ANNA, "consent_topic_id": self.news.id}
            )
        message = self.received()[ANNA]
        self.assertEqual(set(self.links(message)), {"why", "preferences", "unsubscribe"})
        self.assertIn("List-Unsubscribe", message)

    def test_flagged_messages_of_two_companies_are_judged_and_signed_for_their_own(self):
        topic = self.make_topic("group", "Group magazine", company_id=False)
        other = self.env["res.company"].create({"name": "Other Lamps"})
        for address in (ANNA, CARLA):
            self.yes(address, topic)
        self.records.object_to("email", ANNA, source="preference_page", company=other.id)
        # An objection counts from when it is made: a proven yes that is later would pass it.
        with self.sending():
            for company in (self.env.company, other):
                for address in (ANNA, CARLA):
                    values = {"body_html": "<p>x</p>", "email_to": address, "consent_topic_id": topic.id}
                    self.env["mail.mail"].create({**values, "subject": company.name, "record_company_id": company.id})
        left = {(mail["subject"], mail["to"]): mail for mail in (message.message for message in self.sink.messages)}
        self.assertEqual(
            set(left),
            {(self.env.company.name, ANNA), (self.env.company.name, CARLA), (other.name, CARLA)},
        )
        link = self.env["consent.link"]
        for (subject, _to), mail in left.items():
            token = mail["List-Unsubscribe"].split("/consent/unsubscribe/")[1].split(">")[0]
            self.assertEqual(link._subject(token)["company"].name, subject)

    def test_transactional_mail_carries_nothing_of_it(self):
        received = self.send(message_class="transactional", transactional_reason="We move")
        self.assertEqual(set(received), {ANNA, CARLA})
        with self.sending():
            self.env["mail.mail"].create({"subject": "x", "body_html": "<p>x</p>", "email_to": ANNA})
        for message in (*received.values(), self.received()[ANNA]):
            self.assertFalse(self.links(message))
            self.assertFalse(set(message.keys()) & set(list_headers.MARKETING))

    def test_links_cost_the_same_for_any_number_of_recipients(self):
        def statements(count):
            people = self.env["res.partner"].create(
                [{"name": f"L{n}", "email": f"l{n}-{count}@lumen.example"} for n in range(count)]
            )
            self.records._submit(
                [
                    {"fact": "given", "topic": self.news, "channel": "email", "address": person.email}
                    | {"source": "preference_page", "notice": self.news.purpose_id.notice_ids.id}
                    for person in people
                ]
            )
            self.mailing(mailing_domain=[("id", "in", people.ids)])._action_send_mail()
            mails = self.env["mail.mail"].search([("state", "=", "outgoing")])
            self.env.flush_all()
            calls = []
            points = type(self.env["consent.contact.point"])
            original = points._points

            def counted(*args):
                calls.append(1)
                return original(*args)

            self.patch(points, "_points", counted)
            with self.sending():
                mails.send()
            self.patch(points, "_points", original)
            return len(calls)

        self.assertEqual(statements(20), 1)

    def test_marketing_says_who_writes_and_from_where(self):
        self.env.company.write({"street": "Rue <b>Neuve</b> 1", "zip": "1000", "city": "Brussels"})
        message = self.send()[ANNA]
        self.assertIn("Rue &lt;b&gt;Neuve&lt;/b&gt; 1, 1000 Brussels", message.get_body("html").get_content())
