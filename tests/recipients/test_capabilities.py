"""What a link may do depends on its kind alone: every kind of token at every page that takes one.

The pages are those of Odoo's routing map, so that a new one is tried as soon as it exists.
"""

import random
import re
import threading
from unittest.mock import patch
from urllib.parse import quote

from odoo.tests import tagged

from ..cases.inviter import invitation_tokens, invite
from ..cases.pages import LinkCase
from ..cases.story import ANNA, BEN, CARLA, DIRK

#: Which pages a token opens.
OPENS = {
    "message": {
        "/consent/unsubscribe/<string:token>",
        "/c/<string:token>",
        "/consent/why/<string:token>",
        "/consent/view/<string:token>",
        "/consent/preferences/<string:token>",
        "/consent/subscribe/<string:token>",
        "/consent/subscribe/<string:token>/<any(topic):only>",
    },
    "confirm": {"/consent/confirm/<string:token>"},
    "invitation": {"/consent/invitation/<string:token>"},
    "access": {"/consent/access/<string:token>"},
    "change": {"/consent/change/<string:token>"},
    "come_back": {"/consent/come_back/<string:token>"},
}
#: Whatever the forms of these pages can say.
FORMS = [
    {"List-Unsubscribe": "One-Click"},
    {"action": "topic"},
    {"action": "group"},
    {"action": "undo", "undo": "AAAA"},
    {"action": "confirm", "sure": "1"},
    {"action": "disown"},
    {"action": "save"},
    {"action": "accept_all"},
    {"action": "opened"},
    {"action": "reject_all"},
    {"action": "accept"},
    {"action": "open"},
    {"action": "change"},
    {"x": "1"},
]
TRIES = 1000
#: Requests that fill caches.
WARM_UP = 200


@tagged("post_install", "-at_install")
class TestCapabilities(LinkCase):
    def rules(self):
        """Return our pages that take a token, with whether they hear a POST."""
        with patch.object(threading.current_thread(), "dbname", self.cr.dbname, create=True):  # for Odoo's log
            rules = self.env["ir.http"].routing_map().iter_rules()
        return {rule.rule: "POST" in rule.methods for rule in rules if "<string:token>" in rule.rule and ours(rule)}

    def tokens(self):
        offer = self.news.purpose_id.notice_ids[:1]
        opened = self.env["consent.correction"].with_context(lang="en_US")
        return {
            "message": self.token(),
            "confirm": self.env["consent.request"]._open(self.news, "email", CARLA, offer)[1],
            "invitation": self.invited(),
            "access": self.env["consent.access"]._open("email", ANNA, self.env.company),
            "change": opened._open(self.anna, "email", "anna@new.example", self.env.company),
            "come_back": self.come_back(),
        }

    def come_back(self):
        """Return the token by which Dirk joins a list again that he left."""
        mailing_list = self.env["mailing.list"].create({"name": "Plain"})
        contact = self.env["mailing.contact"].create({"email": DIRK, "list_ids": mailing_list.ids})
        contact.subscription_ids.opt_out = True
        return contact.subscription_ids._consent_token()

    def invited(self):
        """Return the token by which Ben answers an invitation."""
        invitation = invite(self.env, self.news, self.ben)
        invitees = self.env["consent.invitee"]
        invitees._ask(invitees._note(invitation, {BEN: "country"}), self.news, "en_US")
        return invitation_tokens(self.env, BEN)[-1]

    def answer(self, rule, token, **options):
        path = rule.replace("<string:token>", quote(token, safe="")).replace("<any(topic):only>", "topic")
        found = self.url_open(path, **options)
        return found.status_code, re.sub(r'nonce="[^"]+"', "", found.text)

    def test_every_page_with_a_token_is_in_the_matrix(self):
        self.assertEqual(set(self.rules()), set.union(*OPENS.values()))

    def test_a_token_opens_its_own_pages_and_no_other(self):
        tokens, dead = self.tokens(), self.answer("/consent/why/<string:token>", "x")
        self.assertEqual(dead[0], 404)
        before = self.snapshot()
        for rule, posted in self.rules().items():
            for kind, token in tokens.items():
                with self.subTest(rule=rule, kind=kind):
                    if rule in OPENS[kind]:
                        # There is no web copy of what was no mailing.
                        expected = 404 if rule.startswith("/consent/view/") else 200
                        self.assertEqual(self.answer(rule, token)[0], expected)
                        continue
                    self.assertEqual(self.answer(rule, token), dead)
                    for form in FORMS if posted else ():
                        self.assertEqual(self.answer(rule, token, data=form), dead, form)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual({kind: self.alive(kind, token) for kind, token in tokens.items()}, dict.fromkeys(tokens, True))

    def alive(self, kind, token):
        if kind == "message":
            return bool(self.env["consent.link"]._read(token))
        if kind == "come_back":
            return bool(self.env["mailing.subscription"]._consent_of_link(token))
        if kind in ("confirm", "invitation"):
            return bool(self.env["consent.request"]._waiting(token, invited=kind == "invitation"))
        return bool(self.env[{"access": "consent.access", "change": "consent.correction"}[kind]]._find(token))

    def test_a_thousand_forged_tokens_get_one_answer_at_one_cost(self):
        tokens, chance = self.tokens(), random.Random(4)
        rules, before = self.rules(), self.snapshot()
        wanted, costs = {}, {}
        for number in range(TRIES):
            rule = chance.choice(sorted(rules))
            kind = chance.choice(sorted(tokens))
            token = forged(tokens[kind], chance)
            options = {"data": chance.choice(FORMS)} if rules[rule] and number % 2 else {}
            count = self.cr.sql_log_count
            answer = self.answer(rule, token, **options)
            if number >= WARM_UP:
                costs.setdefault((rule, bool(options)), set()).add(self.cr.sql_log_count - count)
            self.assertEqual(answer[0], 404, (rule, token))
            self.assertEqual(wanted.setdefault("all", answer), answer, (rule, token))
        self.assertEqual(self.snapshot(), before)
        for place, counts in costs.items():
            # Of several classes of tests, the caches may be emptied once more meanwhile.
            self.assertLessEqual(len(counts - {max(counts)}), 1, (place, counts))


def ours(rule):
    return rule.endpoint.routing.get("routes") and "marketing_consent" in rule.endpoint.func.__module__


def forged(token, chance):
    """Return something like `token` that is none."""
    place = chance.randrange(len(token))
    return chance.choice(
        [
            token[:place] or "x",
            token + token[:place] + "A",
            token[:place] + chance.choice("éß漢\u202e\0 .%") + token[place:],
            token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :],
            token.swapcase(),
            "".join(chance.sample(token, len(token))) + "_",
            "".join(chance.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", k=43)),
            "A" * chance.choice((1, 26, 64, 65, 500)),
            "' OR 1=1 --",
            "{{7*7}}<script>",
        ]
    )
