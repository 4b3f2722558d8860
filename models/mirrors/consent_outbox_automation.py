from odoo import api, models

RULES = "base.automation"
WATCHED = ("consent.event", "consent.record")


class ConsentOutbox(models.Model):
    """Odoo's automation rules and webhooks on events and records, run after their commit.

    The ledger writes by SQL, which no rule sees. Rules with the trigger “On create” on events, and “On create and edit”
    on records, run here instead, with their conditions. What a record was before is not known: a rule's “before”
    condition is not asked. As with all consumers, a rule may run twice for one event after a failure.
    """

    _inherit = "consent.outbox"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _consumers(self):
        """Add the automation rules."""
        return (*super()._consumers(), "automation")

    def _wants_automation(self, facts):
        return facts if self._watching() else []

    def _watching(self):
        if RULES not in self.env:
            return False
        rules = self.env[RULES].sudo()
        return bool(rules.search_count([("model_name", "in", WATCHED), ("active", "=", True)], limit=1))

    def _deliver_automation(self, events):
        """Run the rules on `events` and on the records that follow from them."""
        if RULES not in self.env:
            return
        from odoo.addons.base_automation.models.base_automation import CREATE_TRIGGERS, WRITE_TRIGGERS

        self._run_rules(events, CREATE_TRIGGERS)
        self._run_rules(self._records_of(events), [*CREATE_TRIGGERS, *WRITE_TRIGGERS])

    def _run_rules(self, records, triggers):
        """Relied on: `_get_actions` finds a model's rules, `_filter_post` asks conditions, `_process` runs them."""
        for rule in self.env[RULES].sudo()._get_actions(records, triggers).with_context(old_values=None):
            rule._process(rule._filter_post(records.with_env(rule.env), feedback=True))

    def _records_of(self, events):
        keys = {(event.contact_point_id.id, event.topic_id.id, event.company_id.id) for event in events.sudo()}
        found = self.env["consent.record"].sudo().search([("contact_point_id", "in", [key[0] for key in keys])])
        return found.filtered(
            lambda record: (record.contact_point_id.id, record.topic_id.id, record.company_id.id) in keys
        )
