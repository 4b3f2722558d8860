import logging

from odoo import api, models
from odoo.tools import SQL

from ...tools import clock
from ...tools.retry import CONFLICTS

_logger = logging.getLogger(__name__)

BATCH = 200


class ConsentLifecycle(models.AbstractModel):
    """Scheduled steps: expire consents, remind of sign-ups, ask for renewal, send invitations.

    Each step processes one batch per transaction. After an interruption the next run continues with the rest.
    """

    _name = "consent.lifecycle"
    _description = "Consent Lifecycle"

    @api.model
    def _cron_run(self):
        """Run the steps that are due, one batch per transaction."""
        self.env["consent.database"]._tell_once()
        for step in (self._expire, self._remind, self._renew, self._invite):
            while done := step():
                if not self.env["ir.cron"]._commit_progress(done):
                    return
        self.env["consent.customers"]._note_sales()

    def _expire(self):
        """Record the end of consents. The gate withholds from the exact second without it (GDPR art. 5(1)(e))."""
        query = SQL(
            """SELECT record.id FROM consent_record record
                 JOIN consent_contact_point point ON point.id = record.contact_point_id
                WHERE record.state = 'granted' AND record.valid_until <= %s AND point.address IS NOT NULL
                ORDER BY record.valid_until, record.id LIMIT %s""",
            clock.now(),
            BATCH,
        )
        records = self.env["consent.record"].browse(self._due(query))
        entries = [
            {
                **{"fact": "expired", "source": "system", "source_label": self.env._("Validity ended")},
                **{"channel": record.channel, "address": record.contact_point_id.address, "topic": record.topic_id},
                "occurred_at": record.valid_until,
            }
            for record in records
        ]
        self.env["consent.record"].sudo()._submit(entries)
        if stuck := records.filtered(lambda record: record.state == "granted"):
            # Never expected; without this check the loop would not end.
            raise RuntimeError(f"consent records {stuck.ids} do not expire")
        return len(records)

    def _remind(self):
        """Send one reminder of a confirmation message or an invitation, if enabled."""
        query = SQL(
            """SELECT DISTINCT request.token_digest FROM consent_request request
                 JOIN consent_request_consent_topic_rel rel ON rel.consent_request_id = request.id
                 JOIN consent_topic topic ON topic.id = rel.consent_topic_id
                 JOIN consent_purpose purpose ON purpose.id = topic.purpose_id
            LEFT JOIN consent_invitee invitee ON invitee.id = request.invitee_id
            LEFT JOIN consent_invitation invitation ON invitation.id = invitee.invitation_id
           CROSS JOIN LATERAL (SELECT CASE request.stage WHEN 'opt_in' THEN purpose.remind_days
                                                         WHEN 'invited' THEN invitation.remind_days END AS days) wait
                WHERE wait.days > 0 AND request.expires_at > %(now)s
                  AND request.requested_at <= %(now)s - wait.days * interval '1 day'
                LIMIT %(batch)s""",
            now=clock.now(),
            batch=BATCH,
        )
        requests, digests = self.env["consent.request"], self._due(query)
        for signed_up in requests.search([("token_digest", "in", digests)]).grouped("token_digest").values():
            signed_up._remind()
        return len(digests)

    def _renew(self):
        """Ask for renewal before a consent ends. No other person may be asked (ePrivacy art. 13)."""
        query = SQL(
            """SELECT record.id FROM consent_record record
                 JOIN consent_contact_point point ON point.id = record.contact_point_id
                 JOIN consent_topic topic ON topic.id = record.topic_id AND topic.active
                 JOIN consent_purpose purpose ON purpose.id = record.purpose_id AND purpose.active
                WHERE record.state = 'granted' AND purpose.renew_days > 0 AND point.address IS NOT NULL
                  AND record.valid_until > %(now)s
                  AND record.valid_until <= %(now)s + purpose.renew_days * interval '1 day'
                  AND NOT EXISTS (
                        SELECT FROM consent_request request
                          JOIN consent_request_consent_topic_rel rel ON rel.consent_request_id = request.id
                         WHERE request.channel = record.channel AND request.address = point.address
                           AND rel.consent_topic_id = record.topic_id)
                  AND EXISTS (SELECT FROM consent_notice notice
                               WHERE notice.purpose_id = purpose.id AND notice.state = 'published')
                ORDER BY record.valid_until, record.id LIMIT %(batch)s""",
            now=clock.now(),
            batch=BATCH,
        )
        records = self.env["consent.record"].browse(self._due(query))
        for record in records:
            self.env["consent.request"]._ask_to_renew(record)
        return len(records)

    def _invite(self):
        """Ask the next people whom an invitation is for; a new one is as near to the next run as an old one."""
        running = self.env["consent.invitation"].search([("state", "=", "running")])
        running._keep_the_best()
        return sum(self._ask_next_of(invitation) for invitation in running)

    def _ask_next_of(self, invitation):
        try:
            with self.env.cr.savepoint():
                return invitation._ask_next()
        except CONFLICTS:
            raise
        except Exception:
            # The user of the filter may have lost access: that stops no other one, nor what comes after.
            _logger.exception("invitation %s cannot go on", invitation.id)
            return 0

    def _due(self, query):
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(query)]
