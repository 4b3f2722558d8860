from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import contact_point, status
from .consent_status import READERS


class ConsentLens(models.AbstractModel):
    """A record that carries an address looks through it at consent; it never owns any."""

    _inherit = "consent.lens"

    consent_status = fields.Selection(
        status.STATUSES,
        compute="_compute_consent_status",
        search="_search_consent_status",
        compute_sudo=True,
        groups=READERS,
        help="The status that leads among all topics and addresses: the best that may still come of it.",
    )
    consent_status_ids = fields.Many2many(
        "consent.status",
        string="Consent by topic",
        compute="_compute_consent_status_ids",
        search="_search_consent_status_ids",
        compute_sudo=True,
        groups=READERS,
    )

    def _consent_places(self):
        """Return the pairs of channel and address that the record carries, or that Odoo writes to instead."""
        gate = self.env["consent.gate"].sudo()
        pairs = {
            (channel, address): None
            for channel in (contact_point.EMAIL, contact_point.SMS)
            for address in gate._addresses(self._name, self.ids, channel)[self.id].usable
        }
        return list(pairs | dict.fromkeys(sorted(self._consent_addresses().get(self.id, ()))))

    def _consent_points(self):
        """Return the contact points of the addresses that the record carries."""
        self.ensure_one()
        points = self.env["consent.contact.point"]
        hashes = [points.sudo()._hash(*pair) for pair in self._consent_places()]
        return points.sudo().search([("address_hash", "in", hashes)]).with_env(self.env)

    def action_open_consent(self):
        """Open what the person behind the addresses of the record said."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_panel_action")
        return {**action, "context": {"active_model": self._name, "active_id": self.id, "active_ids": self.ids}}

    # -- status -------------------------------------------------------------------------------------------------

    @api.depends_context("allowed_company_ids")
    def _compute_consent_status(self):
        table = SQL.identifier(self._table)
        leading = self._consent_leading(self._table)
        found = dict(
            self.env.execute_query(SQL("SELECT id, %s FROM %s WHERE id = ANY(%s)", leading, table, self._origin.ids))
        )
        for record in self:
            record.consent_status = found.get(record._origin.id)

    def _search_consent_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "COALESCE(%s, '') = ANY(%s)", model._consent_leading(alias), [name or "" for name in value]
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists be sorted and grouped by the status. Relied on: both come through here for every field."""
        if field_expr == "consent_status":
            self._check_field_access(self._fields[field_expr], "read")
            return self._consent_leading(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends_context("allowed_company_ids")
    def _compute_consent_status_ids(self):
        query = SQL(
            "SELECT carried.key, array_agg(found.id) FROM %s AND carried.key = ANY(%s) GROUP BY 1",
            self._consent_statuses(),
            self._origin.ids,
        )
        found = dict(self.env.execute_query(query))
        for record in self:
            record.consent_status_ids = found.get(record._origin.id, [])

    def _search_consent_status_ids(self, operator, value):
        if operator not in ("any", "any!", "in"):
            return NotImplemented
        domain = value if isinstance(value, Domain) else Domain("id", "in", value)
        rows = self.env["consent.status"].sudo()._search(domain)
        carried = SQL("SELECT carried.key FROM %s AND found.id IN %s", self._consent_statuses(), rows.subselect())
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL("%s IN (%s)", SQL.identifier(alias, "id"), carried)
        )

    def _consent_leading(self, alias):
        """Return the SQL expression of the status that leads for the record at `alias`."""
        statuses, companies = self._consent_status_query(), self.env.companies.ids
        parts = [
            SQL(
                """SELECT found.status FROM (%s) found WHERE found.channel = %s AND found.address = %s
                      AND (found.company_id IS NULL OR found.company_id = ANY(%s))""",
                statuses,
                channel,
                SQL.identifier(alias, columns[1]),
                companies,
            )
            for channel, columns in self.env["consent.audience"]._columns(self._name).items()
        ]
        return SQL(
            "(SELECT status FROM (%s) known ORDER BY array_position(%s::text[], status) LIMIT 1)",
            SQL(" UNION ALL ").join(parts),
            [name for name, _label in status.STATUSES],
        )

    def _consent_statuses(self):
        return SQL(
            """(%s) carried JOIN (%s) found ON found.channel = carried.channel AND found.address = carried.address
                WHERE (found.company_id IS NULL OR found.company_id = ANY(%s))""",
            self.env["consent.audience"].sudo()._carried(self._name),
            self._consent_status_query(),
            self.env.companies.ids,
        )

    def _consent_status_query(self):
        self.env["consent.gate"].sudo()._flush_what_is_read()
        self.flush_model([derived for _written, derived in self.env["consent.audience"]._columns(self._name).values()])
        return self.env["consent.status"]._table_query


# Odoo has no index on the addresses by which a person is found.


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "consent.lens"]

    _consent_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _consent_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "consent.lens"]

    _consent_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _consent_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = ["mailing.contact", "consent.lens"]

    _consent_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    _consent_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")
