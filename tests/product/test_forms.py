"""Every form of ours, and every form of Odoo's that we changed, used by the least user who may.

It is opened, filled in, saved, changed, and each of its buttons is pressed, with what the web client would send: fields
that the view makes read-only are not.
"""

import base64

from lxml import etree
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..cases.forms import Use, UsedForm
from ..cases.inviter import invite
from ..cases.roles import FORM_USERS
from ..cases.story import ANNA, BEN, CARLA, NOW, ConsentCase

ADDON = "marketing_consent"


@tagged("post_install", "-at_install")
class TestForms(ConsentCase):
    """A method `use_MODEL` for each form; a form without one fails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role, groups in FORM_USERS.items():
            new_test_user(cls.env, f"form-{role}", groups=groups, email=f"{role}@x.example")
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.purpose = cls.news.purpose_id
        cls.model = cls.env["ir.model"]._get("res.partner")

    def user(self, role):
        return self.env["res.users"].search([("login", "=", f"form-{role}")])

    def on_screen(self, record):
        """Return the context in which an action opens at a record."""
        return {"active_model": record._name, "active_id": record.id, "active_ids": record.ids}

    def opened(self, action):
        """Return the record that an action opens."""
        return self.env[action["res_model"]].browse(action["res_id"])

    # Policy
    def use_consent_purpose(self):
        return Use("manager", {"name": "Offers", "code": "offers", "description": "Now and then."})

    def use_consent_publish(self):
        return Use("manager", {"line_ids": [{"body": "Yes."}]}, context=self.on_screen(self.purpose))

    def use_consent_simulation(self):
        return Use("manager", context={"default_purpose_id": self.purpose.id})

    def use_consent_notice(self):
        privacy = "https://lumen.example/privacy"
        values = {"purpose_id": self.purpose, "lang": "fr_FR", "version": 7, "body": "Oui.", "privacy_url": privacy}
        return Use("manager", values)

    def use_consent_topic(self):
        return Use("manager", {"name": "Fairs", "code": "fairs", "purpose_id": self.purpose, "offer_sms": False})

    def use_consent_country_profile(self):
        return Use("manager", {"country_id": self.env.ref("base.ad"), "source": "The law of 2003"})

    def use_consent_page(self):
        return Use("manager", {"name": "Letters", "code": "letters", "topic_ids": self.news, "intro": "Choose."})

    # What is only looked at
    def use_consent_record(self):
        return Use("clerk", record=self.record(ANNA))

    def use_consent_contact_point(self):
        return Use("clerk", record=self.record(ANNA).contact_point_id)

    def use_consent_request(self):
        self.env["consent.request"]._open(self.news, "email", CARLA, self.purpose.notice_ids)
        return Use("clerk", record=self.env["consent.request"].search([], limit=1))

    def use_consent_access_log(self):
        self.env["consent.export"].with_user(self.user("officer")).create({"reason": "Monthly copy"}).action_download()
        return Use("officer", record=self.env["consent.access.log"].search([], limit=1))

    def use_consent_service_log(self):
        company, at = self.env.company, {"at": NOW, "source": "By hand", "recipients": 2, "reason": "We move"}
        log = self.env["consent.service.log"].sudo()
        return Use("officer", record=log.create({**at, "user_label": "Nora", "company_id": company.id}))

    # Audit
    def use_consent_event(self):
        return Use("officer", record=self.record(ANNA).granting_event_id)

    def use_consent_access_reason(self):
        event = self.record(ANNA).granting_event_id
        opened = event.with_user(self.user("officer")).action_see_evidence()
        return Use("officer", {"reason": "A complaint"}, record=self.opened(opened))

    def use_consent_as_of(self):
        return Use("officer", {"reason": "A complaint"}, context=self.on_screen(self.record(ANNA)))

    def use_consent_export(self):
        return Use("officer", {"reason": "Monthly copy"})

    # Data that comes in
    def use_consent_import(self):
        file = base64.b64encode(b"email\nnora@lumen.example\n").decode()
        later = {"kind": "yes", "topic_id": self.news, "wording": "Yes, lamps.", "place": "The fair"}
        return Use("manager", {"file": file}, {**later, "collected_on": "2026-01-02"})

    def use_consent_takeover(self):
        values = {"name": "Old list", "contact_ids": [(0, 0, {"email": CARLA})], "consent_topic_id": self.news.id}
        self.env["mailing.list"].create(values)
        return Use("officer", {"take_yes": True, "wording": "Yes, lamps.", "basis": "The paper forms of 2020."})

    # Invitations
    def use_consent_invitation(self):
        texts = [{"subject": "May we write to you?", "body": "<p>Hello</p>"}]
        return Use("manager", {"name": "Fair", "topic_ids": self.events, "variant_ids": texts})

    def use_consent_invitation_check(self):
        opened = invite(self.env, self.events, self.partners).with_user(self.user("manager")).action_check()
        return Use("manager", record=self.opened(opened))

    # Messages
    def use_consent_incoming_sms(self):
        point = self.record(ANNA, channel="sms").contact_point_id
        values = {"contact_point_id": point.id, "company_id": self.env.company.id, "text": "Hello"}
        message = self.env["consent.incoming.sms"].create({**values, "received_at": NOW, "reference": "a"})
        return Use("clerk", record=message)

    def use_consent_reply(self):
        replies = self.env["consent.reply"]
        replies._queue(self.env.company, "email", ANNA, sender=ANNA, text="?", received_at=NOW, reason="unclear")
        return Use("clerk", record=replies.search([], limit=1))

    def use_consent_address_case(self):
        points = [self.record(address).contact_point_id.id for address in (BEN, ANNA)]
        about = {"res_model": "res.partner", "res_id": self.ben.id, "record_name": "Ben"}
        about |= {"old_point_id": points[0], "new_point_id": points[1], "company_id": self.env.company.id}
        return Use("clerk", {"reason": "Her mother's"}, record=self.env["consent.address.case"].create(about))

    def use_consent_sms_setup(self):
        return Use("administrator")

    def use_consent_database_confirm(self):
        return Use("officer", {"happened": "restored", "statement": "None were made since."})

    def use_mailing_mailing(self):
        return Use("marketer", {"subject": "Lamps", "mailing_model_id": self.model, "consent_topic_id": self.news})

    def use_consent_preflight(self):
        opened = self.mailing().with_user(self.user("marketer")).action_preflight()
        refused = {"action_use_other_channel": "None of them may get it"}
        return Use("marketer", record=self.opened(opened), refused=refused)

    def use_mailing_trace(self):
        values = {"mass_mailing_id": self.mailing().id, "model": "res.partner", "res_id": self.anna.id, "email": ANNA}
        event = self.record(ANNA).granting_event_id
        return Use("marketer", record=self.env["mailing.trace"].create({**values, "consent_event_id": event.id}))

    def use_mailing_list(self):
        return Use("marketer", {"name": "Fair", "consent_topic_id": self.news})

    def use_mail_template(self):
        return Use("internal", {"name": "Lamps", "model_id": self.model, "consent_topic_id": self.news})

    def use_sms_template(self):
        values = {"name": "Lamps", "model_id": self.model, "body": "Lamps", "consent_topic_id": self.news}
        return Use("administrator", values)

    def use_ir_actions_server(self):
        template = self.env["mail.template"].create({"name": "Lamps", "model_id": self.model.id})
        values = {"name": "Write", "model_id": self.model.id, "state": "mail_post", "template_id": template.id}
        action = self.env["ir.actions.server"].create(values)
        return Use("administrator", {"consent_topic_id": self.news}, record=action)

    def use_res_config_settings(self):
        return Use("administrator")

    # People
    def use_res_partner(self):
        return Use("internal", {"name": "Nora", "email": "nora@lumen.example"})

    def use_crm_lead(self):
        return Use("internal", {"name": "Lamps", "email_from": CARLA})

    def use_mailing_contact(self):
        return Use("marketer", {"email": "nora@lumen.example"})

    def use_consent_staff_change(self):
        yes = {"change": "given", "notice_id": lambda row: row.topic_id.purpose_id.notice_ids}
        return Use("clerk", {"note": "She called", "line_ids": [{}, yes]}, context=self.on_screen(self.carla))

    def use_consent_disown(self):
        return Use("clerk", {"right": "b@x.example", "reason": "A typing mistake"}, context=self.on_screen(self.ben))

    def use_mail_compose_message(self):
        context = {"default_model": "res.partner", "default_res_ids": self.partners[:2].ids}
        context["default_composition_mode"] = "mass_mail"
        return Use(
            "internal", {"subject": "Lamps", "body": "<p>Lamps</p>"}, {"consent_topic_id": self.news}, context=context
        )

    def use_sms_composer(self):
        context = {"default_res_model": "res.partner", "default_res_ids": str(self.partners[:2].ids)}
        context["default_composition_mode"] = "mass"
        return Use("internal", {"body": "Lamps"}, {"consent_topic_id": self.news}, context=context)

    def mailing(self):
        values = {"subject": "Lamps", "consent_topic_id": self.news.id, "mailing_model_id": self.model.id}
        domain = [("id", "in", self.partners.ids)]
        return self.env["mailing.mailing"].create(
            {**values, "mailing_domain": domain, "user_id": self.user("marketer").id}
        )

    # The test
    def views(self):
        """Return the form views that we made or changed."""
        names = self.env["ir.model.data"].search([("module", "=", ADDON), ("model", "=", "ir.ui.view")])
        views = self.env["ir.ui.view"].browse(names.mapped("res_id"))
        return views.filtered(lambda view: view.type == "form")

    def named(self, model):
        """Return the names of fields and buttons that our views put into the form of `model`."""
        views = self.views().filtered(lambda view: view.model == model)
        return {node.get("name") for view in views for node in etree.fromstring(view.arch).iter("field", "button")}

    def test_every_form_has_a_use(self):
        used = {name.removeprefix("use_") for name in dir(self) if name.startswith("use_")}
        self.assertEqual(used, {model.replace(".", "_") for model in self.views().mapped("model")})

    def test_every_form_can_be_used(self):
        for model in sorted(set(self.views().mapped("model"))):
            with self.subTest(form=model), self.undone():
                self.check(model, getattr(self, f"use_{model.replace('.', '_')}")())

    def check(self, model, use):
        record = self.env[model] if use.record is None else use.record
        record = record.with_user(self.user(use.role)).with_context(**use.context)
        view = self.views().filtered(lambda view: view.model == model and not view.inherit_id)[:1]
        view = view or self.views().filtered(lambda view: view.model == model).inherit_id[:1]
        form, named = UsedForm(record, view), self.named(model)
        self.assertFalse(form.lacking())
        form.look_up(named)
        form.fill(use.values)
        form.save()
        form.fill(use.later)
        form.touch(named)
        form.save()
        pressed = form.buttons(named)
        for node, on in pressed:
            with self.subTest(button=node.get("name")), self.undone():
                self.press(form, node, on, use.refused.get(node.get("name")))

    def press(self, form, node, on, refused):
        if refused:
            with self.assertRaisesRegex(UserError, refused):
                form.press(node, on)
        else:
            form.press(node, on)

    def test_names_of_records_are_found_by_typing(self):
        for model in sorted(model for model in self.env if model.startswith("consent.")):
            if not self.env[model]._abstract and self.env[model]._auto:
                with self.subTest(model=model):
                    self.env[model].name_search("news lamps", operator="ilike", limit=1)
