"""Paths of messages out of addons that ours does not depend on and does not know: the general hooks cover them.

Run on a database that has these addons. Rows: see tests/pure/test_hook_map.py.
"""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from ...tools import service_templates
from ..cases.gate import GateCase
from ..cases.story import ANNA, BEN, CARLA, PHONES

BOTH = {"Anna", "Carla"}


class OtherAddons(GateCase):
    """People at the events, in the shop and in the courses of Lumen Lamps: Anna said yes, Carla said nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.partner_id.email = "lumen@lumen.example"
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).unlink()  # Odoo tells the old address of the new one
        cls.now = fields.Datetime.now()
        cls.no_topic = cls.env["consent.topic"]

    def template(self, model, topic, **values):
        """Return an e-mail template of a model, flagged or not."""
        common = {"name": "Lamps", "model_id": self.env["ir.model"]._get_id(model), "subject": "Lamps"}
        common |= {"body_html": "<p>Lamps</p>", "use_default_to": True, "consent_topic_id": topic.id}
        return self.env["mail.template"].create({**common, **values})

    def sms_template(self, model, topic):
        values = {"name": "Lamps", "model_id": self.env["ir.model"]._get_id(model), "body": "Lamps"}
        return self.env["sms.template"].create({**values, "consent_topic_id": topic.id})

    def names(self):
        people = {ANNA: "Anna", PHONES[ANNA]: "Anna", CARLA: "Carla", PHONES[CARLA]: "Carla"}
        return {people.get(address, address) for address in self.left}

    def reached(self, path, *topic):
        with self.sending():
            getattr(self, path)(*topic)
        return self.names()


class Flagged(OtherAddons):
    """Paths that are marketing where their template is flagged, each a method that gets the topic or none."""

    def event(self):
        """Return the registrations of Anna and Carla for an evening."""
        evening = self.env["event.event"].create(
            {
                "name": "Evening",
                "date_begin": self.now + timedelta(days=1),
                "date_end": self.now + timedelta(days=2),
                "event_mail_ids": False,
            }
        )
        values = [{"name": partner.name, "email": partner.email, "phone": partner.phone} for partner in self.two]
        return self.env["event.registration"].create([{**each, "event_id": evening.id} for each in values])

    def schedule(self, template, interval="before_event"):
        registrations = self.event()
        values = {"interval_type": interval, "interval_unit": "days", "interval_nbr": 3}
        if interval == "after_sub":
            values = {"interval_type": interval, "interval_unit": "now"}
        reference = f"{template._name},{template.id}"
        scheduler = self.env["event.mail"].create(
            {**values, "event_id": registrations.event_id.id, "template_ref": reference}
        )
        scheduler.execute()

    def path_event_reminder(self, topic):
        self.schedule(self.template("event.registration", topic))

    def path_event_after_registration(self, topic):
        self.schedule(self.template("event.registration", topic), "after_sub")

    def path_event_sms(self, topic):
        self.schedule(self.sms_template("event.registration", topic))

    def path_survey_invitation(self, topic):
        survey = self.env["survey.survey"].create({"title": "Your lamp"})
        self.env["survey.invite"].create(
            {
                "survey_id": survey.id,
                "template_id": self.template("survey.user_input", topic).id,
                "partner_ids": self.anna.ids,
                "emails": CARLA,
            }
        ).action_invite()

    def path_survey_invitation_with_edited_text(self, topic):
        survey = self.env["survey.survey"].create({"title": "Your lamp"})
        wizard = self.env["survey.invite"].create(
            {
                "survey_id": survey.id,
                "template_id": self.template("survey.user_input", topic).id,
                "partner_ids": self.two.ids,
            }
        )
        wizard.body = "<p>Tell us about your lamp</p>"
        wizard.action_invite()

    def course(self, **values):
        return self.env["slide.channel"].create({"name": "Light", "is_published": True, **values})

    def path_course_invitation(self, topic):
        template = self.template("slide.channel.partner", topic)
        self.env["slide.channel.invite"].create(
            {
                "channel_id": self.course().id,
                "template_id": template.id,
                "partner_ids": self.two.ids,
                "send_email": True,
            }
        ).action_invite()

    def path_course_shared(self, topic):
        course = self.course(share_channel_template_id=self.template("slide.channel", topic, use_default_to=False).id)
        for partner in self.two:
            course._send_share_email(partner.email)

    def path_lesson_shared(self, topic):
        template = self.template("slide.slide", topic, use_default_to=False)
        course = self.course(share_slide_template_id=template.id)
        lesson = self.env["slide.slide"].create({"name": "Lamps", "channel_id": course.id})
        for partner in self.two:
            lesson._send_share_email(partner.email, False)

    def path_lesson_published(self, topic):
        course = self.course(publish_template_id=self.template("slide.slide", topic).id)
        subtype = self.env.ref("website_slides.mt_channel_slide_published")
        course.message_subscribe(self.two.ids, subtype.ids)
        self.env["slide.slide"].create({"name": "Lamps", "channel_id": course.id, "is_published": True})

    def path_course_completed(self, topic):
        course = self.course(completed_template_id=self.template("slide.channel.partner", topic).id)
        course._action_add_members(self.two)._send_completed_mail()

    def path_applicant_refused(self, topic):
        applicants = self.env["hr.applicant"].create(
            [{"partner_name": partner.name, "email_from": partner.email} for partner in self.two]
        )
        reason = self.env["hr.applicant.refuse.reason"].create({"name": "Too dark"})
        self.env["applicant.get.refuse.reason"].with_context(active_test=False).create(
            {
                "refuse_reason_id": reason.id,
                "applicant_ids": applicants.ids,
                "template_id": self.template("hr.applicant", topic).id,
                "send_mail": True,
            }
        ).action_refuse_reason_apply()

    def carts(self, topic):
        """Return carts that Anna and Carla left, in a shop whose template is flagged or not."""
        site = self.env["website"].search([], limit=1)
        site.send_abandoned_cart_email = True
        template = self.env.ref("website_sale.mail_template_sale_cart_recovery")
        template.consent_topic_id = topic
        site.cart_recovery_mail_template_id = template
        lamp = self.env["product.product"].create({"name": "Lamp", "list_price": 10})
        return self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "website_id": site.id,
                    "date_order": self.now - timedelta(days=1),
                    "order_line": [(0, 0, {"product_id": lamp.id})],
                }
                for partner in self.two
            ]
        )

    def path_cart_recovery_by_cron(self, topic):
        carts = self.carts(topic)
        carts.website_id.send_abandoned_cart_email_activation_time = self.now - timedelta(days=2)
        self.env["website"]._send_abandoned_cart_email()

    def path_cart_recovery_by_rule(self, topic):
        self.carts(topic)._cart_recovery_email_send()

    def loyalty(self, trigger, topic, **values):
        plan = {"trigger": trigger, "mail_template_id": self.template("loyalty.card", topic).id, **values}
        program = self.env["loyalty.program"].create(
            {"name": "Light", "program_type": "loyalty", "communication_plan_ids": [(5,), (0, 0, plan)]}
        )
        cards = [{"program_id": program.id, "partner_id": partner.id} for partner in self.two]
        return self.env["loyalty.card"].create(cards)

    def path_loyalty_card(self, topic):
        self.loyalty("create", topic)

    def path_loyalty_points(self, topic):
        self.loyalty("points_reach", topic, points=10).points = 20

    def path_stage_of_a_task(self, topic):
        self.task(self.env["project.task.type"].create({"name": "Lit"}), mail=self.template("project.task", topic))

    def path_stage_of_a_task_by_sms(self, topic):
        self.task(self.env["project.task.type"].create({"name": "Lit"}), sms=self.sms_template("project.task", topic))

    def task(self, stage, mail=None, sms=None):
        stage.write({"mail_template_id": mail and mail.id, "sms_template_id": sms and sms.id})
        project = self.env["project.project"].create({"name": "Light", "type_ids": stage.ids})
        values = [{"name": partner.name, "partner_id": partner.id} for partner in self.two]
        tasks = self.env["project.task"].create(
            [{**each, "project_id": project.id, "stage_id": False} for each in values]
        )
        self.flush_tracking()
        tasks.stage_id = stage
        self.flush_tracking()

    def path_rating_request(self, topic):
        project = self.env["project.project"].create({"name": "Light"})
        values = [{"name": partner.name, "partner_id": partner.id} for partner in self.two]
        tasks = self.env["project.task"].create([{**each, "project_id": project.id} for each in values])
        template = self.template("project.task", topic)
        for task in tasks:
            task.rating_send_request(template, force_send=True)

    def path_talk_reminder(self, topic):
        self.env.ref("website_event_track.mail_template_data_track_reminder").consent_topic_id = topic
        talk = self.env["event.track"].create({"name": "Light", "event_id": self.event().event_id.id})
        # What the public page does.
        for partner in self.two:
            self.env.ref("website_event_track.mail_template_data_track_reminder").send_mail(
                talk.id, email_values={"email_to": partner.email}
            )

    def path_badge(self, topic):
        template = self.env.ref("gamification.email_template_badge_received")
        template.consent_topic_id = topic
        users = [
            new_test_user(self.env, partner.email, "base.group_portal", partner_id=partner.id, email=partner.email)
            for partner in self.two
        ]
        self.sink.clear()  # the invitations of the two users
        badge = self.env["gamification.badge"].create({"name": "Bright"})
        for user in users:
            self.env["gamification.badge.user"].create({"user_id": user.id, "badge_id": badge.id})._send_badge()

    def path_appointment_sms(self, topic):
        alarm = self.env["calendar.alarm"].create(
            {"name": "Soon", "alarm_type": "sms", "sms_template_id": self.sms_template("calendar.event", topic).id}
        )
        start = self.now + timedelta(hours=1)
        quietly = self.env["calendar.event"].with_context(no_mail_to_attendees=True)
        meeting = quietly.create(
            {"name": "Light", "start": start, "stop": start, "partner_ids": self.two.ids, "alarm_ids": alarm.ids}
        )
        meeting._do_sms_reminder(alarm)

    def path_visitor_sms(self, topic):
        for partner in self.two:
            context = self.env["website.visitor"].new({"partner_id": partner.id})._prepare_sms_composer_context()
            values = {"body": "Lamps", "consent_topic_id": topic.id}
            self.env["sms.composer"].with_context(**context).create(values)._action_send_sms()

    def path_marketing_card(self, topic):
        campaign = self.env["card.campaign"].create(
            {"name": "Light", "res_model": "res.partner", "preview_record_ref": f"res.partner,{self.anna.id}"}
        )
        self.env["card.card"].create([{"campaign_id": campaign.id, "res_id": partner.id} for partner in self.two])
        kind = {} if topic else {"message_class": "transactional", "transactional_reason": "We move"}
        mailing = self.mailing(card_campaign_id=campaign.id, **kind)
        mailing._action_send_mail()


class Transactional(OtherAddons):
    """Paths of what people need or asked for: nothing of ours touches them."""

    def sent_back_in_stock(self):
        lamp = self.env["product.product"].create({"name": "Lamp", "type": "consu"})
        lamp.stock_notification_partner_ids = self.two
        self.env["product.product"]._send_availability_email()

    def sent_group_message(self):
        group = self.env["mail.group"].create({"name": "Collectors", "alias_name": "collectors"})
        group.member_ids = [(0, 0, {"email": partner.email, "partner_id": partner.id}) for partner in self.two]
        message = self.env["mail.message"].create(
            {"model": "mail.group", "res_id": group.id, "body": "Lamps", "email_from": "else@lumen.example"}
        )
        self.env["mail.group.message"].create({"mail_group_id": group.id, "mail_message_id": message.id})
        group._notify_members(group.mail_group_message_ids)

    def sent_group_subscription(self):
        group = self.env["mail.group"].create({"name": "Collectors", "alias_name": "collectors"})
        for partner in self.two:
            group._send_subscribe_confirmation_email(partner.email)

    def sent_chat_transcript(self):
        channel = self.env["im_livechat.channel"].create({"name": "Help"})
        talk = self.env["discuss.channel"].create(
            {
                "name": "Help",
                "channel_type": "livechat",
                "livechat_channel_id": channel.id,
                "livechat_operator_id": self.env.user.partner_id.id,
            }
        )
        for partner in self.two:
            talk._email_livechat_transcript(partner.email)

    def sent_blog_post_to_followers(self):
        blog = self.env["blog.blog"].create({"name": "Light"})
        blog.message_subscribe(self.two.ids, self.env.ref("website_blog.mt_blog_blog_published").ids)
        self.env["blog.post"].create({"name": "Lamps", "blog_id": blog.id, "is_published": True})

    def sent_delivery_sms(self):
        template = self.env.ref("stock_sms.sms_template_data_stock_delivery")
        kind = self.env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
        for partner in self.two:
            picking = self.env["stock.picking"].create({"picking_type_id": kind.id, "partner_id": partner.id})
            # What `_send_confirmation_email` does, which does nothing under test.
            picking._message_sms_with_template(template=template, partner_ids=partner.ids, put_in_queue=False)

    def sent_quotation(self):
        orders = self.env["sale.order"].create([{"partner_id": partner.id} for partner in self.two])
        for order in orders:
            composer = self.env["mail.compose.message"].with_context(**order.action_quotation_send()["context"])
            Form(composer).save()._action_send_mail()


@tagged("post_install", "-at_install")
class TestFlaggedPaths(Flagged):
    def paths(self):
        return [name for name in dir(self) if name.startswith("path_")]

    def test_with_a_flagged_template_only_who_said_yes_is_reached(self):
        for path in self.paths():
            with self.subTest(path=path), self.undone():
                self.assertEqual(self.reached(path, self.news), {"Anna"})

    def test_without_a_flag_everybody_is_reached_but_by_what_odoo_ships_to_sell(self):
        to_sell = ("path_cart_recovery_by_cron", "path_cart_recovery_by_rule")
        for path in self.paths():
            with self.subTest(path=path), self.undone():
                self.assertEqual(self.reached(path, self.no_topic), set() if path in to_sell else BOTH)

    def test_odoos_own_templates_are_service_messages_or_marketing(self):
        data = self.env["ir.model.data"].search([("model", "in", ("mail.template", "sms.template"))])
        kinds = {}
        for row in data.filtered(lambda row: not row.module.startswith(("l10n_", "test_", "__"))):
            template = self.env[row.model].browse(row.res_id)
            kinds[row.complete_name] = (template.consent_service, template.consent_is_shipped_marketing)
        marketing = {xml_id for xml_id, (_service, marketing) in kinds.items() if marketing}
        self.assertEqual(marketing, service_templates.MARKETING & kinds.keys())
        self.assertFalse({xml_id for xml_id, kind in kinds.items() if not any(kind)}, "of no kind")
        self.assertFalse({xml_id for xml_id, kind in kinds.items() if all(kind)})

    def test_wizards_and_crons_that_make_mails_of_their_own_are_known_by_the_mark_in_the_text(self):
        unmarked = patch("odoo.addons.marketing_consent.tools.origin.put", lambda text, _origin, _key: text)
        for path in (
            *("survey_invitation", "survey_invitation_with_edited_text", "course_invitation", "lesson_published"),
            *("course_completed", "applicant_refused", "badge"),
        ):
            with self.subTest(path=path), self.undone(), unmarked:
                self.assertEqual(self.reached(f"path_{path}", self.news), BOTH, "the mark is needless here")


@tagged("post_install", "-at_install")
class TestTransactionalPaths(Transactional):
    def test_everybody_is_reached_whatever_they_said_about_marketing(self):
        self.env["mail.blacklist"]._add(BEN)
        for path in (name for name in dir(self) if name.startswith("sent_")):
            with self.subTest(path=path), self.undone():
                self.assertEqual(self.reached(path), BOTH)


@tagged("post_install", "-at_install")
class TestModelsOfOtherAddons(OtherAddons):
    """Mailings to records of every model that can be mailed, whose addresses only Odoo knows how to find."""

    def event_registration(self):
        return Flagged.event(self)

    def event_track(self):
        evening = Flagged.event(self).event_id
        values = [{"name": partner.name, "contact_email": partner.email} for partner in self.two]
        return self.env["event.track"].create([{**each, "event_id": evening.id} for each in values])

    def sale_order(self):
        return self.env["sale.order"].create([{"partner_id": partner.id} for partner in self.two])

    def account_move(self):
        journal = self.env["account.journal"].create({"name": "Sales", "type": "sale", "code": "LUM"})
        values = {"move_type": "out_invoice", "journal_id": journal.id}
        return self.env["account.move"].create([{**values, "partner_id": partner.id} for partner in self.two])

    def hr_applicant(self):
        return self.env["hr.applicant"].create(
            [{"partner_name": partner.name, "email_from": partner.email} for partner in self.two]
        )

    def res_partner(self):
        return self.two

    def mailing_contact(self):
        return self.env["mailing.contact"].create([{"name": p.name, "email": p.email} for p in self.two])

    def crm_lead(self):
        return self.env["crm.lead"].create([{"name": p.name, "email_from": p.email} for p in self.two])

    def test_every_model_that_can_be_mailed_is_gated(self):
        models = self.env["ir.model"].search([("is_mailing_enabled", "=", True), ("model", "!=", "mailing.list")])
        self.assertGreaterEqual(len(models), 8)
        for model in models:
            with self.subTest(model=model.model), self.undone():
                records = getattr(self, model.model.replace(".", "_"))()
                mailing = self.mailing(mailing_model_id=model.id, mailing_domain=[("id", "in", records.ids)])
                with self.sending():
                    mailing.action_send_mail()
                self.assertEqual(self.names(), {"Anna"})
                reasons = {trace.res_id: trace.consent_reason for trace in mailing.mailing_trace_ids}
                self.assertEqual(reasons, {records[0].id: False, records[1].id: "no_consent"})
