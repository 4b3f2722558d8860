"""A copy of the database sends no marketing until somebody says what it is."""

import json
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ...exceptions import ConsentError
from ...models.gate.consent_database import CONFIRMED, TOKEN_OPTION
from ..cases.database import fresh_registry
from ..cases.story import ANNA, ConsentCase


@tagged("post_install", "-at_install")
class TestDatabase(ConsentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = cls.env["consent.database"]
        cls.parameters = cls.env["ir.config_parameter"].sudo()

    def confirmed_as(self, **other):
        """Confirm a database that differs from this one."""
        self.parameters.set_param(CONFIRMED, json.dumps({**self.database._state(), **other}))

    def confirm(self, user, **values):
        wizard = self.env["consent.database.confirm"].with_user(user)
        return wizard.create({"happened": "moved", **values}).action_confirm()

    def test_a_copy_is_held_whatever_makes_it_one(self):
        self.assertTrue(self.verdict(ANNA).allowed)
        for other in ({"oid": 1}, {"uuid": "x"}, {"neutralized": True}, {"system": "1"}, {"waiting": True}):
            with self.subTest(**other):
                self.confirmed_as(**other)
                self.assertEqual(self.verdict(ANNA).reason, "database_copy")
        for broken in ("", "x", "[]", "{}", "7"):
            self.parameters.set_param(CONFIRMED, broken)
            self.assertEqual(self.verdict(ANNA).reason, "database_copy")

    def test_a_raw_copy_is_held_and_its_source_is_not(self):
        with fresh_registry("copy") as registry, registry.cursor() as cr:
            gate = api.Environment(cr, SUPERUSER_ID, {})["consent.gate"]
            self.assertTrue(gate._is_held())
            gate._confirm_database()
            self.assertFalse(gate._is_held())

    def test_what_cannot_be_read_here_or_there_is_not_compared(self):
        self.confirmed_as(system=None)
        self.assertTrue(self.verdict(ANNA).allowed)

    def test_a_clone_without_the_live_token_is_held(self):
        with patch.dict(config.options, {TOKEN_OPTION: "live"}):
            self.database._confirm()
            self.assertNotIn('"live"', self.parameters.get_param(CONFIRMED), "a digest, not the secret")
            self.assertTrue(self.verdict(ANNA).allowed)
        self.assertEqual(self.verdict(ANNA).reason, "database_copy")
        with patch.dict(config.options, {TOKEN_OPTION: "another"}):
            self.assertEqual(self.verdict(ANNA).reason, "database_copy")

    def test_after_a_restore_marketing_waits_for_the_officers_statement(self):
        administrator = new_test_user(self.env, "sysadmin", groups="base.group_system")
        administrator.group_ids -= self.env.ref("marketing_consent.group_officer")
        officer = new_test_user(self.env, "dpo", groups="marketing_consent.group_officer")
        clerk = new_test_user(self.env, "clerk", groups="marketing_consent.group_user")
        self.confirmed_as(oid=1)
        with self.assertRaises(AccessError):
            self.confirm(clerk)
        self.confirm(administrator, happened="restored")
        self.assertEqual(self.verdict(ANNA).reason, "database_copy")
        with self.assertRaises(AccessError):
            self.confirm(administrator, happened="restored", statement="None were made")
        self.confirm(administrator, happened="moved")
        self.assertEqual(self.verdict(ANNA).reason, "database_copy", "a restore that is called a move")
        with self.assertRaises(ConsentError):
            self.database.with_user(officer)._state_opt_outs("  ")
        self.confirm(officer, happened="restored", statement="None were made")
        self.assertTrue(self.verdict(ANNA).allowed)
        self.assertEqual(json.loads(self.parameters.get_param(CONFIRMED))["statement"], "None were made")

    def test_administrators_are_told_once(self):
        def told():
            return self.env["mail.message"].search_count([("subject", "=like", "Marketing waits%")])

        before = told()
        self.database._tell_once()
        self.assertEqual(told(), before)
        self.confirmed_as(oid=1)
        for _time in range(2):
            self.database._tell_once()
        self.assertEqual(told(), before + 1)
