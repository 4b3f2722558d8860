from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import clock, transitions

OPEN, SAME, OTHER = "open", "same", "other"
#: Of an address that more records share, any of them shows that it is somebody else's.
MOST_LOOKED_AT = 10_000
#: The blocks that follow a person to another address; being unreachable belongs to the address.
FOLLOWING = ("objected", "suppressed", "restricted")


class ConsentAddressCase(models.Model):
    """A changed address of somebody who said no, where another record carries the new one or it said yes.

    Whether the no follows is for a person to decide; until then marketing to the new address waits (DESIGN §3).
    """

    _name = "consent.address.case"
    _description = "Changed Address to Check"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "record_name"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    record_name = fields.Char("Whose address changed", required=True, readonly=True)
    old_point_id = fields.Many2one(
        "consent.contact.point", "Old address", required=True, readonly=True, ondelete="cascade", index=True
    )
    new_point_id = fields.Many2one(
        "consent.contact.point", "New address", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade", help="Empty: all companies.")
    state = fields.Selection(
        [(OPEN, "To check"), (SAME, "Same person"), (OTHER, "Another person")],
        default=OPEN,
        required=True,
        readonly=True,
    )
    reason = fields.Char(help="Why the new address belongs to another person.", tracking=True)

    def write(self, vals):
        """Refuse a change of anything but the reason: the rest follows from what happened, and from the buttons.

        :raises AccessError: the user changes something else
        """
        if not self.env.su and vals.keys() - {"reason"}:
            raise AccessError(self.env._("Decide by the buttons: only the reason can be written."))
        return super().write(vals)

    # -- what stands ------------------------------------------------------------------------------------------------

    @api.model
    def _is_no(self, alias: SQL) -> SQL:
        """Return the condition under which a record (`consent_record` at `alias`) says no."""
        blocks = [SQL("%s.%s IS NOT NULL", alias, SQL.identifier(transitions.BLOCK_SET_BY[fact])) for fact in FOLLOWING]
        said = SQL("%s.state IN %s", alias, transitions.SAID_NO)
        paused = SQL("%s.paused_until > %s", alias, clock.now())
        return SQL("(%s)", SQL(" OR ").join([said, paused, *blocks]))

    @api.model
    def _noes(self, places: set[tuple[str, str]]) -> dict[tuple[str, str], list[dict]]:
        """Return what restricts each of `places` (channel and keyed hash) now, as facts that may follow.

        Left out is what somebody said who has nothing to do with the person ("this was not me").
        """
        if not places:
            return {}
        query = SQL(
            """SELECT record.id
                 FROM consent_record record JOIN consent_contact_point point ON point.id = record.contact_point_id
                WHERE point.address_hash = ANY(%s) AND %s AND NOT EXISTS (
                      SELECT FROM consent_evidence evidence
                       WHERE evidence.id = record.last_event_id AND evidence.payload LIKE '%%"not_me":true%%')""",
            [bytes.fromhex(key) for _channel, key in places],
            self._is_no(SQL.identifier("record")),
        )
        found = defaultdict(list)
        for record in self.env["consent.record"].browse(id_ for (id_,) in self.env.execute_query(query)):
            about = {"topic": record.topic_id, "company": record.company_id.id or False}
            point = record.contact_point_id
            found[point.channel, point.address_hash] += [about | fact for fact in record._noes()]
        return dict(found)

    # -- carrying over ----------------------------------------------------------------------------------------------

    @api.model
    def _carry(self, model: str, moves: dict[tuple, str]):
        """Let what restricts the old addresses of records follow to the new ones, or open a case.

        :param moves: the new address (canonical, None: nobody's) by id of the record, old and new place
        """
        noes = self._noes({place for _id, old, new in moves for place in (old, new)})
        news = {key: address for key, address in moves.items() if self._missing(noes, key[1], key[2])}
        others = self._of_others(model, news)
        label = self.env._("Changed address")
        evidence = {"record": model}
        carried = [(old, new, address) for (id_, old, new), address in news.items() if (id_, new) not in others]
        self._submit(noes, carried, source="system", evidence=evidence, source_label=label)
        self._open(model, noes, {key: address for key, address in news.items() if (key[0], key[2]) in others})

    def _missing(self, noes, old, new):
        """Return the facts that stand at the old place and not at the new one."""
        standing = {(fact["topic"], fact["company"], fact["fact"]) for fact in noes.get(new, ())}
        return [fact for fact in noes.get(old, ()) if (fact["topic"], fact["company"], fact["fact"]) not in standing]

    @api.model
    def _submit(self, noes, moves, *, source: str, evidence: dict, source_label=None):
        """Record restrictive facts at new addresses (requirement R-011).

        :param noes: see `_noes`
        :param moves: old place, new place and new address
        """
        base = {"type": "carried_over", "source": source, "source_label": source_label, "evidence": evidence}
        base["source_label"] = source_label or self.env._("Changed address")
        entries = {
            (new, fact["topic"], fact["company"], fact["fact"]): {**base, **fact, "channel": new[0], "address": address}
            for old, new, address in moves
            for fact in self._missing(noes, old, new)
        }
        if entries:
            self.env["consent.record"].sudo()._submit(list(entries.values()))

    def _of_others(self, model, news):
        """Return the pairs of record id and new place that are somebody else's: another carries it, or it said yes."""
        if not news:
            return set()
        places = {new: address for (_id, _old, new), address in news.items()}
        keys = self._people(model, [id_ for id_, _old, _new in news])
        # Who gets an address in the same change did not have it before.
        movers = {(new, keys[id_]) for id_, _old, new in news}
        carriers = {(place, key) for place, key in self._carriers(places) if (place, key) not in movers}
        granted = self._granted(places)
        strangers = {place for place, _key in carriers} | granted
        return {(id_, new) for id_, _old, new in news if new in strangers}

    def _people(self, model, ids):
        """Return whose record each is: its contact's where it has one."""
        query = SQL(
            "SELECT id, %s FROM %s WHERE id = ANY(%s)", self._person(model), SQL.identifier(self.env[model]._table), ids
        )
        return dict(self.env.execute_query(query))

    def _person(self, model):
        link = self.env[model]._consent_link_field()
        own = SQL("%s || ',' || id", model)
        return SQL("COALESCE('res.partner,' || %s, %s)", SQL.identifier(link), own) if link else own

    def _carriers(self, places):
        """Return which people carry each of `places`."""
        audience, by_address = self.env["consent.audience"], defaultdict(dict)
        for place, address in places.items():
            by_address[place[0]][address] = place
        return {
            (by_address[channel][address], person)
            for model in audience._models()
            for channel, (_written, derived) in audience._columns(model).items()
            if by_address[channel]
            for address, person in self.env.execute_query(self._carried_by(model, derived, [*by_address[channel]]))
        }

    def _carried_by(self, model, derived, addresses):
        """Return the query of address and person of the records that carry one of `addresses`; enough to know of."""
        return SQL(
            "SELECT %(column)s, %(person)s FROM %(table)s WHERE %(column)s = ANY(%(addresses)s) LIMIT %(limit)s",
            column=SQL.identifier(derived),
            person=self._person(model),
            table=SQL.identifier(self.env[model]._table),
            addresses=addresses,
            limit=MOST_LOOKED_AT,
        )

    def _granted(self, places):
        query = SQL(
            """SELECT DISTINCT point.channel, encode(point.address_hash, 'hex')
                 FROM consent_contact_point point JOIN consent_record record ON record.contact_point_id = point.id
                WHERE point.address_hash = ANY(%s) AND record.state = 'granted'""",
            [bytes.fromhex(key) for _channel, key in places],
        )
        return set(self.env.execute_query(query))

    # -- cases ------------------------------------------------------------------------------------------------------

    def _open(self, model, noes, moves):
        """Open a case for each company, and let marketing to the new addresses wait."""
        if not moves:
            return
        label = self.env._("Changed address: whose is it?")
        waiting = {old: [{**fact, "fact": "restricted"} for fact in noes[old]] for _id, old, _new in moves}
        wait = [(old, new, address) for (_id, old, new), address in moves.items()]
        self._submit(
            waiting | {new: noes.get(new, []) for _old, new, _address in wait},
            wait,
            source="system",
            evidence={"record": model},
            source_label=label,
        )
        points = self.env["consent.contact.point"].sudo()
        hashes = [place[1] for _id, old, new in moves for place in (old, new)]
        found = {
            (point.channel, point.address_hash): point for point in points.search([("address_hash", "in", hashes)])
        }
        names = {record.id: record.display_name for record in self.env[model].sudo().browse({key[0] for key in moves})}
        cases = self.create(
            [
                {
                    "res_model": model,
                    "res_id": id_,
                    "record_name": names[id_] or self.env._("Without a name"),
                    "old_point_id": found[old].id,
                    "new_point_id": found[new].id,
                    "company_id": company,
                }
                for id_, old, new in moves
                for company in {fact["company"] for fact in self._missing(noes, old, new)}
            ]
        )
        cases._ask()

    def _ask(self):
        """Ask somebody who works with consent to decide."""
        officers = self.env.ref("marketing_consent.group_officer").sudo().all_user_ids
        works = self.env.user.has_group("marketing_consent.group_user")
        for case in self:
            allowed = officers.filtered(
                lambda user, case=case: not case.company_id or case.company_id in user.company_ids
            )
            who = self.env.user if works else allowed[:1]
            if who:
                case.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=who.id, summary=self.env._("Is it the same person?")
                )

    def action_same_person(self):
        """Let what was said at the old address follow to the new one.

        :raises AccessError: the user does not record consent
        """
        for case in self._decided_by_staff():
            places = [(point.channel, point.address_hash) for point in (case.old_point_id, case.new_point_id)]
            noes = case._noes({places[0]}).get(places[0], [])
            about = [fact for fact in noes if (fact["company"] or False) == (case.company_id.id or False)]
            case._lift()
            case._submit(
                {places[0]: about}, [(*places, case.new_point_id.address)], source="system", evidence={"case": case.id}
            )
            case._close(SAME)

    def action_other_person(self):
        """Leave the new address as it was: it belongs to another person.

        :raises AccessError: the user does not record consent
        :raises UserError: without a reason
        """
        for case in self._decided_by_staff():
            if not (case.reason or "").strip():
                raise UserError(self.env._("Say why the new address belongs to another person."))
            case._lift()
            case._close(OTHER)

    def _decided_by_staff(self):
        if not self.env.user.has_group("marketing_consent.group_user"):
            raise AccessError(self.env._("Recording consent needs the right “Consent: User”."))
        self.check_access("write")
        return self.sudo().filtered(lambda case: case.state == OPEN and case.new_point_id.address)

    def _lift(self):
        """Lift what this case set, unless another open case holds it too."""
        others = [("new_point_id", "=", self.new_point_id.id), ("company_id", "=", self.company_id.id)]
        if self.search_count([*others, ("state", "=", OPEN), ("id", "!=", self.id)], limit=1):
            return
        point = self.new_point_id
        records = self.env["consent.record"].search(
            [
                ("contact_point_id", "=", point.id),
                ("company_id", "=", self.company_id.id),
                ("restricted_at", "!=", False),
            ]
        )
        entries = [
            {
                "fact": "unrestricted",
                "channel": point.channel,
                "address": point.address,
                "topic": record.topic_id,
                "company": record.company_id.id or False,
                "source": "system",
                "source_label": self.env._("Changed address: whose is it?"),
                "evidence": {"case": self.id, "reason": self.reason or ""},
            }
            for record in records
            if self._set_by_case(record)
        ]
        self.env["consent.record"]._submit(entries)

    def _set_by_case(self, record):
        about = [(name, "=", record[name].id) for name in ("contact_point_id", "topic_id", "company_id")]
        since = [("fact", "=", "restricted"), ("occurred_at", "=", record.restricted_at)]
        return all(
            event.type == "carried_over" and event.source == "system"
            for event in self.env["consent.event"].search([*about, *since])
        )

    def _close(self, state):
        self.state = state
        self.activity_feedback(["mail.mail_activity_data_todo"], feedback=self.reason)

    def action_open_record(self):
        """Open the record whose address changed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
