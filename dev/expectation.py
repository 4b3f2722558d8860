"""What a campaign must do: worked out from what the story or the user's list says, without asking the addon.

Who is written to is read by plain SQL, addresses are understood by `people`. No model of the addon, no rule of its
gate is used here, or the comparison would prove nothing.
"""

import csv
from collections import Counter
from typing import NamedTuple

import people
from layout import ROOT

STORY = ROOT / "demo" / "story.csv"
EVERY_TOPIC = "*"
SENT, TWICE, UNUSABLE, SILENT = "sent", "twice", "unusable_address", "no_consent"
#: Stand before every answer to a question, whatever the topic.
BEFORE_ANSWERS = ("suppressed", "restricted", "objected", "blacklisted")
#: Id, name, field with the address, country of a number, and where Odoo looks next.
RECORDS = {
    ("res.partner", "email"): "SELECT p.id, p.name, p.email FROM res_partner p WHERE p.active",
    ("crm.lead", "email"): """
        SELECT l.id, COALESCE(l.contact_name, l.name), COALESCE(p.email, l.email_from)
          FROM crm_lead l LEFT JOIN res_partner p ON p.id = l.partner_id WHERE l.active""",
    ("mailing.contact", "email"): "SELECT c.id, c.name, c.email FROM mailing_contact c",
    ("res.partner", "sms"): """
        SELECT p.id, p.name, p.phone, k.code, NULL, NULL
          FROM res_partner p LEFT JOIN res_country k ON k.id = p.country_id WHERE p.active""",
    ("crm.lead", "sms"): """
        SELECT l.id, COALESCE(l.contact_name, l.name), l.phone, k.code, p.phone, pk.code
          FROM crm_lead l LEFT JOIN res_country k ON k.id = l.country_id
          LEFT JOIN res_partner p ON p.id = l.partner_id LEFT JOIN res_country pk ON pk.id = p.country_id
         WHERE l.active""",
    ("mailing.contact", "sms"): """
        SELECT c.id, c.name, c.mobile, k.code, NULL, NULL
          FROM mailing_contact c LEFT JOIN res_country k ON k.id = c.country_id""",
}
#: Country of the demo's main company, for numbers of contacts without one.
HOME = "US"


class Campaign(NamedTuple):
    """A mailing: `topic` is None for a transactional one, `ids` limits its audience (None: all)."""

    mailing_id: int
    title: str
    text: str  # subject of the e-mail, or beginning of the SMS
    model: str
    channel: str
    topic: str | None
    ids: frozenset | None = None


class Party(NamedTuple):
    """A record that is written to; addresses are canonical, None for each that is unusable.

    `plain` is false where Odoo's mailings take an address for invalid, since its domain is written with other letters.
    """

    id: int
    name: str
    addresses: tuple
    plain: bool = True


def story() -> dict:
    """Return what the demo's story says must become of people: (topic, channel, address) → outcome."""
    with STORY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["topic"], row["channel"], row["address"]): row["outcome"] for row in rows}


def blocks() -> dict:
    """Return the part of the story that concerns every topic: it stands before any list of the user's own."""
    return {key: outcome for key, outcome in story().items() if key[0] == EVERY_TOPIC}


def audience(cr, campaign: Campaign) -> list:
    """Return the parties that a campaign is for."""
    cr.execute(f"{RECORDS[campaign.model, campaign.channel]} ORDER BY 1")
    found = _mailboxes if campaign.channel == "email" else _number
    return [
        Party(id_, name, found(*texts), _is_plain(texts[0] or ""))
        for id_, name, *texts in cr.fetchall()
        if campaign.ids is None or id_ in campaign.ids
    ]


def outcome(party: Party, campaign: Campaign, said: dict) -> str:
    """Return what must become of a party: sent, or the reason why not.

    :param said: outcomes by (topic, channel, address)
    """
    if not party.addresses or None in party.addresses:
        return UNUSABLE
    found = [_of_address(address, campaign, said) for address in party.addresses if campaign.topic]
    may = SENT if party.plain or campaign.channel == "sms" else UNUSABLE
    return next((outcome for outcome in found if outcome != SENT), may)


def deliveries(parties: list, campaign: Campaign, said: dict) -> Counter:
    """Return how often each address must get the campaign: once, however many records carry it."""
    allowed = (party.addresses for party in parties if outcome(party, campaign, said) == SENT)
    return Counter({(campaign.text, address) for addresses in allowed for address in addresses})


def _of_address(address, campaign, said):
    answer = said.get((campaign.topic, campaign.channel, address), SILENT)
    block = said.get((EVERY_TOPIC, campaign.channel, address))
    if block in BEFORE_ANSWERS or block and answer in (SENT, SILENT):
        return block
    return answer


def _is_plain(text):
    return all(address.rpartition("@")[2].isascii() for address in people.mailboxes(text))


def _mailboxes(text):
    return tuple(map(people.canonical_address, people.mailboxes(text or "")))


def _number(text, country, other, other_country):
    """Return the number that is called: Odoo falls back to the contact's where that of the record is none."""
    written = [(text, country), (other, other_country)]
    usable = [people.canonical_phone(number, code or HOME) for number, code in written if number]
    return (next(filter(None, usable), None),)
