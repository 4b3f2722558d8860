from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.tools import SQL

from ...tools import clock, contact_point

BATCH = 200
MAX_NAMED = 20


class ConsentCustomers(models.AbstractModel):
    """Soft opt-in: marketing of similar products to existing customers until they object (ePrivacy art. 13(2)).

    Requires that the company names the topic and states how each customer was offered the choice. Follows the law of
    the customer's country, and never follows a no. Inactive without the addon `sale`.
    """

    _name = "consent.customers"
    _description = "Soft Opt-in of Customers"

    @api.model
    def _note_sales(self):
        """Record soft opt-ins from confirmed sales of each company that enabled it, one batch per transaction."""
        if "sale.order" not in self.env:
            return
        wanted = [("consent_customer_topic_id.purpose_id.allow_soft_opt_in", "=", True)]
        for company in self.env["res.company"].sudo().search(wanted):
            last = (0, "")
            while due := self._due(company, last):
                self.env["consent.record"].sudo()._submit(self._entries(company, due))
                last = due[-1][:2]
                if not self.env["ir.cron"]._commit_progress(len(due)):
                    return

    def _due(self, company, last):
        """Return the sales that change a customer's record, after `last`: sale, channel and address, in this order."""
        self.env.flush_all()
        query = SQL(
            """SELECT sale.id, reach.channel, reach.address
                 FROM sale_order sale
                 JOIN res_partner partner ON partner.id = sale.partner_id
                CROSS JOIN LATERAL (VALUES ('email', partner.email_normalized), ('sms', partner.phone_sanitized))
                                   reach(channel, address)
                 LEFT JOIN consent_contact_point point
                        ON point.channel = reach.channel AND point.address = reach.address
                 LEFT JOIN consent_record record ON record.contact_point_id = point.id AND record.topic_id = %(topic)s
                WHERE sale.state = 'sale' AND sale.company_id = %(company)s
                  AND sale.date_order BETWEEN %(since)s AND %(now)s
                  AND (sale.id, reach.channel) > %(last)s AND reach.address IS NOT NULL
                  AND (COALESCE(record.state, 'none') = 'none'
                       OR record.legal_basis = 'soft_opt_in' AND record.since < sale.date_order
                       OR record.state = 'expired' AND record.since < sale.date_order)
                  AND NOT EXISTS (SELECT FROM consent_record block
                                   WHERE block.contact_point_id = point.id AND block.topic_id IS NULL
                                     AND COALESCE(block.company_id, %(company)s) = %(company)s
                                     AND block.objected_at IS NOT NULL)
                ORDER BY sale.id, reach.channel LIMIT %(batch)s""",
            company=company.id,
            last=last,
            since=company.consent_customer_since,
            now=clock.now(),
            topic=company.consent_customer_topic_id.id,
            batch=BATCH,
        )
        return self.env.execute_query(query)

    def _entries(self, company, due):
        """Return the soft opt-ins that the sales justify under the law of each customer's country."""
        topic, profiles = company.consent_customer_topic_id, self.env["consent.country.profile"]
        sales = self.env["sale.order"].sudo().browse({sale_id for sale_id, _channel, _address in due}).grouped("id")
        entries = []
        for sale_id, channel, address in due:
            sale = sales[sale_id]
            law = profiles._for_country_code(sale.partner_id.country_id.code or company.country_id.code)
            usable = contact_point.canonical(channel, address) == address
            if usable and topic._offers(channel) and law._allows_soft_opt_in(channel):
                months = law.soft_opt_in_months
                until = sale.date_order + relativedelta(months=months) if months else None
                entries.append(
                    self._entry(company, sale) | {"channel": channel, "address": address, "valid_until": until}
                )
        return entries

    def _entry(self, company, sale):
        """Return the soft opt-in with the evidence of its legal conditions (ePrivacy art. 13(2))."""
        products = sale.order_line.product_id.mapped("display_name")[:MAX_NAMED]
        return {
            **{"fact": "given", "legal_basis": "soft_opt_in", "source": "sale", "source_label": sale.name},
            **{"topic": company.consent_customer_topic_id, "wording": company.consent_customer_choice},
            "occurred_at": sale.date_order,
            "evidence": {"sale": sale.name, "products": products, "choice_offered": company.consent_customer_choice},
        }
