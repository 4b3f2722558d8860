"""The ways out of Odoo."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from .least_user import SALES, LeastUser


class Paths(LeastUser):
    """The ways out of Odoo, each as a method that sends to Anna and Carla, flagged with a topic or as service message.

    Each is taken by the least user who can: over RPC where a client can call it, else as code that runs for that user.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = f"{SALES},marketing_consent.group_transactional"
        cls.entitled = new_test_user(cls.env, "entitled", groups=groups, email="entitled@lumen.example")

    def writer(self, topic):
        """Return who may send it: free text to several people needs a right unless it has a topic."""
        return self.salesman if topic else self.entitled

    def kind(self, topic):
        service = {"consent_service": True, "consent_service_reason": "They ordered lamps"}
        return {"consent_topic_id": topic.id} if topic else service

    def new_template(self, topic):
        values = {"name": "Lamps", "model_id": self.model.id, "subject": "Lamps", "body_html": "<p>Lamps</p>"}
        values |= {"use_default_to": True, "consent_topic_id": topic.id}
        return self.of_a_kind(self.env["mail.template"].create(values))

    def new_sms_template(self, topic):
        values = {"name": "Lamps", "model_id": self.model.id, "body": "Lamps"}
        return self.of_a_kind(self.env["sms.template"].create({**values, "consent_topic_id": topic.id}))

    def of_a_kind(self, sender):
        """Call a template or an action without a topic a service message."""
        if not sender.consent_topic_id:
            sender.consent_service_reason = "They ordered lamps"
            sender.action_consent_approve()
        return sender

    def mail_composer(self, topic, mode, records, **values):
        common = {"model": "res.partner", "res_ids": str(records.ids), "subject": "Lamps", "body": "<p>Lamps</p>"}
        values = {"composition_mode": mode, **common, **self.kind(topic), **values}
        return self.wizard("mail.compose.message", values, topic)

    def wizard(self, model, values, topic):
        """Return a wizard that the least user filled in."""
        writer = self.writer(topic)
        return self.env[model].with_user(writer).browse(self.rpc(model, "create", values, user=writer))

    def press(self, wizard, button):
        self.rpc(wizard._name, button, wizard.ids, user=wizard.env.user)

    # e-mail, in the order of the hook map
    def path_composer_in_mass_mode(self, topic):
        self.press(self.mail_composer(topic, "mass_mail", self.two), "action_send_mail")

    def path_composer_with_a_template(self, topic):
        values = {"template_id": self.new_template(topic).id, "consent_topic_id": False, "consent_service": False}
        self.press(self.mail_composer(topic, "mass_mail", self.two, **values), "action_send_mail")

    def path_composer_in_comment_mode(self, topic):
        for partner in self.two:
            self.press(self.mail_composer(topic, "comment", partner, partner_ids=partner.ids), "action_send_mail")

    def path_mails_from_a_template_source(self, topic):
        self.two.with_user(self.salesman).message_mail_with_source(self.new_template(topic))

    def path_messages_from_a_template_source(self, topic):
        template = self.new_template(topic)
        template.write({"use_default_to": False, "partner_to": "{{ object.id }}"})
        for partner in self.two.with_user(self.salesman):
            partner.message_post_with_source(template, subtype_xmlid="mail.mt_comment")

    def rendered(self, topic):
        return self.new_template(topic)._render_field("body_html", self.two.ids)

    def path_mails_of_rendered_text(self, topic):
        # superuser: no user may make these by hand; other addons do.
        texts = self.rendered(topic)
        self.env["mail.mail"].create([{"email_to": p.email, "body_html": texts[p.id]} for p in self.two])

    def path_messages_of_rendered_text(self, topic):
        texts = self.rendered(topic)
        for partner in self.two.with_user(self.salesman):
            partner.message_notify(body=texts[partner.id], subject="Lamps", partner_ids=partner.ids)

    def path_template_send_mail(self, topic):
        for partner in self.two:
            self.rpc("mail.template", "send_mail", self.new_template(topic).ids, partner.id, force_send=True)

    def path_template_send_mail_batch_queued(self, topic):
        self.rpc("mail.template", "send_mail_batch", self.new_template(topic).ids, self.two.ids)

    def path_message_post(self, topic):
        for partner in self.two:
            self.rpc(
                "res.partner",
                "message_post",
                partner.ids,
                body="Lamps",
                partner_ids=partner.ids,
                subtype_xmlid="mail.mt_comment",
                consent_topic_id=topic.id,
            )

    def run_action(self, action):
        context = {"active_model": "res.partner", "active_ids": self.two.ids}
        self.rpc("ir.actions.server", "run", action.ids, context=context)

    def path_server_action(self, topic):
        values = {"name": "Write", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "email"}
        action = self.env["ir.actions.server"].create({**values, "template_id": self.new_template(topic).id})
        self.run_action(action)

    def path_flagged_server_action(self, topic):
        values = {"name": "Write", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "email"}
        template = self.new_template(self.env["consent.topic"])
        action = self.env["ir.actions.server"].create(
            {**values, "template_id": template.id, "consent_topic_id": topic.id}
        )
        self.run_action(action)

    def path_flagged_server_action_that_posts(self, topic):
        values = {"name": "Post", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "comment"}
        template = self.new_template(self.env["consent.topic"])
        template.write({"use_default_to": False, "partner_to": "{{ object.id }}"})
        action = self.env["ir.actions.server"].create(
            {**values, "template_id": template.id, "consent_topic_id": topic.id}
        )
        self.run_action(action)

    def path_flagged_server_action_by_sms(self, topic):
        values = {"name": "Text", "model_id": self.model.id, "state": "sms", "sms_method": "sms"}
        template = self.new_sms_template(self.env["consent.topic"])
        action = self.env["ir.actions.server"].create(
            {**values, "sms_template_id": template.id, "consent_topic_id": topic.id}
        )
        self.run_action(action)

    def path_mails_of_code(self, topic):
        # superuser: no user may make these by hand; other addons do.
        values = [{"email_to": partner.email, "body_html": "<p>Lamps</p>", "subject": "Lamps"} for partner in self.two]
        self.env["mail.mail"].create([{**each, "consent_topic_id": topic.id} for each in values])

    def path_scheduled_message(self, topic):
        for partner in self.two:
            scheduled = self.rpc(
                "mail.scheduled.message",
                "create",
                {
                    "model": "res.partner",
                    "res_id": partner.id,
                    "author_id": self.salesman.partner_id.id,
                    "partner_ids": partner.ids,
                    "body": "<p>Lamps</p>",
                    "scheduled_date": str(fields.Datetime.now() + timedelta(minutes=1)),
                    "notification_parameters": f'{{"consent_topic_id": {topic.id or "false"}}}',
                },
            )
            self.rpc("mail.scheduled.message", "post_message", [scheduled])

    # SMS
    def sms_composer(self, topic, mode, **values):
        return self.wizard(
            "sms.composer", {"composition_mode": mode, "body": "Lamps", **self.kind(topic), **values}, topic
        )

    def path_sms_composer_in_mass_mode(self, topic):
        self.press(
            self.sms_composer(topic, "mass", res_model="res.partner", res_ids=str(self.two.ids)), "action_send_sms"
        )

    def path_sms_composer_in_comment_mode(self, topic):
        for partner in self.two:
            self.press(
                self.sms_composer(topic, "comment", res_model="res.partner", res_id=partner.id), "action_send_sms"
            )

    def path_sms_composer_by_numbers(self, topic):
        numbers = ",".join(partner.phone for partner in self.two)
        self.press(self.sms_composer(topic, "numbers", numbers=numbers), "action_send_sms")

    def path_sms_with_template(self, topic):
        for partner in self.two:
            partner.with_user(self.salesman)._message_sms_with_template(self.new_sms_template(topic))

    def path_sms_server_action(self, topic):
        values = {"name": "Text", "model_id": self.model.id, "state": "sms", "sms_method": "sms"}
        action = self.env["ir.actions.server"].create({**values, "sms_template_id": self.new_sms_template(topic).id})
        self.run_action(action)

    def path_sms_of_code(self, topic):
        # superuser: no user may make these by hand; other addons do.
        values = [{"number": partner.phone_sanitized, "body": "Lamps"} for partner in self.two]
        self.env["sms.sms"].create([{**each, "consent_topic_id": topic.id} for each in values])
