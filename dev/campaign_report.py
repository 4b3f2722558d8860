"""What became of the campaigns: compared with what had to become of them, and shown as a table."""

import sys
from collections import Counter
from typing import NamedTuple

import expectation
import people
from expectation import SENT, TWICE, UNUSABLE, Campaign

MODULE = "marketing_consent"
LEFT = ("sent", "open", "reply", "process", "pending")
ODOO_SAYS = {
    **dict.fromkeys(("mail_dup", "sms_duplicate"), TWICE),
    **dict.fromkeys(("mail_email_missing", "mail_email_invalid", "sms_number_missing", "sms_number_format"), UNUSABLE),
}
NAMES = 7


class Result(NamedTuple):
    """What became of a campaign's parties: (party, outcome), as the traces say."""

    campaign: Campaign
    outcomes: list


def show(env, task, sink, provider) -> int:
    """Print what became of the campaigns, and return 0 if it is what had to become of them, else 1."""
    results = [_result(env, campaign) for campaign in task.campaigns]
    mails, texts = _left(sink, provider)
    known = _known(env, task)
    _print_head()
    for result in results:
        _print_result(result, known)
    _print_messages(task, {"email": mails, "sms": texts})
    for line, error in task.errors:
        print(f"line {line}: {error}", file=sys.stderr)
    if task.errors:
        print(f"\n{len(task.errors)} lines of the file were not understood, and nothing of them was recorded")
    print(f"\n{mails.total()} e-mails and {texts.total()} SMS left: {sink.folder}, {provider.folder}")
    return _verdict([*_differences(task, results, mails, texts), *_without_way_out(task, sink, provider)])


def _print_head():
    print(f"\n{'Campaign':60}{'people':>8}{'sent':>8}{'twice':>8}{'withheld':>10}")


def _print_result(result, known):
    campaign, outcomes = result
    counts = Counter(outcome for _party, outcome in outcomes)
    kind = {"email": "e-mail", "sms": "SMS"}[campaign.channel]
    title = f"{kind}: {campaign.title}"[:59]
    withheld = len(outcomes) - counts[SENT] - counts[TWICE]
    print(f"\n{title:60}{len(outcomes):8}{counts[SENT]:8}{counts[TWICE]:8}{withheld:10}")
    about = "transactional" if campaign.topic is None else f"topic {campaign.topic}"
    print(f"  {about}, {campaign.model}")
    for outcome, count in sorted(
        counts.items(), key=lambda item: (item[0] != SENT, item[0] != TWICE, -item[1], item[0])
    ):
        parties = [party for party, each in outcomes if each == outcome]
        print(f"  {outcome.replace('_', ' '):20}{count:6}  {_names(parties, known)}")


def _names(parties, known):
    """Return whom one remembers, and how many more there are."""
    named = [party.name for party in parties if known(party)][:NAMES]
    others = len(parties) - len(named)
    more = [f"{others} {'more' if named else 'of Odoo’s demo'}"] if others else []
    return ", ".join([*named, *more])


def _known(env, task):
    """Return what tells whether a party is of the story (or of the list, where everybody is)."""
    env.cr.execute(
        "SELECT p.name FROM ir_model_data d JOIN res_partner p ON p.id = d.res_id"
        " WHERE d.module = %s AND d.model = 'res.partner' AND NOT p.is_company",
        [MODULE],
    )
    names = {name for (name,) in env.cr.fetchall()}
    addresses = {address for _topic, _channel, address in task.said}
    of_list = any(campaign.ids is not None for campaign in task.campaigns)
    return lambda party: of_list or party.name in names or addresses.intersection(party.addresses)


def _print_messages(task, left):
    for (topic, channel, _address), (name, _source) in task.late.items():
        print(f"\n{name} withdrew from {topic} ({channel}) while the message waited in the queue")
    if task.messages:
        print("\nTransactional messages, to people who want no marketing")
    for message in task.messages:
        sent = any(message.text in text and to == message.address for text, to in left[message.channel])
        print(f"  {'sent' if sent else 'NOT SENT':10}{message.title}")


def _verdict(differences):
    if not differences:
        print("Everything is as it must be: each outcome, and each recipient of the bytes that left")
        return 0
    print("\nNOT as it must be:", *differences, sep="\n  ")
    return 1


# -- comparing -----------------------------------------------------------------------------------------------------


def _result(env, campaign):
    """Return what the traces say became of each party."""
    env.cr.execute(
        "SELECT res_id, trace_status, failure_type, consent_reason FROM mailing_trace WHERE mass_mailing_id = %s",
        [campaign.mailing_id],
    )
    found = {}
    for res_id, status, failure, reason in env.cr.fetchall():
        outcome = reason or (SENT if status in LEFT else ODOO_SAYS.get(failure, f"{status} ({failure})"))
        found[res_id] = outcome if found.get(res_id, outcome) == outcome else "two traces that differ"
    parties = {party.id: party for party in expectation.audience(env.cr, campaign)}
    parties |= {id_: expectation.Party(id_, f"record {id_}", ()) for id_ in found if id_ not in parties}
    return Result(campaign, [(party, found.get(id_, "no trace")) for id_, party in parties.items()])


def _left(sink, provider):
    """Return how often each (text, address) left, by the bytes that arrived: (e-mail, SMS)."""
    mails = Counter(
        (str(mail.message["subject"]), people.canonical_address(recipient) or recipient)
        for mail in sink.messages
        for recipient in mail.recipients
    )
    return mails, Counter((message["body"], message["to"]) for message in provider.messages)


def _differences(task, results, mails, texts):
    """Yield a line for everything that is not as it must be."""
    expected = {"email": Counter(), "sms": Counter()}
    for campaign, outcomes in results:
        yield from _wrong_outcomes(campaign, outcomes, task.said)
        parties = [party for party, _outcome in outcomes]
        expected[campaign.channel] += expectation.deliveries(parties, campaign, task.said)
    for message in task.messages:
        expected[message.channel][message.text, message.address] += 1
    yield from _wrong_deliveries("e-mail", expected["email"], mails)
    # A text is known by what was written: who writes stands before it, and how to stop behind.
    written = sorted({text for text, _address in expected["sms"]}, key=len, reverse=True)
    known = Counter()
    for (body, address), count in texts.items():
        known[next((text for text in written if text in body), body), address] += count
    yield from _wrong_deliveries("SMS", expected["sms"], known)


def _without_way_out(task, sink, provider):
    """Yield a line for each marketing message that does not say how to end it."""
    marketing = [campaign.text for campaign in task.campaigns if campaign.topic]
    for mail in sink.messages:
        if mail.message["subject"] in marketing and "/consent/unsubscribe/" not in str(
            mail.message["List-Unsubscribe"]
        ):
            yield f"e-mail “{mail.message['subject']}” to {mail.recipients} has no link to unsubscribe"
    for message in provider.messages:
        if any(text in message["body"] for text in marketing) and "/c/" not in message["body"]:
            yield f"SMS “{message['body']}” to {message['to']} has no link that stops"


def _wrong_outcomes(campaign, outcomes, said):
    sent = Counter(party.addresses for party, outcome in outcomes if outcome == SENT)
    for party, outcome in outcomes:
        wanted = expectation.outcome(party, campaign, said)
        as_wanted = wanted == outcome or wanted == SENT and outcome == TWICE and sent[party.addresses] == 1
        if not as_wanted:
            yield f"{campaign.title}: {party.name} {party.addresses} is “{outcome}”, must be “{wanted}”"


def _wrong_deliveries(what, expected, left):
    for key in sorted({*expected, *left}):
        if expected[key] != left[key]:
            yield f"{what} “{key[0]}” left {left[key]} times to {key[1]}, must be {expected[key]}"
