from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools import keywords

ACTIONS = [
    (keywords.STOP, "Stop marketing"),
    (keywords.START, "Take a stop back, or confirm"),
    (keywords.HELP, "Send help"),
    (keywords.HOLD, "A person reads it"),
]


class ConsentKeyword(models.Model):
    """A whole message that people send by SMS, and what it asks for. Other texts are read by `tools.refusal`."""

    _name = "consent.keyword"
    _description = "SMS Keyword"
    _inherit = ["consent.cached"]
    _order = "action desc, lang, word"
    _rec_name = "word"

    word = fields.Char(required=True, help="Case, accents, hyphens and punctuation make no difference.")
    normalised = fields.Char(compute="_compute_normalised", store=True, index=True)
    action = fields.Selection(ACTIONS, required=True, default=keywords.STOP)
    lang = fields.Char("Language", size=2, help="Two letters (ISO 639-1): the language of the answer. Empty: any.")
    active = fields.Boolean(default=True)

    _normalised_unique = models.UniqueIndex("(normalised) WHERE active", "This word has a meaning already.")

    @api.depends("word")
    def _compute_normalised(self):
        for keyword in self:
            keyword.normalised = keywords.normalise(keyword.word or "")

    @api.constrains("word", "action")
    def _check_word(self):
        for keyword in self:
            if not keyword.normalised:
                raise ValidationError(self.env._("A keyword has at least one letter."))
            if keyword.action != keywords.STOP and keyword.normalised in keywords.PER_SE:
                raise ValidationError(self.env._("“%s” stops marketing, everywhere.", keyword.word))

    @api.model
    def _classify(self, text: str) -> keywords.Meaning:
        """Return what a message asks for."""
        return keywords.classify(text, self._words())

    @api.model
    @tools.ormcache()
    def _words(self):
        rows = self.sudo().search([("active", "=", True)])
        return tuple(keywords.Keyword(row.normalised, row.action, row.lang or "") for row in rows)

    @api.model
    def _seed(self):
        """Fill the table of a new database; from then on it is the users'."""
        self.create(keywords.defaults())
