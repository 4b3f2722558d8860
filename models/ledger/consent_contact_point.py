import secrets
from collections.abc import Iterable

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...tools import bulk, contact_point, ledger
from ..policy.hex_field import Hex

KEY_PARAMETER = "marketing_consent.suppression_key"
#: What a writer to the ledger needs of a point.
HEAD = SQL(
    """id, encode(uid, 'hex') AS uid, channel, encode(address_hash, 'hex') AS address_hash, head_seq,
       encode(head_hash, 'hex') AS head_hash"""
)

#: Column and PostgreSQL type of what is inserted.
COLUMNS = {
    **{"id": "integer", "uid": "bytea", "channel": "text", "address": "text"},
    **{"address_hash": "bytea", "head_seq": "integer", "head_hash": "bytea"},
}


class ConsentContactPoint(models.Model):
    """One address in one channel: what consent belongs to, whoever carries the address."""

    _name = "consent.contact.point"
    _description = "Contact Point"
    _order = "id"
    _log_access = False

    uid = Hex("Identifier", required=True, readonly=True, help="Random; names the person in exports.")
    channel = fields.Selection(
        [(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS"), (contact_point.WEB, "Web")],
        required=True,
        readonly=True,
    )
    address = fields.Char(
        readonly=True,
        groups="marketing_consent.group_user",
        help="Canonical: the domain in its ASCII form, numbers in E.164. Empty after erasure.",
    )
    address_hash = Hex(required=True, readonly=True, groups="base.group_system")
    masked = fields.Char("Masked address", compute="_compute_masked", compute_sudo=True)
    head_seq = fields.Integer("Events", required=True, readonly=True)
    head_hash = Hex(readonly=True)
    record_ids = fields.One2many("consent.record", "contact_point_id", "Records")
    event_ids = fields.One2many("consent.event", "contact_point_id", "Events of this contact point")

    _address_hash_unique = models.UniqueIndex("(address_hash)")
    # Not unique: of two writers that make the same point, one would get an error that no retry is made for.
    _address_index = models.Index("(address) WHERE address IS NOT NULL")

    def init(self):
        """Leave room on each page: every event updates the head of its point, which then stays in place (HOT)."""
        self.env.cr.execute("ALTER TABLE consent_contact_point SET (fillfactor = 90)")

    @api.depends("address")
    def _compute_masked(self):
        for point in self:
            point.masked = contact_point.mask(point.channel, point.address) if point.address else self.env._("(erased)")

    @api.depends("address", "masked")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show the address to those who work with consent, its mask to others."""
        whole = self.env.user.has_group("marketing_consent.group_user")
        for point in self:
            point.display_name = (whole and point.sudo().address) or point.masked

    @api.model
    def _key(self) -> bytes:
        """Return the suppression key: made once, never rotated, since hashes cannot be made anew after erasure.

        :raises RuntimeError: the key is gone though contact points depend on it
        """
        return bytes.fromhex(self._key_hex())

    @api.model
    @tools.ormcache()
    def _key_hex(self):
        parameters = self.env["ir.config_parameter"].sudo()
        key = parameters.get_param(KEY_PARAMETER)
        if not key:
            if self.sudo().search_count([], limit=1):
                raise RuntimeError(f"system parameter {KEY_PARAMETER} is missing: restore it from a backup")
            key = secrets.token_hex(32)
            parameters.set_param(KEY_PARAMETER, key)
        return key

    @api.model
    def _hash(self, channel: str, address: str) -> str:
        """Return the keyed hash by which a block is found again after erasure (GDPR art. 17(3)(b), 21(3))."""
        return contact_point.address_hash(self._key(), channel, address)

    @api.model
    def _lock(self, addresses: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict]:
        """Return the heads of the contact points of `addresses`, made where missing, locked until commit.

        Locked in id order, and always updated by who locks them: a concurrent writer gets a serialisation failure
        instead of an old snapshot, and starts anew.

        :param addresses: pairs of channel and canonical address
        :return: by pair: id, uid, head_seq, head_hash
        """
        hashes = self._hashes(addresses)
        rows = self._lock_existing(hashes)
        rows += self._new(_without(hashes, rows))
        return {hashes[row["address_hash"]]: row for row in rows}

    def _new(self, hashes):
        """Return the heads of contact points that do not exist yet; `_set_heads` inserts them."""
        query = SQL("SELECT nextval('consent_contact_point_id_seq') FROM generate_series(1, %s)", len(hashes))
        ids = self.env.execute_query(query) if hashes else []
        # Sorted, so that two transactions that insert the same points wait for each other in the same order.
        return [
            {"id": id_, "head_hash": None, "head_seq": 0, "is_new": True, **self._values(key, *hashes[key])}
            for (id_,), key in zip(ids, sorted(hashes), strict=True)
        ]

    def _values(self, key, channel, address):
        identity = {"uid": secrets.token_hex(16), "channel": channel, "address": address}
        return {"address_hash": key, **identity}

    @api.model
    def _set_heads(self, heads: list[dict]):
        """Store the heads of contact points, and the points that are new.

        A concurrent transaction that inserts the same point raises a serialisation failure: retry in a new transaction.

        :param heads: as `_lock` returns them, with head_seq and head_hash of the last event
        """
        new = [head for head in heads if head.get("is_new")]
        known = [head for head in heads if not head.get("is_new")]
        if new:
            columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
            rows = bulk.table(new, COLUMNS, "new")
            self.env.cr.execute(
                SQL(
                    """INSERT INTO consent_contact_point (%(columns)s) SELECT %(columns)s FROM %(rows)s
                       ON CONFLICT (address_hash) DO NOTHING""",
                    columns=columns,
                    rows=rows,
                )
            )
        if known:
            types = {name: COLUMNS[name] for name in ("id", "head_seq", "head_hash")}
            self.env.cr.execute(
                SQL(
                    """UPDATE consent_contact_point point SET head_seq = head.head_seq, head_hash = head.head_hash
                         FROM %s WHERE point.id = head.id""",
                    bulk.table(known, types, "head"),
                )
            )

    def _lock_existing(self, hashes):
        if not hashes:
            return []
        query = SQL(
            "SELECT %s FROM consent_contact_point WHERE address_hash = ANY(%s) ORDER BY id FOR UPDATE",
            HEAD,
            [bytes.fromhex(key) for key in hashes],
        )
        return self.env.execute_query_dict(query)

    def _hashes(self, pairs):
        key = self._key()
        return {contact_point.address_hash(key, *pair): pair for pair in set(pairs)}

    @api.model
    def _find(self, channel: str, address: str):
        """Return the contact point of a canonical address, erased ones too; empty where there is none."""
        return self.search([("channel", "=", channel), ("address_hash", "=", self._hash(channel, address))])

    @api.model
    def _points(self, channel: str, addresses: Iterable[str]) -> dict[str, int]:
        """Return the id of the contact point of each of `addresses` (canonical), made where missing."""
        addresses = set(addresses)
        found = self._known(channel, addresses)
        if missing := addresses - found.keys():
            self._ensure(self._hashes((channel, address) for address in missing))
            found |= self._known(channel, missing)
        return found

    @api.model
    def _known(self, channel: str, addresses: Iterable[str]) -> dict[str, int]:
        """Return the id of the contact point of each of `addresses` (canonical) that has one."""
        hashes = self._hashes((channel, address) for address in addresses)
        return {hashes[key][1]: point_id for key, point_id in self._by_hash(channel, hashes).items()}

    def _by_hash(self, channel, hashes):
        if not hashes:
            return {}
        query = """SELECT encode(address_hash, 'hex'), id FROM consent_contact_point
                    WHERE channel = %s AND address_hash = ANY(%s)"""
        return dict(self.env.execute_query(SQL(query, channel, [bytes.fromhex(key) for key in hashes])))

    @api.model
    def _lock_again(self, points):
        """Lock existing contact points until commit, in the same order as `_lock`."""
        self.env.execute_query(
            SQL("SELECT id FROM consent_contact_point WHERE id = ANY(%s) ORDER BY id FOR UPDATE", points.ids)
        )

    def _ensure(self, hashes: dict[str, tuple[str, str]]):
        """Insert the points that are missing, without events."""
        if hashes:
            self._set_heads(self._new(hashes))

    @api.model
    def _in_batches(self, size: int = 1000):
        """Yield all contact points, `size` at a time and no more in memory."""
        last = 0
        while points := self.search([("id", ">", last)], order="id", limit=size):
            yield points
            last = points[-1].id
            points.invalidate_recordset(flush=False)

    def _first_break(self) -> dict[int, ledger.Break]:
        """Return, by id, where the chain of a contact point is broken; intact ones are not in it."""
        breaks = {}
        for points in tools.split_every(1000, self.ids, self.browse):
            rows = self.env["consent.event"]._chain_rows(points)
            for point in points:
                found = ledger.first_break(point.uid, point.head_seq, point.head_hash, rows.get(point.id, ()))
                if found:
                    breaks[point.id] = found
        return breaks


def _without(hashes, rows):
    """Return those of `hashes` that none of `rows` has."""
    found = {row["address_hash"] for row in rows}
    return {key: pair for key, pair in hashes.items() if key not in found}
