from datetime import datetime
from typing import NamedTuple

from odoo import api, models, tools
from odoo.tools import SQL

from ...tools import clock, contact_point, objection
from ...tools.verdict import ASKABLE, PASSING, SILENT_REASONS, Verdict

#: What the statement says of an address that it cannot read; nobody else ever hears this reason.
UNRESOLVED = "unresolved"
BLACKLIST = {"email": ("mail_blacklist", "consent_address"), "sms": ("phone_blacklist", "number")}


class Rule(NamedTuple):
    """What the gate must know of a topic: plain values, cached, so that judging a batch costs one statement."""

    topic_id: int
    company_id: int
    channels: frozenset
    mode: str | None
    min_evidence: str
    min_notice_version: int


class ConsentGate(models.AbstractModel):
    """May COMPANY send TOPIC over CHANNEL to ADDRESS, now? Nothing else decides."""

    _name = "consent.gate"
    _inherit = "consent.audience"
    _description = "Consent Gate"

    # -- verdicts -----------------------------------------------------------------------------------------------

    @api.model
    def _decide(
        self,
        topics,
        channel: str,
        addresses,
        company,
        at: datetime | None = None,
        cr=None,
        *,
        asking=False,
        lasting=False,
    ) -> dict:
        """Return a `Verdict` for each of `addresses`, by one statement for any number of them.

        :param topics: `consent.topic`; an address needs all of them
        :param channel: email or sms
        :param addresses: canonical addresses
        :param company: the `res.company` that sends
        :param at: naive UTC, default now
        :param cr: another cursor to ask, for what others committed meanwhile
        :param asking: whether the message asks for consent: then nobody's silence counts against it
        :param lasting: for mirrors: what ends by itself, as a pause does, does not count
        """
        addresses = list(dict.fromkeys(addresses))
        standing = self._standing_reason(topics, channel, company, lasting=lasting)
        if standing or not addresses:
            return dict.fromkeys(addresses, Verdict(standing))
        asked = SQL("SELECT address, address, TRUE, TRUE FROM unnest(%s) AS address", addresses)
        self._flush_what_is_read()
        cr = cr or self.env.cr
        ignoring = ASKABLE if asking else PASSING if lasting else frozenset()
        cr.execute(self._verdict_query(topics, channel, company, asked, at, among=addresses, ignoring=ignoring))
        return {key: Verdict(*values) for key, *values in cr.fetchall()}

    @api.model
    def _decide_each(self, topics, channel: str, addresses, company, *, lasting=False) -> dict:
        """Return the verdict on each of `addresses` for each of `topics` by itself, by topic, in one statement.

        See `_decide` for the arguments.
        """
        addresses = list(dict.fromkeys(addresses))
        standing = {topic: self._standing_reason(topic, channel, company, lasting=lasting) for topic in topics}
        found = {topic: dict.fromkeys(addresses, Verdict(reason)) for topic, reason in standing.items()}
        asked = SQL("SELECT address, address, TRUE, TRUE FROM unnest(%s) AS address", addresses)
        ignoring = PASSING if lasting else frozenset()
        queries = [
            SQL(
                "SELECT %s, * FROM (%s) AS verdict(key, reason, event, basis, address)",
                topic.id,
                self._verdict_query(topic, channel, company, asked, among=addresses, ignoring=ignoring),
            )
            for topic, reason in standing.items()
            if addresses and not reason
        ]
        if queries:
            self._flush_what_is_read()
            for topic_id, key, *values in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
                found[topics.browse(topic_id)][key] = Verdict(*values)
        return found

    def _flush_what_is_read(self):
        # Contact points, records and the ledger are written by SQL alone; the rest may wait in the ORM's cache.
        self.env["consent.address"].sudo()._settle()
        for model in ("consent.notice", "consent.request", "mail.blacklist", "phone.blacklist"):
            self.env[model].flush_model()

    @api.model
    def _standing_reason(self, topics, channel, company, *, lasting=False):
        """Return the reason that holds for everybody, if there is one."""
        if not lasting and self._is_held():
            return "database_copy"
        rules = self._rules(topics)
        if not rules or not all(channel in rule.channels and rule.company_id in (0, company.id) for rule in rules):
            return "no_topic"
        return None

    @api.model
    def _rules(self, topics) -> tuple[Rule, ...]:
        """Return what holds for each of `topics`."""
        return tuple(self._rule(topic_id) for topic_id in topics.ids)

    @tools.ormcache("topic_id")
    def _rule(self, topic_id):
        topic = self.env["consent.topic"].sudo().browse(topic_id)
        purpose = topic.purpose_id
        return Rule(
            topic_id,
            topic.company_id.id or 0,
            frozenset(channel for channel in contact_point.CHANNELS if topic._offers(channel)),
            purpose.mode or None,
            purpose.min_evidence or "D",
            purpose.min_notice_version,
        )

    @api.model
    def _mode(self, rule: Rule, company) -> str:
        """Return 'opt_in' or 'opt_out', as it holds when `company` sends."""
        return rule.mode or company.sudo().consent_mode or "opt_in"

    @api.model
    def _is_held(self):
        """Return whether marketing waits; see `consent.database`."""
        return self.env["consent.database"].sudo()._is_held()

    @api.model
    def _confirm_database(self):
        """Let marketing leave from this database; see `consent.database`."""
        self.env["consent.database"].sudo()._confirm()

    @api.model
    def _verdict_query(
        self,
        topics,
        channel,
        company,
        asked: SQL,
        at: datetime | None = None,
        rules=None,
        among: list | None = None,
        ignoring=frozenset(),
    ) -> SQL:
        """Return the statement that judges all that `asked` selects (as `consent.audience._asked` does).

        :param rules: to judge by instead of those of `topics`: what would be if they were changed
        :param among: all addresses that are asked about, if they are known
        :param ignoring: reasons that do not count
        :return: rows of key, reason (NULL: allowed; `UNRESOLVED`: only Odoo can tell the address), authorising event,
            legal basis, address
        """
        at = at or clock.now()
        erased = self._has_erased(channel)
        records = [(rule, SQL.identifier(f"r{number}")) for number, rule in enumerate(rules or self._rules(topics))]
        return SQL(
            """SELECT asked.key,
                      CASE WHEN asked.as_written AND (point.id IS NOT NULL OR asked.plain) THEN CASE %(cases)s END
                           WHEN asked.as_written IS NULL THEN 'unusable_address' ELSE %(unresolved)s END,
                      r0.granting_event_id, r0.legal_basis, asked.address
                 FROM (%(asked)s) AS asked(key, address, as_written, plain)
                 LEFT JOIN consent_contact_point point ON point.channel = %(channel)s AND point.address = asked.address
                 %(erased)s
                 CROSS JOIN LATERAL (SELECT %(point)s AS id) known
                 %(records)s
                 LEFT JOIN consent_record c ON c.contact_point_id = known.id AND COALESCE(c.topic_id, 0) = 0
                                           AND COALESCE(c.company_id, 0) = %(company)s
                 LEFT JOIN consent_record g ON g.contact_point_id = known.id AND COALESCE(g.topic_id, 0) = 0
                                           AND COALESCE(g.company_id, 0) = 0
                 %(blacklist)s""",
            cases=self._cases(records, channel, company, at, among, ignoring),
            asked=asked,
            unresolved=UNRESOLVED,
            channel=channel,
            erased=self._join_erased(channel) if erased else SQL(""),
            point=SQL("COALESCE(point.id, erased.id)") if erased else SQL("point.id"),
            records=SQL(" ").join(self._join_record(*pair) for pair in records),
            company=company.id or 0,
            blacklist=self._join_blacklist(channel),
        )

    @api.model
    def _unresolved(self, topics, channel, company, odd: SQL) -> list[int]:
        """Return the records whose addresses only Odoo can tell, among those of `consent.audience._odd`."""
        verdicts = self._verdict_query(topics, channel, company, odd)
        query = SQL("SELECT key FROM (%s) verdict(key, reason) WHERE reason = %s", verdicts, UNRESOLVED)
        return [key for (key,) in self.env.execute_query(query)]

    def _join_record(self, rule, alias):
        return SQL(
            """LEFT JOIN consent_record %(alias)s ON %(alias)s.contact_point_id = known.id
                    AND COALESCE(%(alias)s.topic_id, 0) = %(topic)s AND COALESCE(%(alias)s.company_id, 0) = %(company)s
               LEFT JOIN consent_notice %(notice)s ON %(notice)s.id = %(alias)s.notice_id""",
            alias=alias,
            topic=rule.topic_id,
            company=rule.company_id,
            notice=_notice(alias),
        )

    def _join_blacklist(self, channel):
        if channel not in BLACKLIST:
            return SQL("CROSS JOIN (SELECT NULL::integer AS id) b")
        table, column = map(SQL.identifier, BLACKLIST[channel])
        return SQL("LEFT JOIN %s b ON %s AND b.%s = asked.address", table, sql_is_veto(SQL("b")), column)

    @api.model
    def _vetoed(self, channel: str, addresses) -> set[str]:
        """Return those of canonical `addresses` that a row of Odoo's blacklist vetoes; our own mirror is none."""
        self._flush_what_is_read()
        asked, blacklist = list(addresses), self._join_blacklist(channel)
        query = SQL(
            "SELECT asked.address FROM unnest(%s) AS asked(address) %s WHERE b.id IS NOT NULL", asked, blacklist
        )
        return {address for (address,) in self.env.execute_query(query)}

    def _join_erased(self, channel):
        """Join the points that only their keyed hash is left of, so that their blocks outlive erasure."""
        # HMAC-SHA256 (RFC 2104) spelled out, since plain PostgreSQL has sha256() only.
        key = self.env["consent.contact.point"].sudo()._key().ljust(64, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
        return SQL(
            """LEFT JOIN consent_contact_point erased ON erased.address IS NULL AND erased.channel = %s
                AND erased.address_hash = CASE WHEN point.id IS NULL THEN
                    sha256(%s || sha256(%s || convert_to(%s || asked.address, 'UTF8'))) END""",
            channel,
            outer,
            inner,
            f"{channel}:",
        )

    @tools.ormcache("channel")
    def _has_erased(self, channel):
        self.env.cr.execute(
            SQL("SELECT EXISTS (SELECT FROM consent_contact_point WHERE address IS NULL AND channel = %s)", channel)
        )
        return self.env.cr.fetchone()[0]

    def _cases(self, records, channel, company, at, among, ignoring):
        """Return the WHEN … THEN … of each reason, in the order of `verdict.REASONS`."""
        aliases = [alias for _rule, alias in records]
        rows = [*aliases, SQL("c"), SQL("g")]

        def anywhere(condition):
            return SQL(" OR ").join(SQL(condition, row=row, at=at) for row in rows)

        def any_topic(condition, value=lambda rule: None):
            return SQL(" OR ").join(
                SQL(condition, r=alias, notice=_notice(alias), at=at, value=value(rule)) for rule, alias in records
            )

        conditions = {
            "suppressed": anywhere("%(row)s.suppressed_at IS NOT NULL"),
            "restricted": anywhere("%(row)s.restricted_at IS NOT NULL"),
            "objected": SQL(" OR ").join(
                objection.sql_holds(alias, SQL("%s.objected_at", row)) for row in rows for alias in aliases
            ),
            "blacklisted": SQL("b.id IS NOT NULL"),
            "withdrawn": any_topic("%(r)s.state = 'withdrawn'"),
            "refused": any_topic("%(r)s.state = 'refused'"),
            "waiting": self._waiting([rule.topic_id for rule, _alias in records], channel, at, among),
            "expired": any_topic("%(r)s.state = 'expired' OR %(r)s.state = 'granted' AND %(r)s.valid_until <= %(at)s"),
            "wording_changed": any_topic(
                "%(r)s.state = 'granted' AND COALESCE(%(notice)s.version, 0) < %(value)s",
                lambda rule: rule.min_notice_version,
            ),
            "evidence_too_weak": any_topic(
                "%(r)s.state = 'granted' AND %(r)s.evidence_grade > %(value)s", lambda rule: rule.min_evidence
            ),
            "reply_to_read": anywhere("%(row)s.reply_unread_at IS NOT NULL"),
            "paused": anywhere("%(row)s.paused_until > %(at)s"),
            "unreachable": anywhere("%(row)s.unreachable_at IS NOT NULL"),
            "carrier_blocked": anywhere("%(row)s.carrier_blocked_at IS NOT NULL"),
            "no_consent": any_topic(
                "COALESCE(%(r)s.state, 'none') NOT IN %(value)s",
                lambda rule: ("granted", "none") if self._mode(rule, company) == "opt_out" else ("granted",),
            ),
        }
        return SQL(" ").join(
            SQL("WHEN %s THEN %s", condition, reason)
            for reason, condition in conditions.items()
            if reason not in ignoring
        )

    def _waiting(self, topic_ids, channel, at, among):
        # Not correlated: PostgreSQL hashes it once, and judges in parallel.
        return SQL(
            """r0.state IS DISTINCT FROM 'granted' AND asked.address IN (
                SELECT request.address FROM consent_request request
                  JOIN consent_request_consent_topic_rel rel ON rel.consent_request_id = request.id
                 WHERE request.channel = %s AND request.expires_at > %s AND rel.consent_topic_id IN %s %s)""",
            channel,
            at,
            tuple(topic_ids),
            SQL("AND request.address = ANY(%s)", among) if among else SQL(""),
        )

    # -- who is written to ----------------------------------------------------------------------------------------

    @api.model
    def _judge(self, parties: dict, topics, channel: str, company, cr=None, *, asking=False) -> dict:
        """Return one `Verdict` for each party: allowed where every address that would be used is.

        :param parties: `contact_point.Addresses` by key (a record id, a partner …)
        """
        addresses = (address for party in parties.values() for address in party.usable)
        verdicts = self._decide(topics, channel, addresses, company, cr=cr, asking=asking)
        return {key: self._strictest(addresses, verdicts) for key, addresses in parties.items()}

    def _strictest(self, addresses, verdicts):
        if addresses.unusable or not addresses.usable:
            return Verdict("unusable_address", address=next(iter(addresses.unusable), None))
        found = [verdicts[address] for address in addresses.usable]
        return next((verdict for verdict in found if not verdict.allowed), found[0])

    @api.model
    def _judge_at_hand_over(self, parties: dict, topics, channel: str, company, *, asking=False) -> dict:
        """Return verdicts like `_judge`, by what is committed by now.

        This transaction may have an old snapshot (REPEATABLE READ): whoever withdrew since then is found through a
        cursor of its own. What this transaction knows and others do not yet counts as well: both must allow.
        """
        verdicts = self._judge(parties, topics, channel, company, asking=asking)
        allowed = {key: parties[key] for key, verdict in verdicts.items() if verdict.allowed}
        if allowed:
            with self.env.registry.cursor() as cr:
                fresh = self._judge(allowed, topics, channel, company, cr=cr, asking=asking)
            verdicts.update(
                (key, verdict)
                for key, verdict in fresh.items()
                if not verdict.allowed and verdict.reason not in SILENT_REASONS
            )
        return verdicts

    @api.model
    def _staff_addresses(self, channel: str) -> set[str]:
        """Return the addresses of our own users, to whom a test may go."""
        partners = self.env["res.users"].sudo().search([("share", "=", False)]).partner_id
        if channel == contact_point.SMS:
            return set(filter(None, partners.mapped("phone_sanitized")))
        return {address for partner in partners for address in self._emails(None, None, partner).usable}


def _notice(alias: SQL) -> SQL:
    """Return the alias of the notice that the record `alias` rests on."""
    return SQL.identifier(f"n{alias.code.strip(chr(34))[1:]}")


def sql_is_veto(alias: SQL) -> SQL:
    """Return the SQL condition that a blacklist's row is more than our own mirror of an objection."""
    mine = SQL("%s.consent_mirrored AND %s.consent_veto_at IS NULL", alias, alias)
    return SQL("%s.active AND (%s) IS NOT TRUE", alias, mine)
