from odoo import api, models
from odoo.tools import SQL

from ..tools import contact_point
from .consent_gate import PLAIN_ADDRESS

#: Addresses that are canonical as they stand: what `contact_point.PLAIN_EMAIL` says, in patterns that PostgreSQL takes
#: far less time for. The first must match, the second must not, and it must not be long.
PLAIN = {
    contact_point.EMAIL: (r"^[a-z0-9_+-][a-z0-9_+.-]*@[a-z0-9.-]+[.][a-z]+$", r"[.@-][.-]|[.-]@"),
    contact_point.SMS: (contact_point.E164, r"^$"),
}
LONGEST_PLAIN = 64
#: Where Odoo writes to the customer of a record instead of the record itself.
THROUGH_PARTNER = {("crm.lead", contact_point.EMAIL): "partner_id"}
#: Whoever writes to more at once uses a mailing, which shows who will get it.
MOST_WARNED = 1000


class ConsentAudience(models.AbstractModel):
    """At which addresses the records of a model are written to, as SQL for any number of them."""

    _name = "consent.audience"
    _description = "Addresses of an Audience"

    @api.model
    def _address(self, model: str, channel: str, alias: SQL) -> SQL:
        """Return the expression of the one plain address at which a row is written to, NULL where only Odoo can tell.

        Relied on: see `PLAIN_ADDRESS`, and `_message_get_default_recipients`, which prefers the customer of a lead.

        :param model: one of `PLAIN_ADDRESS`
        :param alias: under which the query knows the model's table
        """
        columns = PLAIN_ADDRESS[model][channel]
        self.env[model].flush_model([*columns])
        address = self._if_plain(alias, columns, channel)
        if link := THROUGH_PARTNER.get((model, channel)):
            return SQL(
                "CASE WHEN %(link)s IS NULL THEN %(own)s ELSE (%(partner)s) END",
                link=_column(alias, link),
                own=address,
                partner=self._of_partner(model, link, channel, alias),
            )
        return address

    def _of_partner(self, model, link, channel, alias):
        columns = PLAIN_ADDRESS["res.partner"][channel]
        self.env[model].flush_model([link])
        self.env["res.partner"].flush_model([*columns])
        partner = SQL.identifier("consent_partner")
        return SQL(
            "SELECT %s FROM res_partner %s WHERE %s = %s",
            self._if_plain(partner, columns, channel),
            partner,
            _column(partner, "id"),
            _column(alias, link),
        )

    def _if_plain(self, alias, columns, channel):
        written, derived = (_column(alias, column) for column in columns)
        as_written = {
            contact_point.EMAIL: SQL("lower(btrim(%s)) = %s", written, derived),
            # Without a number of its own, a record may have got that of its customer.
            contact_point.SMS: SQL("%s IS NOT NULL", written),
        }
        plain, odd = PLAIN[channel]
        return SQL(
            """CASE WHEN %(as_written)s AND length(%(derived)s) <= %(longest)s
                     AND %(derived)s COLLATE "C" ~ %(plain)s AND %(derived)s COLLATE "C" !~ %(odd)s
                    THEN %(derived)s END""",
            longest=LONGEST_PLAIN,
            as_written=as_written[channel],
            derived=derived,
            plain=plain,
            odd=odd,
        )

    @api.model
    def _plain(self, model: str, channel: str) -> SQL | None:
        """Return the query of key (record id) and address, of all records that are written to at one plain address.

        None for models whose addresses only Odoo can tell.
        """
        if channel not in PLAIN_ADDRESS.get(model, ()):
            return None
        return SQL(
            "SELECT key, address FROM (SELECT id AS key, %s AS address FROM %s record) plain WHERE address IS NOT NULL",
            self._address(model, channel, SQL.identifier("record")),
            SQL.identifier(self.env[model]._table),
        )

    @api.model
    def _odd_ids(self, model: str, channel: str, among: SQL | None = None) -> list[int]:
        """Return the records of a model of `_plain` that carry something, but no one plain address: Odoo must tell.

        :param among: a query of ids, if not all are meant
        """
        record = SQL.identifier("record")
        carrying = [SQL("btrim(%s) != ''", _column(record, PLAIN_ADDRESS[model][channel][0]))]
        if model == "crm.lead":
            carrying.append(SQL("%s IS NOT NULL", _column(record, "partner_id")))
        query = SQL(
            "SELECT id FROM %s record WHERE (%s) AND (%s) IS NULL %s ORDER BY id",
            SQL.identifier(self.env[model]._table),
            SQL(" OR ").join(carrying),
            self._address(model, channel, record),
            SQL("AND id IN (%s)", among) if among else SQL(""),
        )
        return [row[0] for row in self.env.execute_query(query)]

    @api.model
    def _carried(self, model: str) -> SQL:
        """Return the query of key, channel and address of what the records of a model of `PLAIN_ADDRESS` carry."""
        columns = {channel: derived for channel, (_written, derived) in PLAIN_ADDRESS[model].items()}
        self.env[model].flush_model(list(columns.values()))
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT id AS key, %s AS channel, %s AS address FROM %s WHERE %s IS NOT NULL",
                channel,
                SQL.identifier(column),
                SQL.identifier(self.env[model]._table),
                SQL.identifier(column),
            )
            for channel, column in columns.items()
        )

    @api.model
    def _warning(self, model: str, res_ids: list[int], channel: str, topic) -> str | None:
        """Return what to tell whoever writes to these records about those who may not get it, if there are any.

        :param topic: what the message is about; none: it must be no marketing at all
        """
        if not res_ids or len(res_ids) > MOST_WARNED:
            return None
        gate = self.env["consent.gate"].sudo()
        parties = gate._addresses(model, res_ids, channel)
        topics = topic.sudo() or self.env["consent.topic"].sudo().search(
            [("company_id", "in", [self.env.company.id, False])]
        )
        withheld = set(parties)
        for one in topics:
            verdicts = gate._judge(parties, one, channel, one.company_id or self.env.company)
            withheld -= {key for key, verdict in verdicts.items() if verdict.allowed}
        if not withheld:
            return None
        count = {"count": len(withheld), "total": len(res_ids)}
        if topic:
            return self.env._("%(count)s of %(total)s may not get this topic, and are left out.", **count)
        return self.env._(
            "%(count)s of %(total)s may not get marketing: choose a topic, or write only what is no marketing.", **count
        )


def _column(alias: SQL, name: str) -> SQL:
    return SQL("%s.%s", alias, SQL.identifier(name))
