"""What people need or asked for leaves untouched, also to those who withdrew, objected or stand on the blacklist."""

from datetime import timedelta
from email import message_from_string, policy
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import hmac

from ..cases.gate import GateCase
from ..cases.story import BEN, DIRK

BOUNCED = """Return-Path: <{sender}>
From: {sender}
To: nobody-here@lumen.example
Subject: Hello
Message-Id: <1@lumen.example>

Is anybody there?
"""


def text_of(message):
    """Return header and text of a message."""
    parts = (part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
    return f"{message['List-Unsubscribe']} {' '.join(parts)}"


@tagged("post_install", "-at_install")
class TestTransactionalPaths(GateCase):
    """Ben withdrew and is on the blacklist, Dirk objected to everything."""

    # superuser: Odoo itself sends these.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.blacklist"]._add(BEN)
        cls.people = cls.ben | cls.dirk
        domain = cls.env["mail.alias.domain"].create({"name": "lumen.example", "bounce_alias": "bounce"})
        cls.env.company.alias_domain_id = domain
        cls.env.user.partner_id.email = "lumen@lumen.example"
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).unlink()  # Odoo tells the old address of the new one

    def users(self, group="base.group_portal"):
        return self.env["res.users"].union(
            *(
                new_test_user(self.env, f"{p.name.lower()}.login", group, partner_id=p.id, email=p.email)
                for p in self.people
            )
        )

    def sent_portal_invitation(self):
        wizard = self.env["portal.wizard"].with_context(active_ids=self.people.ids).create({})
        for user in wizard.user_ids:
            user.action_grant_access()

    def sent_password_reset(self):
        self.users().action_reset_password()

    def sent_security_alert(self):
        self.users()._notify_security_setting_update("Password changed", "Your password was changed.")

    def sent_digest(self):
        digest = self.env["digest.digest"].create({"name": "Week", "user_ids": self.users("base.group_user").ids})
        digest.action_send()

    def sent_statistics_of_a_mailing(self):
        for user in self.users("base.group_user,mass_mailing.group_mass_mailing_user"):
            mailing = self.mailing(user_id=user.id, state="done", sent_date=fields.Datetime.now() - timedelta(days=2))
            mailing._action_send_statistics()

    def sent_answer_to_mail_that_nobody_takes(self):
        for person in self.people:
            with patch("odoo.addons.mail.models.mail_thread._logger"):
                self.env["mail.thread"]._routing_create_bounce_email(
                    person.email, "<p>Nobody is here.</p>", self.parsed(person.email)
                )

    def parsed(self, sender):
        return message_from_string(BOUNCED.format(sender=sender), policy=policy.SMTP)

    def sent_invitation_to_a_channel(self):
        channel = self.env["discuss.channel"].create({"name": "Light", "channel_type": "group"})
        channel.invite_by_email([BEN, DIRK])

    def sent_contact_form(self):
        """A form of the website that is sent as mail, to an address that its author chose."""
        self.env["ir.model"]._get("mail.mail").website_form_access = True
        for person in self.people:
            form = {"email_to": person.email, "email_from": "visitor@lumen.example", "subject": "Hello"}
            form["body_html"] = "Do you have lamps?"
            form["website_form_signature"] = hmac(self.env(su=True), "website_form_signature", person.email)
            answer = self.url_open("/website/form/mail.mail", data=form)
            self.assertTrue(answer.json().get("id"), answer.text)

    def sent_message_that_was_scheduled(self):
        for person in self.people:
            message = person.message_post(  # pylint: disable=translation-required
                body="Your order", partner_ids=person.ids, scheduled_date=fields.Datetime.now() + timedelta(hours=1)
            )
            self.env["mail.message.schedule"]._send_message_notifications(message)

    def sent_mail_from_the_queue(self):
        self.env["mail.mail"].create([{"email_to": p.email, "subject": "Order", "body_html": "x"} for p in self.people])
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1):
            self.env["mail.mail"].process_email_queue()

    def test_everybody_is_reached(self):
        for path in (name for name in dir(self) if name.startswith("sent_")):
            with self.subTest(path=path), self.undone():
                with self.sending():
                    getattr(self, path)()
                self.assertEqual(self.left, {BEN, DIRK})
                for mail in self.sink.messages:
                    self.assertNotIn("/consent/", text_of(mail.message))
