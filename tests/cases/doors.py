"""Attacks on the doors to sending, each as the user who makes it."""

from collections import Counter

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .least_user import LeastUser


class DoorCase(LeastUser):
    """A marketer without the right, one with it, and one who works for another company only; each calls over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        marketer = "base.group_user,mass_mailing.group_mass_mailing_user,mass_mailing.group_mass_mailing_campaign"
        right = f"{marketer},marketing_consent.group_transactional"
        other = cls.env["res.company"].create({"name": "Other"})
        quiet = {"notification_type": "inbox"}  # what Odoo tells users is no mail
        cls.marketer = new_test_user(cls.env, "marketer", groups=marketer, email="marketer@lumen.example", **quiet)
        cls.rightful = new_test_user(cls.env, "rightful", groups=right, email="rightful@lumen.example", **quiet)
        cls.second = new_test_user(cls.env, "second", groups=right, email="second@lumen.example", **quiet)
        cls.stranger = new_test_user(
            cls.env,
            "stranger",
            groups=right,
            email="stranger@other.example",
            company_id=other.id,
            company_ids=other.ids,
            **quiet,
        )
        cls.marketing = {
            "subject": "New lamps",
            "body_html": "<p>Look at our lamps.</p>",
            "body_plaintext": "Look at our lamps.",
            "mailing_model_id": cls.model.id,
            "mailing_domain": repr([("id", "in", cls.partners.ids)]),
        }
        cls.service = {"message_class": "transactional", "transactional_reason": "We move"}

    def attempt(self, model, method, *args, user=None, **kwargs):
        """Call as a client does; what is refused leaves nothing behind, as over RPC."""
        try:
            with self.cr.savepoint(), mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
                return self.rpc(model, method, *args, user=user or self.marketer, **kwargs)
        except (UserError, AccessError, ValidationError, ValueError, TypeError, KeyError):
            return None

    def on(self, mailing, method, *args, user=None, **kwargs):
        return self.attempt("mailing.mailing", method, mailing.ids, *args, user=user, **kwargs)

    def launch_all(self, *ids, user=None):
        """Try everything that launches on mailings that an attack may have made."""
        for mailing in self.env["mailing.mailing"].browse(filter(None, ids)).exists():
            for method in ("action_send_mail", "action_launch", "action_put_in_queue", "action_retry_failed"):
                self.on(mailing, method, user=user)
            self.on(mailing, "write", {"state": "in_queue"}, user=user)

    def draft(self, **values):
        """Return a transactional draft of somebody who has the right."""
        ids = self.rpc("mailing.mailing", "create", [{**self.marketing, **self.service, **values}], user=self.rightful)
        return self.env["mailing.mailing"].browse(ids)

    def queued(self, **values):
        """Return a transactional mailing that was launched, with messages that wait in the queue."""
        mailing = self.draft(**values)
        self.rpc("mailing.mailing", "action_launch", mailing.ids, user=self.rightful)
        return mailing

    def newest(self):
        return self.env["mailing.mailing"].with_context(active_test=False).search([], order="id desc", limit=1).id

    def crons(self):
        self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.env["utm.campaign"]._cron_process_mass_mailing_ab_testing()
        self.env["mailing.mailing"]._process_mass_mailing_queue()

    def sent_by(self, attack):
        """Return who got something by an attack, with repetition."""
        with self.sending(), self.quiet():
            attack()
            self.crons()
        return Counter([*self.sink.recipients(), *(sms["number"] for sms in self._sms)])

    def quiet(self):
        return mute_logger("odoo.addons.marketing_consent", "odoo.addons.mass_mailing")

    def setUp(self):
        super().setUp()
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 1)
