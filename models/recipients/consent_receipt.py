from odoo import api, models

from ...tools import clock, receipt, transitions

#: Of the messages that were sent, an export lists the newest; the ledger it lists whole.
MAX_MESSAGES = 1000
WHOSE_ACT = frozenset({"web_form", "double_opt_in", "preference_page", "one_click", "sms_keyword", "inbound_mail"})
PARTY = "dpv:DataSubject"


class ConsentReceipt(models.AbstractModel):
    """What a person gets in hand: their consents as a receipt, and all that we keep about their addresses.

    Callers have made sure that the person is the owner of the contact points.
    """

    _name = "consent.receipt"
    _description = "Consent Receipt"

    @api.model
    def _of(self, points, company) -> dict:
        """Return the receipt (ISO/IEC TS 27560) of `points`, in a fixed number of statements.

        :param company: who answers for topics of the group, which have no company
        """
        events = self._events(points)
        consents = events.filtered("topic_id").grouped(lambda event: (event.contact_point_id, event.topic_id))
        records = [
            receipt.record(
                self._consent(*key, its_events, company),
                self._controller(key[1].company_id or company),
                [self._event(event) for event in its_events],
            )
            for key, its_events in consents.items()
        ]
        return receipt.receipt(records, clock.consent_now(self.env))

    @api.model
    def _export(self, points, company) -> dict:
        """Return all that we keep about `points` (GDPR art. 15, 20): receipt, ledger, blocks, people, messages."""
        points = points.sudo()
        return {
            **self._of(points, company),
            "contact_points": [{"id": p.uid, "channel": p.channel, "address": p.address} for p in points],
            "events": [self._event_in_full(event) for event in self._events(points)],
            "holds_now": [self._holding(record) for record in points.record_ids],
            "people": [
                {"name": partner.name, "language": partner.lang or None, "channel": point.channel}
                for point in points
                for partner in points._carriers_of("res.partner", point.channel, point.address)
            ],
            "messages": self._messages(points),
        }

    def _events(self, points):
        events = self.env["consent.event"].sudo()
        return events.search([("contact_point_id", "in", points.ids)], order="occurred_at, id")

    def _consent(self, point, topic, events, company):
        purpose, record = topic.purpose_id, point.record_ids.filtered(lambda record: record.topic_id == topic)
        # Walked, not mapped: so the wordings of all consents are read at once.
        notice = next((event.notice_id for event in reversed(events) if event.notice_id), record.notice_id)
        source = dict(events._fields["source"]._description_selection(self.env))
        return {
            "principal": point.uid,
            "topic": topic.code,
            "topic_name": topic.name,
            "purpose": purpose.name,
            "purpose_kind": purpose.kind,
            "description": purpose.description or "",
            "channel": point.channel,
            "legal_basis": record.legal_basis or events.filtered("legal_basis")[-1:].legal_basis or "consent",
            "notice": notice.privacy_url or self.env["consent.link"]._base_url(company),
            "notice_digest": notice.digest or None,
            "language": (notice.lang or self.env.lang or "en").split("_")[0],
            "jurisdiction": (topic.company_id or company).sudo().country_id.code or "EU",
            "collection": source[events[0].source],
            "retention": receipt.time(record.valid_until) if record.valid_until else "until withdrawn",
            "withdrawal": f"{self.env['consent.link']._base_url(company)}/consent/find",
            "recipients": [receipt.DPV + "DataProcessor"],
        }

    def _controller(self, company):
        company = company.sudo()
        return {
            "id": f"company-{company.id}",
            "name": company.name,
            "address": ", ".join(filter(None, (company.street, company.zip, company.city, company.country_id.name)))
            or company.name,
            "email": company.email or "",
            "phone": company.phone or "",
            "url": company.website or "",
        }

    def _event(self, event):
        return {
            "type": event.type,
            "resulting_state": event.resulting_state,
            "source": event.source,
            "actor": PARTY if event.source in WHOSE_ACT else "dpv:DataController",
            "occurred_at": event.occurred_at,
            "valid_until": event.valid_until,
        }

    def _event_in_full(self, event):
        return {
            "contact_point": event.contact_point_id.uid,
            "number": event.seq,
            "type": event.type,
            "said": event.fact,
            "state": event.resulting_state,
            "purpose": event.purpose_id.name or None,
            "topic": event.topic_id.name or None,
            "company": event.company_id.name or None,
            "legal_basis": event.legal_basis or None,
            "source": event.source,
            "where": event.source_label or None,
            "occurred_at": receipt.time(event.occurred_at),
            "recorded_at": receipt.time(event.recorded_at),
            "valid_until": receipt.time(event.valid_until) if event.valid_until else None,
            "paused_until": receipt.time(event.until) if event.until else None,
            "wording_version": event.notice_id.version or None,
            "evidence": event._evidence(),
            "hash": event.hash,
        }

    def _holding(self, record):
        blocks = transitions.BLOCK_SET_BY.values()
        return {
            "contact_point": record.contact_point_id.uid,
            "topic": record.topic_id.name or None,
            "company": record.company_id.name or None,
            "state": record.state,
            "since": receipt.time(record.since) if record.since else None,
            **{name: receipt.time(record[name]) for name in blocks if record[name]},
        }

    def _messages(self, points):
        """Return which mailings relied on the events of `points`."""
        events = self._events(points)
        domain = [("consent_event_id", "in", events.ids), ("sent_datetime", "!=", False)]
        traces = self.env["mailing.trace"].sudo().search(domain, order="id desc", limit=MAX_MESSAGES)
        return [
            {"subject": trace.mass_mailing_id.subject or None, "sent_at": receipt.time(trace.sent_datetime)}
            for trace in traces
        ]
