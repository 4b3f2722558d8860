import re

from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ...wizards.sending.consent_preflight import ORDER, REMEDIES
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentStory


@tagged("post_install", "-at_install")
class TestPreflight(ConsentStory, MassSMSCommon):
    """What it promises before is what the sending does."""

    # superuser: what was promised to the marketer is compared with what the queue sends.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        cls.marketer = new_test_user(
            cls.env, "marketer", groups="mass_mailing.group_mass_mailing_user,base.group_partner_manager"
        )
        cls.odd = cls.env["res.partner"].create(
            [
                {"name": "Two addresses", "email": f"{CARLA}, {BEN}"},
                {"name": "Twice", "email": f'"Anna" <{ANNA}>, {ANNA.upper()}'},
                {"name": "No address"},
                {"name": "Rubbish", "email": "no address"},
            ]
        )
        cls.audience = cls.partners | cls.odd

    def mailing(self, **values):
        if "contact_list_ids" not in values:
            values.setdefault("mailing_domain", [("id", "in", self.audience.ids)])
        return self.env["mailing.mailing"].create(
            {
                "subject": "New lamps",
                "body_html": "<p>Look at our lamps.</p>",
                "body_plaintext": "Look at our lamps.",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "consent_topic_id": self.news.id,
                "user_id": self.env.user.id,
                **values,
            }
        )

    def preflight(self, mailing):
        """Return the picture as the marketer sees it: the wizard, and the lines by reason."""
        action = mailing.with_user(self.marketer).action_preflight()
        wizard = self.env["consent.preflight"].with_user(self.marketer).browse(action["res_id"])
        return wizard, {line.reason: line for line in wizard.line_ids}

    def people(self, line):
        action = line.action_open_people()
        return self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])

    def test_it_counts_by_reason_and_opens_the_people(self):
        wizard, lines = self.preflight(self.mailing())
        self.assertEqual(
            {reason: line.count for reason, line in lines.items()},
            {"reached": 2, "withdrawn": 1, "no_consent": 2, "objected": 1, "unusable_address": 2},
        )
        self.assertEqual((wizard.total, wizard.reached, wizard.withheld), (8, 2, 6))
        self.assertEqual(self.people(lines["reached"]), self.anna | self.odd[1])
        self.assertEqual(self.people(lines["withdrawn"]), self.ben)
        self.assertEqual(self.people(lines["no_consent"]), self.carla | self.odd[0])
        self.assertEqual(self.people(lines["objected"]), self.dirk)
        self.assertEqual(self.people(lines["unusable_address"]), self.odd[2] | self.odd[3])

    def test_it_promises_what_the_sending_does(self):
        self.yes(CARLA, self.events)
        contacts = self.env["mailing.contact"].create([{"email": e} for e in (ANNA, BEN, CARLA, DIRK)])
        leads = self.env["crm.lead"].create(
            [{"name": p.name, "partner_id": p.id} for p in self.partners] + [{"name": "X", "email_from": ANNA}]
        )
        for topic, (model, ids) in [
            (self.news, ("res.partner", self.partners.ids)),
            (self.events, ("mailing.contact", contacts.ids)),
            (self.news, ("crm.lead", leads.ids)),
        ]:
            for mailing_type in ("mail", "sms"):
                mailing = self.mailing(
                    mailing_model_id=self.env["ir.model"]._get_id(model),
                    mailing_domain=[("id", "in", ids)],
                    consent_topic_id=topic.id,
                    mailing_type=mailing_type,
                )
                with self.subTest(model=model, type=mailing_type):
                    promised = mailing._preflight()
                    with self.mock_mail_gateway(), self.mockSMSGateway():
                        mailing.action_send_mail()
                    done = mailing._aftermath()
                    done["reached"] += done.pop("duplicate", 0)
                    missing = done.pop("failed", 0)
                    done["unusable_address"] += missing
                    self.assertEqual(+done, promised)

    def test_afterwards_it_shows_the_same_picture_from_the_traces(self):
        mailing = self.mailing(mailing_domain=[("id", "in", self.partners.ids)])
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        wizard, lines = self.preflight(mailing)
        self.assertTrue(wizard.sent)
        self.assertEqual(
            {reason: line.count for reason, line in lines.items()},
            {"reached": 1, "withdrawn": 1, "no_consent": 1, "objected": 1},
        )
        for reason, email in (("reached", ANNA), ("withdrawn", BEN), ("no_consent", CARLA), ("objected", DIRK)):
            self.assertEqual(self.people(lines[reason]).mapped("email"), [email])

    def test_who_got_it_already_counts_no_more(self):
        mailing = self.mailing()
        self.env["mailing.trace"].create(
            {"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": self.anna.id, "trace_status": "sent"}
        )
        self.assertEqual(mailing._preflight()["reached"], 1)

    def test_an_opt_out_of_a_list_counts(self):
        lists = self.env["mailing.list"].create([{"name": "One"}, {"name": "Two"}])
        contact = self.env["mailing.contact"].create({"email": ANNA, "list_ids": lists.ids})
        contact.subscription_ids[0].opt_out = True
        values = {"mailing_model_id": self.env["ir.model"]._get_id("mailing.list")}
        one = self.mailing(contact_list_ids=lists.ids, **values)
        self.assertEqual(one._preflight(), {"reached": 1})
        contact.subscription_ids.opt_out = True
        self.assertEqual(self.mailing(contact_list_ids=lists.ids, **values)._preflight(), {"list_opt_out": 1})

    def test_nobody_everybody_and_no_topic(self):
        nobody = self.mailing(mailing_domain=[("id", "in", [])])
        self.assertFalse(nobody._preflight())
        self.assertEqual(self.mailing(consent_topic_id=False)._preflight(), {"no_topic": 8})
        transactional = self.mailing(message_class="transactional", transactional_reason="The shop moves")
        self.assertEqual(transactional._preflight(), {"reached": 8})

    def test_a_model_without_plain_addresses_is_resolved_as_odoo_does(self):
        mailing = self.mailing()
        mailing.mailing_model_id = self.env["ir.model"]._get_id("res.users")
        user = new_test_user(self.env, "anna", email=ANNA)
        mailing.mailing_domain = [("id", "in", (user | self.marketer).ids)]
        self.assertEqual(mailing._preflight()["reached"], 1)
        _wizard, lines = self.preflight(mailing)
        self.assertEqual(lines["reached"].action_open_people()["domain"], [("id", "in", user.ids)])

    def test_the_remedies_do_what_they_say(self):
        self.yes(CARLA, channel="sms")
        mailing = self.mailing()
        _wizard, lines = self.preflight(mailing)
        self.assertEqual(lines["no_consent"].other_channel, "sms")
        self.assertFalse(lines["withdrawn"].other_channel, "a no is not circumvented")
        self.assertFalse(lines["objected"].remedy)
        action = lines["no_consent"].action_use_other_channel()
        draft = self.env["mailing.mailing"].browse(action["res_id"])
        self.assertEqual((draft.mailing_type, draft.state, draft.consent_topic_id), ("sms", "draft", self.news))
        self.assertEqual(draft._get_recipients(), self.carla.ids)
        self.withdraw(CARLA, channel="sms")
        with self.assertRaises(UserError):
            lines["no_consent"].action_use_other_channel()
        self.assertEqual(lines["no_consent"].action_open_topic()["res_id"], mailing.id)
        self.assertEqual(lines["no_consent"].action_open_purpose()["res_id"], self.news.purpose_id.id)
        self.assertEqual(lines["no_consent"].action_open_blacklist()["res_model"], "mail.blacklist")
        self.assertEqual(lines["no_consent"].action_ask()["res_model"], "res.partner", "who may not invite sees them")
        self.assertEqual(lines["no_consent"].action_send_later()["res_model"], "mailing.mailing.schedule.date")
        clerk = new_test_user(
            self.env, "clerk", groups="marketing_consent.group_user,mass_mailing.group_mass_mailing_user"
        )
        requests = lines["no_consent"].with_user(clerk).action_open_requests()
        self.assertEqual(
            (requests["res_model"], requests["domain"]), ("consent.request", [("topic_ids", "in", self.news.ids)])
        )

    def test_who_may_not_get_it_can_be_asked_as_far_as_one_may(self):
        mailing = self.mailing(mailing_domain=[("id", "in", self.partners.ids)])
        _wizard, lines = self.preflight(mailing)
        groups = "mass_mailing.group_mass_mailing_user,marketing_consent.group_manager"
        asker = new_test_user(self.env, "asker", groups=groups)
        action = lines["no_consent"].with_user(asker).action_ask()
        self.assertEqual(action["res_model"], "consent.invitation")
        text = Command.create({"subject": "May we?", "body": "<p>May we?</p>"})
        invitation = self.env["consent.invitation"].with_context(**action["context"]).create({"variant_ids": [text]})
        self.assertEqual((invitation.topic_ids, invitation.channel), (self.news, "email"))
        self.assertEqual(invitation._people().search(invitation._due()), self.partners)

    def test_it_sends(self):
        mailing = self.mailing()
        wizard, _lines = self.preflight(mailing)
        wizard.action_send()
        self.assertEqual(mailing.state, "in_queue")
        self.assertEqual(wizard.action_refresh()["name"], "Who Will Get It")

    def test_each_reason_has_advice_in_words(self):
        reasons = self.env["consent.preflight.line"]._fields["reason"].get_values(self.env)
        self.assertEqual(set(reasons), set(REMEDIES))
        self.assertFalse(set(reasons) - set(ORDER))
        arch = self.env.ref("marketing_consent.consent_preflight_view_form").arch
        offered = set(re.findall(r"remedy.raw_value == '(\w+)'", arch))
        self.assertEqual(offered, {remedy for _advice, remedy in REMEDIES.values() if remedy})

    def test_the_cost_does_not_depend_on_the_number_of_people(self):
        def statements():
            self.env.invalidate_all()
            mailing._preflight()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            mailing._preflight()
            return self.cr.sql_log_count - before

        mailing = self.mailing(mailing_domain=[("email", "like", "lumen.example"), ("id", "not in", self.odd.ids)])
        few = statements()
        self.env["res.partner"].create([{"name": f"P{n}", "email": f"p{n}@lumen.example"} for n in range(200)])
        self.assertEqual(statements(), few)

    def test_several_processors_share_the_work(self):
        mailing = self.mailing()
        verdicts = mailing.sudo()._preflight_verdicts(mailing.sudo()._preflight_audience())
        query = SQL("SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')")
        ((setting,),) = self.env.execute_query(query)
        self.cr.execute(SQL("SET LOCAL %s = on", SQL.identifier(setting)))
        explain = SQL("EXPLAIN (FORMAT JSON) SELECT reason, count(*) FROM (%s) v GROUP BY reason", verdicts)
        (((plan,),),) = self.env.execute_query(explain)
        self.assertEqual(plan["Plan"]["Node Type"], "Gather", "nothing in it must be done by one processor alone")

    def test_an_odd_address_that_somebody_answered_from_needs_no_look_by_odoo(self):
        odd = self.env["res.partner"].create(
            [{"name": name, "email": f"{name}@lumen.example"} for name in ("jö", "bö")]
        )
        self.yes("jö@lumen.example")
        mailing = self.mailing(mailing_domain=[("id", "in", odd.ids)]).sudo()
        self.assertEqual(mailing._preflight_odd(mailing._preflight_audience()), odd[1].ids)
        self.assertEqual(mailing._preflight(), {"reached": 1, "no_consent": 1})

    def test_only_who_sees_the_mailing_finds_its_people(self):
        mailing = self.mailing()
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        with self.assertRaises(UserError):
            self.env["res.partner"].with_user(clerk).search([("consent_preflight", "=", f"{mailing.id}/reached")])
        with self.assertRaises(UserError):
            self.env["crm.lead"].search([("consent_preflight", "=", f"{mailing.id}/reached")])
