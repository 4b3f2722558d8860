"""The doors to sending: every public method that creates, copies, changes, launches, approves or sends a mailing.

They are found in the registry, by what their code reaches. Each has a row with the attacks that were tried on it; a new
door without a row fails. To add one, write an `attack_…` method and name it in `DOORS`.
"""

import inspect

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from ..cases.doors import DoorCase
from ..cases.story import ANNA, BEN, CARLA, DIRK

#: What a method must reach, by the names in its code, to be a door.
SINKS = frozenset(
    "create write copy unlink send _send _create _write send_mail message_post message_notify _action_send_mail "
    "_action_send_sms _launch action_approve".split()
)
#: Doors of every model, tried on mailings and campaigns.
EVERYWHERE = frozenset(
    "copy copy_data copy_translations create load name_create unlink web_resequence web_save web_save_multi "
    "write".split()
)
MAKING = ("class_in_values", "class_by_default", "class_by_ir_default", "state_in_values", "forged_launch")
LAUNCHING = ("launch_of_another_ones_draft", "launch_for_another_company")
DOORS = {
    "mailing.mailing": {
        "create": (*MAKING, "topic_of_another_company"),
        "name_create": ("class_by_default",),
        "load": ("class_in_a_file", "another_ones_draft_in_a_file"),
        "web_save": ("class_by_the_web_client",),
        "web_save_multi": ("class_by_the_web_client",),
        "write": ("change_of_another_ones_draft", "state_by_hand", "sent_to_draft", "topic_of_another_company"),
        "web_resequence": ("change_of_another_ones_draft",),
        "copy": ("copies", "copy_of_another_company"),
        "copy_data": ("copies",),
        "copy_translations": ("copies",),
        "action_duplicate": ("copies", "copy_of_another_company"),
        "unlink": ("deletion_while_messages_wait",),
        "action_approve": ("approval_by_the_wrong_one",),
        "action_cancel": ("cancelling_while_messages_wait",),
        "action_launch": LAUNCHING,
        "action_put_in_queue": LAUNCHING,
        "action_schedule": LAUNCHING,
        "action_send_mail": LAUNCHING,
        "action_send_sms": LAUNCHING,
        "action_retry_failed": LAUNCHING,
        "action_retry_failed_sms": LAUNCHING,
        "action_select_as_winner": ("winner_of_another_one",),
        "action_send_winner_mailing": ("winner_of_another_one",),
    },
    "utm.campaign": {
        "create": ("class_nested_in_a_campaign",),
        "write": ("class_nested_in_a_campaign",),
        "copy": ("class_nested_in_a_campaign",),
    },
    "mail.compose.message": {
        "action_send_mail": ("composer_of_a_mailing", "composer_with_a_mailings_name"),
        "action_schedule_message": ("composer_of_a_mailing",),
        "create_mail_template": (),
    },
    "sms.composer": {
        "action_send_sms": ("sms_composer_of_a_mailing",),
        "action_send_sms_mass_now": ("sms_composer_of_a_mailing",),
    },
    "mailing.mailing.schedule.date": {"action_schedule_date": LAUNCHING},
    "mailing.mailing.test": {"send_mail_test": ("test_to_somebody_else",)},
    "mailing.sms.test": {"action_send_sms": ("test_to_somebody_else",)},
    "mail.mail": dict.fromkeys(
        "action_retry action_send_and_close cancel mark_outgoing process_email_queue send send_after_commit".split(),
        ("queue_by_a_marketer",),
    ),
    "sms.sms": dict.fromkeys(
        "action_set_canceled action_set_error action_set_outgoing resend_failed send".split(), ("queue_by_a_marketer",)
    ),
}
#: What reaches a sink and sends no mailing: why not.
NO_DOORS = {
    "a record's conversation, whose messages have a kind of their own": (
        "activity_reschedule activity_schedule activity_send_mail activity_unlink message_change_thread "
        "message_mail_with_source message_new message_notify message_post message_post_with_source message_process "
        "message_route message_unsubscribe message_update notify_cancel_by_type"
    ),
    "shows or counts": (
        "action_answer action_refresh action_use_other_channel action_retrieve_max_email_size test_smtp_connection "
        "default_get find_or_create_record onchange search_or_create add_click action_open_import set_bounced "
        "set_canceled set_clicked set_failed set_opened set_replied set_sent"
    ),
    "takes a message object, which no RPC call can pass": "send_email",
}


def doors_of(model):
    """Return the public methods of a model whose code reaches a sink, by the names that it uses."""
    return {name for name in dir(type(model)) if _is_public(model, name) and _reaches_a_sink(type(model), name)}


def _is_public(model, name):
    try:
        return bool(get_public_method(model, name))
    except (AccessError, AttributeError):
        return False


def _reaches_a_sink(cls, start):
    seen, left = set(), [start]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            if name in SINKS and name != start:
                return True
            left.extend(_names_in(cls, name))
    return start in SINKS


def _names_in(cls, name):
    for parent in cls.__mro__:
        function = inspect.unwrap(getattr(parent.__dict__.get(name), "__func__", parent.__dict__.get(name)) or len)
        if inspect.isfunction(function):
            yield from _names_of(function.__code__)


def _names_of(code):
    yield from code.co_names
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _names_of(constant)


@tagged("post_install", "-at_install")
class TestDoors(DoorCase):
    def scope(self):
        about = lambda model: any(  # noqa: E731
            getattr(field, "comodel_name", None) == "mailing.mailing" for field in model._fields.values()
        )
        found = {name for name, model in self.env.registry.items() if about(model) and not model._abstract}
        return sorted(found | {"mailing.mailing", "mail.mail", "sms.sms"})

    def test_every_door_has_a_row_and_every_attack_is_written(self):
        explained = {name for names in NO_DOORS.values() for name in names.split()}
        missing = {}
        for model in self.scope():
            generic = set() if model in ("mailing.mailing",) else EVERYWHERE
            missing[model] = doors_of(self.env[model]) - generic - explained - DOORS.get(model, {}).keys()
        self.assertEqual({model: names for model, names in missing.items() if names}, {})
        self.assertIn("write", EVERYWHERE & doors_of(self.env["ir.sequence"]))
        named = {name for rows in DOORS.values() for attacks in rows.values() for name in attacks}
        self.assertEqual(named, {name[7:] for name in dir(self) if name.startswith("attack_")})

    def test_no_attack_reaches_anybody(self):
        for name in sorted(name for name in dir(self) if name.startswith("attack_")):
            with self.subTest(attack=name), self.undone():
                self.assertEqual(self.sent_by(getattr(self, name)), {})

    # -- making one -------------------------------------------------------------------------------------------

    def attack_class_in_values(self):
        self.attempt("mailing.mailing", "create", [{**self.marketing, **self.service}])
        self.launch_all(self.newest())

    def attack_class_by_default(self):
        context = {f"default_{name}": value for name, value in {**self.marketing, **self.service}.items()}
        self.attempt("mailing.mailing", "create", [self.marketing], context=context)
        self.launch_all(self.newest())
        self.attempt("mailing.mailing", "create", [self.marketing], context={**context, "default_state": "in_queue"})
        self.attempt("mailing.mailing", "name_create", "New lamps", context=context)
        self.launch_all(self.newest())

    def attack_class_by_ir_default(self):
        for name, value in {**self.service, "state": "in_queue"}.items():
            self.attempt("ir.default", "set", "mailing.mailing", name, value, True)
        self.attempt("mailing.mailing", "create", [self.marketing])
        self.launch_all(self.newest())

    def attack_state_in_values(self):
        for state in ("in_queue", "sending", "done"):
            self.attempt("mailing.mailing", "create", [{**self.marketing, **self.service, "state": state}])
            self.attempt("mailing.mailing", "create", [{**self.marketing, "state": state}])
        self.launch_all(self.newest())

    def attack_forged_launch(self):
        forged = {"launched_by_id": self.rightful.id, "approved_by_id": self.second.id, "launched_parts": {"text": "x"}}
        context = {f"default_{name}": value for name, value in forged.items()}
        for state in ("in_queue", "draft"):
            self.attempt("mailing.mailing", "create", [{**self.marketing, **forged, "state": state}])
            self.attempt("mailing.mailing", "create", [{**self.marketing, "state": state}], context=context)
        self.on(self.draft(), "write", forged)
        self.launch_all(self.newest())

    def attack_class_in_a_file(self):
        names = [*self.marketing, *self.service, "state"]
        row = {**self.marketing, **self.service, "mailing_model_id": self.model.id, "state": "in_queue"}
        names[names.index("mailing_model_id")] = "mailing_model_id/.id"
        row["mailing_model_id/.id"] = str(row["mailing_model_id"])
        labels = dict(self.env["mailing.mailing"]._fields["message_class"]._description_selection(self.env))
        row["message_class"] = labels["transactional"]
        self.attempt("mailing.mailing", "load", names, [[row[name] for name in names]])
        self.launch_all(self.newest())

    def attack_another_ones_draft_in_a_file(self):
        draft = self.draft()
        names = [".id", "subject", "state"]
        self.attempt("mailing.mailing", "load", names, [[str(draft.id), "Buy!", "In Queue"]])
        self.attempt("mailing.mailing", "load", names[:2], [[str(draft.id), "Buy!"]])
        self.assertEqual(draft.subject, "New lamps")

    def attack_class_by_the_web_client(self):
        specification = {"subject": {}}
        self.attempt("mailing.mailing", "web_save", [], {**self.marketing, **self.service}, specification)
        draft = self.draft()
        self.on(draft, "web_save", {"body_html": "<p>Buy!</p>", "state": "in_queue"}, specification)
        self.on(draft, "web_save_multi", [{"state": "in_queue"}], specification)
        self.launch_all(self.newest())

    def attack_class_nested_in_a_campaign(self):
        campaigns = ("utm.campaign", "create")
        nested = [Command.create({**self.marketing, **self.service, "state": "in_queue"})]
        self.attempt(*campaigns, [{"name": "Lamps", "mailing_mail_ids": nested}])
        context = {f"default_{name}": value for name, value in self.service.items()}
        plain = [Command.create({**self.marketing, "state": "in_queue"})]
        self.attempt(*campaigns, [{"name": "Lamps", "mailing_mail_ids": plain}], context=context)
        campaign = self.attempt(*campaigns, [{"name": "Lamps"}])
        self.attempt("utm.campaign", "write", campaign, {"mailing_mail_ids": nested})
        draft = self.draft(campaign_id=campaign[0])
        changes = [Command.update(draft.id, {"subject": "Buy!", "state": "in_queue"})]
        self.attempt("utm.campaign", "write", campaign, {"mailing_mail_ids": changes})
        self.attempt("utm.campaign", "copy", campaign, context=context)
        self.launch_all(self.newest())

    # -- changing and copying one -------------------------------------------------------------------------------

    def attack_change_of_another_ones_draft(self):
        draft = self.draft()
        for values in (
            {"subject": "Buy!"},
            {"body_html": "<p>Buy!</p>"},
            {"mailing_domain": "[]"},
            {"transactional_reason": "For fun"},
            {"favorite": True},
        ):
            self.assertIsNone(self.on(draft, "write", values), values)
        self.attempt("mailing.mailing", "web_resequence", draft.ids, {"subject": {}}, field_name="color")
        self.launch_all(draft.id)

    def attack_state_by_hand(self):
        draft, own = self.draft(), self.rpc("mailing.mailing", "create", [self.marketing], user=self.marketer)
        for state in ("in_queue", "sending", "done"):
            self.on(draft, "write", {"state": state})
            self.attempt("mailing.mailing", "write", own, {"state": state})

    def attack_sent_to_draft(self):
        sent = self.queued(mailing_domain="[('id', '=', 0)]")
        self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.assertEqual(sent.state, "done")
        self.assertIsNone(self.on(sent, "write", {"state": "draft"}))
        self.assertIsNone(
            self.on(sent, "write", {"state": "draft", "mailing_domain": self.marketing["mailing_domain"]})
        )
        self.launch_all(sent.id)

    def attack_copies(self):
        sent = self.queued(mailing_domain="[('id', '=', 0)]")
        for method, *args in (
            ("copy", self.marketing),
            ("action_duplicate",),
            ("copy", {**self.marketing, **self.service}),
        ):
            self.on(sent, method, *args)
            self.launch_all(self.newest())
        self.on(sent, "copy", self.marketing, context={"default_message_class": "transactional"})
        self.launch_all(self.newest())
        for values in self.on(sent, "copy_data", self.marketing) or ():
            self.attempt("mailing.mailing", "create", [values])
            self.launch_all(self.newest())

    # -- launching one ------------------------------------------------------------------------------------------

    def attack_launch_of_another_ones_draft(self):
        for kind in ("mail", "sms"):
            draft = self.draft(mailing_type=kind, sms_force_send=True)
            self.launch_all(draft.id)
            self.on(draft, "action_send_sms", self.partners.ids)
            self.on(draft, "action_send_mail", self.partners.ids)
            self.on(draft, "action_retry_failed_sms")
            self.on(draft, "action_schedule")
            later = {"mass_mailing_id": draft.id, "schedule_date": "2020-01-01 00:00:00"}
            wizard = self.attempt("mailing.mailing.schedule.date", "create", later)
            self.attempt("mailing.mailing.schedule.date", "action_schedule_date", [wizard])

    def attack_winner_of_another_one(self):
        test = self.draft(ab_testing_enabled=True, ab_testing_pc=0, mailing_domain="[('id', '=', 0)]")
        self.rpc("mailing.mailing", "action_launch", test.ids, user=self.rightful)
        self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.on(test, "action_select_as_winner")
        self.on(test, "action_send_winner_mailing")
        self.on(test, "action_select_as_winner", context={"consent_step": "winner"})
        self.launch_all(self.newest())

    def attack_approval_by_the_wrong_one(self):
        self.env.company.consent_four_eyes = True
        draft = self.draft()
        for user in (self.marketer, self.rightful):
            self.assertIsNone(self.on(draft, "action_approve", user=user))
            self.assertFalse(draft.approved_by_id)
        self.launch_all(draft.id, user=self.rightful)
        self.rpc("mailing.mailing", "action_approve", draft.ids, user=self.second)
        self.on(draft, "write", {"body_html": "<p>Buy!</p>"}, user=self.second)
        self.assertIsNone(self.on(draft, "action_approve", user=self.second), "nobody approves their own change")
        self.launch_all(draft.id, user=self.second)

    # -- other companies ----------------------------------------------------------------------------------------

    def attack_topic_of_another_company(self):
        self.assertIsNone(
            self.attempt(
                "mailing.mailing",
                "create",
                [{**self.marketing, "consent_topic_id": self.news.id}],
                user=self.stranger,
            )
        )
        own = self.attempt("mailing.mailing", "create", [self.marketing], user=self.stranger)
        self.attempt("mailing.mailing", "write", own, {"consent_topic_id": self.news.id}, user=self.stranger)
        context = {"default_consent_topic_id": self.news.id, "default_consent_company_id": self.env.company.id}
        self.attempt("mailing.mailing", "create", [self.marketing], user=self.stranger, context=context)
        self.launch_all(*own, self.newest(), user=self.stranger)

    def attack_copy_of_another_company(self):
        theirs = self.mailing(mailing_domain=self.marketing["mailing_domain"])
        for method in ("copy", "action_duplicate"):
            self.on(theirs, method, user=self.stranger)
            self.launch_all(self.newest(), user=self.stranger)

    def attack_launch_for_another_company(self):
        for values in ({}, {**self.service, "user_id": self.rightful.id}):
            theirs = self.mailing(mailing_domain=self.marketing["mailing_domain"], **values)
            self.launch_all(theirs.id, user=self.stranger)
            self.on(theirs, "action_send_sms", user=self.stranger)

    # -- beside the mailing -------------------------------------------------------------------------------------

    def composer(self, **values):
        common = {"composition_mode": "mass_mail", "model": "res.partner", "res_ids": repr(self.partners.ids)}
        return {**common, "subject": "Buy!", "body": "<p>Buy!</p>", **values}

    def attack_composer_of_a_mailing(self):
        sent = self.queued(mailing_domain="[('id', '=', 0)]")
        self.env["mailing.mailing"]._process_mass_mailing_queue()
        marketing = {"consent_topic_id": self.news.id, "res_ids": repr(self.carla.ids)}
        for values, context in (
            ({"mass_mailing_id": sent.id}, {}),
            ({}, {"default_mass_mailing_id": sent.id}),
            ({"mass_mailing_id": sent.id}, {"consent_step": "plan", "mailing_test_mail": True}),
            (marketing, {"default_mailing_id": sent.id}),
        ):
            composer = self.attempt("mail.compose.message", "create", self.composer(**values), context=context)
            self.attempt("mail.compose.message", "action_send_mail", [composer], context=context)
            self.attempt("mail.compose.message", "action_schedule_message", [composer], context=context)

    def attack_composer_with_a_mailings_name(self):
        context = {f"default_{name}": value for name, value in self.service.items()}
        values = self.composer(mass_mailing_name="On the side")
        composer = self.attempt("mail.compose.message", "create", values, context=context)
        self.attempt("mail.compose.message", "action_send_mail", [composer], context=context)
        self.attempt("mail.compose.message", "action_send_mail", [composer])

    def attack_sms_composer_of_a_mailing(self):
        sent = self.queued(mailing_type="sms", mailing_domain="[('id', '=', 0)]")
        self.env["mailing.mailing"]._process_mass_mailing_queue()
        values = {"composition_mode": "mass", "res_model": "res.partner", "res_ids": repr(self.partners.ids)}
        values |= {"body": "Buy!", "mass_force_send": True}
        flagged = {"consent_topic_id": self.events.id}
        for more, context in (
            ({"mailing_id": sent.id}, {}),
            ({}, {"default_mailing_id": sent.id}),
            (flagged, {"default_mailing_id": sent.id}),
        ):
            composer = self.attempt("sms.composer", "create", {**values, **more}, context=context)
            self.attempt("sms.composer", "action_send_sms", [composer], context=context)
            self.attempt("sms.composer", "action_send_sms_mass_now", [composer], context=context)

    def attack_test_to_somebody_else(self):
        draft = self.draft()
        addresses = "\n".join([BEN, CARLA, DIRK])
        wizard = self.attempt("mailing.mailing.test", "create", {"mass_mailing_id": draft.id, "email_to": addresses})
        self.attempt("mailing.mailing.test", "send_mail_test", [wizard])
        numbers = "\n".join(partner.phone for partner in self.partners)
        wizard = self.attempt("mailing.sms.test", "create", {"mailing_id": draft.id, "numbers": numbers})
        self.attempt("mailing.sms.test", "action_send_sms", [wizard])

    def attack_queue_by_a_marketer(self):
        mailing = self.queued()
        values = {"mailing_id": mailing.id, "email_to": CARLA, "subject": "Buy!", "body_html": "<p>Buy!</p>"}
        self.assertIsNone(self.attempt("mail.mail", "create", [values]))
        self.assertIsNone(self.attempt("sms.sms", "create", [{"mailing_id": mailing.id, "number": self.carla.phone}]))
        for method in ("send", "action_retry", "mark_outgoing"):
            self.assertIsNone(self.attempt("mail.mail", method, [1]))
        self.assertIsNone(self.attempt("mail.mail", "process_email_queue"))
        for method in ("send", "resend_failed", "action_set_outgoing"):
            self.attempt("sms.sms", method, [1])
        self.on(mailing, "action_cancel", user=self.rightful)

    # -- while messages wait ------------------------------------------------------------------------------------

    def waiting(self):
        """Return a marketing mailing whose message to Anna waits in the queue."""
        mailing = self.mailing(user_id=self.marketer.id)
        mailing.with_user(self.marketer).with_context(default_force_send=False).action_send_mail()
        self.assertEqual(self.env["mail.mail"].search([("mailing_id", "=", mailing.id)]).state, "outgoing")
        return mailing

    def attack_deletion_while_messages_wait(self):
        mailing = self.waiting()
        self.withdraw(ANNA)
        self.assertTrue(self.on(mailing, "unlink"))

    def attack_cancelling_while_messages_wait(self):
        mailing = self.waiting()
        self.on(mailing, "action_cancel")
        self.assertEqual((mailing.state, mailing.mailing_trace_ids.mapped("res_id")), ("draft", self.carla.ids))
