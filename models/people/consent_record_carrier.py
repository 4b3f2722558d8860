from odoo import api, fields, models


class ConsentRecord(models.Model):
    """Granted, and yet out of reach: what the person can do where the carrier blocks (requirement R-233)."""

    _inherit = "consent.record"

    carrier_way_out = fields.Char(compute="_compute_carrier_way_out")

    @api.depends("state", "carrier_blocked_at")
    def _compute_carrier_way_out(self):
        domain = [("contact_point_id", "in", self.contact_point_id.ids), ("carrier_blocked_at", "!=", False)]
        blocked = self.search(domain)
        companies = {(record.contact_point_id, record.company_id) for record in blocked}
        for record in self:
            company = record.company_id or self.env.company
            reached = record.state != "granted" or (record.contact_point_id, company) not in companies
            number = company.sudo().sms_twilio_number_ids[:1].number
            record.carrier_way_out = not reached and (
                self.env._("The carrier blocks messages: the person can text START to %s.", number)
                if number
                else self.env._("The carrier blocks messages: the person can text START to the sender.")
            )
