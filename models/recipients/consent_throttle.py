import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import clock, throttle

_logger = logging.getLogger(__name__)
NOT_ME_DAYS = 365


class ConsentThrottle(models.Model):
    """Who made us write to whom, as keyed hashes and no longer than the limits need."""

    _name = "consent.throttle"
    _description = "Flood Guard"
    _log_access = False

    key = fields.Char(required=True)
    at = fields.Datetime(required=True)

    slot = fields.Integer(
        help="Which shortest time between two messages to one address it is in; empty for all other keys."
    )

    _key_index = models.Index("(key, at)")
    _one_each_slot = models.UniqueIndex("(key, slot)")

    @api.model
    def _admit(self, source: str, page=None) -> bool:
        """Return whether one more form may have us send a message, and count it. It depends on no address (T-03).

        :param source: where it came from, for example an IP address
        :param page: the `consent.page` that it is on; a kiosk has a limit of its own in place of the source's
        """
        kiosk = page and page.is_kiosk
        keys = {"source": self._page_key("signed up", page) if kiosk else self._key("source", source), "all": "all"}
        own = [throttle.Limit("source", throttle.HOUR, page.kiosk_limit)] if kiosk else []
        limits = own + [limit for limit in throttle.FORM_LIMITS if not kiosk or limit.key == "all"]
        admitted = self._is_within(keys, limits)
        if not admitted:
            _logger.warning("flood guard: a form was turned away (%s)", page.code if page else "no page")
        pages = {self._page_key("signed up" if admitted else "turned away", page)} if page else set()
        self._note(*pages | (set(keys.values()) if admitted else set()))
        return admitted

    def _is_within(self, keys, limits):
        return all(self._count(keys[limit.key], limit.seconds) < limit.count for limit in limits)

    @api.model
    def _admit_boxes(self, source: str) -> bool:
        """Return whether ticked boxes on one more form about something else may have us send a message; see `_admit`.

        The form succeeds all the same, so their limit is larger and their own.
        """
        keys = {"source": self._key("boxes", source), "all": "all boxes"}
        admitted = self._is_within(keys, throttle.BOX_LIMITS)
        if admitted:
            self._note(*keys.values())
        return admitted

    @api.model
    def _lose_boxes(self, company):
        """Count a form of `company` whose boxes were not noted, for staff to see."""
        _logger.warning("flood guard: ticked boxes on a form were not noted (company %s)", company.id)
        self._note(self._key("boxes lost", str(company.id)))

    @api.model
    def _lost_boxes(self, companies, seconds: int) -> dict:
        """Return on how many forms of each of `companies` boxes were not noted in the last `seconds`."""
        keys = {company: self._key("boxes lost", str(company.id)) for company in companies}
        counts = self._counts(keys.values(), seconds)
        return {company: counts.get(key, 0) for company, key in keys.items()}

    @api.model
    def _on_pages(self, what: str, pages, seconds: int) -> dict:
        """Return how many were 'signed up' or 'turned away' on each of `pages` in the last `seconds`."""
        keys = {page: self._page_key(what, page) for page in pages}
        counts = self._counts(keys.values(), seconds)
        return {page: counts.get(key, 0) for page, key in keys.items()}

    def _page_key(self, what, page):
        return self._key("page", f"{what}:{page.id}")

    @api.model
    def _allow(self, channel: str, address: str) -> bool:
        """Return whether one more message may be sent to an unconfirmed address (canonical), and count it."""
        key = self._key(channel, throttle.fold(address))
        if self._is_disowned(channel, address):
            return False
        allowed = all(self._count(key, limit.seconds) < limit.count for limit in throttle.ADDRESS_LIMITS)
        if allowed:
            self._take_slot(key)
        return allowed

    def _take_slot(self, key):
        """Count a message to an address, once of all who try it at the same time.

        Who counted before a rival committed cannot know of it: PostgreSQL then finds the rival's row, which this
        transaction may not see, and ends it with a serialization failure. Whoever retries, as Odoo does, counts again.
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_throttle (key, at, slot)
                   SELECT %(key)s, %(now)s, floor(extract(epoch FROM %(now)s) / %(seconds)s)
                       ON CONFLICT (key, slot) DO NOTHING""",
                key=key,
                now=clock.now(),
                seconds=throttle.SHORTEST,
            )
        )

    @api.model
    def _disown(self, channel: str, address: str):
        """Write no more to an address whose owner did not ask for it, for a year."""
        self._note(self._key("not me", f"{channel}:{throttle.fold(address)}"))

    def _is_disowned(self, channel, address):
        return bool(self._disowned(channel, [address]))

    def _disowned(self, channel, addresses) -> set[str]:
        """Return those of canonical `addresses` that are to be left alone; see `_disown`."""
        keys = {address: self._key("not me", f"{channel}:{throttle.fold(address)}") for address in addresses}
        query = SQL(
            "SELECT DISTINCT key FROM consent_throttle WHERE key = ANY(%s) AND at > %s - %s * interval '1 day'",
            list(keys.values()),
            clock.now(),
            NOT_ME_DAYS,
        )
        found = {key for (key,) in self.env.execute_query(query)} if keys else set()
        return {address for address, key in keys.items() if key in found}

    def _key(self, kind, value):
        return self.env["consent.contact.point"].sudo()._hash(kind, value)

    def _count(self, key, seconds):
        query = SQL(
            "SELECT count(*) FROM consent_throttle WHERE key = %s AND at > %s - %s * interval '1 second'",
            key,
            clock.now(),
            seconds,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _counts(self, keys, seconds: int | None = None) -> dict[str, int]:
        """Return how often each of `keys` was noted in the last `seconds`; None: as far back as anything is kept."""
        query = SQL(
            """SELECT key, count(*) FROM consent_throttle
                WHERE key = ANY(%s) AND at > %s - %s * interval '1 second' GROUP BY key""",
            list(set(keys)),
            clock.now(),
            seconds or NOT_ME_DAYS * throttle.DAY,
        )
        return dict(self.env.execute_query(query))

    def _note(self, *keys):
        self.env.cr.execute(
            SQL("INSERT INTO consent_throttle (key, at) SELECT *, %s FROM unnest(%s::text[])", clock.now(), list(keys))
        )

    @api.autovacuum
    def _gc(self):
        """Forget what no limit looks at any more."""
        longest = max(throttle.LONGEST, NOT_ME_DAYS * throttle.DAY)
        self.env.cr.execute(
            SQL("DELETE FROM consent_throttle WHERE at < %s - %s * interval '1 second'", clock.now(), longest)
        )
