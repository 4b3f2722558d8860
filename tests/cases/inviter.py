"""Invitations for tests."""

import re

LINK = re.compile(r"/consent/invitation/([\w-]{43})")


def invite(env, topics, people, **values):
    """Return an invitation of `people` (of one model), with one text."""
    return env["consent.invitation"].create(
        {
            "name": "Fair",
            "topic_ids": topics.ids,
            "model": people._name,
            "domain": str([("id", "in", people.ids)]),
            "variant_ids": [(0, 0, {"subject": "May we write to you?", "body": "<p>Hello</p>", "text": "Hello"})],
            **values,
        }
    )


def invitation_tokens(env, address):
    """Return the tokens in the invitations that are queued for an e-mail address, the oldest first."""
    mails = env["mail.mail"].search([("email_to", "=", address), ("consent_asks", "=", True)], order="id")
    return [LINK.search(mail.body_html)[1] for mail in mails]
