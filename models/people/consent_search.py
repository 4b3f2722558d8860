from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ...tools import clock, contact_point, transitions

READERS = "marketing_consent.group_user,mass_mailing.group_mass_mailing_user"
COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


class ConsentLens(models.AbstractModel):
    """What one can ask of a record that carries an address, in every domain: filters, segments, automation rules.

    The answers are the gate's, and computed, never stored: nothing can get out of step.
    """

    _inherit = "consent.lens"  # pylint: disable=consider-merging-classes-inherited

    consent_allowed_email_topic_ids = fields.Many2many(
        "consent.topic",
        string="May get by e-mail",
        compute="_compute_consent_allowed_email",
        search="_search_consent_allowed_email",
        compute_sudo=True,
        groups=READERS,
        help="The topics that may be sent to this record by e-mail now.",
    )
    consent_allowed_sms_topic_ids = fields.Many2many(
        "consent.topic",
        string="May get by SMS",
        compute="_compute_consent_allowed_sms",
        search="_search_consent_allowed_sms",
        compute_sudo=True,
        groups=READERS,
        help="The topics that may be sent to this record by SMS now.",
    )
    consent_said_no_at = fields.Datetime(
        "Last said no on",
        compute="_compute_consent_said_no_at",
        search="_search_consent_said_no_at",
        compute_sudo=True,
        groups=READERS,
        help="When somebody behind any of the addresses last withdrew, refused or objected, where that holds still. Ask"
        " about other records by their contact: partner_id.consent_said_no_at.",
    )
    consent_without_basis = fields.Boolean(
        "Without any basis",
        compute="_compute_consent_without_basis",
        search="_search_consent_without_basis",
        compute_sudo=True,
        groups=READERS,
        help="No address, of several in one field either, has a consent or another legal basis that holds now, for any"
        " topic. Ask about other records by their contact: partner_id.consent_without_basis.",
    )
    consent_preflight = fields.Char(
        "Preflight", compute="_compute_consent_preflight", search="_search_consent_preflight", groups=READERS
    )

    # -- may get a topic ----------------------------------------------------------------------------------------

    @api.depends_context("company", "allowed_company_ids")
    def _compute_consent_allowed_email(self):
        self._compute_consent_allowed(contact_point.EMAIL, "consent_allowed_email_topic_ids")

    @api.depends_context("company", "allowed_company_ids")
    def _compute_consent_allowed_sms(self):
        self._compute_consent_allowed(contact_point.SMS, "consent_allowed_sms_topic_ids")

    def _compute_consent_allowed(self, channel, field):
        gate = self.env["consent.gate"].sudo()
        parties = gate._addresses(self._name, self._origin.ids, channel)
        allowed = {record.id: self.env["consent.topic"] for record in self._origin}
        for topic in self._consent_topics_seen():
            verdicts = gate._judge(parties, topic, channel, topic.company_id or self.env.company)
            for res_id, verdict in verdicts.items():
                allowed[res_id] |= topic if verdict.allowed else topic.browse()
        for record in self:
            record[field] = allowed.get(record._origin.id)

    def _consent_topics_seen(self):
        companies = [*self.env.companies.ids, False]
        return self.env["consent.topic"].sudo().search([("company_id", "in", companies)])

    def _search_consent_allowed_email(self, operator, value):
        return self._search_consent_allowed(contact_point.EMAIL, operator, value)

    def _search_consent_allowed_sms(self, operator, value):
        return self._search_consent_allowed(contact_point.SMS, operator, value)

    def _search_consent_allowed(self, channel, operator, value):
        topics = self.env["consent.topic"]
        if operator in ("any", "any!"):
            found = topics.sudo(operator == "any!" or self.env.su).search(
                value if isinstance(value, Domain) else [("id", "in", value)]
            )
            return Domain.OR(self._consent_allows(topic, channel) for topic in found)
        if operator != "in":
            return NotImplemented
        found = topics.browse(filter(None, value)).exists()
        domain = Domain.OR(self._consent_allows(topic, channel) for topic in found)
        if False in value:
            domain |= ~Domain.OR(self._consent_allows(topic, channel) for topic in self._consent_topics_seen())
        return domain

    def _consent_allows(self, topic, channel) -> Domain:
        """Return the domain of the records to which `topic` may be sent over `channel`, by one pass of the gate."""
        topic, gate, audience = topic.sudo(), self.env["consent.gate"].sudo(), self.env["consent.audience"].sudo()
        company = topic.company_id or self.env.company
        if gate._standing_reason(topic, channel, company):
            return Domain.FALSE
        gate._flush_what_is_read()
        asked = audience._asked(Query(self.env, self._table), self._name, channel)
        verdicts = gate._verdict_query(topic, channel, company, asked)
        odd_ids = gate._unresolved(topic, channel, company, audience._odd(asked))
        odd = gate._judge(gate._addresses(self._name, odd_ids, channel), topic, channel, company)
        return Domain("id", "in", [key for key, verdict in odd.items() if verdict.allowed]) | keys(
            SQL("SELECT key FROM (%s) verdict(key, reason, event, basis, address) WHERE reason IS NULL", verdicts)
        )

    # -- said no, no basis --------------------------------------------------------------------------------------

    @api.depends_context("allowed_company_ids")
    def _compute_consent_said_no_at(self):
        nos = self._consent_nos(SQL("carried.key, max(no.at)"), self._origin.ids)
        found = dict(self.env.execute_query(SQL("%s GROUP BY carried.key", nos)))
        for record in self:
            record.consent_said_no_at = found.get(record._origin.id)

    def _search_consent_said_no_at(self, operator, value):
        if operator == "in":
            points = [day for day in value if day]
            nos = self._consent_nos(SQL("carried.key"))
            domain = keys(SQL("%s GROUP BY carried.key HAVING max(no.at) = ANY(%s)", nos, points))
            return domain | ~keys(nos) if False in value else domain
        if operator not in COMPARISONS:
            return NotImplemented
        nos, comparison = self._consent_nos(SQL("carried.key")), COMPARISONS[operator]
        return keys(SQL("%s GROUP BY carried.key HAVING max(no.at) %s %s", nos, comparison, value))

    def _consent_nos(self, shown, among=None):
        return SQL(
            """SELECT %s FROM %s
                CROSS JOIN LATERAL (VALUES (CASE WHEN record.state IN %s THEN record.since END), (record.objected_at))
                           AS no(at)
                WHERE no.at IS NOT NULL AND (record.state IN %s OR record.objected_at IS NOT NULL)""",
            shown,
            self._consent_records(among),
            transitions.SAID_NO,
            transitions.SAID_NO,
        )

    @api.depends_context("allowed_company_ids")
    def _compute_consent_without_basis(self):
        founded = {key for (key,) in self.env.execute_query(self._consent_bases(self._origin.ids))}
        for record in self:
            record.consent_without_basis = record._origin.id not in founded

    def _search_consent_without_basis(self, operator, value):
        if operator != "in":
            return NotImplemented
        founded = keys(self._consent_bases())
        return Domain.OR([~founded if without else founded for without in value])

    def _consent_bases(self, among=None):
        return SQL(
            """SELECT carried.key FROM %s
                WHERE record.state = 'granted' AND (record.valid_until IS NULL OR record.valid_until > %s)""",
            self._consent_records(among),
            clock.now(),
        )

    def _consent_records(self, among):
        carried = self.env["consent.audience"].sudo()._everywhere(self._name, among)
        if among is not None:
            carried = SQL("SELECT * FROM (%s) everywhere WHERE key = ANY(%s)", carried, among)
        return SQL(
            """(%s) carried(key, channel, address)
                JOIN consent_contact_point point ON point.channel = carried.channel AND point.address = carried.address
                JOIN consent_record record ON record.contact_point_id = point.id
                 AND (record.company_id IS NULL OR record.company_id = ANY(%s))""",
            carried,
            self.env.companies.ids,
        )

    # -- the people behind a number of a preflight ----------------------------------------------------------------

    def _compute_consent_preflight(self):
        self.consent_preflight = False

    def _search_consent_preflight(self, operator, value):
        """Find by 'MAILING ID/REASON'."""
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._consent_in_preflight(key) for key in value if key)

    def _consent_in_preflight(self, key):
        mailing_id, _slash, reason = key.partition("/")
        mailing = self.env["mailing.mailing"].browse(int(mailing_id) if mailing_id.isdigit() else 0).exists()
        if mailing.mailing_model_real != self._name:
            raise UserError(self.env._("This preflight is about other records."))
        mailing.check_access("read")
        return mailing._preflight_domain(reason)


def keys(query: SQL) -> Domain:
    """Return the domain of the records whose id is in the first column of `query`."""
    return Domain.custom(to_sql=lambda _model, alias, _query: SQL("%s IN (%s)", SQL.identifier(alias, "id"), query))
