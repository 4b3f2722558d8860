import hashlib
import hmac
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import ConsentError
from ...tools import clock, ledger, plain_values

LONGEST_KEY = 200
KEPT = timedelta(days=30)


class ConsentApiCall(models.Model):
    """What a call with a key did, so that repeating it does nothing and answers the same.

    Only what was done is kept: a refused item wrote nothing and may be tried again under its key. No address is kept
    either, only a keyed digest that tells whether the key comes back with something else.
    """

    _name = "consent.api.call"
    _description = "Repeatable Call"
    _log_access = False
    _order = "id desc"
    _rec_name = "key"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True)
    answer = fields.Json(readonly=True)
    at = fields.Datetime("When", required=True, readonly=True, index=True)

    _key_unique = models.UniqueIndex("(user_id, company_id, key)")

    @api.model
    def _known(self, verb: str, keys: dict[int, str], entries: dict[int, dict]) -> tuple[list[int], dict]:
        """Split `entries` into those to do and those done before.

        :param keys: by number of the entry, where it has one
        :return: the numbers to do, and by number the answer of then, or a `ConsentError` for a key used otherwise
        """
        stored = self._stored(key for key in keys.values() if plain_values.is_text(key))
        seen, fresh, answers = {}, [], {}
        for number, entry in entries.items():
            key = keys.get(number)
            if key is None:
                fresh.append(number)
            elif not plain_values.is_text(key) or len(key) > LONGEST_KEY:
                answers[number] = ConsentError("bad_key", self.env._("A key is a text of at most 200 characters."))
            elif key in stored or key in seen:
                digest, answer = stored.get(key) or (seen[key], None)
                answers[number] = self._same(digest == self._digest(verb, entry), answer)
            else:
                seen[key] = self._digest(verb, entry)
                fresh.append(number)
        return fresh, answers

    def _same(self, same, answer):
        if same and answer:
            return answer
        return ConsentError("key_reused", self.env._("This key was used for something else, or twice in one call."))

    def _stored(self, keys):
        rows = self.search_fetch(
            [("user_id", "=", self.env.uid), ("company_id", "=", self.env.company.id), ("key", "in", list(keys))],
            ["key", "digest", "answer"],
        )
        return {row.key: (row.digest, row.answer) for row in rows}

    @api.model
    def _remember(self, verb: str, done: dict[str, tuple[dict, dict]]):
        """Keep what was done under each key.

        A concurrent call with the same key fails to serialise here, and is retried when this one's answer is known.
        """
        rows = [
            {"key": key, "digest": self._digest(verb, entry), "answer": answer}
            for key, (entry, answer) in done.items()
            if not isinstance(answer, ConsentError)
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO consent_api_call (user_id, company_id, key, digest, answer, at)
                       SELECT %s, %s, key, digest, answer, %s
                         FROM jsonb_to_recordset(%s) AS new(key text, digest text, answer jsonb)
                       ON CONFLICT DO NOTHING""",
                    self.env.uid,
                    self.env.company.id,
                    clock.now(),
                    ledger.canonical_json(rows),
                )
            )

    def _digest(self, verb, entry):
        secret = self.env["consent.contact.point"].sudo()._key()
        text = ledger.canonical_json({"verb": verb, **entry})
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()

    @api.autovacuum
    def _gc_calls(self):
        """Forget the keys of calls that nobody repeats any more (30 days)."""
        self.search([("at", "<", clock.consent_now(self.env) - KEPT)]).unlink()
