import base64
import csv
import io
from itertools import zip_longest

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

BATCH = 1000
#: Odoo's blacklists, by channel: model and column of the canonical address.
BLACKLISTS = {"email": ("mail.blacklist", "consent_address"), "sms": ("phone.blacklist", "number")}
HEADINGS = {"email": "E-mail", "phone": "Phone", "topic": "Topic", "answer": "Answer", "date": "When", "place": "List"}


class ConsentTakeover(models.TransientModel):
    """Bring in what people chose in Odoo before: who left a list said no; who is on it said yes only on a stated basis.

    The choices become an import, which is checked, approved, recorded and, if need be, revoked like any other.
    """

    _name = "consent.takeover"
    _description = "Taking Over Odoo's Lists"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    line_ids = fields.One2many("consent.takeover.line", "takeover_id", "Lists")
    take_yes = fields.Boolean(
        "Who is on a list said yes",
        help="Being on a list proves nothing by itself. Say below what they had agreed to, and where that is kept.",
    )
    basis = fields.Text("What this rests on", help="Kept as evidence with each answer, in your name.")
    wording = fields.Text("Wording as it was", help="What they had read when they subscribed.")
    take_blacklists = fields.Boolean(
        "Who is on a blacklist objected", default=True, help="To all marketing of all companies, for good."
    )

    @api.model
    def default_get(self, fields):
        """Offer each mailing list with its topic."""
        values = super().default_get(fields)
        lists = self.env["mailing.list"].search([("active", "=", True)])
        lines = [{"list_id": each.id, "topic_id": each.consent_topic_id.id} for each in lists]
        return {**values, "line_ids": [Command.create(line) for line in lines]}

    def action_take_over(self):
        """Record the objections, and open the import of the choices.

        :raises UserError: a yes without a basis or wording, or nothing to do
        """
        self.ensure_one()
        if self.take_yes and not (self.basis and self.wording):
            raise UserError(self.env._("Say what they had read, and what it rests on: a list by itself proves no yes."))
        content = self._file()
        if not content and not self.take_blacklists:
            raise UserError(self.env._("There is nothing to take over: choose a topic for a list."))
        if self.take_blacklists:
            self._take_blacklists()
        if not content:
            return {"type": "ir.actions.act_window_close"}
        batch = self.env["consent.import"].create(
            {
                "name": "odoo-lists.csv",
                "file": base64.b64encode(content.encode()),
                "company_id": self.company_id.id,
                "kind": "answer",
                "by_sms": True,
                "date_order": "ymd",
                "tz": "UTC",
                "wording": self.wording,
                "note": self.basis,
                "place": self.env._("Odoo's mailing lists"),
            }
        )
        means = {heading: meaning for meaning, heading in HEADINGS.items()}
        for column in batch.column_ids:
            column.means = means[column.heading]
        for value in batch.value_ids:
            value.means = value.key
        return {
            "type": "ir.actions.act_window",
            "res_model": batch._name,
            "res_id": batch.id,
            "views": [(False, "form")],
        }

    def _file(self):
        """Return the choices as CSV, empty where there are none."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(HEADINGS.values())
        rows = self._rows()
        writer.writerows(rows)
        return file.getvalue() if rows else ""

    def _rows(self):
        topics = {line.list_id: line.topic_id for line in self.line_ids if line.topic_id}
        self.env.flush_all()
        return [
            (
                email,
                phone,
                topic.code or topic.name,
                "no" if left else "yes",
                at.isoformat(" ", "seconds"),
                mailing.name,
            )
            for mailing, topic in topics.items()
            for batch in tools.split_every(BATCH, self._chosen(mailing), list)
            for email, phone, left, at in self._with_addresses(batch)
        ]

    def _chosen(self, mailing):
        """Return contact, its e-mail and number as written, whether they left the list, and since when."""
        query = """SELECT contact.id, contact.email, contact.mobile, COALESCE(chosen.opt_out, FALSE),
                          COALESCE(chosen.opt_out_datetime, chosen.create_date, contact.create_date)
                     FROM mailing_subscription chosen JOIN mailing_contact contact ON contact.id = contact_id
                    WHERE list_id = %s AND (chosen.opt_out OR %s) ORDER BY chosen.id"""
        return self.env.execute_query(SQL(query, mailing.id, self.take_yes))

    def _with_addresses(self, chosen):
        """Yield a line for each address of a contact: who left did so with all of them.

        A yes goes as it is written where there are several: nobody knows which of them agreed, and the import says so.
        So does what nobody can read.
        """
        contacts = self.env["mailing.contact"].sudo().browse(row[0] for row in chosen)
        carried = contacts._consent_addresses()
        for id_, *written, left, at in chosen:
            pairs = sorted(carried.get(id_, ()))
            found = [[address for name, address in pairs if name == channel] for channel in BLACKLISTS]
            shown = [
                each if len(each) == 1 or (each and left) else [text] for each, text in zip(found, written, strict=True)
            ]
            for email, phone in zip_longest(*shown):
                yield email, phone, left, at

    def _take_blacklists(self):
        base = {
            "fact": "objected",
            "company": False,
            "source": "import",
            "source_label": self.env._("Odoo's blacklist"),
        }
        for channel, (model, column) in BLACKLISTS.items():
            blacklist = self.env[model].sudo()
            found = blacklist.search([(column, "!=", False)])
            for rows in tools.split_every(BATCH, found.ids, blacklist.browse):
                places = [{"address": row[column], "occurred_at": row.create_date} for row in rows]
                self.env["consent.record"]._submit([{**base, **place, "channel": channel} for place in places])


class ConsentTakeoverLine(models.TransientModel):
    """A mailing list, and the topic that its subscribers chose."""

    _name = "consent.takeover.line"
    _description = "List to Take Over"

    takeover_id = fields.Many2one("consent.takeover", required=True, ondelete="cascade")
    list_id = fields.Many2one("mailing.list", required=True, ondelete="cascade")
    topic_id = fields.Many2one("consent.topic", ondelete="cascade", help="Empty: the list is left alone.")
    subscribed_count = fields.Integer("On it", compute="_compute_counts")
    left_count = fields.Integer("Left it", compute="_compute_counts")

    @api.depends("list_id")
    def _compute_counts(self):
        domain = [("list_id", "in", self.list_id.ids)]
        groups = self.env["mailing.subscription"].sudo()._read_group(domain, ["list_id", "opt_out"], ["__count"])
        counts = {(mailing.id, left): count for mailing, left, count in groups}
        for line in self:
            line.subscribed_count = counts.get((line.list_id.id, False), 0)
            line.left_count = counts.get((line.list_id.id, True), 0)
