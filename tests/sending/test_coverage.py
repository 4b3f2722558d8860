"""Coverage that is proven: every model that can be mailed, and every path by which a message leaves.

E-mail is judged by the envelopes that reached a real SMTP server, SMS by what was handed to the provider.
"""

from unittest.mock import patch

from odoo.addons.sms.tools.sms_api import SmsApi
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..cases.gate import GateCase
from ..cases.paths import Paths
from ..cases.story import ANNA, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestPaths(Paths):
    # superuser: it resends what a path left in the queue, as the scheduled action does.

    def paths(self):
        return [name for name in dir(self) if name.startswith("path_")]

    def reached(self, path, topic):
        with self.sending():
            getattr(self, path)(topic)
        people = {ANNA: "Anna", PHONES[ANNA]: "Anna", CARLA: "Carla", PHONES[CARLA]: "Carla"}
        staff = set((self.salesman | self.entitled).mapped("email"))  # follow what they wrote
        return {people.get(address, address) for address in self.left - staff}

    def test_flagged_messages_reach_only_who_said_yes_on_every_path(self):
        for path in self.paths():
            with self.subTest(path=path):
                self.assertEqual(self.reached(path, self.news), {"Anna"})

    def test_transactional_messages_reach_everybody_on_every_path(self):
        for path in self.paths():
            with self.subTest(path=path):
                self.assertEqual(self.reached(path, self.env["consent.topic"]), {"Anna", "Carla"})

    def test_an_error_in_the_gate_holds_marketing_and_lets_transactional_mail_go(self):
        gate = type(self.env["consent.gate"])
        with patch.object(gate, "_verdict_query", side_effect=RuntimeError("broken")), self.sending():
            with self.assertLogs("odoo.addons.marketing_consent", "ERROR"):
                self.path_mails_of_code(self.news)
                self.path_sms_of_code(self.news)
                self.path_mails_of_code(self.env["consent.topic"])
                self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.assertEqual(self.left, {ANNA, CARLA})
        waiting = self.env["mail.mail"].search([("state", "=", "outgoing")])
        self.assertEqual(waiting.consent_topic_id, self.news)
        with self.sending():
            pass
        self.assertEqual(self.left, {ANNA, PHONES[ANNA]}, "nothing was lost")

    def test_a_partner_with_two_addresses_needs_a_yes_for_both(self):
        both = self.env["res.partner"].create({"name": "Both", "email": f"{ANNA}, {CARLA}"})
        mailing = self.mailing(mailing_domain=[("id", "=", both.id)])
        with self.sending():
            mailing.action_send_mail()
        self.assertFalse(self.left)
        self.yes(CARLA)
        again = self.mailing(mailing_domain=[("id", "=", both.id)])
        with self.sending():
            again.action_send_mail()
        self.assertEqual(self.left, {ANNA, CARLA})

    def test_a_withheld_person_does_not_use_up_the_address_of_another(self):
        first = self.env["res.partner"].create({"name": "First", "email": f"{ANNA}, {CARLA}"})
        mailing = self.mailing(mailing_domain=[("id", "in", (first | self.anna).ids)])
        with self.sending():
            mailing.action_send_mail()
        self.assertEqual(self.left, {ANNA})

    def test_a_blacklist_row_is_a_veto_under_every_spelling(self):
        self.yes("kim@bücher.example")
        kim = self.env["res.partner"].create({"name": "Kim", "email": "kim@xn--bcher-kva.example"})
        self.env["mail.blacklist"]._add("KIM@bücher.example")
        mailing = self.mailing(mailing_domain=[("id", "=", kim.id)], use_exclusion_list=False)
        with self.sending():
            mailing.action_send_mail()
        self.assertFalse(self.left)
        self.assertEqual(mailing.mailing_trace_ids.consent_reason, "blacklisted")

    def test_an_smtp_failure_does_not_revive_what_was_withheld(self):
        self.path_mails_of_code(self.news)
        mails = self.env["mail.mail"].search([("state", "=", "outgoing")])
        self.withdraw(ANNA)
        mails.write({"state": "exception"})
        mails.mark_outgoing()
        with self.sending():
            pass
        self.assertFalse(self.left)
        self.assertEqual(set(mails.mapped("state")), {"cancel"})


@tagged("post_install", "-at_install")
class TestMailings(GateCase):
    # superuser: verdicts and hand-over do not depend on who sends; who may is tried in test_doors.

    def test_every_model_that_can_be_mailed_is_gated(self):
        models = self.env["ir.model"].search([("is_mailing_enabled", "=", True)])
        self.assertGreaterEqual(set(models.mapped("model")), {"res.partner", "crm.lead", "mailing.contact"})
        for model in models.filtered(lambda model: model.model != "mailing.list"):
            with self.subTest(model=model.model):
                self.check_model(self.env[model.model])

    def check_model(self, model):
        email = model._mail_get_primary_email_field() if hasattr(model, "_mail_get_primary_email_field") else None
        email = email or next(name for name in ("email", "email_from") if name in model._fields)
        records = model.create(
            [{model._rec_name: name, email: address} for name, address in (("A", ANNA), ("C", CARLA))]
        )
        mailing = self.mailing(
            mailing_model_id=self.env["ir.model"]._get_id(model._name), mailing_domain=[("id", "in", records.ids)]
        )
        with self.sending():
            mailing.action_send_mail()
        self.assertEqual(self.left, {ANNA})
        traces = {trace.res_id: (trace.trace_status, trace.consent_reason) for trace in mailing.mailing_trace_ids}
        self.assertEqual(traces, {records[0].id: ("sent", False), records[1].id: ("cancel", "no_consent")})

    def test_several_lists_with_different_topics_need_all_of_them(self):
        lists = self.env["mailing.list"].create(
            [{"name": topic.name, "consent_topic_id": topic.id} for topic in (self.news, self.events)]
        )
        self.env["mailing.contact"].create([{"email": ANNA, "list_ids": lists.ids}])
        values = {"mailing_model_id": self.env["ir.model"]._get_id("mailing.list"), "contact_list_ids": lists.ids}
        for said, left in ((False, set()), (True, {ANNA})):
            if said:
                self.yes(ANNA, topic=self.events)
            mailing = self.mailing(**values, mailing_domain=[("list_ids", "in", lists.ids)], consent_topic_id=False)
            with self.sending():
                mailing.action_send_mail()
            self.assertEqual(self.left, left)

    def test_class_topic_and_reason_are_required_before_launch(self):
        for values, message in (
            ({"consent_topic_id": False}, "Choose the topic"),
            ({"message_class": "transactional"}, "Write down why"),
            ({"message_class": "transactional", "transactional_reason": " "}, "Write down why"),
        ):
            mailing = self.mailing(**values)
            for launch in (mailing.action_launch, mailing.action_put_in_queue, mailing.action_send_mail):
                with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                    launch()

    def test_a_topic_that_is_closed_or_of_another_channel_or_company_is_not_launched(self):
        other = self.env["res.company"].create({"name": "Other"})
        strange = self.env["consent.purpose"].create({"name": "Strange", "code": "strange", "company_id": other.id})
        closed = self.make_topic("closed", "Closed")
        closed.purpose_id.active = False
        paper = self.make_topic("mail_only", "By e-mail only")
        paper.offer_sms = False
        mailing = self.mailing()
        for topic, kind in ((closed, "mail"), (paper, "sms")):
            mailing.write({"consent_topic_id": topic.id, "mailing_type": kind})
            with self.assertRaisesRegex(UserError, "may not be sent"):
                mailing.action_launch()
        verdicts = self.env["consent.gate"]._decide(strange.topic_ids, "email", [ANNA], self.env.company)
        self.assertEqual(verdicts[ANNA].reason, "no_topic")

    def test_calling_a_mailing_transactional_needs_the_right_and_is_tracked(self):
        user = self.env["res.users"].create(
            {
                "name": "Marketer",
                "login": "marketer",
                "group_ids": [(6, 0, self.env.ref("mass_mailing.group_mass_mailing_user").ids)],
            }
        )
        mailing = self.mailing(user_id=user.id)
        with self.assertRaises(AccessError):
            mailing.with_user(user).message_class = "transactional"
        user.group_ids += self.env.ref("marketing_consent.group_transactional")
        mailing.with_user(user).write({"message_class": "transactional", "transactional_reason": "We move"})
        self.flush_tracking()
        tracked = mailing.message_ids.tracking_value_ids.mapped("field_id.name")
        self.assertEqual(set(tracked), {"message_class", "transactional_reason"})

    def test_an_empty_list_of_ids_means_nobody(self):
        for kind in ("mail", "sms"):
            mailing = self.mailing(mailing_type=kind, sms_force_send=True)
            with self.sending():
                mailing._action_send_mail([])
            self.assertFalse(self.left)

    def test_given_ids_are_judged_as_well(self):
        mailing = self.mailing()
        with self.sending():
            mailing.action_send_mail(self.partners.ids)
        self.assertEqual(self.left, {ANNA})

    def test_several_sms_mailings_do_not_share_recipients(self):
        self.yes(CARLA, channel="sms")
        first, second = (
            self.mailing(mailing_type="sms", sms_force_send=True, mailing_domain=[("id", "=", partner.id)])
            for partner in self.two
        )
        with self.sending():
            (first | second)._action_send_mail()
        numbers = {mailing: mailing.mailing_trace_ids.mapped("sms_number") for mailing in (first, second)}
        self.assertEqual(numbers, {first: [PHONES[ANNA]], second: [PHONES[CARLA]]})

    def test_mailings_that_reach_nobody_end_at_once(self):
        for kind in ("mail", "sms"):
            mailing = self.mailing(mailing_type=kind, mailing_domain=[("id", "=", self.carla.id)])
            with self.sending():
                mailing.action_send_mail()
            self.assertEqual((mailing.state, self.left), ("done", set()))
            self.assertEqual(mailing.withheld_count, 1)

    def test_an_ab_sample_is_drawn_from_people_who_may_be_written_to(self):
        people = self.env["res.partner"].create([{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(20)])
        for partner in people[:10]:
            self.yes(partner.email)
        mailing = self.mailing(mailing_domain=[("id", "in", people.ids)], ab_testing_enabled=True, ab_testing_pc=50)
        with self.sending():
            mailing.action_send_mail()
        # Odoo would draw ten of all twenty, and reach as many of them as may be written to by chance.
        self.assertEqual((len(self.left), len(mailing.mailing_trace_ids)), (5, 5))
        self.assertLessEqual(self.left, set(people[:10].mapped("email")))

    def test_the_queue_goes_on_where_one_mailing_fails(self):
        broken, good = self.mailing(subject="Broken"), self.mailing(subject="Good")
        (broken | good).write({"state": "in_queue"})
        split = type(broken)._split_audience

        def fail(mailing, res_ids):
            if mailing == broken:
                raise RuntimeError("broken")
            return split(mailing, res_ids)

        with patch.object(type(broken), "_split_audience", fail), self.sending():
            with self.assertLogs("odoo.addons.marketing_consent", "ERROR"):
                (broken | good)._action_send_mail()
        self.assertEqual(self.left, {ANNA})
        self.assertFalse(broken.mailing_trace_ids)
        self.assertEqual(good.state, "done")

    def test_a_copied_database_holds_marketing_until_somebody_confirms(self):
        mailing = self.mailing(state="in_queue")
        self.env["ir.config_parameter"].set_param("database.uuid", "copy")
        with self.sending():
            mailing._action_send_mail()
        self.assertFalse(self.left)
        self.assertFalse(mailing.mailing_trace_ids, "they are held, not withheld for good")
        opened = self.env["res.config.settings"].create({}).action_confirm_consent_database()
        self.env[opened["res_model"]].create({"happened": "moved"}).action_confirm()
        with self.sending():
            mailing._action_send_mail()
        self.assertEqual(self.left, {ANNA})

    def test_tests_go_to_colleagues_and_consenting_people_only(self):
        mailing = self.mailing()
        wizard = self.env["mailing.mailing.test"].create({"mass_mailing_id": mailing.id, "email_to": CARLA})
        with self.assertRaisesRegex(UserError, CARLA), self.sending():
            wizard.send_mail_test()
        self.assertFalse(self.sink.recipients())
        self.env.ref("base.user_admin").partner_id.email = "marketer@lumen.example"
        wizard.email_to = f"{ANNA}\nmarketer@lumen.example"
        with self.sending():
            wizard.send_mail_test()
        self.assertEqual(self.left, {ANNA, "marketer@lumen.example"})

    def test_a_test_sms_is_sent_once(self):
        mailing = self.mailing(mailing_type="sms")
        wizard = self.env["mailing.sms.test"].create({"mailing_id": mailing.id, "numbers": PHONES[ANNA]})
        with self.sending():
            wizard.action_send_sms()
        self.assertEqual([sms["number"] for sms in self._sms], [PHONES[ANNA]])

    def test_a_test_sms_leaves_messages_that_others_create_meanwhile_alone(self):
        wizard = self.env["mailing.sms.test"].create(
            {"mailing_id": self.mailing(mailing_type="sms").id, "numbers": PHONES[ANNA]}
        )
        other, send = self.env["sms.sms"], SmsApi._send_sms_batch

        def meanwhile(api, messages, **kwargs):
            nonlocal other
            other = self.env["sms.sms"].create({"number": PHONES[ANNA], "body": "Your order is ready"})
            return send(api, messages, **kwargs)

        with self.sending(), patch.object(SmsApi, "_send_sms_batch", meanwhile):
            wizard.action_send_sms()
            self.assertEqual(other.state, "outgoing")

    def test_the_gate_costs_one_statement_a_batch(self):
        def extra(count):
            people = self.env["res.partner"].create(
                [{"name": f"N{n}", "email": f"n{n}-{count}@lumen.example"} for n in range(count)]
            )
            for partner in people:
                self.yes(partner.email)
            mailing = self.mailing(mailing_domain=[("id", "in", people.ids)])
            gate, calls = type(self.env["consent.gate"]), []
            query = gate._verdict_query

            def counted(gate, *args, **kwargs):
                calls.append(1)
                return query(gate, *args, **kwargs)

            with patch.object(gate, "_verdict_query", counted), self.mock_mail_gateway():
                mailing.with_context(mail_notify_force_send=False)._action_send_mail()
            return len(calls)

        self.assertLessEqual(extra(200), 1 + 4 + 2 * 4)
