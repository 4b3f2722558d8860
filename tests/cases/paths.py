"""The ways out of Odoo."""

from datetime import timedelta

from odoo import fields

from .gate import GateCase


class Paths(GateCase):
    """The ways out of Odoo, each as a method that sends to Anna and Carla, flagged with a topic or not."""

    def template(self, topic):
        values = {"name": "Lamps", "model_id": self.model.id, "subject": "Lamps", "body_html": "<p>Lamps</p>"}
        values |= {"use_default_to": True, "consent_topic_id": topic.id}
        return self.of_a_kind(self.env["mail.template"].create(values))

    def sms_template(self, topic):
        values = {"name": "Lamps", "model_id": self.model.id, "body": "Lamps"}
        return self.of_a_kind(self.env["sms.template"].create({**values, "consent_topic_id": topic.id}))

    def of_a_kind(self, sender):
        """Call a template or an action without a topic a service message."""
        if not sender.consent_topic_id:
            sender.consent_service_reason = "They ordered lamps"
            sender.action_consent_approve()
        return sender

    def mail_composer(self, topic, mode, records, **values):
        return self.env["mail.compose.message"].create(
            {
                "composition_mode": mode,
                "model": "res.partner",
                "res_ids": records.ids,
                "subject": "Lamps",
                "body": "<p>Lamps</p>",
                "consent_topic_id": topic.id,
                **values,
            }
        )

    # e-mail, in the order of the hook map
    def path_composer_in_mass_mode(self, topic):
        self.mail_composer(topic, "mass_mail", self.two)._action_send_mail()

    def path_composer_with_a_template(self, topic):
        template = self.template(topic)
        self.mail_composer(
            self.env["consent.topic"], "mass_mail", self.two, template_id=template.id
        )._action_send_mail()

    def path_composer_in_comment_mode(self, topic):
        for partner in self.two:
            self.mail_composer(topic, "comment", partner, partner_ids=partner.ids)._action_send_mail()

    def path_mails_from_a_template_source(self, topic):
        self.two.message_mail_with_source(self.template(topic))

    def path_messages_from_a_template_source(self, topic):
        template = self.template(topic)
        template.write({"use_default_to": False, "partner_to": "{{ object.id }}"})
        for partner in self.two:
            partner.message_post_with_source(template, subtype_xmlid="mail.mt_comment")

    def rendered(self, topic):
        return self.template(topic)._render_field("body_html", self.two.ids)

    def path_mails_of_rendered_text(self, topic):
        texts = self.rendered(topic)
        self.env["mail.mail"].create([{"email_to": p.email, "body_html": texts[p.id]} for p in self.two])

    def path_messages_of_rendered_text(self, topic):
        texts = self.rendered(topic)
        for partner in self.two:
            partner.message_notify(body=texts[partner.id], subject="Lamps", partner_ids=partner.ids)

    def path_template_send_mail(self, topic):
        for partner in self.two:
            self.template(topic).send_mail(partner.id, force_send=True)

    def path_template_send_mail_batch_queued(self, topic):
        self.template(topic).send_mail_batch(self.two.ids)

    def path_message_post(self, topic):
        for partner in self.two:
            partner.message_post(  # pylint: disable=translation-required
                body="Lamps", partner_ids=partner.ids, subtype_xmlid="mail.mt_comment", consent_topic_id=topic.id
            )

    def path_server_action(self, topic):
        values = {"name": "Write", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "email"}
        action = self.env["ir.actions.server"].create({**values, "template_id": self.template(topic).id})
        action.with_context(active_model="res.partner", active_ids=self.two.ids).run()

    def path_flagged_server_action(self, topic):
        values = {"name": "Write", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "email"}
        template = self.template(self.env["consent.topic"])
        action = self.env["ir.actions.server"].create(
            {**values, "template_id": template.id, "consent_topic_id": topic.id}
        )
        action.with_context(active_model="res.partner", active_ids=self.two.ids).run()

    def path_flagged_server_action_that_posts(self, topic):
        values = {"name": "Post", "model_id": self.model.id, "state": "mail_post", "mail_post_method": "comment"}
        template = self.template(self.env["consent.topic"])
        template.write({"use_default_to": False, "partner_to": "{{ object.id }}"})
        action = self.env["ir.actions.server"].create(
            {**values, "template_id": template.id, "consent_topic_id": topic.id}
        )
        action.with_context(active_model="res.partner", active_ids=self.two.ids).run()

    def path_flagged_server_action_by_sms(self, topic):
        values = {"name": "Text", "model_id": self.model.id, "state": "sms", "sms_method": "sms"}
        template = self.sms_template(self.env["consent.topic"])
        action = self.env["ir.actions.server"].create(
            {**values, "sms_template_id": template.id, "consent_topic_id": topic.id}
        )
        action.with_context(active_model="res.partner", active_ids=self.two.ids).run()

    def path_mails_of_code(self, topic):
        values = [{"email_to": partner.email, "body_html": "<p>Lamps</p>", "subject": "Lamps"} for partner in self.two]
        self.env["mail.mail"].create([{**each, "consent_topic_id": topic.id} for each in values])

    def path_scheduled_message(self, topic):
        for partner in self.two:
            scheduled = self.env["mail.scheduled.message"].create(
                {
                    "model": "res.partner",
                    "res_id": partner.id,
                    "author_id": self.env.user.partner_id.id,
                    "partner_ids": partner.ids,
                    "body": "<p>Lamps</p>",
                    "scheduled_date": fields.Datetime.now() + timedelta(minutes=1),
                    "notification_parameters": f'{{"consent_topic_id": {topic.id or "false"}}}',
                }
            )
            scheduled.post_message()

    # SMS
    def sms_composer(self, topic, mode, **values):
        return self.env["sms.composer"].create(
            {"composition_mode": mode, "body": "Lamps", "consent_topic_id": topic.id, **values}
        )

    def path_sms_composer_in_mass_mode(self, topic):
        self.sms_composer(topic, "mass", res_model="res.partner", res_ids=str(self.two.ids))._action_send_sms()

    def path_sms_composer_in_comment_mode(self, topic):
        for partner in self.two:
            self.sms_composer(topic, "comment", res_model="res.partner", res_id=partner.id)._action_send_sms()

    def path_sms_composer_by_numbers(self, topic):
        numbers = ",".join(partner.phone for partner in self.two)
        self.sms_composer(topic, "numbers", numbers=numbers)._action_send_sms()

    def path_sms_with_template(self, topic):
        for partner in self.two:
            partner._message_sms_with_template(self.sms_template(topic))

    def path_sms_server_action(self, topic):
        values = {"name": "Text", "model_id": self.model.id, "state": "sms", "sms_method": "sms"}
        action = self.env["ir.actions.server"].create({**values, "sms_template_id": self.sms_template(topic).id})
        action.with_context(active_model="res.partner", active_ids=self.two.ids).run()

    def path_sms_of_code(self, topic):
        values = [{"number": partner.phone_sanitized, "body": "Lamps"} for partner in self.two]
        self.env["sms.sms"].create([{**each, "consent_topic_id": topic.id} for each in values])
