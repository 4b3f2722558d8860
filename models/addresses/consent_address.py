from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...tools import bulk, contact_point

PENDING = "marketing_consent.addresses"
AUTHORS = "marketing_consent.authors"
DISOWNED = "marketing_consent.disowned"
BATCH = 500
#: Where a no is kept: what the outbox tells, so that the carriers of its address are remembered.
NOES = frozenset({"withdrawn", "refused", "objected", "suppressed", "restricted", "paused"})


class Seen(NamedTuple):
    """The addresses of a record at one time: its contact, and the keyed hash of each, by channel."""

    link: int
    places: frozenset[tuple[str, str]]


class ConsentAddress(models.Model):
    """At which addresses a record was last seen, so that a no follows however the address changes.

    Kept as keyed hashes, and only of records of which somebody said no. A change within a transaction is compared with
    what the database had before; one that no method of Odoo made (SQL) with what is kept here, by a scheduled job.
    """

    _name = "consent.address"
    _description = "Last Known Addresses of a Record"
    _log_access = False

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    link = fields.Integer("Contact (id)", readonly=True)
    places = fields.Text(readonly=True, help="Channel and keyed hash of each address.")
    fingerprint = fields.Char(readonly=True, help="Keyed hash of the columns as they were.")

    _record_unique = models.UniqueIndex("(res_model, res_id)")

    # -- what a record carries ------------------------------------------------------------------------------------

    @api.model
    def _raw(self, model: str, ids: list[int]) -> dict[int, dict]:
        """Return the columns of records on which their addresses depend, with a fingerprint, as the database has them.

        The caller has flushed what it wants to see.
        """
        if not ids:
            return {}
        Model = self.env[model]
        columns = Model._consent_watched()
        query = SQL(
            "SELECT id, %s AS fingerprint, %s FROM %s seen WHERE id = ANY(%s)",
            self._fingerprint(columns),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL.identifier(Model._table),
            list(ids),
        )
        return {row["id"]: row for row in self._rows(query)}

    def _rows(self, query):
        # Not `execute_query`: this is asked while the ORM flushes, and wants what was there before.
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _fingerprint(self, columns):
        row = SQL(", ").join(SQL.identifier("seen", column) for column in columns)
        key = self.env["consent.contact.point"].sudo()._key()
        return SQL("encode(sha256(%s || convert_to(ROW(%s)::text, 'UTF8')), 'hex')", key, row)

    @api.model
    def _derive(self, model: str, rows: dict[int, dict]) -> dict[int, set[tuple[str, str]]]:
        """Return the pairs of channel and canonical address that Odoo finds in rows of `_raw`.

        Several addresses in one field count each; so does every number, not only the first that Odoo would take.
        """
        names = self.env[model]._consent_address_fields()
        texts = {id_: [row[name] for name in names[contact_point.EMAIL]] for id_, row in rows.items()}
        found = {
            id_: {(contact_point.EMAIL, address) for text in filter(None, fields_) for address in _emails(text)}
            for id_, fields_ in texts.items()
        }
        unread = {}
        for id_, row in rows.items():
            number = row.get("phone_sanitized")
            if contact_point.is_e164(number or ""):
                found[id_].add((contact_point.SMS, number))
            numbers = [row[name] for name in names[contact_point.SMS] if row[name]]
            if len(numbers) > 1 or (numbers and not number):
                unread[id_] = numbers
        for id_, numbers in self._read_numbers(model, unread).items():
            found[id_].update((contact_point.SMS, number) for number in numbers)
        return found

    def _read_numbers(self, model, texts):
        """Return the numbers in E.164 of national ones, by the country that Odoo takes each record to be of."""
        records = self.env[model].sudo().browse(texts).exists()
        countries = records._phone_get_country()
        default = self.env.company.country_id
        return {
            record.id: filter(
                None,
                (
                    contact_point.canonical_phone(text, (countries.get(record.id) or default).code)
                    for text in texts[record.id]
                ),
            )
            for record in records
        }

    # -- within a transaction -------------------------------------------------------------------------------------

    @api.model
    def _note(self, records, before: dict[int, dict]):
        """Note records whose addresses may have changed, to be compared before the transaction ends.

        :param before: their rows of `_raw` before the change, by id; those that have one already keep their first
        """
        data = self.env.cr.precommit.data
        if PENDING not in data:
            self.env.cr.precommit.add(self.env["consent.address"].sudo()._settle)
        pending = data.setdefault(PENDING, {}).setdefault(records._name, {})
        pending.update({id_: pending.get(id_) or before.get(id_) for id_ in records.ids})

    @api.model
    def _note_before(self, records):
        """Note what the database has of records that are about to change there, by one statement."""
        pending = self.env.cr.precommit.data.get(PENDING, {}).get(records._name, {})
        unknown = records.filtered(lambda record: not pending.get(record.id))
        if unknown:
            self._note(unknown, self.sudo()._raw(records._name, unknown.ids))

    @api.model
    def _note_author(self, records):
        """Note who changes records."""
        authors = self.env.cr.precommit.data.setdefault(AUTHORS, {})
        for id_ in records.ids:
            authors.setdefault((records._name, id_), self.env.uid)

    @api.model
    def _settle(self):
        """Compare what was noted with what is there now: before the gate reads, and before Odoo commits."""
        for model in self.env["consent.audience"]._models():
            self.env[model].flush_model(self.env[model]._consent_watched())
        data = self.env.cr.precommit.data
        pending, authors = data.pop(PENDING, {}), data.pop(AUTHORS, {})
        for model, rows in pending.items():
            by_author = defaultdict(dict)
            for id_, row in rows.items():
                by_author[authors.get((model, id_), self.env.uid)][id_] = row
            for author, theirs in by_author.items():
                self.with_user(author).sudo()._reconcile(model, theirs)

    @api.model
    def _disown(self, records, pairs):
        """Note that `pairs` (channel and canonical address) never were the addresses of records: nothing follows.

        Holds for changes that are compared next; the caller logs who says so, and why.
        """
        points = self.env["consent.contact.point"].sudo()
        never = self.env.cr.precommit.data.setdefault(DISOWNED, set())
        never |= {
            (records._name, id_, channel, points._hash(channel, address))
            for id_ in records.ids
            for channel, address in pairs
        }

    # -- comparing ------------------------------------------------------------------------------------------------

    @api.model
    def _reconcile(self, model: str, before: dict[int, dict | None]):
        """Let every no follow to the new addresses of records, and remember where they are now.

        Carried over is only where the link to the contact is unchanged; to an address that another carries, or that
        said yes, it is not either: staff get the case, and marketing to that address waits.

        :param before: rows of `_raw`, None where only what is remembered is known
        """
        rows = self._raw(model, list(before))
        now, addresses = self._seen(model, rows)
        old, _addresses = self._seen(model, {id_: row for id_, row in before.items() if row})
        was = self._without_disowned(model, self._merge(self._remembered(model, list(before)), old))
        moves = {
            id_: (was[id_].places, seen.places - was[id_].places)
            for id_, seen in now.items()
            if id_ in was and was[id_].link == seen.link
        }
        fresh = {id_: {place for place in new if addresses[place]} for id_, (_old, new) in moves.items()}
        self.env["consent.address.case"]._carry(
            model,
            {
                (id_, place, new): addresses[new]
                for id_, (known, _new) in moves.items()
                for new in fresh[id_]
                for place in known
                if place[0] == new[0]
            },
        )
        self._remember(model, before, was, now, rows)

    def _seen(self, model, rows):
        """Return what `rows` show, by id; and the address of each hash, None where nobody is behind it."""
        points, link = self.env["consent.contact.point"].sudo(), self.env[model]._consent_link_field()
        addresses, seen = {}, {}
        for id_, pairs in self._derive(model, rows).items():
            places = {(channel, points._hash(channel, address)): address for channel, address in pairs}
            seen[id_] = Seen(rows[id_][link] or 0 if link else 0, frozenset(places))
            addresses |= {
                place: None if contact_point.is_anonymous(address) else address for place, address in places.items()
            }
        return seen, addresses

    def _remembered(self, model, ids):
        query = "SELECT res_id, link, places FROM consent_address WHERE res_model = %s AND res_id = ANY(%s)"
        return {
            id_: Seen(link or 0, frozenset(tuple(place.split(":")) for place in places.split()))
            for id_, link, places in self.env.execute_query(SQL(query, model, ids))
        }

    def _merge(self, remembered, old):
        """Return what was known of each record: nothing where it was another contact's in between."""
        merged = dict(old)
        for id_, seen in remembered.items():
            other = old.get(id_, seen)
            same = other.link == seen.link
            merged[id_] = Seen(other.link if same else -1, seen.places | other.places)
        return merged

    def _without_disowned(self, model, was):
        never = self.env.cr.precommit.data.get(DISOWNED, ())
        return {
            id_: seen._replace(places=frozenset(place for place in seen.places if (model, id_, *place) not in never))
            for id_, seen in was.items()
        }

    def _remember(self, model, ids, was, now, rows):
        """Keep the addresses of the records of which somebody said no, those that they left without a new one too."""
        kept = {id_: self._kept(was.get(id_), seen) for id_, seen in now.items()}
        noes = self.env["consent.address.case"]._noes({place for places in kept.values() for place in places})
        told = [
            {
                "res_model": model,
                "res_id": id_,
                "link": now[id_].link,
                "places": " ".join(sorted(map(":".join, places))),
                "fingerprint": rows[id_]["fingerprint"],
            }
            for id_, places in sorted(kept.items())
            if not noes.keys().isdisjoint(places)
        ]
        gone = sorted(set(ids) - {row["res_id"] for row in told})
        if gone:
            self.env.cr.execute(
                SQL("DELETE FROM consent_address WHERE res_model = %s AND res_id = ANY(%s)", model, gone)
            )
        if told:
            self._upsert(told)
        self.invalidate_model()

    def _kept(self, was, seen):
        if not was or was.link != seen.link:
            return seen.places
        channels = {channel for channel, _hash in seen.places}
        return seen.places | {place for place in was.places if place[0] not in channels}

    def _upsert(self, rows):
        types = {"res_model": "text", "res_id": "integer", "link": "integer", "places": "text", "fingerprint": "text"}
        columns = SQL(", ").join(map(SQL.identifier, types))
        self.env.cr.execute(
            SQL(
                """INSERT INTO consent_address (%s) SELECT %s FROM %s
                   ON CONFLICT (res_model, res_id) DO UPDATE
                      SET link = EXCLUDED.link, places = EXCLUDED.places, fingerprint = EXCLUDED.fingerprint""",
                columns,
                columns,
                bulk.table(rows, types, "new"),
            )
        )

    # -- what no method saw ---------------------------------------------------------------------------------------

    @api.model
    def _cron_reconcile(self):
        """Find changes that Odoo's methods did not see, and carriers of a no that are not remembered yet."""
        self._settle()
        for model in self.env["consent.audience"]._models():
            for ids in tools.split_every(BATCH, [*self._changed(model), *self._unremembered(model)]):
                self._reconcile(model, dict.fromkeys(ids))
                if not self.env["ir.cron"]._commit_progress(len(ids)):
                    return

    def _changed(self, model):
        """Return the remembered records whose columns are not what they were."""
        Model = self.env[model]
        query = SQL(
            """SELECT known.res_id FROM consent_address known LEFT JOIN %s seen ON seen.id = known.res_id
                WHERE known.res_model = %s AND (seen.id IS NULL OR known.fingerprint IS DISTINCT FROM %s)
                ORDER BY known.res_id""",
            SQL.identifier(Model._table),
            model,
            self._fingerprint(Model._consent_watched()),
        )
        return [id_ for (id_,) in self.env.execute_query(query)]

    def _unremembered(self, model, points=None):
        """Return the records that carry an address at which a no stands, or several addresses, and are not remembered.

        :param points: the contact points to look at, default all
        """
        among = SQL("TRUE") if points is None else SQL("point.id = ANY(%s)", points.ids)
        query = SQL(
            """SELECT carried.key FROM (%s) carried
                 JOIN consent_contact_point point USING (channel, address)
                WHERE %s AND EXISTS (SELECT FROM consent_record record WHERE record.contact_point_id = point.id AND %s)
                  AND NOT EXISTS (SELECT FROM consent_address known
                                   WHERE known.res_model = %s AND known.res_id = carried.key)
                %s""",
            self.env["consent.audience"]._carried(model),
            among,
            self.env["consent.address.case"]._is_no(SQL.identifier("record")),
            model,
            SQL("") if points else SQL("UNION %s", self._several(model)),
        )
        return sorted({id_ for (id_,) in self.env.execute_query(query)})

    def _several(self, model):
        """Return the query of the records with more than one address of a channel: only Python can read those."""
        Model, names = self.env[model], self.env[model]._consent_address_fields()
        emails = [SQL.identifier("seen", name) for name in names[contact_point.EMAIL]]
        numbers = [SQL.identifier("seen", name) for name in names[contact_point.SMS]]
        conditions = [SQL("FALSE")]
        if emails:
            conditions.append(SQL("concat(%s) LIKE '%%@%%@%%'", SQL(", ").join(emails)))
        if numbers:
            conditions.append(SQL("num_nonnulls(%s) > 1", SQL(", ").join(numbers)))
        return SQL(
            """SELECT id FROM %s seen WHERE (%s) AND NOT EXISTS
                      (SELECT FROM consent_address known WHERE known.res_model = %s AND known.res_id = seen.id)""",
            SQL.identifier(Model._table),
            SQL(" OR ").join(conditions),
            model,
        )


class ConsentOutbox(models.Model):
    """Remember the carriers of an address at which somebody said no, seconds after they did."""

    _inherit = "consent.outbox"

    @api.model
    def _consumers(self):
        """Add this consumer."""
        return (*super()._consumers(), "addresses")

    @api.model
    def _wants_addresses(self, facts):
        return [fact for fact in facts if fact["fact"] in NOES]

    @api.model
    def _deliver_addresses(self, events):
        known, points = self.env["consent.address"].sudo(), events.contact_point_id
        for model in self.env["consent.audience"]._models():
            self.env[model].flush_model(self.env[model]._consent_watched())
            for ids in tools.split_every(BATCH, known._unremembered(model, points)):
                known._reconcile(model, dict.fromkeys(ids))


def _emails(text):
    return contact_point.canonical_emails(text).usable
