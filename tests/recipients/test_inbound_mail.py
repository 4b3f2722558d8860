from email import policy
from email.message import EmailMessage

from odoo.tests import tagged

from ..cases.story import ANNA, BEN, CARLA, ConsentCase

ALIAS = "marketing-unsubscribe@lumen.example"
REPORT = """From: <feedback@provider.example>
To: <abuse@lumen.example>
Subject: FW: New lamps
Message-ID: <report@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain

This is a spam complaint.

--part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: {recipient}

--part
Content-Type: message/rfc822

From: <news@lumen.example>
To: <redacted@provider.example>
Subject: New lamps
List-Unsubscribe: <https://lumen.example/consent/unsubscribe/{token}>,
 <mailto:{alias}?subject=unsubscribe%20{token}>
Message-ID: <lamps@lumen.example>

Look.
--part--
"""
BOUNCE = """From: MAILER-DAEMON@provider.example
To: bounce@lumen.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce{status}@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

Sorry.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; provider.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} No such user

--part--
"""


def complaint_about(case, address, kind="abuse", token=None, recipient="redacted"):
    """Return a spam complaint about a mail to `address`, who is blacked out in it."""
    if token is None:
        token = case.env["consent.link"]._tokens("email", [address], case.env.company, case.news)[address]
    return REPORT.format(kind=kind, token=token, recipient=recipient, alias=ALIAS)


@tagged("post_install", "-at_install")
class TestInboundMail(ConsentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.alias_domain_id = cls.env["mail.alias.domain"].create({"name": "lumen.example"})

    def mail(self, subject="", text="", sender=ANNA, to=ALIAS, **headers):
        message = EmailMessage(policy.SMTP)
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = f"<{self._testMethodName}{len(text)}@x.example>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return self.receive(message.as_string())

    def receive(self, text):
        return self.env["mail.thread"].message_process("res.partner", text)

    def token(self, address):
        return self.env["consent.link"]._tokens("email", [address], self.env.company, self.news)[address]

    def test_a_token_in_the_subject_withdraws_whoever_sends_it(self):
        self.mail(f"unsubscribe {self.token(ANNA)}", sender="helpdesk@provider.example")
        self.assertEqual(self.verdict(ANNA).reason, "withdrawn")
        event = self.record(ANNA).last_event_id
        self.assertEqual(event.source, "inbound_mail")
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed, "what the token was about, and no more")

    def test_without_a_token_the_sender_gets_no_marketing_any_more(self):
        self.mail("Afmelden", sender=f"Anna <{ANNA.upper()}>")
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_nothing_is_created_or_answered(self):
        partners, mails = (self.env[model].search_count([]) for model in ("res.partner", "mail.mail"))
        self.mail("unsubscribe", sender="new@x.example")
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_a_forged_erasure_request_erases_nothing_and_asks_a_person(self):
        self.mail("VERWIJDER", "Verwijder <b>al</b> mijn gegevens", sender=ANNA)
        self.assertTrue(self.anna.exists())
        self.assertTrue(self.record(ANNA).contact_point_id.address)
        reply = self.env["consent.reply"].search([])
        self.assertEqual((reply.reason, reply.contact_point_id.address), ("erase", ANNA))
        self.assertEqual((len(reply.activity_ids), reply.text), (1, "Verwijder <b>al</b> mijn gegevens"))
        self.assertEqual(self.verdict(ANNA).reason, "objected", "withdrawn at once all the same")

    def test_what_programs_send_is_ignored(self):
        for header in ({"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<x.example>"}):
            self.mail("unsubscribe", text="x" * len(str(header)), **header)
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_mail_to_others_is_none_of_our_business(self):
        self.env["mail.alias"].create(
            {"alias_name": "lamps", "alias_model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        lead = self.env["crm.lead"].browse(self.mail("unsubscribe", to="lamps@lumen.example"))
        self.assertEqual(lead.email_from, ANNA)
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_a_spam_complaint_is_an_objection_and_no_bounce(self):
        bounces = self.anna.message_bounce
        self.receive(complaint_about(self, ANNA))
        self.assertEqual(self.verdict(ANNA).reason, "objected")
        self.assertEqual(self.anna.message_bounce, bounces)
        self.assertTrue(self.verdict(ANNA, channel="sms").allowed)

    def test_a_complaint_without_our_link_goes_by_the_address_it_names(self):
        self.receive(complaint_about(self, ANNA, token="x", recipient=f"<{ANNA}>"))
        self.assertEqual(self.verdict(ANNA).reason, "objected")

    def test_no_spam_after_all_changes_nothing_and_fraud_is_for_a_person(self):
        self.receive(complaint_about(self, ANNA, kind="not-spam"))
        self.assertTrue(self.verdict(ANNA).allowed)
        self.receive(complaint_about(self, ANNA, kind="fraud").replace("report@", "report2@"))
        self.assertTrue(self.verdict(ANNA).allowed)
        reply = self.env["consent.reply"].search([])
        self.assertEqual((reply.reason, reply.contact_point_id.address), ("fraud", ANNA))
        self.assertTrue(reply.activity_ids)

    def test_an_address_that_does_not_exist_is_unreachable_until_confirmed(self):
        self.receive(BOUNCE.format(recipient=ANNA, status="5.1.1"))
        self.assertEqual(self.verdict(ANNA).reason, "unreachable")
        self.assertEqual(self.record(ANNA).state, "granted", "deliverability is no consent")
        notice = self.news.purpose_id.notice_ids.id
        self.records.confirm("news", "email", ANNA, source="double_opt_in", notice=notice)
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_a_full_mailbox_is_no_reason(self):
        for status in ("5.2.2", "4.4.1", "5.7.1"):
            self.receive(BOUNCE.format(recipient=ANNA, status=status))
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_bounces_of_nobody_known_do_not_hurt(self):
        points = self.env["consent.contact.point"].search_count([])
        self.receive(BOUNCE.format(recipient="stranger@x.example", status="5.1.0"))
        self.assertEqual(self.env["consent.contact.point"].search_count([]), points)
        self.receive(BOUNCE.format(recipient="nobody@@", status="5.1.1"))
        self.receive(complaint_about(self, BEN, token="é"))
        self.assertEqual(self.verdict(CARLA).reason, "no_consent")
