from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock, contact_point, objection, status, transitions
from ..gate.consent_gate import sql_is_veto

READERS = "marketing_consent.group_user,mass_mailing.group_mass_mailing_user"
TONES = {
    **dict.fromkeys(("confirmed", "subscribed"), 10),
    **dict.fromkeys(("opt_in", "invited", "reminded"), 3),
    "expired": 0,
    **dict.fromkeys(("unsubscribed", "opt_out", "bounced", "blacklisted"), 1),
}


class ConsentStatus(models.Model):
    """One of the ten statuses for each address and topic, with its date: a view over records and requests.

    A block or an objection that holds for all marketing shows on every topic, and by itself where nothing was said
    about any.
    """

    _name = "consent.status"
    _description = "Consent Status"
    _auto = False
    _log_access = False
    _order = "since desc, id desc"
    _depends = {
        "consent.request": ["stage", "asked_at", "requested_at", "expires_at", "topic_ids", "address", "company_id"],
        "mail.blacklist": ["active", "consent_address", "consent_mirrored", "consent_veto_at"],
        "phone.blacklist": ["active", "number", "consent_mirrored", "consent_veto_at"],
    }

    contact_point_id = fields.Many2one("consent.contact.point", readonly=True)
    record_id = fields.Many2one("consent.record", readonly=True)
    request_id = fields.Many2one("consent.request", readonly=True, groups="marketing_consent.group_user")
    channel = fields.Selection(
        lambda self: self.env["consent.contact.point"]._fields["channel"].selection, readonly=True
    )
    address = fields.Char(readonly=True, groups="marketing_consent.group_user")
    masked = fields.Char("Who", compute="_compute_masked")
    topic_id = fields.Many2one("consent.topic", readonly=True)
    about = fields.Char("What about", compute="_compute_about")
    purpose_id = fields.Many2one("consent.purpose", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    status = fields.Selection(status.STATUSES, readonly=True)
    since = fields.Datetime(readonly=True)
    color = fields.Integer(compute="_compute_color")

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._of_records(clock.now()), self._of_requests(clock.now()))

    @api.depends("topic_id")
    def _compute_about(self):
        for row in self:
            row.about = row.topic_id.name or self.env._("All marketing")

    @api.depends("topic_id", "channel", "status")
    def _compute_display_name(self):
        labels = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("channel", "status")}
        for row in self:
            row.display_name = self.env._(
                "%(topic)s, %(channel)s: %(status)s",
                topic=row.about,
                channel=labels["channel"].get(row.channel),
                status=labels["status"].get(row.status),
            )

    @api.depends_context("uid")
    def _compute_masked(self):
        whole = self.env.user.has_group("marketing_consent.group_user")
        for row in self:
            address = row.sudo().address
            row.masked = address if whole and address else contact_point.mask(row.channel, address or "")

    def _compute_color(self):
        for row in self:
            row.color = TONES.get(row.status, 0)

    def action_open(self):
        """Open what the status rests on: the record with its blocks, or the request that waits."""
        self.ensure_one()
        target = self.record_id or self.request_id
        return {
            "type": "ir.actions.act_window",
            "res_model": target._name,
            "res_id": target.id,
            "views": [(False, "form")],
        }

    # -- the view -----------------------------------------------------------------------------------------------

    def _of_records(self, at):
        dates = self._dates(at)
        return SQL(
            """SELECT r.id::bigint * 2 AS id, r.contact_point_id, r.id AS record_id, NULL::integer AS request_id,
                      point.channel, point.address, r.topic_id, r.purpose_id, r.company_id, found.status, found.since
                 FROM consent_record r
                 JOIN consent_contact_point point ON point.id = r.contact_point_id
                 LEFT JOIN consent_record c ON r.topic_id IS NOT NULL AND c.contact_point_id = r.contact_point_id
                       AND COALESCE(c.topic_id, 0) = 0 AND COALESCE(c.company_id, 0) = r.company_id
                 LEFT JOIN consent_record g ON r.topic_id IS NOT NULL AND g.contact_point_id = r.contact_point_id
                       AND COALESCE(g.topic_id, 0) = 0 AND COALESCE(g.company_id, 0) = 0
                 LEFT JOIN consent_event grant_ ON grant_.id = r.granting_event_id
                 LEFT JOIN mail_blacklist mails
                        ON %s AND mails.consent_address = point.address AND point.channel = 'email'
                 LEFT JOIN phone_blacklist phones
                        ON %s AND phones.number = point.address AND point.channel = 'sms'
                CROSS JOIN LATERAL (SELECT * FROM (VALUES %s) held(rank, status, since)
                                     WHERE held.since IS NOT NULL ORDER BY held.rank LIMIT 1) found""",
            sql_is_veto(SQL("mails")),
            sql_is_veto(SQL("phones")),
            SQL(", ").join(
                SQL("(%s, %s, (%s)::timestamp)", rank, name, dates[name]) for rank, name in enumerate(status.ANSWERED)
            ),
        )

    def _dates(self, at):
        """Return since when each of `status.ANSWERED` holds, NULL where it does not."""
        valid = SQL("r.state = 'granted' AND (r.valid_until IS NULL OR r.valid_until > %s)", at)
        confirmed = SQL("grant_.fact = 'confirmed'")
        return {
            "blacklisted": _first(
                *_anywhere("suppressed_at"),
                *_anywhere("restricted_at"),
                *_anywhere("carrier_blocked_at"),
                SQL("COALESCE(mails.consent_veto_at, mails.create_date)"),
                SQL("COALESCE(phones.consent_veto_at, phones.create_date)"),
            ),
            "opt_out": _first(
                *(
                    SQL("CASE WHEN %s THEN %s END", objection.sql_holds(SQL("r"), objected), objected)
                    for objected in _anywhere("objected_at")
                ),
                SQL("CASE WHEN r.state = 'refused' THEN r.since END"),
            ),
            "unsubscribed": SQL("CASE WHEN r.state = 'withdrawn' THEN r.since END"),
            "bounced": _first(*_anywhere("unreachable_at")),
            "expired": SQL(
                """CASE WHEN r.state = 'expired' THEN r.since
                        WHEN r.state = 'granted' AND r.valid_until <= %s THEN r.valid_until END""",
                at,
            ),
            "confirmed": SQL("CASE WHEN %s AND %s THEN r.since END", valid, confirmed),
            "subscribed": SQL("CASE WHEN %s THEN r.since END", valid),
        }

    def _of_requests(self, at):
        return SQL(
            """SELECT (request.id::bigint << 20 | topic.id) * 2 + 1, point.id, NULL, request.id,
                      request.channel, request.address, topic.id, topic.purpose_id, request.company_id,
                      CASE WHEN request.expires_at <= %(at)s THEN 'expired' ELSE COALESCE(request.stage, 'opt_in') END,
                      CASE WHEN request.expires_at <= %(at)s THEN request.expires_at
                           ELSE COALESCE(request.asked_at, request.requested_at) END
                 FROM consent_request request
                 JOIN consent_request_consent_topic_rel rel ON rel.consent_request_id = request.id
                 JOIN consent_topic topic ON topic.id = rel.consent_topic_id
                 LEFT JOIN consent_contact_point point
                        ON point.channel = request.channel AND point.address = request.address
                WHERE NOT EXISTS (SELECT FROM consent_record r WHERE r.contact_point_id = point.id
                                     AND COALESCE(r.topic_id, 0) = topic.id
                                     AND COALESCE(r.company_id, 0) = COALESCE(topic.company_id, 0)
                                     AND (r.state = %(granted)s
                                          OR r.state IN %(no)s AND request.expires_at <= %(at)s))""",
            at=at,
            granted=transitions.GRANTED,
            no=transitions.SAID_NO,
        )


def _anywhere(column):
    """Return a column of the record itself, and of what holds for all marketing of the company and of all."""
    return [SQL.identifier(alias, column) for alias in ("r", "c", "g")]


def _first(*dates):
    return SQL("LEAST(%s)", SQL(", ").join(dates))
