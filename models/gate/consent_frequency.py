from odoo import api, fields, models
from odoo.tools import SQL

#: Days that a person can ask to have between two marketing messages; 0: as often as the company writes.
CHOICES = (0, 7, 30)


class ConsentFrequency(models.Model):
    """How often a person wants marketing at most, at one address from one company: beside consent, never instead of it.

    Only who wants less than everything has a row.
    """

    _name = "consent.frequency"
    _description = "How Often Somebody Wants Marketing"
    _log_access = False
    _rec_name = "contact_point_id"

    contact_point_id = fields.Many2one("consent.contact.point", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    days = fields.Integer("At most once in (days)", required=True, readonly=True)

    _point_unique = models.UniqueIndex("(contact_point_id, company_id)")

    @api.model
    def _of(self, points, company) -> int:
        """Return the days that were chosen for these contact points, the longest where they differ; 0: none were."""
        return max(self.sudo().search([*self._about(points, company)]).mapped("days"), default=0)

    @api.model
    def _choose(self, points, company, days: int):
        """Write down one of `CHOICES` for contact points."""
        self.sudo().search(self._about(points, company)).unlink()
        if days:
            rows = [{"contact_point_id": point.id, "company_id": company.id, "days": days} for point in points]
            self.sudo().create(rows)

    def _about(self, points, company):
        return [("contact_point_id", "in", points.ids), ("company_id", "=", company.id)]

    @api.model
    def _query(self, company, channel: str, addresses) -> SQL:
        """Return the query of address and days, of those of `addresses` (canonical) who chose."""
        self.flush_model()
        return SQL(
            """SELECT point.address, chosen.days FROM consent_frequency chosen
                 JOIN consent_contact_point point ON point.id = chosen.contact_point_id
                WHERE chosen.company_id = %s AND point.channel = %s AND point.address = ANY(%s)""",
            company.id,
            channel,
            list(addresses),
        )
