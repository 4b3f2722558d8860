from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools import contact_point, experiment
from ...tools.limits import MAX_ASK_DAYS

BATCH = 200


class ConsentInvitation(models.Model):
    """Asks people for consent if the law allows it. Several texts are compared by their conversion.

    Processes people by id, one batch per transaction, and stores its position.
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
        ondelete="restrict",  # without a user the filter would run as the scheduler's superuser
        default=lambda self: self.env.user,
        help="The user who set the filter.",
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
            except (AccessError, ValueError):  # the user has lost access to these records; the form still opens
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
                raise ValidationError(self.env._("Remind within %s days, before the question expires.", MAX_ASK_DAYS))
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
        """Store the user with whose rights the filter runs."""
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        """Refuse to change question or audience after the start."""
        fixed = {"channel", "topic_ids", "model", "company_id", "who"} & vals.keys()
        if fixed and any(invitation.state != "draft" for invitation in self):
            raise UserError(self.env._("This invitation has started. Create a new one instead."))
        # The filter runs with the rights of the user who wrote it, so clients cannot set that user.
        vals = {name: value for name, value in vals.items() if name != "user_id"}
        return super().write({**vals, "user_id": self.env.uid} if {"domain", "model"} & vals.keys() else vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if any(invitation.state != "draft" for invitation in self):
            raise UserError(self.env._("Started invitations cannot be deleted; they prevent over-asking."))

    # -- what staff do ------------------------------------------------------------------------------------------

    @api.model
    def _new_for(self, model: str, domain: list, **values):
        """Return the action that opens a new invitation of the records of `model` in `domain`."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_invitation_action")
        values |= {"model": model, "domain": str(domain)}
        defaults = {f"default_{name}": value for name, value in values.items()}
        return {**action, "views": [(False, "form")], "context": defaults}

    def action_start(self):
        """Start the invitation. With "new", only records created from now on are asked."""
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
        """Stop asking and reminding. Answers to earlier questions still count."""
        self.write({"state": "done", "remind_days": 0})

    def action_check(self):
        """Show the people who would be asked, and the reasons for the others."""
        self.ensure_one()
        return self.env["consent.invitation.check"].create({"invitation_id": self.id})._show()

    def action_open_invitees(self):
        """Open the results as figures."""
        action = self.env["ir.actions.actions"]._for_xml_id("marketing_consent.consent_invitee_action")
        return {**action, "domain": [("invitation_id", "in", self.ids)]}

    # -- whom -----------------------------------------------------------------------------------------------------

    def _people(self):
        people = self.env[self.model].with_user(self.user_id)
        return people.with_context(allowed_company_ids=self.company_id.ids)

    def _due(self, after=None) -> Domain:
        """Return the domain of the people to process.

        :param after: start after this id; None: after the stored position
        """
        found = Domain("id", ">", self.position if after is None else after) & Domain(literal_eval(self.domain or "[]"))
        if "company_id" in self.env[self.model]._fields:
            found &= Domain("company_id", "in", (self.company_id.id, False))
        return found

    def _count_left(self, after=None):
        return self._people().search_count(self._due(after))

    def _answers(self, records):
        """Return, for each of `records`, the `consent_asking.Answer` by topic."""
        asking = self.env["consent.asking"].sudo()
        by_topic = {topic: asking._may_ask(topic, self.channel, records, self.company_id) for topic in self.topic_ids}
        return {id_: {topic: answers[id_] for topic, answers in by_topic.items()} for id_ in records.ids}

    # -- asking ---------------------------------------------------------------------------------------------------

    def _ask_next(self) -> int:
        """Ask the next batch of people and return its size."""
        self.ensure_one()
        people = self._people().search(self._due(), order="id", limit=BATCH).sudo()
        asked = self._ask(people) if people else 0
        values = {"held_count": self.held_count + len(people) - asked, "position": people[-1:].id or self.position}
        if not people and self.who == "segment":
            values["state"] = "done"
        self.sudo().write(values)
        return len(people)

    def _ask(self, people):
        """Ask the eligible ones of `people` in a fixed number of statements and return their number."""
        answers, invitees, topics = self._answers(people), self.env["consent.invitee"].sudo(), self.topic_ids
        # People who share an address are asked once.
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
        """Return the text for a person: random across people, stable for each."""
        if self.winner_id:
            return self.winner_id
        variants = self.variant_ids.filtered("weight")
        return variants[experiment.variant_of(f"{self.id}:{key}", variants.mapped("weight"))]

    def _keep_the_best(self):
        """Choose the text that is significantly better than every other, if enabled."""
        for invitation in self.filtered(lambda invitation: invitation.keep_best and not invitation.winner_id):
            variants = invitation.variant_ids.filtered("weight")
            best = experiment.winner([(variant.granted_count, variant.asked_count) for variant in variants])
            if best is not None:
                invitation.sudo().winner_id = variants[best]
