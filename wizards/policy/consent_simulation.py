from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ...models.policy.consent_purpose import MODES
from ...tools import contact_point, transitions


class ConsentSimulation(models.TransientModel):
    """Simulates a change of a purpose: how many people may be contacted before and after. Changes nothing.

    Both figures come from the gate's own statement, under the current and the changed rules.
    """

    _name = "consent.simulation"
    _description = "Simulation of a Change"

    purpose_id = fields.Many2one("consent.purpose", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, help="In whose name is sent."
    )
    mode = fields.Selection(MODES, "What silence means", required=True)
    min_evidence = fields.Selection(transitions.GRADES, "Minimum evidence", required=True)
    material = fields.Boolean(
        "A new wording, materially different", help="Consent to an older wording withholds until it is given anew."
    )
    line_ids = fields.One2many("consent.simulation.line", "simulation_id", "What would change", readonly=True)

    @api.model
    def default_get(self, fields):
        """Start from the current values of the purpose."""
        values = super().default_get(fields)
        purpose = self.env["consent.purpose"].browse(values.get("purpose_id"))
        if purpose:
            company = purpose.company_id or self.env.company
            values |= {
                "company_id": company.id,
                "mode": purpose.mode or company.consent_mode,
                "min_evidence": purpose.min_evidence or transitions.GRADES[-1][0],
            }
        return values

    def action_simulate(self):
        """Calculate, for each topic and channel, how many people may be contacted before and after."""
        self.ensure_one()
        lines = [
            {"topic_id": topic.id, "channel": channel, **self._compare(topic, channel)}
            for topic in self.purpose_id.topic_ids.filtered("active")
            for channel in (contact_point.EMAIL, contact_point.SMS)
            if topic._offers(channel)
        ]
        self.line_ids = [Command.clear(), *map(Command.create, lines)]
        return {**self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_simulation_action")} | {
            "res_id": self.id
        }

    def _compare(self, topic, channel):
        gate = self.env["consent.gate"].sudo()
        gate._flush_what_is_read()
        rules = gate._rules(topic)
        asked = self._everybody(channel)
        before = gate._verdict_query(topic, channel, self.company_id, asked)
        after = gate._verdict_query(topic, channel, self.company_id, asked, rules=tuple(map(self._changed, rules)))
        query = SQL(
            """SELECT count(*) FILTER (WHERE before.reason IS NULL), count(*) FILTER (WHERE after.reason IS NULL),
                      count(*) FILTER (WHERE before.reason IS NULL AND after.reason IS NOT NULL),
                      count(*) FILTER (WHERE before.reason IS NOT NULL AND after.reason IS NULL)
                 FROM (%s) AS before(key, reason, event, basis, address)
                 JOIN (%s) AS after(key, reason, event, basis, address) USING (key)""",
            before,
            after,
        )
        names = ("before_count", "after_count", "lost_count", "gained_count")
        return dict(zip(names, self.env.execute_query(query)[0], strict=True))

    def _changed(self, rule):
        versions = self.purpose_id._last_notices().mapped("version")
        version = max(versions, default=0) + 1 if self.material else rule.min_notice_version
        return rule._replace(mode=self.mode, min_evidence=self.min_evidence, min_notice_version=version)

    def _everybody(self, channel):
        """Return the query of all known addresses, each once: contact points and CRM records."""
        known = SQL("SELECT address FROM consent_contact_point WHERE channel = %s AND address IS NOT NULL", channel)
        audience = self.env["consent.audience"].sudo()
        carried = [plain for model in audience._models() if (plain := audience._plain(model, channel))]
        return SQL(
            "SELECT address AS key, address, TRUE, TRUE FROM (%s) everybody",
            SQL(" UNION ").join([known, *(SQL("SELECT address FROM (%s) carrier", query) for query in carried)]),
        )


class ConsentSimulationLine(models.TransientModel):
    """A topic in one channel, with the numbers before and after the change."""

    _name = "consent.simulation.line"
    _description = "Simulated Topic"

    simulation_id = fields.Many2one("consent.simulation", required=True, ondelete="cascade")
    topic_id = fields.Many2one("consent.topic", required=True, ondelete="cascade")
    channel = fields.Selection([(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS")], required=True)
    before_count = fields.Integer("Now")
    lost_count = fields.Integer("Lost")
    gained_count = fields.Integer("Gained")
    after_count = fields.Integer("Then")
