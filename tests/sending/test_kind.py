"""What states its kind is sent by it; what does not is held, or its writer is asked. As the least users, over RPC."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ...tools import service_templates
from ..cases.least_user import LeastUser
from ..cases.story import ANNA, CARLA, PHONES

BOTH = {ANNA, CARLA}
NUMBERS = {PHONES[ANNA], PHONES[CARLA]}
ASKED = "say what it is"


class Kinds(LeastUser):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,sales_team.group_sale_salesman,marketing_consent.group_transactional"
        cls.entitled = new_test_user(cls.env, "entitled", groups=groups, email="entitled@lumen.example")
        cls.officer = new_test_user(cls.env, "officer", groups="marketing_consent.group_officer")
        groups = "base.group_system,sales_team.group_sale_manager,mass_mailing.group_mass_mailing_user"
        cls.admin = new_test_user(cls.env, "chief", groups=groups, email="chief@lumen.example")
        cls.template.write({"consent_topic_id": False, "user_id": cls.salesman.id})
        cls.sms_template.consent_topic_id = False
        cls.lead = cls.env["crm.lead"].create({"name": "Lamps", "email_from": CARLA, "phone": PHONES[CARLA]})

    def action(self, model="res.partner", user=None, **values):
        """Return a server action that an administrator makes."""
        values = {"name": "Write", "model_id": self.env["ir.model"]._get_id(model), "state": "code", **values}
        return self.env["ir.actions.server"].with_user(user or self.admin).create(values)

    def run_action(self, action, records):
        context = {"active_model": records._name, "active_ids": records.ids, "active_id": records[:1].id}
        self.rpc("ir.actions.server", "run", [action.id], context=context, user=self.admin)

    def waiting(self):
        return self.env["mail.mail"].search([("state", "=", "outgoing"), ("consent_origin", "!=", False)])


@tagged("post_install", "-at_install")
class TestHeld(Kinds):
    def test_a_template_without_a_kind_waits_and_its_owner_has_an_activity(self):
        with self.sending():
            for partner in self.two:
                self.rpc("mail.template", "send_mail", [self.template.id], partner.id, force_send=True)
            self.env["mail.mail"].create({"email_to": CARLA, "subject": "Order", "body_html": "<p>Shipped</p>"})
        self.assertEqual(self.left, {CARLA}, "what has nothing to do with it leaves")
        self.assertEqual(self.sink.recipients(), [CARLA])
        self.assertEqual(len(self.waiting()), 2)
        self.assertIn("No kind", self.waiting()[0].failure_reason)
        activity = self.env["mail.activity"].search([("summary", "ilike", "Lamps"), ("summary", "ilike", "marketing")])
        self.assertEqual(len(activity), 1)
        with self.sending():
            self.template.consent_topic_id = self.news
        self.assertEqual(self.left, {ANNA})
        self.assertFalse(self.waiting())

    def test_what_waits_leaves_once_it_is_called_a_service_message(self):
        with self.sending():
            self.rpc("mail.template", "send_mail_batch", [self.template.id], self.two.ids)
        self.assertFalse(self.left)
        with self.assertRaises(AccessError):
            self.rpc("mail.template", "action_consent_approve", [self.template.id])
        with self.sending():
            self.rpc("mail.template", "action_consent_approve", [self.template.id], user=self.officer)
        self.assertEqual(self.left, BOTH)

    def test_actions_on_contacts_leads_and_mailing_contacts_wait_whatever_they_do(self):
        contact = self.env["mailing.contact"].create({"name": "Carla", "email": CARLA, "country_id": 20})
        code = "env['mail.mail'].sudo().create({'email_to': record.%s, 'body_html': 'Lamps'})"
        notify = f"record.message_notify(body='Lamps', partner_ids={self.two.ids})"
        for model, records, text in (
            ("res.partner", self.carla, code % "email"),
            ("crm.lead", self.lead, code % "email_from"),
            ("mailing.contact", contact, code % "email"),
            ("crm.lead", self.lead, notify),
            ("res.partner", self.carla, f"record.message_post(body='Lamps', partner_ids={self.two.ids})"),
            ("res.partner", self.carla, f"env['mail.template'].browse({self.template.id}).send_mail(record.id)"),
        ):
            with self.subTest(text=text), self.sending():
                self.run_action(self.action(model, code=text), records)
            self.assertFalse(self.left)
        for values in (
            {"state": "mail_post", "mail_post_method": "email", "template_id": self.template.id},
            {"state": "mail_post", "mail_post_method": "comment", "template_id": self.template.id},
            {"state": "sms", "sms_method": "sms", "sms_template_id": self.sms_template.id},
            {"state": "sms", "sms_method": "note", "sms_template_id": self.sms_template.id},
        ):
            with self.subTest(values=values), self.sending():
                self.run_action(self.action(**values), self.two)
            self.assertFalse(self.left)

    def test_an_action_tells_our_own_staff_without_a_kind(self):
        code = f"record.message_notify(body='A lead', partner_ids={self.salesman.partner_id.ids})"
        with self.sending():
            self.run_action(self.action("crm.lead", code=code), self.lead)
        self.assertEqual(self.left, {"salesman@lumen.example"})

    def test_sms_of_an_action_leave_once_it_has_a_topic(self):
        action = self.action(state="sms", sms_method="sms", sms_template_id=self.sms_template.id)
        with self.sending():
            self.run_action(action, self.two)
        self.assertFalse(self.left)
        with self.sending():
            action.sudo().consent_topic_id = self.news
        self.assertEqual(self.left, {PHONES[ANNA]})

    def test_a_service_action_covers_its_template_until_either_changes(self):
        action = self.action(state="mail_post", mail_post_method="email", template_id=self.template.id)
        action.consent_service_reason = "They ordered"
        with self.assertRaises(AccessError):
            self.rpc("ir.actions.server", "action_consent_approve", [action.id], user=self.admin)
        self.rpc("ir.actions.server", "action_consent_approve", [action.id], user=self.entitled)
        with self.sending():
            self.run_action(action, self.two)
        self.assertEqual(self.left, BOTH)
        for change in (
            lambda: self.template.write({"body_html": "<p>Buy lamps</p>"}),
            lambda: self.template.with_context(lang="en_US").update_field_translations(
                "subject", {"en_US": "Buy lamps"}
            ),
            lambda: action.write({"mail_post_method": "comment"}),
            lambda: self.template.write({"email_from": "other@lumen.example"}),
            lambda: self.template.write(
                {"attachment_ids": [(0, 0, {"name": "lamps.txt", "raw": b"Buy", "res_model": "mail.template"})]}
            ),
        ):
            with self.undone():
                change()
                with self.sending():
                    self.run_action(action, self.two)
                self.assertFalse(self.left, change)
        copy = action.copy()
        copy.consent_service_seal = action.consent_service_seal
        with self.sending():
            self.run_action(copy, self.two)
        self.assertFalse(self.left, "a copy is not approved")

    def test_an_approval_covers_no_action_that_the_approved_one_causes(self):
        inner = self.action(code="env['mail.mail'].sudo().create({'email_to': record.email, 'body_html': 'Lamps'})")
        outer = self.action(code=f"env['ir.actions.server'].browse({inner.id}).run()")
        outer.consent_service_reason = "They ordered"
        self.rpc("ir.actions.server", "action_consent_approve", [outer.id], user=self.entitled)
        with self.sending():
            self.run_action(outer, self.carla)
        self.assertFalse(self.left)

    def test_an_altered_mark_withholds(self):
        for body in ("<p>Lamps</p><!--consent-origin-x-->", f"<p>Lamps</p><!--consent-origin-{'0' * 32}:0:x,1-->"):
            with self.sending():
                self.env["mail.mail"].create({"email_to": CARLA, "body_html": body})
            self.assertFalse(self.left)
            self.assertNotIn("consent-origin", self.waiting()[0].body_html)

    def test_in_opt_out_mode_what_has_no_kind_is_of_the_default_topic(self):
        self.env.company.consent_mode = "opt_out"
        with self.sending():
            self.rpc("mail.template", "send_mail_batch", [self.template.id], self.partners.ids)
        self.assertEqual(self.left & {"dirk@lumen.example"}, set(), "who objected")
        self.assertLessEqual(BOTH, self.left)
        self.assertIn("/consent/unsubscribe/", self.sink.messages[0].message["List-Unsubscribe"])


@tagged("post_install", "-at_install")
class TestWritten(Kinds):
    """Free text: to one person it is a letter, to more it needs a kind."""

    def composer(self, user=None, **values):
        values = {"composition_mode": "mass_mail", "model": "res.partner", "res_ids": self.two.ids, **values}
        values = {"subject": "Lamps", "body": "<p>Buy lamps</p>", **values, "res_ids": str(values["res_ids"])}
        return self.use("mail.compose.message", "action_send_mail", user=user, **values)

    def asked(self, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, ASKED), self.sending(), self.cr.savepoint():
            call(*args, **kwargs)
        self.assertFalse(self.sink.recipients())

    def test_a_letter_to_one_person_leaves_by_every_way(self):
        carla = self.carla.ids
        ways = {
            "composer in mass mode": lambda: self.composer(res_ids=carla),
            "composer": lambda: self.composer(composition_mode="comment", res_ids=carla, partner_ids=carla),
            "post": lambda: self.rpc("res.partner", "message_post", carla, body="Lamps", partner_ids=carla),
            "notify": lambda: self.rpc("res.partner", "message_notify", carla, body="Lamps", partner_ids=carla),
            "mail": lambda: self.rpc("mail.mail", "create", {"email_to": CARLA, "body_html": "x"}, user=self.admin),
        }
        for way, send in ways.items():
            with self.subTest(way=way), self.sending():
                send()
            self.assertEqual(self.left, {CARLA})
        with self.sending():
            self.use("sms.composer", "action_send_sms", composition_mode="numbers", numbers=PHONES[CARLA], body="Lamps")
        self.assertEqual(self.left, {PHONES[CARLA]})

    def test_text_to_several_people_asks_for_a_kind_by_every_way(self):
        two, numbers = self.two.ids, ",".join(sorted(NUMBERS))
        lead, task = self.lead.ids, {"composition_mode": "comment", "model": "crm.lead", "res_ids": self.lead.ids}
        sms = {"body": "Lamps", "res_model": "res.partner", "res_ids": str(two)}
        mail = {"email_to": f"{ANNA}, {CARLA}", "body_html": "Lamps"}
        ways = {
            "mass mode": lambda: self.composer(),
            "comments": lambda: self.composer(composition_mode="comment"),
            "partners": lambda: self.composer(**task, partner_ids=two),
            "post": lambda: self.rpc("crm.lead", "message_post", lead, body="Lamps", partner_ids=two),
            "html": lambda: self.rpc(
                "crm.lead", "message_post", lead, body="<p>Lamps</p>", body_is_html=True, partner_ids=two
            ),
            "typed": lambda: self.rpc(
                "crm.lead", "message_post", lead, body="Lamps", partner_ids=two[:1], outgoing_email_to=CARLA
            ),
            "notify": lambda: self.rpc("crm.lead", "message_notify", lead, body="Lamps", partner_ids=two),
            "no record": lambda: self.rpc("mail.thread", "message_notify", [], body="Lamps", partner_ids=two),
            "numbers": lambda: self.rpc(
                "res.partner", "message_post", two[:1], body="x", message_type="sms", sms_numbers=numbers.split(",")
            ),
            "sms": lambda: self.use("sms.composer", "action_send_sms", composition_mode="mass", **sms),
            "sms comments": lambda: self.use("sms.composer", "action_send_sms", composition_mode="comment", **sms),
            "sms numbers": lambda: self.use(
                "sms.composer", "action_send_sms", composition_mode="numbers", numbers=numbers, body="Lamps"
            ),
            "mails": lambda: self.rpc("mail.mail", "create", mail, user=self.admin),
            "more": lambda: self.rpc(
                "mail.mail",
                "write",
                self.rpc("mail.mail", "create", {"email_to": ANNA}, user=self.admin),
                mail,
                user=self.admin,
            ),
            "sms of a table": lambda: self.rpc(
                "sms.sms", "create", [{"number": number, "body": "x"} for number in NUMBERS], user=self.admin
            ),
            "later": lambda: self.rpc(
                "mail.scheduled.message",
                "create",
                {
                    "model": "crm.lead",
                    "res_id": lead[0],
                    "author_id": self.salesman.partner_id.id,
                    "partner_ids": two,
                    "body": "Lamps",
                    "scheduled_date": "2030-01-01 00:00:00",
                },
            ),
            "followers": lambda: self.use(
                "mail.followers.edit",
                "edit_followers",
                res_model="crm.lead",
                res_ids=str(lead),
                partner_ids=two,
                message="<p>Lamps</p>",
                notify=True,
            ),
        }
        self.lead.user_id = self.salesman
        for way, send in ways.items():
            with self.subTest(way=way):
                self.asked(send)

    def test_followers_are_people_who_are_written_to(self):
        self.lead.message_subscribe(self.two.ids)
        self.lead.user_id = self.salesman
        self.asked(self.rpc, "crm.lead", "message_post", self.lead.ids, body="Lamps", subtype_xmlid="mail.mt_comment")

    def test_a_topic_or_a_service_message_with_right_and_reason_leaves(self):
        with self.sending():
            self.composer(consent_topic_id=self.news.id)
        self.assertEqual(self.left, {ANNA})
        service = {"consent_service": True, "consent_service_reason": "We move on Monday"}
        with self.assertRaises(AccessError):
            self.composer(**service)
        with self.assertRaisesRegex(UserError, "Write down why"):
            self.composer(user=self.entitled, consent_service=True)
        with self.sending():
            self.composer(user=self.entitled, **service)
        self.assertEqual(self.left, BOTH)
        log = self.env["consent.service.log"].search([], limit=1)
        found = (log.user_id, log.recipients, log.subject, log.reason, "Buy lamps" in log.text)
        self.assertEqual(found, (self.entitled.id, 2, "Lamps", "We move on Monday", True))
        with self.sending():
            sms = {"composition_mode": "mass", "res_model": "res.partner", "res_ids": str(self.two.ids)}
            self.use("sms.composer", "action_send_sms", user=self.entitled, **sms, **service, body="We move")
        self.assertEqual(self.left, NUMBERS)

    def test_an_approved_template_is_for_all_until_its_text_is_edited(self):
        self.template.action_consent_approve()
        with self.sending():
            self.composer(template_id=self.template.id, subject="Lamps", body="<p>Lamps</p>")
        self.assertEqual(self.left, BOTH)
        self.asked(self.composer, template_id=self.template.id)
        self.asked(self.composer, template_id=self.template.id, subject="Buy", body="<p>Lamps</p>")
        self.sms_template.action_consent_approve()
        sms = {"composition_mode": "mass", "res_model": "res.partner", "res_ids": str(self.two.ids)}
        with self.sending():
            self.use("sms.composer", "action_send_sms", template_id=self.sms_template.id, body="Lamps", **sms)
        self.assertEqual(self.left, NUMBERS)
        sms |= {"template_id": self.sms_template.id, "body": "Buy lamps"}
        self.asked(self.use, "sms.composer", "action_send_sms", **sms)

    def test_more_than_ten_letters_a_day_ask_for_a_kind(self):
        people = self.env["res.partner"].create([{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(12)])
        for partner in people[:10]:
            self.rpc("res.partner", "message_post", partner.ids, body="Lamps", partner_ids=partner.ids)
        self.composer(res_ids=people[:1].ids)  # the same person again
        self.asked(self.composer, res_ids=people[10:11].ids)
        self.asked(self.rpc, "res.partner", "message_post", people[11:].ids, body="x", partner_ids=people[11:].ids)
        with self.travel(hours=25), self.cr.savepoint():
            self.env.cr.execute("UPDATE consent_letter SET at = at - interval '25 hours'")
            self.composer(res_ids=people[10:11].ids)

    def test_who_wrote_here_gets_an_answer_and_colleagues_get_what_they_get(self):
        self.lead.user_id = self.salesman
        for partner in self.two:
            self.lead.with_user(self.env.ref("base.user_root")).message_post(  # pylint: disable=translation-required
                body="How much?", author_id=partner.id, message_type="email"
            )
        with self.sending():
            people = (self.two | self.entitled.partner_id | self.admin.partner_id).ids
            self.rpc("crm.lead", "message_post", self.lead.ids, body="Ten", partner_ids=people)
        self.assertLessEqual({*BOTH, "entitled@lumen.example", "chief@lumen.example"}, self.left)

    def test_no_context_of_a_client_makes_a_service_message(self):
        for forged in (["", 0, True, False], {"service": True}, "service"):
            self.asked(
                self.rpc,
                "res.partner",
                "message_post",
                self.carla.ids,
                body="Lamps",
                partner_ids=self.two.ids,
                context={"consent_origin": forged},
            )

    def test_in_opt_out_mode_text_to_several_people_is_of_the_default_topic(self):
        self.env.company.consent_mode = "opt_out"
        with self.sending():
            self.composer(res_ids=self.partners.ids)
            self.rpc("res.partner", "message_post", self.carla.ids, body="Lamps", partner_ids=self.partners.ids)
        self.assertNotIn("dirk@lumen.example", self.left)
        self.assertLessEqual(BOTH, self.left)

    def test_marketing_leaves_by_no_other_way(self):
        thread = type(self.env["mail.thread"])
        gateway = [{"id": self.carla.id, "notif": "gateway", "share": True, "active": True, "uid": False}]
        with patch.object(thread, "_notify_get_recipients", lambda *_args, **_kwargs: gateway):
            with self.assertRaisesRegex(UserError, "by e-mail or SMS only"):
                self.rpc("res.partner", "message_post", self.carla.ids, body="x", consent_topic_id=self.news.id)

    def test_a_topic_of_a_company_that_one_does_not_work_for_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        purpose = self.env["consent.purpose"].create({"name": "Other", "code": "other", "company_id": other.id})
        topic = purpose.topic_ids.id
        for call in (
            lambda: self.composer(consent_topic_id=topic),
            lambda: self.rpc("res.partner", "message_post", self.carla.ids, body="x", consent_topic_id=topic),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call()


@tagged("post_install", "-at_install")
class TestShipped(Kinds):
    def shipped(self):
        data = self.env["ir.model.data"].search([("model", "in", ("mail.template", "sms.template"))])
        return {row.complete_name: self.env[row.model].browse(row.res_id) for row in data}

    def test_odoos_own_templates_are_approved_as_they_are_shipped(self):
        shipped = {xml_id: record for xml_id, record in self.shipped().items() if service_templates.is_service(xml_id)}
        self.assertGreater(len(shipped), 3)
        for xml_id, template in shipped.items():
            with self.subTest(xml_id=xml_id):
                self.assertTrue(template.consent_service)
                self.assertFalse(template.copy().consent_service)
                template.write({"name": "Renamed"})
                self.assertTrue(template.consent_service)
                template.write({"body_html": "<p>Buy</p>"} if "body_html" in template else {"body": "Buy"})
                self.assertFalse(template.consent_service)

    def test_an_addon_installed_later_brings_its_templates(self):
        values = {"name": "Ticket", "model_id": self.model.id, "body_html": "<p>Solved</p>"}
        for xml_id, service in (("helpdesk.solved", True), ("loyalty.mail_template_loyalty_card", False)):
            data = [{"xml_id": xml_id, "values": values, "noupdate": True}]
            template = self.env["mail.template"]._load_records(data)
            self.assertEqual((template.consent_service, template._consent_needs_kind()), (service, True))

    def test_another_language_keeps_approvals(self):
        template = self.env.ref("auth_signup.set_password_email")
        self.env["res.lang"]._activate_lang("fr_FR")
        module = self.env["ir.module.module"].search([("name", "=", "auth_signup")])
        before = template._consent_content()["body_html"]
        module._update_translations(["fr_FR"])
        self.assertNotEqual(template._consent_content()["body_html"], before, "the language has a text")
        self.assertTrue(template.consent_service)
