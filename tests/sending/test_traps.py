"""Defects and traps of Odoo that our users would suffer from; each that has no better place is tested here.

The list of all of them, with the test of each: tests/pure/test_hook_map.py.
"""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..cases.gate import GateCase
from ..cases.story import ANNA, BEN, CARLA, PHONES


@tagged("post_install", "-at_install")
class TestTraps(GateCase):
    # superuser: verdicts and hand-over do not depend on who sends; who may is tried in test_doors.

    def test_what_is_withheld_at_the_hand_over_is_not_traced_as_sent(self):
        mailing = self.mailing()
        with self.mock_mail_gateway():
            mailing.with_context(default_force_send=False)._action_send_mail()
        self.env["mail.mail"].search([("mailing_id", "=", mailing.id)]).state = "outgoing"
        self.withdraw(ANNA)
        with self.sending():
            pass
        trace = mailing.mailing_trace_ids.filtered(lambda trace: trace.email == ANNA)
        self.assertEqual((self.left, trace.trace_status, trace.consent_reason), (set(), "cancel", "withdrawn"))

    def test_a_withheld_sms_does_not_wait_for_ever(self):
        mailing = self.mailing(mailing_type="sms")
        with self.sending():
            mailing.action_send_mail()
            self.withdraw(ANNA, channel="sms")
        traces = {trace.sms_number: trace.trace_status for trace in mailing.mailing_trace_ids}
        self.assertEqual(traces, {PHONES[ANNA]: "cancel", PHONES[CARLA]: "cancel"})
        self.assertEqual(mailing.state, "done")

    def test_a_mailing_to_everybody_reaches_only_who_said_yes(self):
        mailing = self.mailing(mailing_domain=[])
        everybody = self.env["res.partner"].search_count([])
        self.assertEqual(len(mailing._get_remaining_recipients()), everybody)
        with self.sending():
            mailing.action_send_mail()
        self.assertEqual(self.left, {ANNA})

    def test_a_mailing_made_by_the_composer_needs_a_topic(self):
        values = {"composition_mode": "mass_mail", "model": "res.partner", "subject": "Lamps", "body": "<p>Lamps</p>"}
        values |= {"res_ids": self.two.ids, "mass_mailing_name": "On the side"}
        composers = self.env["mail.compose.message"]
        with self.sending(), self.assertRaisesRegex(UserError, "Choose the topic"):
            composers.create(values)._action_send_mail()
        self.assertEqual(self.left, set())
        with self.sending():
            composers.create({**values, "consent_topic_id": self.news.id})._action_send_mail()
        self.assertEqual(self.left, {ANNA})

    def test_joining_a_list_by_whatever_way_grants_nothing(self):
        joined = self.env["mailing.list"].create({"name": "All", "consent_topic_id": self.news.id})
        contact = self.env["mailing.contact"].create({"email": CARLA})
        with patch.object(self.env.registry["mailing.subscription"], "create", side_effect=AssertionError("not asked")):
            contact.list_ids = joined
        mailing = self.mailing(
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=joined.ids,
            mailing_domain=[("list_ids", "in", joined.ids)],
        )
        with self.sending():
            mailing.action_send_mail()
        self.assertEqual((self.left, mailing.mailing_trace_ids.consent_reason), (set(), "no_consent"))

    def test_merging_lists_and_deleting_one_undo_no_withdrawal(self):
        lists = self.env["mailing.list"].create([{"name": name, "consent_topic_id": self.news.id} for name in "AB"])
        contact = self.env["mailing.contact"].create({"email": BEN, "list_ids": lists.ids})
        contact.subscription_ids[0].opt_out = True
        lists[1].action_merge(lists[0], True)
        lists[0].unlink()
        self.env["mailing.contact"].search([("email", "=", BEN)]).list_ids = lists[1]
        self.assertEqual(self.verdict(BEN).reason, "withdrawn")

    def test_anybody_who_subscribes_somebody_by_the_website_makes_nobody_mailable(self):
        public = self.env["mailing.list"].create({"name": "All", "is_public": True, "consent_topic_id": self.news.id})
        for address in (BEN, CARLA):
            values = {"list_id": public.id, "value": address, "subscription_type": "email"}
            self.make_jsonrpc_request("/website_mass_mailing/subscribe", values)
        self.env.invalidate_all()
        mailing = self.mailing(
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=public.ids,
            mailing_domain=[("list_ids", "in", public.ids)],
        )
        with self.sending():
            # Our pages join nobody, and Odoo refuses a mailing to nobody.
            with self.assertRaisesRegex(UserError, "no recipients"):
                mailing.action_send_mail()
        self.assertFalse(self.left)

    def test_a_yes_to_one_channel_is_none_to_the_other(self):
        self.yes(CARLA)
        self.assertTrue(self.verdict(CARLA).allowed)
        self.assertEqual(self.verdict(CARLA, channel="sms").reason, "no_consent")
        self.withdraw(ANNA, channel="sms")
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_saying_yes_again_keeps_the_earlier_no(self):
        self.yes(BEN)
        events = self.env["consent.event"].search([("contact_point_id.address", "=", BEN)], order="seq")
        self.assertEqual(events.mapped("type"), ["given", "withdrawn", "given"])

    def test_the_ledger_refers_to_no_row_that_odoo_merges_or_deletes(self):
        self.env.cr.execute(
            """SELECT foreign_table.relname FROM pg_constraint
                 JOIN pg_class foreign_table ON foreign_table.oid = confrelid
                WHERE contype = 'f' AND conrelid = 'consent_event'::regclass"""
        )
        tables = {table for (table,) in self.env.cr.fetchall()}
        # Odoo has no merge of companies, and refuses to delete one that anything refers to.
        self.assertEqual({table for table in tables if not table.startswith("consent_")}, {"res_company"})
        references = [field for field in self.env["consent.event"]._fields.values() if field.type == "reference"]
        self.assertFalse(references)

    def test_one_address_is_found_by_an_index(self):
        # On small tables PostgreSQL prefers to scan.
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT FROM consent_contact_point WHERE channel = 'email' AND address = %s", [ANNA]
        )
        self.assertIn("Index", str(self.env.cr.fetchall()))

    def test_an_invalid_number_is_not_replaced_by_another_without_its_own_yes(self):
        """Odoo writes to the customer where a lead's own number is unusable: that number is judged, no other."""
        customer = self.env["res.partner"].create({"name": "Customer", "phone": PHONES[CARLA]})
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": customer.id, "phone": "12"})
        for said in (False, True):
            if said:
                self.yes(CARLA, channel="sms")
            mailing = self.mailing(
                mailing_type="sms",
                sms_force_send=True,
                mailing_model_id=self.env["ir.model"]._get_id("crm.lead"),
                mailing_domain=[("id", "=", lead.id)],
            )
            with self.sending():
                mailing.action_send_mail()
            self.assertLessEqual(self.left, {PHONES[CARLA]} if said else set())
