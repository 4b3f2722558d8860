from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...models.invitations import consent_invitation
from ...tools import experiment, status
from ..cases.gate import GateCase
from ..cases.inviter import invitation_tokens, invite
from ..cases.story import ANNA, CARLA, PHONES

EVA = "eva@lumen.example"


class InvitationCase(GateCase):
    """Belgium lets one ask here, and Carla is the only one who never said anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.classPatch(cls.env.registry["ir.cron"], "_commit_progress", lambda self, *args, **kwargs: 1)
        cls.env["ir.config_parameter"].set_param("web.base.url", "https://lumen.example")
        cls.law = cls.env["consent.country.profile"]._for_country_code("BE")
        cls.law.ask_by_mail = True

    def run_steps(self, **delta):
        with self.travel(**delta):
            self.env["consent.lifecycle"]._cron_run()

    def ask(self, topics=None, people=None, **values):
        """Return an invitation that has asked whom it may."""
        invitation = invite(self.env, topics or self.news, people or self.partners, **values)
        invitation.action_start()
        self.run_steps()
        return invitation

    def asked(self):
        return set(self.env["mail.mail"].search([("consent_asks", "=", True)]).mapped("email_to"))

    def waiting(self, address=CARLA, number=-1):
        tokens = invitation_tokens(self.env, address)
        return self.env["consent.request"]._waiting(tokens[number], invited=True)

    def outcomes(self, invitation):
        check = self.env["consent.invitation.check"].browse(invitation.action_check()["res_id"])
        return {line.outcome: line.count for line in check.line_ids}


@tagged("post_install", "-at_install")
class TestInvitation(InvitationCase):
    def test_who_said_nothing_is_asked_and_nobody_else(self):
        invitation = self.ask()
        self.assertEqual(self.asked(), {CARLA})
        self.assertEqual((invitation.state, invitation.asked_count, invitation.held_count), ("done", 1, 3))
        self.assertEqual(invitation.invitee_ids.ground, "country")
        opened = invitation.action_open_invitees()
        self.assertEqual(self.env[opened["res_model"]].search(opened["domain"]), invitation.invitee_ids)
        status = self.env["consent.status"].search([("address", "=", CARLA)])
        self.assertEqual((status.status, status.topic_id), ("invited", self.news))

    def test_the_check_says_why_and_opens_them(self):
        invitation = invite(self.env, self.news, self.partners)
        self.assertEqual(self.outcomes(invitation), {"asked": 1, "granted": 1, "withdrawn": 1, "objected": 1})
        line = self.env["consent.invitation.check.line"].search([("outcome", "=", "withdrawn")])
        self.assertEqual(self.env["res.partner"].search(line.action_open()["domain"]), self.ben)
        self.assertFalse(self.asked(), "a check asks nobody")

    def test_the_check_counts_nobody_of_another_company(self):
        manager = new_test_user(self.env, "asker", "marketing_consent.group_manager,base.group_user")
        company, topic = self.env["res.company"].create({"name": "Other"}), self.make_topic("o", "O", company_id=False)
        other = invite(self.env, topic, self.carla, company_id=company.id)
        with self.assertRaises(AccessError):
            other.with_user(manager).action_check()

    def test_without_a_ground_nobody_is_asked(self):
        self.law.ask_by_mail = False
        self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla)), {"no_ground": 1})
        self.ask()
        self.assertFalse(self.asked())

    def test_the_law_is_that_of_the_persons_country(self):
        self.env["consent.country.profile"]._for_country_code("DE").ask_by_mail = False
        self.carla.country_id = self.env.ref("base.de")
        self.ask()
        self.assertFalse(self.asked())

    def test_a_customer_may_be_asked_about_something_else(self):
        self.law.ask_by_mail = False
        self.news.purpose_id.allow_soft_opt_in = True
        self.yes(CARLA, legal_basis="soft_opt_in")
        invitation = self.ask(self.events, self.carla)
        self.assertEqual(invitation.invitee_ids.ground, "soft_opt_in")

    def test_a_number_is_asked_only_of_customers(self):
        sms = {"channel": "sms"}
        self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla, **sms)), {"no_ground": 1})
        self.news.purpose_id.allow_soft_opt_in = True
        self.yes(CARLA, channel="sms", legal_basis="soft_opt_in")
        with self.sending():
            self.ask(self.events, self.carla, **sms)
        self.assertEqual(self.left, {PHONES[CARLA]})
        self.assertIn("https://lumen.example/consent/invitation/", self._sms[0]["body"])
        self.assertIn("https://lumen.example/c/", self._sms[0]["body"], "it is marketing: one can stop it")

    def test_the_question_leaves_with_its_own_sender_and_a_way_out(self):
        with self.sending():
            self.ask(variant_ids=[(0, 0, self.text(email_from="Mia of Lumen <mia@lumen.example>"))])
        self.assertEqual(self.left, {CARLA})
        message = self.sink.messages[0].message
        self.assertTrue(message["From"].startswith("Mia of Lumen <"), message["From"])
        self.assertTrue(message["List-Unsubscribe"])
        self.assertIn("/consent/invitation/", message.get_body("html").get_content())

    def text(self, **values):
        return {"subject": "May we?", "body": "<p>Hello</p>", "text": "Hello", **values}

    def test_a_no_that_comes_before_the_message_leaves_stops_it(self):
        for stop in (
            lambda: self.records.refuse("news", "email", CARLA, source="preference_page"),
            lambda: self.records.object_to("email", CARLA, source="preference_page"),
            lambda: self.env["mail.blacklist"]._add(CARLA),
        ):
            with self.undone():
                with self.sending():
                    self.ask()
                    stop()
                self.assertEqual(self.left, set())

    def test_nothing_else_passes_as_a_question(self):
        user = new_test_user(self.env, "mailer", "base.group_user,base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.env["mail.message"].with_user(user).create({"body": "Buy", "consent_asks": True})

    def test_nobody_is_asked_twice_whatever_is_run_again(self):
        invitation = self.ask()
        for days in (0, 1, 40):
            self.run_steps(days=days)
        invitation.action_start()
        self.run_steps(days=41)
        self.assertEqual(invitation.held_count, 4, "and everybody counts once")
        self.ask(self.news, self.carla)
        self.assertEqual(len(invitation_tokens(self.env, CARLA)), 1)

    def test_who_did_not_answer_is_asked_again_after_the_rest(self):
        self.ask()
        with self.travel(days=31):
            self.env["consent.request"]._cron_lapse()
        with self.travel(days=179):
            self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla)), {"resting": 1})
        with self.travel(days=181):
            self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla)), {"asked": 1})

    def test_a_no_to_one_topic_gives_rest_from_the_others(self):
        self.records.refuse("events", "email", CARLA, source="preference_page")
        self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla)), {"resting": 1})
        with self.travel(days=181):
            self.assertEqual(self.outcomes(invite(self.env, self.news, self.carla)), {"asked": 1})
            self.assertEqual(self.outcomes(invite(self.env, self.events, self.carla)), {"refused": 1})

    def test_people_are_asked_only_about_what_they_may_be_asked(self):
        self.ask(self.news | self.events, self.anna)
        self.assertEqual(self.waiting(ANNA).topic_ids, self.events)

    def test_new_contacts_are_asked_by_themselves_and_old_ones_are_not(self):
        invitation = self.ask(who="new", domain="[]")
        self.assertFalse(self.asked())
        self.env["res.partner"].create({"name": "Eva", "email": "eva@lumen.example"})
        self.run_steps(hours=1)
        self.assertEqual((self.asked(), invitation.state), ({"eva@lumen.example"}, "running"))
        invitation.action_stop()
        self.env["res.partner"].create({"name": "Finn", "email": "finn@lumen.example"})
        self.run_steps(hours=2)
        self.assertEqual(self.asked(), {"eva@lumen.example"})

    def test_a_run_that_is_cut_off_goes_on_with_the_rest(self):
        people = self.env["res.partner"].create([{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(5)])
        self.patch(consent_invitation, "BATCH", 2)
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda self, *args, **kwargs: 0)
        invitation = invite(self.env, self.news, people)
        invitation.action_start()
        seen = []
        for _run in range(4):
            self.run_steps()
            invitation.invalidate_recordset()
            seen.append((invitation.asked_count, round(invitation.progress), invitation.state))
        self.assertEqual(seen, [(2, 40, "running"), (4, 80, "running"), (5, 100, "running"), (5, 100, "done")])

    def test_people_are_found_with_the_rights_of_who_chose_them(self):
        other = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(self.env, "asker", "marketing_consent.group_manager,base.group_user")
        self.carla.company_id = other
        invitation = invite(self.env(user=manager), self.news, self.carla)
        self.assertEqual(invitation.user_id, manager)
        invitation.user_id = self.env.ref("base.user_root")
        self.assertEqual(invitation.user_id, manager, "nobody lends himself the rights of another")
        root = {"default_user_id": self.env.ref("base.user_root").id, "default_domain": "[]"}
        values = {"name": "Fair", "topic_ids": self.news.ids}
        forged = self.env["consent.invitation"].with_user(manager).with_context(**root).create(values)
        self.assertEqual(forged.user_id, manager)
        invitation.action_start()
        self.run_steps()
        self.assertFalse(self.asked())

    def test_one_that_cannot_go_on_stops_no_other_and_can_be_stopped(self):
        other = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(self.env, "asker", "marketing_consent.group_manager,base.group_user")
        broken = invite(self.env(user=manager), self.news, self.carla)
        broken.action_start()
        manager.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.env.invalidate_all()
        with mute_logger("odoo.addons.marketing_consent.models.invitations.consent_lifecycle"):
            self.ask()
        self.assertEqual(self.asked(), {CARLA})
        broken.with_user(self.env.user).read(["progress"])
        broken.with_user(self.env.user).action_stop()
        self.assertEqual(broken.sudo().state, "done")

    def test_who_chose_the_people_cannot_be_deleted_which_would_lend_all_rights(self):
        manager = new_test_user(self.env, "asker", "marketing_consent.group_manager,base.group_user")
        invite(self.env(user=manager), self.news, self.carla)
        with self.assertRaises(IntegrityError), self.undone(), mute_logger("odoo.sql_db"):
            manager.unlink()

    def test_who_said_that_a_sign_up_was_not_theirs_is_not_asked_for_a_year(self):
        notice, company = self.events.purpose_id.notice_ids, self.env.company.id
        token = self.env["consent.request"]._open(self.events, "email", CARLA, notice, company_id=company)[1]
        self.env["consent.request"]._disown(token)
        invitation = invite(self.env, self.news, self.carla)
        self.assertEqual(self.outcomes(invitation), {"disowned": 1})
        with self.travel(days=366):
            self.assertEqual(self.outcomes(invitation), {"asked": 1})

    def test_two_people_with_one_address_are_asked_once(self):
        twin = self.env["res.partner"].create({"name": "Carlo", "email": CARLA.upper()})
        self.ask(people=self.carla | twin)
        self.assertEqual(len(invitation_tokens(self.env, CARLA)), 1)

    def test_a_question_is_reminded_of_once_with_the_same_text_and_both_links_answer(self):
        self.ask(remind_days=3)
        for days in (2, 4, 8):
            self.run_steps(days=days)
        self.assertEqual(len(invitation_tokens(self.env, CARLA)), 2)
        self.assertEqual(self.waiting().stage, "reminded")
        self.assertEqual(self.waiting(number=0), self.waiting(number=1))

    def test_what_is_stopped_reminds_nobody(self):
        self.ask(remind_days=3).action_stop()
        self.run_steps(days=4)
        self.assertEqual(len(invitation_tokens(self.env, CARLA)), 1)

    def test_who_said_yes_elsewhere_is_not_reminded(self):
        self.ask(remind_days=3)
        self.yes(CARLA)
        self.run_steps(days=4)
        self.assertEqual(len(invitation_tokens(self.env, CARLA)), 1)

    def test_costs_do_not_grow_with_the_people(self):
        def statements(count, name):
            people = self.env["res.partner"].create(
                [{"name": f"{name}{n}", "email": f"{name}{n}@lumen.example"} for n in range(count)]
            )
            invitation = invite(self.env, self.news | self.events, people)
            invitation.action_start()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(invitation._ask_next(), count)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        statements(1, "warm")
        # Odoo reads ahead in chunks: one more read for many is no read for each.
        self.assertLessEqual(statements(60, "b") - statements(2, "a"), 3)

    def test_impossible_invitations_are_refused(self):
        for values in ({"remind_days": 30}, {"domain": "[('no_such_field', '=', 1)]"}, {"domain": "import os"}):
            with self.assertRaises(ValidationError), self.undone():
                invite(self.env, self.news, self.carla, **values)
        self.events.offer_sms = False
        with self.assertRaises(ValidationError):
            invite(self.env, self.events | self.news, self.carla, channel="sms")
        with self.assertRaisesRegex(UserError, "Write a text"):
            invite(self.env, self.news, self.carla, variant_ids=[]).action_start()
        mail_only = invite(self.env, self.news, self.carla, variant_ids=[(0, 0, {"subject": "x", "body": "<p>x</p>"})])
        mail_only.channel = "sms"
        with self.assertRaisesRegex(ValidationError, "no text yet"):
            mail_only.action_start()
        running = self.ask()
        with self.assertRaises(UserError):
            running.unlink()
        with self.assertRaises(UserError):
            running.channel = "sms"


@tagged("post_install", "-at_install")
class TestInvitationTexts(InvitationCase):
    """Several texts compete (M22)."""

    def setUp(self):
        super().setUp()
        people = [{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(40)]
        self.people = self.env["res.partner"].create(people)
        texts = [(0, 0, {"subject": name, "body": f"<p>{name}</p>", "text": name}) for name in ("A", "B")]
        self.invitation = self.ask(people=self.people, variant_ids=texts)
        self.first, self.second = self.invitation.variant_ids

    def subject(self, person):
        return self.env["mail.mail"].search([("email_to", "=", person.email)], limit=1).subject

    def results(self, *pairs):
        """Make it so that of each text so many of so many said yes."""
        self.invitation.invitee_ids.sudo().unlink()
        self.env["consent.invitee"].create(
            [
                {
                    "invitation_id": self.invitation.id,
                    "variant_id": variant.id,
                    "company_id": self.env.company.id,
                    "address_hash": f"{variant.id:08x}{number:08x}",
                    "asked_at": "2026-03-01",
                    "granted_at": number < won and "2026-03-02",
                }
                for variant, (won, tried) in zip((self.first, self.second), pairs, strict=True)
                for number in range(tried)
            ]
        )
        self.invitation.invalidate_recordset()
        self.invitation.state = "running"

    def test_each_person_gets_one_text_by_chance_and_it_is_kept(self):
        self.assertEqual(self.first.asked_count + self.second.asked_count, 40)
        self.assertGreater(min(self.first.asked_count, self.second.asked_count), 5)
        for invitee in self.invitation.invitee_ids.sudo():
            self.assertEqual(self.invitation._draw(invitee.address_hash), invitee.variant_id)
        self.assertEqual({self.subject(person) for person in self.people}, {"A", "B"})

    def test_a_text_without_weight_is_drawn_no_more(self):
        self.first.weight = 0
        self.assertEqual({self.invitation._draw(str(key)) for key in range(50)}, {self.second})

    def test_rates_come_with_their_uncertainty(self):
        self.results((10, 100), (30, 100))
        low, high = (experiment.interval(won, 100) for won in (10, 30))
        self.assertEqual(self.first.rate, f"10.0% ({low.low:.1%} – {low.high:.1%})")
        self.assertEqual(self.second.rate, f"30.0% ({high.low:.1%} – {high.high:.1%})")
        self.assertEqual(self.first.chance, f"{experiment.p_value((10, 100), (30, 100)):.1%}")

    def test_what_was_not_compared_shows_no_chance(self):
        for pairs in (((0, 0), (0, 0)), ((0, 0), (30, 100)), ((30, 100), (0, 0))):
            self.results(*pairs)
            self.assertEqual((self.first.chance, self.second.chance), ("", ""), pairs)

    def test_the_best_is_kept_as_soon_as_chance_is_out_of_question(self):
        self.results((10, 100), (12, 100))
        self.run_steps()
        self.assertFalse(self.invitation.winner_id)
        self.results((10, 100), (30, 100))
        self.invitation.keep_best = False
        self.run_steps()
        self.assertFalse(self.invitation.winner_id, "not asked for")
        self.invitation.write({"keep_best": True, "state": "running"})
        self.run_steps()
        self.assertEqual(self.invitation.winner_id, self.second)
        self.assertEqual({self.invitation._draw(str(key)) for key in range(50)}, {self.second})

    def test_the_best_can_be_chosen_by_hand(self):
        self.first.action_keep()
        self.assertEqual(self.invitation.winner_id, self.first)

    def test_a_text_that_was_sent_is_not_deleted(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.first.unlink()
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestWholeLife(InvitationCase):
    """One person from the first question to the last no: each status is reached as it is in life (M28)."""

    def status(self, days):
        self.env.invalidate_all()  # nothing was written, but time has passed
        with self.travel(days=days):
            rows = self.env["consent.status"].search([("address", "=", EVA), ("topic_id", "=", self.news.id)])
            return status.leading(rows.mapped("status"))

    def pass_time(self, days):
        self.run_steps(days=days)
        with self.travel(days=days):
            self.env["consent.request"]._cron_lapse()
        self.env.invalidate_all()

    def answer(self, days):
        with self.travel(days=days):
            requests = self.env["consent.request"]._waiting(invitation_tokens(self.env, EVA)[-1], invited=True)
            requests._answer(self.news, {}, refuse=False)

    def test_from_the_first_question_to_the_last_no(self):
        self.news.purpose_id.write({"validity_months": 12, "renew_days": 14})
        self.ask(who="new", domain="[]", remind_days=3)
        eva = self.env["res.partner"].create({"name": "Eva", "email": EVA})
        seen = []
        for days in (1, 4, 5, 29):
            self.pass_time(days)
            seen.append((days, self.status(days)))
        seen.append((32, self.status(32)))  # it has lapsed, and is not deleted yet
        self.pass_time(33)
        seen.append((33, self.status(33)))
        with self.travel(days=190):
            invite(self.env, self.news, eva).action_start()
        self.pass_time(190)
        seen.append((190, self.status(190)))
        self.answer(191)
        seen.append((191, self.status(191)))
        self.pass_time(191 + 360)
        seen.append((551, self.status(551)))
        self.pass_time(191 + 370)
        seen.append((561, self.status(561)))
        self.assertEqual(
            seen,
            [
                *((1, "invited"), (4, "reminded"), (5, "reminded"), (29, "reminded"), (32, "expired"), (33, None)),
                *((190, "invited"), (191, "confirmed"), (551, "confirmed"), (561, "expired")),
            ],
        )
        subjects = self.env["mail.mail"].search([("email_to", "=", EVA)], order="id").mapped("subject")
        self.assertEqual(
            subjects.count("May we write to you?"), 3, "asked, reminded, and asked once more after the rest"
        )
        self.assertEqual(len(subjects), 4, "and asked to renew, once")

    def test_what_the_person_does_is_their_status_at_once(self):
        self.yes(EVA)
        seen = [self.status(0)]
        for act in (
            lambda: self.withdraw(EVA),
            lambda: self.records.object_to("email", EVA, source="preference_page"),
            lambda: self.records.block("suppressed", "email", EVA, source="system"),
        ):
            act()
            seen.append(self.status(0))
        self.yes(CARLA)
        self.records.block("bounced", "email", CARLA, source="bounce")
        self.assertEqual(seen, ["subscribed", "unsubscribed", "opt_out", "blacklisted"])
        rows = self.env["consent.status"].search([("address", "=", CARLA), ("topic_id", "=", self.news.id)])
        self.assertEqual(rows.status, "bounced")
