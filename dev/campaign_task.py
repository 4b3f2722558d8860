"""What dev/run --campaign sends: the demo's drafts, or campaigns for the user's own list."""

import base64
import re
from datetime import timedelta
from typing import NamedTuple

import console
import expectation
import exports
import people
from expectation import SENT, Campaign

MODULE = "marketing_consent"
MAILINGS = {  # drafts of the demo: what it is about, None for transactional
    "demo_mailing_newsletter_partners": "newsletter",
    "demo_mailing_newsletter_leads": "newsletter",
    "demo_mailing_invitation": "events",
    "demo_mailing_group": "group",
    "demo_mailing_offer_partners": "offers",
    "demo_mailing_offer_leads": "offers",
    "demo_mailing_reminder": "events",
    "demo_mailing_recall": None,
}
LATE = {  # who withdraws while the campaigns wait in the queue, and how
    ("newsletter", "email", "zoe@pennquill.example"): ("Zoë Zimmer", "one_click"),
    ("offers", "sms", "+46701740633"): ("Sven Sjöberg", "sms_keyword"),
}
BATCH = 1000


class Message(NamedTuple):
    """A transactional message: what for, and the delivery that it must be."""

    title: str
    text: str
    channel: str
    address: str


class Task(NamedTuple):
    """What is run, and what must become of people: (topic, channel, address) → outcome.

    `late` are those of them who withdraw when their message waits in the queue.
    """

    campaigns: list
    messages: list
    said: dict
    late: dict
    errors: list


# -- the demo's story ----------------------------------------------------------------------------------------------


def of_story(env) -> Task:
    """Return the demo's campaigns, and write to its people."""
    mailings = {env.ref(f"{MODULE}.{name}"): topic for name, topic in MAILINGS.items()}
    _sign_up_again(env)
    return Task(
        [
            Campaign(
                mailing.id,
                mailing.subject,
                mailing.subject if mailing.mailing_type == "mail" else mailing.body_plaintext,
                mailing.mailing_model_real,
                "email" if mailing.mailing_type == "mail" else "sms",
                topic,
            )
            for mailing, topic in mailings.items()
        ],
        _write_to_people(env),
        expectation.story() | dict.fromkeys(LATE, "withdrawn"),
        LATE,
        [],
    )


def _sign_up_again(env):
    """A sign-up lapses after a month, and the database may be older: let Femke sign up today."""
    topic = env.ref(f"{MODULE}.demo_topic_newsletter")
    notice = env.ref(f"{MODULE}.demo_notice_newsletter_2")
    env["consent.request"]._open(topic, "email", "femke@kruimel.example", notice)


def _write_to_people(env):
    """Send what is no marketing to people who want none; it must arrive."""
    ben, dirk, julia, otto = (env.ref(f"{MODULE}.demo_partner_{name}") for name in ("ben", "dirk", "julia", "otto"))
    invoices = [_post(env, partner, "Invoice 2026/0042") for partner in (ben, dirk, otto)]
    user = env["res.users"].with_context(no_reset_password=True)
    user = user.create(
        {"name": ben.name, "login": ben.email, "partner_id": ben.id, "group_ids": env.ref("base.group_portal").ids}
    )
    user.with_context(no_reset_password=False).action_reset_password()
    julia._message_sms("Your table for two is ready, Harbour Hotel", sms_numbers=[julia.phone_sanitized])
    return [
        *invoices,
        Message("Password reset, to Ben Bakker", "Password reset", "email", "ben@kruimel.example"),
        Message("Table is ready, to Julia Jansen", "Your table for two is ready", "sms", "+61491570157"),
    ]


def _post(env, partner, subject):
    """Write to a partner as one does from an invoice or an order."""
    partner.with_user(env.ref("base.user_admin")).message_post(
        subject=subject, body="Please find it enclosed.", partner_ids=partner.ids, message_type="comment"
    )
    return Message(f"{subject}, to {partner.name}", subject, "email", people.canonical_email(partner.email))


# -- the user's list -----------------------------------------------------------------------------------------------


def of_list(env, path, reading) -> Task:
    """Record the answers of a list, and return the campaigns to its people."""
    topics = {}
    for answer in reading.answers:
        if answer.topic not in topics:
            topics[answer.topic] = _make_topic(env, len(topics) + 1, answer.topic)
    answers, errors = _record(env, path, reading, topics)
    said = people.outcomes(answers)
    partners = _make_partners(env, path, people.people(answers))
    return Task(
        [campaign for topic in topics.values() for campaign in _make_campaigns(env, topic, partners)],
        _write_to_a_no(env, said, partners),
        expectation.blocks() | said,
        {},
        errors,
    )


def of_export(env, path, export) -> Task:
    """Bring an export in as a user does, by its preset, and return the campaigns to everybody in it."""
    topic = _make_topic(env, 1, exports.TOPIC)
    batch = _import(env, path, export, topic)
    said = exports.outcomes(export.answers)
    partners = _make_partners(env, path, export.everybody)
    errors = [(line.line, line.why) for line in batch.line_ids if line.outcome == "error"]
    campaigns = _make_campaigns(env, topic, partners)
    return Task(campaigns, _write_to_a_no(env, said, partners), expectation.blocks() | said, {}, errors)


def _import(env, path, export, topic):
    console.say(f"Importing {path.name} by the preset {export.preset}")
    batch = env["consent.import"].create(
        {
            "name": path.name,
            "file": base64.b64encode(path.read_bytes()),
            "preset_id": env.ref(f"{MODULE}.consent_import_preset_{export.preset}").id,
            "topic_id": topic.id,
            "wording": "Send me the newsletter.",
            "place": path.name,
            "note": "The export itself",
            "collected_on": env.cr.now() - timedelta(days=1),
        }
    )
    batch.action_check()
    console.detail(batch.totals)
    batch.action_record()
    batch._advance()
    env.invalidate_all()
    return batch


def _record(env, path, reading, topics):
    """Record the answers through the verbs; return those that were, and the errors of all lines that were not."""
    console.say(f"Recording {len(reading.answers)} answers of {path.name}")
    entries = list(_entries(reading.answers, topics, path))
    refused = dict(_submit(env, entries))
    answers = [answer for answer in reading.answers if answer.line not in refused]
    return answers, sorted([*reading.errors, *refused.items()])


def _entries(answers, topics, path):
    """Give each answer with what the verbs take."""
    said_yes = set()
    # In the order of the acts, since a no after a yes is a withdrawal.
    for answer in sorted(answers, key=lambda answer: (answer.when, not answer.yes)):
        key = (answer.topic, answer.channel, answer.address)
        fact = "given" if answer.yes else "withdrawn" if key in said_yes else "refused"
        said_yes |= {key} if answer.yes else set()
        yield (
            answer,
            {
                **{"fact": fact, "topic": topics[answer.topic], "channel": answer.channel, "address": answer.address},
                "source": "paper" if answer.paper else "import",
                "source_label": f"{path.name}, line {answer.line}",
                "occurred_at": answer.when,
                "batch": path.name,
                "wording": f"As given in {path.name}: {answer.topic}",
                "evidence": {"note": answer.where, "name": answer.name},
            },
        )


def _submit(env, entries):
    """Record all entries at once; where one is refused, halve them until it is found. Yields (line, why)."""
    from odoo.exceptions import UserError

    if not entries:
        return
    try:
        with env.cr.savepoint():
            env["consent.record"]._submit([dict(entry) for _answer, entry in entries])
    except UserError as error:
        if len(entries) == 1:
            yield entries[0][0].line, str(error)
            return
        middle = len(entries) // 2
        yield from _submit(env, entries[:middle])
        yield from _submit(env, entries[middle:])


def _make_topic(env, number, name):
    purpose = env["consent.purpose"].create(
        {"name": name, "code": f"list_{number}", "mode": "opt_in", "company_id": env.ref("base.main_company").id}
    )
    return purpose.topic_ids


def _make_partners(env, path, found):
    """Make the people of the list, tagged with the name of the file."""
    tag = env["res.partner.category"].create({"name": path.name})
    partners = env["res.partner"].with_context(tracking_disable=True)
    for start in range(0, len(found), BATCH):
        partners |= partners.create(
            [
                {"name": name, "email": email, "phone": phone, "category_id": tag.ids}
                for name, email, phone in found[start : start + BATCH]
            ]
        )
    return partners


def _make_campaigns(env, topic, partners):
    """Make an e-mail and an SMS campaign of a topic, to everybody on the list.

    As the administrator: to anybody else Odoo would write that the mailing is theirs now.
    """
    # Braces and the like would be taken for placeholders.
    words = " ".join(re.sub(r"[^\w,.&'-]", " ", topic.name).split())
    subject, text = f"{words}: campaign {topic.id}", f"{words}: campaign {topic.id}."
    common = {
        "mailing_model_id": env["ir.model"]._get_id("res.partner"),
        "mailing_domain": repr([("category_id", "in", partners.category_id.ids)]),
        "consent_topic_id": topic.id,
        "subject": subject,
    }
    body = f'<p>{words}</p><p><a href="/unsubscribe_from_list">Unsubscribe</a></p>'
    mailings = env["mailing.mailing"].with_user(env.ref("base.user_admin"))
    mail, sms = mailings.create(
        [
            {**common, "body_arch": body, "body_html": body},
            {**common, "mailing_type": "sms", "body_plaintext": text},
        ]
    )
    ids = frozenset(partners.ids)
    return [
        Campaign(mail.id, topic.name, subject, "res.partner", "email", topic.name, ids),
        Campaign(sms.id, topic.name, text, "res.partner", "sms", topic.name, ids),
    ]


def _write_to_a_no(env, said, partners):
    """Send an invoice to the first who said no; it must arrive."""
    noes = {key[2] for key, outcome in said.items() if key[1] == "email" and outcome != SENT}
    partner = partners.filtered(lambda partner: partner.email in noes)[:1]
    return [_post(env, partner, "Invoice 2026/0042")] if partner else []
