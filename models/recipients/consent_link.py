import json
import secrets
from collections.abc import Iterable

from odoo import api, models, tools
from odoo.tools import SQL

from ...tools import links, objection
from ...tools.links import Link
from ...tools.transitions import SAID_NO

KEYS_PARAMETER = "marketing_consent.link_keys"
SUBJECT = {
    "point": "consent.contact.point",
    "company": "res.company",
    "topic": "consent.topic",
    "mailing": "mailing.mailing",
}


class ConsentLink(models.AbstractModel):
    """Links in messages: who gets which, and what one that came back stands for."""

    _name = "consent.link"
    _description = "Link in a Message"

    @api.model
    def _keys(self) -> dict[int, bytes]:
        """Return the keys by number. The newest signs; the old ones verify for ever."""
        return {int(number): bytes.fromhex(key) for number, key in json.loads(self._keys_json()).items()}

    @api.model
    @tools.ormcache()
    def _keys_json(self):
        return self.env["ir.config_parameter"].sudo().get_param(KEYS_PARAMETER) or self._add_key("{}")

    @api.model
    def _rotate_keys(self):
        """Sign with a new key from now on; links that were signed before keep working."""
        self._add_key(self._keys_json())

    def _add_key(self, keys_json):
        # Of its own and not Odoo's secret, which changes when a database is copied: links in old mails must not die.
        keys = json.loads(keys_json)
        keys[str(max(map(int, keys), default=0) + 1)] = secrets.token_hex(32)
        self.env["ir.config_parameter"].sudo().set_param(KEYS_PARAMETER, json.dumps(keys))
        return json.dumps(keys)

    @api.model
    def _tokens(self, channel: str, addresses: Iterable[str], company, topic=None, mailing=None) -> dict[str, str]:
        """Return the token for a message to each of `addresses`, in a fixed number of statements.

        :param channel: email or sms
        :param addresses: canonical addresses; one that is new to us gets its contact point
        :param company: the `res.company` in whose name the message goes out
        :param topic: the `consent.topic` that the message is about, if there is one
        :param mailing: the `mailing.mailing`, if there is one
        """
        about = (company.id, topic.id if topic else 0, mailing.id if mailing else 0)
        keys = self._keys()
        return {
            address: links.sign(keys, "message", Link(point_id, *about))
            for address, point_id in self.env["consent.contact.point"].sudo()._points(channel, addresses).items()
        }

    @api.model
    def _read(self, token: str) -> Link | None:
        """Return what the token of a message stands for, None where it is not ours."""
        return links.read(self._keys(), "message", token)

    @api.model
    def _subject(self, token: str) -> dict | None:
        """Return whom and what the token of a message is about, as records; None where it is not ours.

        The topic and the mailing may be empty or gone. `point` and `company` always exist.
        """
        link = self._read(token)
        if not link:
            return None
        ids = {"point": link.point_id, "company": link.company_id, "topic": link.topic_id, "mailing": link.mailing_id}
        records = {name: self.env[SUBJECT[name]].sudo().browse(id_ or ()) for name, id_ in ids.items()}
        found = self._existing(records)
        return found if found["point"] and found["company"] else None

    def _existing(self, records):
        """Return `records` (one or none of each model) without those that are gone, in one statement."""
        checks = [
            SQL("EXISTS (SELECT FROM %s WHERE id = %s)", SQL.identifier(record._table), record.id or 0)
            for record in records.values()
        ]
        [exist] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(checks)))
        return {
            name: record if there else record.browse()
            for (name, record), there in zip(records.items(), exist, strict=True)
        }

    @api.model
    def _withdraw(self, subject: dict, scope: str, *, source: str, evidence: dict) -> list[int]:
        """Record that the person wants less (GDPR art. 7(3), 21(2)-(3)).

        :param subject: see `_subject`
        :param scope: topic, channel (all marketing of the company over it), company (all its marketing to the person)
            or group (that of all companies)
        :param source: one_click, preference_page …
        :return: ids of the events, which `_undo` takes back; none where all that stood already
        """
        base = {"source": source, "source_label": self._source_label(subject), "evidence": evidence}
        points = subject["point"]
        if scope == "topic" and subject["topic"]:
            fact = {"fact": "withdrawn", "topic": subject["topic"]}
        else:
            fact = {"fact": "objected", "company": scope != "group" and subject["company"].id}
            points |= points._shared() if scope in ("company", "group") else points
        entries = [
            {**base, **fact, "channel": point.channel, "address": point.address}
            | ({} if point == subject["point"] else {"type": "carried_over"})
            for point in points
            if point.address  # erased points keep the block that they have
        ]
        return list(filter(None, self.env["consent.record"].sudo()._submit(entries)))

    def _source_label(self, subject):
        subject["mailing"].fetch(["subject"])  # and none of its many other columns
        return subject["mailing"].subject or self.env._("Link in a message")

    @api.model
    def _undo(self, subject: dict, event_ids: list[int], evidence: dict) -> list[int]:
        """Take back what one click withdrew, and nothing else, as long as nothing was said since.

        An objection is released. A consent is given anew under the wording that the person had agreed to; without
        such a wording it cannot be.

        :param event_ids: as `_withdraw` returned them
        """
        events = self.env["consent.event"].sudo().browse(event_ids).exists()
        if subject["point"] not in events.contact_point_id:
            return []
        base = {"source": "preference_page", "source_label": self.env._("Undo"), "evidence": evidence}
        entries = [base | again for event in events if (again := event._undone())]
        return list(filter(None, self.env["consent.record"].sudo()._submit(entries)))

    @api.model
    def _stopped(self, subject: dict) -> str | None:
        """Return what was stopped already: 'channel' (all marketing), 'topic' (that of the link), or None."""
        topic, ids = subject["topic"], [subject["topic"].id, False]
        domain = [("contact_point_id", "=", subject["point"].id), ("topic_id", "in", ids)]
        domain.append(("company_id", "in", [subject["company"].id, False]))
        records = self.env["consent.record"].sudo().search(domain)
        blocked = records.filtered(lambda record: record.objected_at or record.suppressed_at)
        own = records.filtered(lambda record: topic and record.topic_id == topic)
        passed = not any(blocked.mapped("suppressed_at"))
        passed = passed and not any(objection.holds(own, block.objected_at) for block in blocked)
        if blocked - own and not passed:
            return "channel"
        return "topic" if own.state in SAID_NO or (own & blocked and not passed) else None

    @api.model
    def _authorising_event(self, subject: dict):
        """Return the event that a message rested on: that of its trace, else the one the record rests on now."""
        point, topic = subject["point"], subject["topic"]
        traces = self.env["mailing.trace"].sudo()
        if subject["mailing"] and point.address:
            address = "email" if point.channel == "email" else "sms_number"
            domain = [("mass_mailing_id", "=", subject["mailing"].id), (address, "=", point.address)]
            traces = traces.search([*domain, ("consent_event_id", "!=", False)], order="id desc", limit=1)
        if traces:
            return self.env["consent.event"].sudo().browse(traces.consent_event_id)
        return point.record_ids.filtered(lambda record: record.topic_id == topic).granting_event_id

    @api.model
    def _url(self, page: str, token: str, company, topic=None) -> str:
        """Return the address of a page for recipients.

        Its host comes from the configuration, never from a request (threat T-26).

        :param page: unsubscribe, preferences, why …
        :param company: the `res.company` whose website it is on; see `_website`
        """
        return links.url(self._base_url(company, topic), page, token)

    @api.model
    def _stop_url(self, token: str, company, topic=None) -> str:
        """Return the address that stops SMS, as short as it can be: every character counts in an SMS."""
        return links.stop_url(self._base_url(company, topic), token)

    @api.model
    def _stops(self, text: str, token: str, company, topic=None) -> bool:
        """Return whether a link of ours in `text` stops what `token` stops, whichever key signed it."""
        wanted, base_url = self._read(token), self._base_url(company, topic)
        return any(self._read(found) == wanted for found in links.stop_tokens(text, base_url))

    @api.model
    def _urls(self, token: str, company, topic=None) -> dict[str, str]:
        """Return the address of each page that a placeholder can stand for."""
        return links.urls(self._base_url(company, topic), token)

    @api.model
    def _mailbox(self, company) -> str | None:
        """Return the e-mail address at which the company takes requests to unsubscribe; None without any."""
        alias = self.env.ref("marketing_consent.mail_alias_unsubscribe", raise_if_not_found=False)
        name, domain = alias and alias.sudo().alias_name, company.sudo().alias_domain_id.name
        return f"{name}@{domain}" if name and domain else None

    def _insecure_url(self, company) -> str | None:
        """Return where a company's pages are reached without encryption; None where they are not.

        Mail programs offer one click over https only (RFC 8058 §3.1), and what people type can be read on its way.
        """
        url = self._base_url(company)
        return None if url.startswith("https://") else url

    def _base_url(self, company, topic=None):
        return (self._website(company, topic) or company).get_base_url()

    @api.model
    def _website(self, company, topic=None):
        """Return the website in whose name a company writes: its topic's, the one where it was asked to, or its first.

        :param company: has the website where it was asked to in its context, as Odoo has it: website_id
        """
        asked = self.env["website"].sudo().browse(company.env.context.get("website_id") or ())
        wanted = [topic.sudo().website_id, asked] if topic else [asked]
        return next((site for site in wanted if site.company_id == company), company.sudo().website_id)

    @api.model
    def _brand(self, company, site):
        """Return whose name and logo a company speaks under: those of `site` where it has several, else its own."""
        several = site.company_id == company and site.search_count([("company_id", "=", company.id)], limit=2) > 1
        return site if several else company.sudo()
