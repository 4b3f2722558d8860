from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools import contact_point, experiment
from ...tools.limits import MAX_ASK_DAYS

BATCH = 200


class ConsentInvitation(models.Model):
    """Asks people for consent, where one may ask them; several texts compete (M21, M22).

    It walks through its people in the order of their ids, a batch in each transaction, and remembers how far it came.
    """

    _name = "consent.invitation"
    _description = "Invitation to Consent"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done")], default="draft", required=True, readonly=True
    )
    channel = fields.Selection(
        [(contact_point.EMAIL, "E-mail"), (contact_point.SMS, "SMS")], required=True, default="email"
    )
    topic_ids = fields.Many2many("consent.topic", string="Topics", required=True, check_company=True)
    who = fields.Selection(
        [("segment", "These people, once"), ("new", "Each new one from now on")], required=True, default="segment"
    )
    model = fields.Selection(
        [("res.partner", "Contacts"), ("crm.lead", "Leads"), ("mailing.contact", "Mailing contacts")],
        "Among",
        required=True,
        default="res.partner",
    )
    domain = fields.Char("Filter", default="[]", required=True)
    user_id = fields.Many2one(
        "res.users",
        "With the rights of",
        required=True,
        readonly=True,
        ondelete="restrict",  # without a user Odoo takes the rights of the one who runs the queue: all
        default=lambda self: self.env.user,
        help="Who chose the people.",
    )
    remind_days = fields.Integer("Remind after (days)", help="Once, who did not answer by then. 0: nobody.")
    variant_ids = fields.One2many("consent.invitation.variant", "invitation_id", "Texts", copy=True)
    winner_id = fields.Many2one("consent.invitation.variant", "Best text", readonly=True, copy=False)
    keep_best = fields.Boolean(
        "Keep the best by itself", default=True, help="As soon as one text beats each other one beyond chance (5 %)."
    )
    position = fields.Integer("Last id that was looked at", readonly=True, copy=False)
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    next_run = fields.Datetime(compute="_compute_next_run")
    held_count = fields.Integer("Not asked", readonly=True, copy=False, help="Looked at, and one may not ask them.")
    invitee_ids = fields.One2many("consent.invitee", "invitation_id", "Invited", readonly=True)
    asked_count = fields.Integer("Asked", compute="_compute_counts")
    granted_count = fields.Integer("Said yes", compute="_compute_counts")

    @api.depends("invitee_ids")
    def _compute_counts(self):
        counts = self.env["consent.invitee"]._funnel("invitation_id", self)
        for invitation in self:
            invitation.asked_count, *_between, invitation.granted_count = counts[invitation]

    @api.depends("position", "domain", "model", "state")
    def _compute_progress(self):
        self.progress = 0
        for invitation in self.filtered(lambda invitation: invitation.state != "draft"):
            try:
                left = invitation._count_left()
                people = invitation._count_left(0) if invitation.who == "segment" else 0
            except (AccessError, ValueError):  # who chose them may not find them any more; one can still look and stop
                continue
            invitation.progress = 100 * (people - left) / people if people else 100 * (not left)

    def _compute_next_run(self):
        cron = self.env.ref("marketing_consent.ir_cron_consent_lifecycle").sudo()
        for invitation in self:
            invitation.next_run = invitation.state == "running" and cron.nextcall

    @api.constrains("remind_days", "channel", "topic_ids")
    def _check_settings(self):
        for invitation in self:
            if not 0 <= invitation.remind_days < MAX_ASK_DAYS:
                raise ValidationError(self.env._("Remind within %s days: then the question lapses.", MAX_ASK_DAYS))
            for topic in invitation.topic_ids:
                if not topic._offers(invitation.channel):
                    raise ValidationError(self.env._("“%s” is not offered over this channel.", topic.name))

    @api.constrains("domain", "model", "company_id")
    def _check_filter(self):
        for invitation in self:
            try:
                invitation._count_left()
            except Exception as error:
                raise ValidationError(self.env._("This filter cannot be read: %s", error)) from error

    @api.model_create_multi
    def create(self, vals_list):
        """People are looked for with the rights of who chose them."""
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        """Keep what was asked, and to whom, as it was."""
        fixed = {"channel", "topic_ids", "model", "company_id", "who"} & vals.keys()
        if fixed and any(invitation.state != "draft" for invitation in self):
            raise UserError(self.env._("People have been asked already: make a new invitation instead."))
        # Not to be written: a filter runs with the rights of who wrote it, and finds what they may find.
        vals = {name: value for name, value in vals.items() if name != "user_id"}
        return super().write({**vals, "user_id": self.env.uid} if {"domain", "model"} & vals.keys() else vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if any(invitation.state != "draft" for invitation in self):
            raise UserError(self.env._("Whom we asked, and when, is kept: nobody must be asked too often."))

    # -- what staff do ------------------------------------------------------------------------------------------

    @api.model
    def _new_for(self, model: str, domain: list, **values):
        """Return the action that opens a new invitation of the records of `model` in `domain`."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_invitation_action")
        values |= {"model": model, "domain": str(domain)}
        defaults = {f"default_{name}": value for name, value in values.items()}
        return {**action, "views": [(False, "form")], "context": defaults}

    def action_start(self):
        """Begin to ask; each new contact is asked if it is added from now on."""
        for invitation in self:
            invitation._check_startable()
            newest = invitation.who == "new" and invitation._people().search([], order="id desc", limit=1).id
            invitation.write({"state": "running", "position": newest or 0, "held_count": 0})
        self.env.ref("marketing_consent.ir_cron_consent_lifecycle").sudo()._trigger()

    def _check_startable(self):
        if not self.variant_ids.filtered("weight"):
            raise UserError(self.env._("Write a text first."))
        self.variant_ids._check_text()
        for topic in self.topic_ids:
            if not topic.purpose_id._last_notices():
                raise UserError(self.env._("Publish a wording for “%s” first.", topic.name))

    def action_stop(self):
        """Ask nobody more, nor again. Who was asked can still answer."""
        self.write({"state": "done", "remind_days": 0})

    def action_check(self):
        """Show who would be asked, and who would not and why."""
        self.ensure_one()
        return self.env["consent.invitation.check"].create({"invitation_id": self.id})._show()

    def action_open_invitees(self):
        """Open what became of the questions, as figures."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_invitee_action")
        return {**action, "domain": [("invitation_id", "in", self.ids)]}

    # -- whom -----------------------------------------------------------------------------------------------------

    def _people(self):
        people = self.env[self.model].with_user(self.user_id)
        return people.with_context(allowed_company_ids=self.company_id.ids)

    def _due(self, after=None) -> Domain:
        """Return the domain of those who are to be looked at.

        :param after: the id behind which they are; None: as far as the invitation came
        """
        found = Domain("id", ">", self.position if after is None else after) & Domain(literal_eval(self.domain or "[]"))
        if "company_id" in self.env[self.model]._fields:
            found &= Domain("company_id", "in", (self.company_id.id, False))
        return found

    def _count_left(self, after=None):
        return self._people().search_count(self._due(after))

    def _answers(self, records):
        """Return, for each of `records`, what may be asked: by topic, the `consent_asking.Answer`."""
        asking = self.env["consent.asking"].sudo()
        by_topic = {topic: asking._may_ask(topic, self.channel, records, self.company_id) for topic in self.topic_ids}
        return {id_: {topic: answers[id_] for topic, answers in by_topic.items()} for id_ in records.ids}

    # -- asking ---------------------------------------------------------------------------------------------------

    def _ask_next(self) -> int:
        """Ask the next batch of people, and return how many were looked at."""
        self.ensure_one()
        people = self._people().search(self._due(), order="id", limit=BATCH).sudo()
        asked = self._ask(people) if people else 0
        values = {"held_count": self.held_count + len(people) - asked, "position": people[-1:].id or self.position}
        if not people and self.who == "segment":
            values["state"] = "done"
        self.sudo().write(values)
        return len(people)

    def _ask(self, people):
        """Ask those of `people` whom one may, in a fixed number of statements, and return how many they are."""
        answers, invitees, topics = self._answers(people), self.env["consent.invitee"].sudo(), self.topic_ids
        # Who has one address with another is asked once.
        free = {}
        for person in people:
            found = {topic: answer for topic, answer in answers[person.id].items() if not answer.reason}
            if found:
                lang = ("lang" in person._fields and person.lang) or self.company_id.partner_id.lang
                first = next(iter(found.values()))
                free.setdefault(first.address, (first.ground, topics.browse().union(*found), lang))
        new = invitees._note(self, {address: ground for address, (ground, _topics, _lang) in free.items()})
        by_question = {}
        for address, invitee in new.items():
            by_question.setdefault(free[address][1:], {})[address] = invitee
        for question, those in by_question.items():
            invitees._ask(those, *question)
        return len(new)

    def _draw(self, key):
        """Return the text that a person gets: random over people, and always the same for one."""
        if self.winner_id:
            return self.winner_id
        variants = self.variant_ids.filtered("weight")
        return variants[experiment.variant_of(f"{self.id}:{key}", variants.mapped("weight"))]

    def _keep_the_best(self):
        """Choose the text that beats each other one beyond chance, where that is wanted and known."""
        for invitation in self.filtered(lambda invitation: invitation.keep_best and not invitation.winner_id):
            variants = invitation.variant_ids.filtered("weight")
            best = experiment.winner([(variant.granted_count, variant.asked_count) for variant in variants])
            if best is not None:
                invitation.sudo().winner_id = variants[best]
