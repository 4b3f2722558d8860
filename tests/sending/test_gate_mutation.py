"""Each hook of the gate is needed: with the hook taken out, a named behaviour breaks."""

from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..cases.story import ANNA, BEN, CARLA, PHONES
from ..recipients import test_inbound_mail
from . import test_coverage as coverage
from . import test_launch, test_mailing_gate, test_traps
from . import test_message_links as messages

#: The models on the way of a message out of Odoo: every method of theirs that we override stands in `HOOKS`.
SENDING = (
    *(
        "mailing.mailing",
        "mail.mail",
        "mail.message",
        "sms.sms",
        "mail.compose.message",
        "sms.composer",
        "mail.template",
        "mail.thread",
    ),
    *("ir.actions.server", "mail.render.mixin", "mail.scheduled.message", "mailing.mailing.test", "mailing.sms.test"),
)
OURS = "odoo.addons.marketing_consent."


def leaks(path):
    """A flagged message on `path` reaches only who said yes."""

    def scenario(case):
        case.assertEqual(coverage.TestPaths.reached(case, path, case.news), {"Anna"})

    return scenario


def transactional_sms_ignores_marketing_blocks(case):
    """A service SMS reaches people who opted out of a list or stand on the blacklist."""
    mailing_list = case.env["mailing.list"].create({"name": "All"})
    contact = case.env["mailing.contact"].create({"name": "Anna", "mobile": PHONES[ANNA], "country_id": 20})
    case.env["mailing.subscription"].create({"contact_id": contact.id, "list_id": mailing_list.id, "opt_out": True})
    case.env["phone.blacklist"].add(case.carla.phone_sanitized)
    common = {"mailing_type": "sms", "message_class": "transactional", "transactional_reason": "We move"}
    common |= {"sms_force_send": True}
    to_list = case.mailing(
        **common,
        mailing_model_id=case.env["ir.model"]._get_id("mailing.list"),
        contact_list_ids=mailing_list.ids,
        mailing_domain=[("list_ids", "in", mailing_list.ids)],
    )
    with case.sending():
        to_list.action_send_mail()
    case.assertEqual(case.left, {PHONES[ANNA]})
    with case.sending():
        case.mailing(**common).action_send_mail()
    case.assertEqual(case.left, {partner.phone for partner in case.two})


def transactional_mail_ignores_list_opt_outs(case):
    """A service mail reaches people who opted out of the list it goes to."""
    mailing_list = case.env["mailing.list"].create({"name": "All"})
    contact = case.env["mailing.contact"].create({"name": "Ben", "email": BEN})
    case.env["mailing.subscription"].create({"contact_id": contact.id, "list_id": mailing_list.id, "opt_out": True})
    mailing = case.mailing(
        message_class="transactional",
        transactional_reason="We move",
        mailing_model_id=case.env["ir.model"]._get_id("mailing.list"),
        contact_list_ids=mailing_list.ids,
        mailing_domain=[("list_ids", "in", mailing_list.ids)],
    )
    with case.sending():
        mailing.action_send_mail()
    case.assertEqual(case.left, {BEN})


def creating_transactional_needs_the_right(case):
    """Nobody without the right makes a transactional mailing."""
    user = new_test_user(case.env, "marketer2", groups="mass_mailing.group_mass_mailing_user")
    try:
        case.env["mailing.mailing"].with_user(user).create(
            {"subject": "x", "mailing_model_id": case.model.id, "message_class": "transactional"}
        )
    except case.env["consent.event"]._append_only().__class__:
        return
    case.fail("made")


def sms_traces_name_the_event(case):
    """An SMS that was sent names the event that allowed it."""
    mailing = case.mailing(mailing_type="sms", sms_force_send=True)
    with case.sending():
        mailing.action_send_mail()
    sent = mailing.mailing_trace_ids.filtered(lambda trace: trace.sms_number == PHONES[ANNA])
    case.assertEqual(sent.consent_event_id, case.record(ANNA, channel="sms").granting_event_id.id)


def rendered_text_flags_the_message(case):
    """A message made of a flagged template's text is flagged itself, whoever sends it later, and keeps no mark."""
    text = case.rendered(case.news)[case.anna.id]
    message = case.anna.message_notify(body=text, partner_ids=case.anna.ids)
    case.assertEqual((message.consent_topic_id, "consent-origin" in message.body), (case.news, False))


def odoos_links_are_ours(case):
    """Where Odoo links to its own pages for unsubscribing, marketing links to ours, without an address."""
    mailing = case.mailing()
    for url in (mailing._get_unsubscribe_url(ANNA, 1), mailing._get_unsubscribe_oneclick_url(ANNA, 1)):
        case.assertIn("/consent/unsubscribe/", url)
        case.assertNotIn("anna", url)


def no_tracker_sees_our_pages(case):
    """Links to recipients' own pages are not shortened, in HTML and in plain text."""
    render = case.env["mail.render.mixin"]
    html = '<p><a href="/consent/why">Why</a></p>'
    text = "Stop: https://lumen.example/consent/unsubscribe or https://lumen.example/c/TOKEN"
    case.assertEqual(render._shorten_links(html, {}), html)
    case.assertEqual(render._shorten_links_text(text, {}), text)


def the_web_copy_names_no_address(case):
    """The link to the web copy of a mailing does not carry the address."""
    mailing = case.mailing()
    case.assertIn("/consent/view/", mailing._get_view_url(ANNA, 1))
    case.assertNotIn("anna", mailing._get_view_url(ANNA, 1))


def complaints_are_objections(case):
    """A spam complaint is an objection, and no bounce."""
    case.env.registry.clear_cache()  # of tests that ran before in this process
    case.env.invalidate_all()
    case.env["mail.thread"].message_process("res.partner", test_inbound_mail.complaint_about(case, ANNA))
    case.assertEqual(case.verdict(ANNA).reason, "objected")


def plans_in_chunks(case):
    """More recipients than one chunk are all planned, a number that comes again in the next chunk once."""
    twin = case.anna.copy({"name": "Twin"})
    mailing = case.mailing(mailing_type="sms", mailing_domain=[("id", "in", (case.anna | twin).ids)])
    with patch("odoo.addons.marketing_consent.models.sending.mailing_mailing.SMS_CHUNK", 1):
        mailing.action_send_mail()
    messages = case.env["sms.sms"].search([("mailing_id", "=", mailing.id)])
    case.assertEqual(len(messages), 1)
    case.assertEqual(set(mailing.mailing_trace_ids.mapped("failure_type")), {False, "sms_duplicate"})
    # More than 100 KiB of ids, which Odoo cannot read back.
    composer = case.env["sms.composer"]
    asked = []
    with patch.object(
        case.env.registry["sms.composer"], "_action_send_sms", lambda self: asked.append(len(self.res_ids))
    ):
        mailing.action_send_sms(list(range(100_000, 120_000)))
    case.assertLess(max(asked), 100_000, composer)


def stops_by_our_link(case):
    """A marketing SMS has one way out, ours, also where Odoo's own was asked for."""
    mailing = case.mailing(mailing_type="sms", sms_allow_unsubscribe=True, sms_force_send=True)
    with case.sending():
        mailing.action_send_mail()
    case.assertIn("/c/", case._sms[0]["body"])
    case.assertNotIn(f"/sms/{mailing.id}/", case._sms[0]["body"])


def what_waits_is_taken_up(case):
    """A message that was put off leaves once it is due."""
    sms = case.env["sms.sms"].create({"number": PHONES[ANNA], "body": "Lamps", "consent_topic_id": case.news.id})
    sms._consent_wait({sms: datetime(2026, 1, 1)})
    case.env["sms.sms"].search([("state", "=", "outgoing")]).action_set_canceled()
    with patch.object(case.env.registry["ir.cron"], "_commit_progress", return_value=1), case.mockSMSGateway():
        case.env["sms.sms"]._process_queue()
    case.assertEqual([message["number"] for message in case._sms], [PHONES[ANNA]])


mail_traces = test_mailing_gate.TestMailingGate.test_a_marketing_mailing_reaches_only_who_said_yes
transactional_mail = test_mailing_gate.TestMailingGate.test_a_transactional_mailing_reaches_everybody


def a_broken_mailing_keeps_no_other_from_leaving(case):
    """The queue of mailings goes on after one whose text cannot be rendered."""
    broken, good = (case.mailing(body_html=f"<p><t t-out='object.{name}'/></p>") for name in ("no_such", "name"))
    (broken | good).action_launch()
    try:
        with case.sending():
            test_launch.crons(case)
    except UserError as error:
        case.fail(error)
    case.assertEqual((broken.state, good.state), ("draft", "done"))


def an_ab_test(case, **values):
    """Return an A/B test that was sent, whose winner is due."""
    mailing = case.mailing(ab_testing_enabled=True, ab_testing_pc=50, **values)
    mailing.action_launch()
    with case.sending():
        test_launch.crons(case)
    due = {"ab_testing_schedule_datetime": "2020-01-01", "ab_testing_winner_selection": "opened_ratio"}
    mailing.campaign_id.write(due)
    return mailing


def a_transactional_winner_is_launched(case):
    """The best version of a transactional A/B test is launched, approved as it is, in the name of its launcher."""
    case.env.company.consent_four_eyes = True
    group = "base.group_user,mass_mailing.group_mass_mailing_user,marketing_consent.group_transactional"
    launcher, second = (new_test_user(case.env, name, groups=group) for name in ("launcher", "second"))
    test = case.mailing(
        ab_testing_enabled=True, ab_testing_pc=50, message_class="transactional", transactional_reason="We move"
    )
    test.with_user(second).action_approve()
    test.with_user(launcher).action_launch()
    due = {"ab_testing_schedule_datetime": "2020-01-01", "ab_testing_winner_selection": "opened_ratio"}
    test.campaign_id.write(due)
    with case.sending():
        test_launch.crons(case)
        test_launch.crons(case)
    winner = test.campaign_id.ab_testing_winner_mailing_id
    case.assertEqual((winner.state, winner.launched_by_id), ("done", launcher))


def a_winner_that_may_not_leave_keeps_no_other_campaign_waiting(case):
    """The cron of A/B tests goes on after one that lost its topic."""
    test = an_ab_test(case)
    test.consent_topic_id = False
    try:
        with case.sending():
            test_launch.crons(case)
    except UserError as error:
        case.fail(error)


def a_copy_has_no_topic_that_its_author_may_not_read(case):
    """A copy by somebody of another company has no topic."""
    other = case.env["res.company"].create({"name": "Other"})
    groups = "base.group_user,mass_mailing.group_mass_mailing_user"
    user = new_test_user(case.env, "of_other", groups=groups, company_id=other.id, company_ids=other.ids)
    try:
        copied = case.mailing().with_user(user).copy()
    except AccessError as error:
        case.fail(error)
    case.assertFalse(copied.sudo().consent_topic_id)


def a_deleted_mailing_leaves_no_messages(case):
    """Deleting a mailing takes its messages out of the queue."""
    mailing = case.mailing()
    mailing.with_context(default_force_send=False).action_send_mail()
    waiting = case.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
    mailing.unlink()
    case.assertFalse(waiting.exists())


def who_sends_again_is_judged(case):
    """Sending a launched mailing to who came since is a launch of its own."""
    mailing = case.mailing(mailing_domain=[("id", "=", case.anna.id)])
    with case.sending():
        mailing.action_launch()
        test_launch.crons(case)
    mailing.mailing_trace_ids.unlink()
    other = case.env["res.company"].create({"name": "Other"})
    groups = "base.group_user,mass_mailing.group_mass_mailing_user"
    user = new_test_user(case.env, "of_other", groups=groups, company_id=other.id, company_ids=other.ids)
    with case.assertRaises(UserError), case.sending():
        mailing.with_user(user).action_send_mail()


def a_composer_sends_no_mailing(case):
    """A composer that was given a mailing does not send its own text in the name of that mailing."""
    values = {"composition_mode": "mass_mail", "model": "res.partner", "res_ids": case.two.ids, "subject": "Lamps"}
    composer = case.env["mail.compose.message"].create({**values, "mass_mailing_id": case.mailing().id})
    with case.assertRaises(UserError):
        composer._action_send_mail()


def no_default_makes_an_sms_one_of_a_mailing(case):
    """A client's default does not give an SMS a mailing."""
    values = {"number": PHONES[ANNA], "body": "x"}
    sms = case.env["sms.sms"].with_context(default_mailing_id=case.mailing().id).create(values)
    case.assertFalse(sms.mailing_id)


def a_composers_mailing_keeps_its_topic(case):
    two = case.env["res.partner"].search([("email", "in", (ANNA, CARLA))])
    values = {"composition_mode": "mass_mail", "model": "res.partner", "res_ids": two.ids, "subject": "Lamps"}
    values |= {"body": "<p>Lamps</p>", "mass_mailing_name": "On the side", "consent_topic_id": case.news.id}
    with case.sending():
        case.env["mail.compose.message"].create(values)._action_send_mail()
    case.assertEqual(case.left, {ANNA})


def by_hand(model, method, *args, **values):
    """What an employee writes to two people by this method asks for a kind."""

    def scenario(case):
        record = case.carla if model == "res.partner" else case.env[model].search([], limit=1)
        user = case.env.ref("base.user_admin")
        with case.assertRaisesRegex(UserError, "say what it is"):
            getattr(record.with_user(user), method)(*args, **values, partner_ids=case.two.ids)

    return scenario


def no_kind(method):
    """What a template without a kind sends by this method is held, and asks nobody, when an employee causes it."""

    def scenario(case):
        template = coverage.Paths.new_template(case, case.news)
        recipients = ",".join(map(str, case.two.ids))
        template.write({"consent_topic_id": False, "use_default_to": False, "partner_to": recipients})
        try:
            with case.sending():
                getattr(case.two.with_user(case.env.ref("base.user_admin")), method)(template)
        except UserError as error:
            case.fail(error)
        case.assertFalse(case.left)

    return scenario


def text_given_with_a_flagged_template(case):
    """Text that replaces a flagged template's own is marketing too."""
    with case.sending():
        template = coverage.Paths.new_template(case, case.news)
        template.send_mail_batch(case.two.ids, email_values={"body_html": "<p>Other</p>"})
    case.assertEqual(case.left, {ANNA})


def scheduled_by_a_composer(case):
    """What a composer schedules keeps its topic."""
    with case.sending():
        for partner in case.two:
            values = {"partner_ids": partner.ids, "scheduled_date": "2030-01-01 00:00:00"}
            composer = case.mail_composer(case.news, "comment", partner, **values)
            composer._action_schedule_message().post_message()
    case.assertEqual(case.left, {ANNA})


def service_messages_are_not_scheduled(case):
    """A service message is logged when it is sent, so it is not scheduled."""
    composer = case.mail_composer(case.env["consent.topic"], "comment", case.carla, consent_service=True)
    with case.assertRaisesRegex(UserError, "cannot be scheduled"):
        composer._action_schedule_message()


def scheduled_by_hand(case):
    """A message to two people that an employee schedules asks for a kind."""
    user = case.env.ref("base.user_admin")
    values = {"model": "res.partner", "res_id": case.carla.id, "author_id": user.partner_id.id, "body": "Lamps"}
    values |= {"scheduled_date": "2030-01-01 00:00:00"}
    scheduled = case.env["mail.scheduled.message"].with_user(user)
    with case.assertRaisesRegex(UserError, "say what it is"), case.cr.savepoint():
        scheduled.create({**values, "partner_ids": case.two.ids})


def scheduled_by_hand_and_changed(case):
    """Recipients who are added to a scheduled message count."""
    user = case.env.ref("base.user_admin")
    values = {"model": "res.partner", "res_id": case.carla.id, "author_id": user.partner_id.id, "body": "Lamps"}
    values |= {"scheduled_date": "2030-01-01 00:00:00", "partner_ids": case.anna.ids}
    scheduled = case.env["mail.scheduled.message"].with_user(user).create(values)
    with case.assertRaisesRegex(UserError, "say what it is"):
        scheduled.partner_ids = case.two


def recipients_are_added_by_hand(case):
    """Recipients whom an administrator adds to a mail count."""
    mail = case.env["mail.mail"].with_user(case.env.ref("base.user_admin")).create({"email_to": ANNA})
    with case.assertRaisesRegex(UserError, "say what it is"):
        mail.email_to = f"{ANNA}, {CARLA}"


def no_other_way(case):
    """Marketing by a way that no gate covers is refused."""
    gateway = [{"id": case.carla.id, "notif": "gateway", "share": True, "active": True, "uid": False}]
    with patch.object(type(case.env["mail.thread"]), "_notify_get_recipients", lambda *_args, **_kwargs: gateway):
        with case.assertRaisesRegex(UserError, "by e-mail or SMS only"):
            case.carla.message_post(body="Lamps", consent_topic_id=case.news.id)  # pylint: disable=translation-required


launch = coverage.TestMailings.test_class_topic_and_reason_are_required_before_launch
HOOKS = {
    ("mailing.mailing", "create"): creating_transactional_needs_the_right,
    (
        "mailing.mailing",
        "write",
    ): coverage.TestMailings.test_calling_a_mailing_transactional_needs_the_right_and_is_tracked,
    ("mailing.mailing", "action_send_mail"): who_sends_again_is_judged,
    ("mailing.mailing", "_process_mass_mailing_queue"): a_broken_mailing_keeps_no_other_from_leaving,
    ("mailing.mailing", "action_select_as_winner"): a_transactional_winner_is_launched,
    ("mailing.mailing", "copy"): a_transactional_winner_is_launched,
    ("mailing.mailing", "copy_data"): a_copy_has_no_topic_that_its_author_may_not_read,
    ("mailing.mailing", "action_send_winner_mailing"): a_winner_that_may_not_leave_keeps_no_other_campaign_waiting,
    ("mailing.mailing", "unlink"): a_deleted_mailing_leaves_no_messages,
    (
        "mail.compose.message",
        "_action_send_mail_mass_mail",
    ): test_traps.TestTraps.test_a_mailing_made_by_the_composer_needs_a_topic,
    ("mail.compose.message", "_action_send_mail"): a_composer_sends_no_mailing,
    ("sms.sms", "create"): no_default_makes_an_sms_one_of_a_mailing,
    ("mailing.mailing", "_action_send_mail"): coverage.TestMailings.test_an_empty_list_of_ids_means_nobody,
    (
        "mailing.mailing",
        "_get_recipients_domain",
    ): coverage.TestMailings.test_an_ab_sample_is_drawn_from_people_who_may_be_written_to,
    ("mail.mail", "_send"): leaks("path_mails_of_code"),
    ("mail.mail", "_prepare_outgoing_list"): messages.TestMessageLinks.test_marketing_carries_the_recipients_own_links,
    ("mailing.mailing", "_get_unsubscribe_url"): odoos_links_are_ours,
    ("mailing.mailing", "_get_unsubscribe_oneclick_url"): odoos_links_are_ours,
    ("mailing.mailing", "_get_view_url"): the_web_copy_names_no_address,
    ("mail.render.mixin", "_shorten_links"): no_tracker_sees_our_pages,
    ("mail.render.mixin", "_shorten_links_text"): no_tracker_sees_our_pages,
    ("sms.sms", "_send"): leaks("path_sms_of_code"),
    ("sms.sms", "_process_queue"): what_waits_is_taken_up,
    ("mailing.mailing", "action_send_sms"): plans_in_chunks,
    ("mailing.mailing", "_send_sms_get_composer_values"): stops_by_our_link,
    ("sms.composer", "_get_done_record_ids"): plans_in_chunks,
    ("mail.compose.message", "_process_mail_values_state"): mail_traces,
    ("mail.compose.message", "_prepare_mail_values_mailing_traces"): mail_traces,
    ("mail.compose.message", "_prepare_mail_values"): mail_traces,
    ("mail.compose.message", "_prepare_mailing_values"): a_composers_mailing_keeps_its_topic,
    ("mail.compose.message", "_action_schedule_message"): service_messages_are_not_scheduled,
    ("mail.compose.message", "_prepare_schedule_message_post_values"): scheduled_by_a_composer,
    ("mail.compose.message", "_get_blacklist_record_ids"): transactional_mail,
    ("mail.compose.message", "_get_optout_emails"): transactional_mail_ignores_list_opt_outs,
    ("sms.composer", "_action_send_sms"): leaks("path_sms_composer_by_numbers"),
    ("sms.composer", "_prepare_mass_sms_values"): sms_traces_name_the_event,
    ("sms.composer", "_get_blacklist_record_ids"): transactional_sms_ignores_marketing_blocks,
    ("sms.composer", "_get_optout_record_ids"): transactional_sms_ignores_marketing_blocks,
    ("mail.template", "send_mail_batch"): text_given_with_a_flagged_template,
    ("mail.template", "_render_field"): leaks("path_mails_of_rendered_text"),
    ("mail.mail", "create"): leaks("path_mails_of_rendered_text"),
    ("mail.message", "create"): rendered_text_flags_the_message,
    ("mail.mail", "write"): recipients_are_added_by_hand,
    ("ir.actions.server", "run"): leaks("path_flagged_server_action"),
    ("mail.thread", "message_post"): by_hand("crm.team", "message_post", body="Lamps"),
    ("mail.thread", "message_notify"): by_hand("crm.team", "message_notify", body="Lamps"),
    ("mail.thread", "message_post_with_source"): no_kind("message_post_with_source"),
    ("mail.thread", "message_mail_with_source"): no_kind("message_mail_with_source"),
    ("mail.thread", "_notify_thread"): no_other_way,
    ("mail.thread", "_notify_get_recipients"): by_hand("res.partner", "message_post", body="Lamps"),
    ("mail.scheduled.message", "create"): scheduled_by_hand,
    ("mail.scheduled.message", "write"): scheduled_by_hand_and_changed,
    ("mail.thread", "message_route"): complaints_are_objections,
    ("mail.thread", "_message_sms_with_template"): leaks("path_sms_with_template"),
    ("mail.thread", "_get_message_create_valid_field_names"): leaks("path_message_post"),
    ("mail.scheduled.message", "_notification_parameters_whitelist"): leaks("path_scheduled_message"),
    (
        "mailing.mailing.test",
        "send_mail_test",
    ): coverage.TestMailings.test_tests_go_to_colleagues_and_consenting_people_only,
    ("mailing.sms.test", "action_send_sms"): coverage.TestMailings.test_a_test_sms_is_sent_once,
}


def _extended(cls):
    """Return the models that a class extends by name."""
    inherited = vars(cls).get("_inherit") or ()
    return (inherited,) if isinstance(inherited, str) else inherited


@tagged("post_install", "-at_install")
class TestGateMutation(coverage.Paths, messages.MessageCase):
    # superuser: a hook that is taken out must be missed even where rights stop nothing.

    def reasons(self, mailing):
        return test_mailing_gate.TestMailingGate.reasons(self, mailing)

    def send(self, **values):
        return messages.MessageCase.send(self, **values)

    def quiet(self):
        return mute_logger("odoo.addons.marketing_consent.models.sending")

    def mailing(self, **values):
        # Those of test_mailing_gate write to all four people.
        return super().mailing(**{"mailing_domain": [("id", "in", self.audience.ids)], **values})

    def overrides(self, model):
        """Return our class for the name of each method of a model that we override."""
        classes = type(self.env[model]).__mro__
        return {
            name: cls
            for position, cls in enumerate(classes)
            if cls.__module__.startswith(OURS) and model in _extended(cls)
            for name, value in vars(cls).items()
            if callable(value) and any(name in vars(other) for other in classes[position + 1 :])
        }

    @contextmanager
    def without(self, model, name):
        """Take our override of a method out, as if it were not installed."""
        cls = self.overrides(model)[name]

        def skip(records, *args, **kwargs):
            return getattr(super(cls, records), name)(*args, **kwargs)

        with patch.object(cls, name, skip):
            yield

    def run_scenario(self, scenario):
        self.audience = self.partners if scenario in (mail_traces, transactional_mail) else self.two
        scenario(self)

    def test_every_hook_has_a_behaviour_that_needs_it(self):
        ours = {
            (model, name)
            for model in SENDING
            for name in self.overrides(model)
            if not name.startswith(("__", "_consent_"))
        }
        self.assertEqual(ours, set(HOOKS))

    def test_the_scenarios_hold_while_all_hooks_are_there(self):
        for (model, name), scenario in HOOKS.items():
            with self.subTest(model=model, name=name), self.undone():
                self.run_scenario(scenario)

    def test_without_a_hook_its_behaviour_breaks(self):
        for (model, name), scenario in HOOKS.items():
            with self.subTest(model=model, name=name), self.undone():
                with self.without(model, name):
                    self.assertTrue(self.breaks(scenario), "nothing notices that the hook is missing")

    def breaks(self, scenario):
        try:
            with self.cr.savepoint():
                self.run_scenario(scenario)
        except (AssertionError, ValueError, UserError):
            return True
        return False
