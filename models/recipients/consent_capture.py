from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...exceptions import ConsentError
from ...tools import capture, clock, contact_point, evidence

SCOPE = "marketing_consent.capture"
#: How long a page may stay open before its boxes say nothing any more.
OPEN_FOR = timedelta(hours=24)


class Choice(NamedTuple):
    """A ticked box: one topic over one channel, under the wording that stood beside it."""

    topic: models.BaseModel
    channel: str
    notice: models.BaseModel

    def _in(self, env):
        return self._replace(topic=self.topic.with_env(env), notice=self.notice.with_env(env))


class ConsentCapture(models.AbstractModel):
    """Consent boxes on forms that are about something else: contact, sign-up to an account, checkout, newsletter.

    The server says what stands beside a box and signs it into its value. So the wording in the ledger is the one that
    was shown, even where a newer one was published meanwhile, and an input that somebody wrote into a page or a request
    himself is worth nothing (requirement R-002).
    """

    _name = "consent.capture"
    _description = "Consent Boxes on Forms"

    # -- showing ------------------------------------------------------------------------------------------------

    @api.model
    def _boxes(self, wanted: list[tuple[int, str]], company, lang: str) -> list[dict]:
        """Return what to show for the boxes that a block asks for, in its order, grouped by wording.

        :param wanted: pairs of topic id and channel; what is not open, not offered or another company's is left out
        :return: mappings notice and boxes, each of those with topic, channel, statement and value
        """
        topics = self.env["consent.topic"].sudo().browse([id_ for id_, _channel in wanted]).exists()
        offers = self.env["consent.page"].sudo()._offers_of(company, lang, topics) if topics else []
        found = {
            (topic.id, channel): (offer["notice"], topic)
            for offer in offers
            for topic, channels in offer["topics"]
            for channel in channels
        }
        groups = {}
        for pair in filter(found.get, wanted):
            notice, topic = found[pair]
            box = self._box(topic, pair[1], notice)
            groups.setdefault(notice, []).append(box)
        return [{"notice": notice, "boxes": boxes} for notice, boxes in groups.items()]

    def _box(self, topic, channel, notice):
        shown_at = fields.Datetime.to_string(clock.consent_now(self.env))
        return {
            "topic": topic,
            "channel": channel,
            # What the ledger will hold is what stands on the page: the first line beside the box, the rest below it.
            "statement": notice._statement(topic, channel).partition("\n")[0],
            "value": hash_sign(self.env(su=True), SCOPE, [topic.id, channel, notice.id, shown_at]),
        }

    @api.model
    def _choices_of(self, topics) -> list[tuple[int, str]]:
        """Return the boxes of `topics` over every channel that they are offered over."""
        return [
            (topic.id, channel)
            for topic in topics
            for channel in (contact_point.EMAIL, contact_point.SMS)
            if topic._offers(channel)
        ]

    # -- asking no more than needed -----------------------------------------------------------------------------

    @api.model
    def asks_too_much(self, text: str) -> list[str]:
        """Return the fields of the forms with consent boxes in `text` that their purposes do not need (M35).

        :param text: HTML of a page, or a part of one, as its editor has it
        """
        return sorted({name for form in capture.forms(text) for name in self._surplus(form)})

    def _surplus(self, form):
        topics = self.env["consent.topic"].search([("id", "in", [id_ for id_, _channel in form.choices])])
        channels = {
            channel for id_, channel in form.choices if id_ in topics.ids and topics.browse(id_)._offers(channel)
        }
        needed = ",".join(filter(None, topics.purpose_id.mapped("needed_data"))).split(",")
        return capture.surplus(form.names, channels, map(str.strip, needed)) if topics else set()

    # -- listening ----------------------------------------------------------------------------------------------

    @api.model
    def _read(self, values: list[str], company) -> list[Choice]:
        """Return what the values of ticked boxes stand for.

        :raises ConsentError: one is not ours, too old, or about something that is not open any more
        """
        choices = [self._read_one(value, company) for value in values]
        if not all(choices):
            message = self.env._("The page was open for too long. Please load it again, and tick the boxes anew.")
            raise ConsentError("missing_notice", message)
        return list(dict.fromkeys(choices))

    def _read_one(self, value, company):
        shown = _verified(self.env(su=True), value)
        if not shown or clock.consent_now(self.env) - fields.Datetime.to_datetime(shown[3]) > OPEN_FOR:
            return None
        topic_id, channel, notice_id, _shown_at = shown
        topic = self.env["consent.topic"].sudo().browse(topic_id).exists()
        notice = self.env["consent.notice"].sudo().browse(notice_id).exists()
        open_here = topic and topic._offers(channel) and topic.company_id in (company, company.browse())
        return Choice(topic, channel, notice) if open_here and notice.purpose_id == topic.purpose_id else None

    @api.model
    def _addresses(self, choices: list[Choice], values: dict, company) -> dict[str, str]:
        """Return, by channel, the address in what a form sent, for the channels of its ticked boxes.

        :raises ConsentError: there is none, and the box would have no effect
        """
        missing = {
            contact_point.EMAIL: self.env._("You ticked a box for e-mails: please enter your e-mail address."),
            contact_point.SMS: self.env._("You ticked a box for SMS: please enter your mobile number, as in +32 470 …"),
        }
        found = {}
        for channel in sorted({choice.channel for choice in choices}):
            found[channel] = capture.address(values, channel, company.sudo().country_id.code)
            if not found[channel]:
                raise ConsentError("unusable_address", missing[channel])
        return found

    @api.model
    def _note(
        self,
        choices: list[Choice],
        addresses: dict[str, str],
        company,
        *,
        proven=(),
        source: str,
        alone: bool,
        **details,
    ):
        """Note what was ticked: as consent for an address that the person has proven, else as a wish to be confirmed.

        An anonymous form goes through double opt-in whatever the purpose says (requirement R-027).

        :return: False where a wish was not noted, as too many came from `source`
        :param addresses: canonical, by channel
        :param company: whose form it is; its context has the language
        :param proven: pairs of channel and address that the login proves
        :param source: where it came from, for the flood guard
        :param alone: whether the form is about the boxes alone: its visitor is told, and nothing is noted
        :param details: source_label, evidence
        """
        throttle = self.env["consent.throttle"].sudo()
        admit = throttle._admit if alone else throttle._admit_boxes
        admitted = not addresses.items() - set(proven) or admit(source)
        if not admitted and alone:
            return False
        for channel, address in addresses.items():
            mine = [choice._in(self.env) for choice in choices if choice.channel == channel]
            if (channel, address) in proven:
                self._give(mine, address, {**details, "proof": evidence.LOGIN})
            elif admitted:
                offers = [{"topics": choice.topic, "notice": choice.notice} for choice in mine]
                self.env["consent.request"].sudo()._sign_up(offers, channel, address, company, **details)
        return admitted

    def _give(self, choices, address, details):
        """Record the choices as given; `details` say what proves the person, if anything does."""
        entries = [
            {
                **{"fact": "given", "topic": choice.topic, "channel": choice.channel, "address": address},
                **{"notice": choice.notice, "source": "web_form"},
                **details,
            }
            for choice in choices
        ]
        self.env["consent.record"].sudo()._submit(entries)


def _verified(env, value):
    """Return what we signed, None for anything else (T-17). Relied on: Odoo raises at what is no token."""
    try:
        return verify_hash_signed(env, SCOPE, value)
    except (ValueError, TypeError):
        return None
