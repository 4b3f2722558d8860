from collections.abc import Iterable

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...tools import bulk, ledger
from ..policy.hex_field import Hex


class ConsentExhibit(models.Model):
    """A text that many events refer to, stored once: a statement as shown to people, or evidence shared by a batch.

    Events bind it by its digest. The text can be blanked, since evidence may be personal; the digest stays.
    """

    _name = "consent.exhibit"
    _description = "Shared Evidence"
    _inherit = ["consent.append.only"]
    _log_access = False
    _order = "id"
    _rec_name = "digest"

    digest = Hex("SHA-256", required=True, readonly=True)
    content = fields.Text(readonly=True)

    _digest_unique = models.UniqueIndex("(digest)")

    def init(self):
        """Refuse every change but blanking, for plain SQL too."""
        self._protect(changed="NEW.content IS NOT NULL OR (NEW.id, NEW.digest) IS DISTINCT FROM (OLD.id, OLD.digest)")

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse: the ledger stores shared evidence together with its events."""
        raise AccessError(self.env._("Shared evidence is recorded with its events."))

    @api.model
    def _ids_of(self, texts: Iterable[str]) -> dict[str, int]:
        """Return the ids of `texts` by digest, stored if missing."""
        wanted = {ledger.digest(text): text for text in texts}
        found = self._known(wanted)
        if missing := wanted.keys() - found.keys():
            # Sorted, so that concurrent transactions wait for each other in the same order.
            rows = [{"digest": key, "content": wanted[key]} for key in sorted(missing)]
            self.env.cr.execute(
                SQL(
                    """INSERT INTO consent_exhibit (digest, content) SELECT digest, content FROM %s
                       ON CONFLICT (digest) DO NOTHING""",
                    bulk.table(rows, {"digest": "bytea", "content": "text"}, "new"),
                )
            )
            found |= self._known(missing)
        return found

    def _known(self, digests):
        if not digests:
            return {}
        query = SQL(
            "SELECT encode(digest, 'hex'), id FROM consent_exhibit WHERE digest = ANY(%s)",
            [bytes.fromhex(key) for key in digests],
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _altered(self) -> list[str]:
        """Return a line for each shared text and published wording that differs from its digest."""
        self.env["consent.notice"].flush_model()
        query = SQL(
            """SELECT 'consent.exhibit', id FROM consent_exhibit
                WHERE digest <> sha256(convert_to(content, 'UTF8'))
                UNION ALL
               SELECT 'consent.notice', id FROM consent_notice
                WHERE state = 'published' AND digest IS DISTINCT FROM sha256(convert_to(body, 'UTF8'))"""
        )
        return [
            self.env._("%(model)s %(id)s is altered", model=model, id=id_)
            for model, id_ in self.env.execute_query(query)
        ]

    def _erase(self):
        """Blank the text; the digest keeps the chain verifiable."""
        if self:
            self.env.cr.execute(SQL("UPDATE consent_exhibit SET content = NULL WHERE id = ANY(%s)", self.ids))
            self.invalidate_recordset()
