from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import contact_point, transitions
from ...tools.verdict import PASSING

BATCH = 500


class ConsentMirror(models.AbstractModel):
    """Odoo's mailing lists and contact tags as a picture of consent. The gate never looks at the picture.

    What is changed in the picture comes back: an opt-out as a withdrawal at once, anything that looks like a yes not at
    all, since a list proves nothing; `_reconcile` sets it right.
    """

    _name = "consent.mirror"
    _description = "Mirror of Consent"

    @api.model
    def _show(self, topic, points):
        """Make list and tag of `topic` say of `points` what their records say, in a fixed number of statements."""
        self._show_pairs(topic, {(point.channel, point.address) for point in points.sudo() if point.address})

    def _show_pairs(self, topic, pairs):
        topic = topic.sudo()
        if topic.mailing_list_ids:
            self._add_missing(topic, pairs)
            self._show_list(topic, *self._sides(topic, self._carriers(topic, "mailing.contact", pairs)))
        if topic.tag_id:
            self._show_tag(topic.tag_id, *self._sides(topic, self._carriers(topic, "res.partner", pairs)))

    def _carriers(self, topic, model, pairs):
        carriers = topic.env[model].with_context(active_test=False)
        return carriers.search(
            Domain.OR(
                Domain(derived, "in", [address for name, address in pairs if name == channel])
                for channel, (_written, derived) in self.env["consent.audience"]._columns(model).items()
            )
        )

    def _sides(self, topic, carriers):
        """Return those of `carriers` whom the topic may be sent to at one address, and those withheld at all."""
        carried = carriers._consent_addresses()
        allowed = self._allowed(topic, {pair for pairs in carried.values() for pair in pairs})
        said = {record: {allowed.get(pair) for pair in carried[record.id]} - {None} for record in carriers}
        yes = carriers.filtered(lambda record: True in said[record])
        return yes, carriers.filtered(lambda record: said[record]) - yes

    def _allowed(self, topic, pairs) -> dict:
        """Return, of the addresses that somebody said something about, whether the gate lets the topic be sent there.

        What holds only for now, as a pause does, is not shown. Silence (None) is left as it is.
        """
        gate, answers = self.env["consent.gate"].sudo(), {}
        for channel in {channel for channel, _address in pairs}:
            addresses = [address for name, address in pairs if name == channel]
            verdicts = gate._decide(topic, channel, addresses, topic.company_id, lasting=True)
            spoken = self._spoken(topic, channel, addresses)
            for address, verdict in verdicts.items():
                silent = address not in spoken and verdict.reason in (None, "no_consent")
                answers[channel, address] = None if silent else verdict.allowed and address in spoken
        return answers

    def _spoken(self, topic, channel, addresses):
        said = [("topic_id", "=", topic.id), ("channel", "=", channel), ("state", "!=", transitions.NONE)]
        records = topic.env["consent.record"].search([*said, ("contact_point_id.address", "in", addresses)])
        return set(records.contact_point_id.mapped("address"))

    def _add_missing(self, topic, pairs):
        granted = {pair for pair, allowed in self._allowed(topic, pairs).items() if allowed}
        carried = self._carriers(topic, "mailing.contact", granted)._consent_addresses()
        known = {pair for pairs in carried.values() for pair in pairs}
        columns = self.env["consent.audience"]._columns("mailing.contact")
        written = {channel: names[0] for channel, (names, _derived) in columns.items()}
        topic.env["mailing.contact"].create(
            [{written[channel]: address} for channel, address in sorted(granted - known) if channel in written]
        )

    def _show_list(self, topic, yes, no):
        lists = topic.mailing_list_ids
        subscriptions = topic.env["mailing.subscription"].search(
            [("list_id", "in", lists.ids), ("contact_id", "in", (yes | no).ids)]
        )
        positive = subscriptions.filtered(lambda subscription: subscription.contact_id in yes)
        positive.filtered("opt_out")._consent_show(opt_out=False)
        (subscriptions - positive).filtered(lambda subscription: not subscription.opt_out)._consent_show(opt_out=True)
        topic.env["mailing.subscription"]._consent_add(lists[:1], yes - positive.contact_id)

    def _show_tag(self, tag, yes, no):
        field = fields.Command
        yes.filtered(lambda partner: tag not in partner.category_id).write({"category_id": [field.link(tag.id)]})
        no.filtered(lambda partner: tag in partner.category_id).write({"category_id": [field.unlink(tag.id)]})

    # -- what the lists say ------------------------------------------------------------------------------------

    @api.model
    def _withdraw_in(self, topic, pairs):
        """Write down that the addresses of `pairs` were opted out of the list of `topic`, where that is news."""
        usable = sorted(pair for pair in pairs if contact_point.canonical(*pair) == pair[1])
        base = {
            "fact": "withdrawn",
            "topic": topic,
            "source": "system",
            "source_label": ", ".join(topic.sudo().mailing_list_ids.mapped("name")),
        }
        self.env["consent.record"].sudo()._submit(
            [{**base, "channel": channel, "address": address} for channel, address in usable]
        )

    @api.model
    def _cron_reconcile(self):
        """Bring lists, tags and records together again, also where Odoo wrote rows that no method of ours saw."""
        topics = self.env["consent.topic"].sudo().browse(sorted(self.env["consent.topic"]._mirrored_ids()))
        for topic in topics:
            for batch in tools.split_every(BATCH, self._opted_out(topic)):
                self._withdraw_in(topic, batch)
                self.env["ir.cron"]._commit_progress(len(batch))
            for pairs in tools.split_every(BATCH, self._differing(topic)):
                self._show_pairs(topic, set(pairs))
                if not self.env["ir.cron"]._commit_progress(len(pairs)):
                    return

    def _opted_out(self, topic):
        """Return channel and address of who opted out of the list since they last said something here."""
        self._flush()
        query = SQL(
            """SELECT DISTINCT carried.channel, carried.address
                 FROM mailing_subscription subscription
                 JOIN (%(carried)s) carried ON carried.key = subscription.contact_id
            LEFT JOIN consent_contact_point point USING (channel, address)
            LEFT JOIN consent_record record ON record.contact_point_id = point.id AND record.topic_id = %(topic)s
                WHERE subscription.list_id = ANY(%(lists)s) AND subscription.opt_out
                  AND subscription.consent_mirrored IS NOT TRUE
                  AND COALESCE(record.state, 'none') NOT IN %(no)s
                  AND (record.since IS NULL OR COALESCE(subscription.opt_out_datetime > record.since, TRUE))""",
            carried=self.env["consent.audience"]._carried("mailing.contact"),
            topic=topic.id,
            lists=topic.mailing_list_ids.ids,
            no=transitions.SAID_NO,
        )
        return self.env.execute_query(query)

    def _differing(self, topic):
        """Return channel and address of those for whom list or tag do not say what the gate says."""
        self._flush()
        shown = {
            "mailing.contact": (
                topic.mailing_list_ids,
                SQL(
                    """SELECT contact_id FROM mailing_subscription
                        WHERE NOT COALESCE(opt_out, FALSE) AND list_id = ANY(%s)""",
                    topic.mailing_list_ids.ids,
                ),
            ),
            "res.partner": (
                topic.tag_id,
                SQL(
                    "SELECT partner_id FROM res_partner_res_partner_category_rel WHERE category_id = %s",
                    topic.tag_id.id,
                ),
            ),
        }
        return sorted(
            {
                (channel, address)
                for model, (mirror, members) in shown.items()
                if mirror
                for channel in self.env["consent.audience"]._columns(model)
                for (address,) in self.env.execute_query(self._difference(topic, model, channel, members))
            }
        )

    def _difference(self, topic, model, channel, members):
        # Who says yes and is on no list at all is missing there; a tag is put on contacts that exist only.
        carried = self.env["consent.audience"]._carried(model)
        spoken = SQL(
            """SELECT point.address FROM consent_record record
                 JOIN consent_contact_point point ON point.id = record.contact_point_id
                WHERE record.topic_id = %s AND record.channel = %s AND record.state <> 'none'
                  AND point.address IS NOT NULL""",
            topic.id,
            channel,
        )
        listed = SQL(
            "SELECT carried.address FROM (%s) carried WHERE carried.channel = %s AND carried.key IN (%s)",
            carried,
            channel,
            members,
        )
        asked = SQL("SELECT address, address, TRUE, TRUE FROM (%s UNION %s) known", spoken, listed)
        gate = self.env["consent.gate"].sudo()
        return SQL(
            """SELECT verdict.key FROM (%(verdicts)s) verdict(key, reason, event, basis, address)
                 LEFT JOIN (%(spoken)s) spoken ON spoken.address = verdict.key
                 %(join)s JOIN (%(carried)s) carried
                   ON carried.channel = %(channel)s AND carried.address = verdict.key
                WHERE (spoken.address IS NOT NULL OR COALESCE(verdict.reason, 'no_consent') <> 'no_consent')
                  AND (verdict.reason IS NULL AND spoken.address IS NOT NULL)
                      IS DISTINCT FROM (COALESCE(carried.key, 0) IN (%(members)s))""",
            verdicts=gate._verdict_query(topic, channel, topic.company_id, asked, ignoring=PASSING),
            spoken=spoken,
            join=SQL("LEFT" if model == "mailing.contact" else "INNER"),
            carried=carried,
            channel=channel,
            members=members,
        )

    def _flush(self):
        for model in ("mailing.subscription", "mailing.contact", "res.partner"):
            self.env[model].flush_model()
        self.env["consent.gate"].sudo()._flush_what_is_read()
