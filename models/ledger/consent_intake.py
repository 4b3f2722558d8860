from datetime import datetime, timedelta
from functools import cached_property

from dateutil.relativedelta import relativedelta
from odoo import fields, models

from ...exceptions import ConsentError
from ...tools import clock, contact_point, evidence, ledger, transitions
from ...tools.contact_point import phone_region

EARLIEST = datetime(1995, 1, 1)
CLOCK_SKEW = timedelta(minutes=5)
MAX_TEXT = 10_000
DIGITAL_AGE = 16  # GDPR art. 8(1), where no country says otherwise
#: A yes obtained elsewhere has its wording in the evidence; one given on our own pages has a published notice.
OWN_WORDING = evidence.STAFF | {"import", "api", "sale"}
#: What users and other systems may claim. The rest is for our own pages and call-backs, which saw it happen.
CLAIMABLE_SOURCES = evidence.STAFF | {"import", "api"}
DETAILS = frozenset(
    {
        *("source", "company", "notice", "wording", "legal_basis", "occurred_at", "valid_until", "until", "country"),
        *("source_label", "batch", "evidence", "attachments", "birth_date", "guardian"),
    }
)
#: Of an entry, what most of its batch have in common.
COMMON = (
    *("fact", "type", "channel", "source", "source_label", "batch", "topic", "company"),
    *("notice", "wording", "legal_basis"),
)
#: What must be on record of an existing customer (ePrivacy art. 13(2); requirement R-051).
SOFT_OPT_IN_CONDITIONS = ("sale", "choice_offered")


class About:
    """What the checks need to know of a topic, or of none: read once for a batch, and only what they come to need."""

    def __init__(self, topic):
        """Read what every fact needs, and no other column: a withdrawal needs no more."""
        topic.fetch(["purpose_id", "company_id"])
        self.topic = topic
        self.topic_id, self.purpose_id, self.company_id = (
            record.id or None for record in (topic, topic.purpose_id, topic.company_id)
        )

    @cached_property
    def is_open(self) -> bool:
        """Whether anybody can say yes."""
        return self.topic.active and self.topic.purpose_id.active

    @cached_property
    def channels(self) -> frozenset[str]:
        """The channels that it is offered over."""
        return frozenset(filter(self.topic._offers, contact_point.CHANNELS))

    @cached_property
    def bases(self) -> frozenset[str]:
        """The legal bases that its purpose allows."""
        return frozenset(self.topic.purpose_id._allowed_bases())


class Intake:
    """Checks and completes what comes in, before anything is written.

    One of them serves a whole batch: what it looks up does not depend on the number of entries. Every refusal is one
    `ConsentError` with a code.
    """

    def __init__(self, env):
        self.trusted = env.su
        self.user = env.user
        self.asking = env
        self.env = env(su=True)
        self.now = clock.consent_now(env)
        self.commons, self.notices, self.statements, self.abouts = {}, {}, {}, {}

    @cached_property
    def company(self):
        """The company that the user works for now."""
        return self.asking.company

    @cached_property
    def actor(self):
        """The user, whose name only is read."""
        self.user.fetch(["partner_id"])
        self.user.partner_id.fetch(["name"])
        return {"actor_id": self.user.id, "actor_label": self.user.partner_id.name}

    @cached_property
    def companies(self):
        """The companies that the user works for, read where that matters."""
        return set(self.user.company_ids.ids)

    def complete(self, entry: dict) -> dict:
        """Return the fact that `entry` (see `consent.record._submit`) stands for, as `consent.event._append` takes it.

        :raises ConsentError: no event may come from it
        """
        common, about, statement = self._common(entry)
        fact = {
            **common,
            "attachments": entry.get("attachments"),
            "address": self._address(entry),
            "occurred_at": self._time(entry, "occurred_at") or self.now,
            "until": self._time(entry, "until"),
            "evidence": self._evidence(entry),
        }
        if fact["fact"] == "paused" and not fact["until"]:
            raise self._refusal("impossible_date", self.env._("A pause needs an end."))
        if fact["fact"] in transitions.GRANTS:
            self._complete_grant(fact, entry, about, statement)
        return fact

    def _common(self, entry):
        """Return what an entry has in common with its batch, checked once for all of them; its topic; its statement."""
        key = tuple(map(entry.get, COMMON))
        try:
            return self.commons[key]
        except TypeError:  # something that cannot be compared, most of it refused
            return self._check_common(entry)
        except KeyError:
            self.commons[key] = self._check_common(entry)
            return self.commons[key]

    def _check_common(self, entry):
        about, statement = self._about(self._topic(entry)), None
        self._check_channel(entry)
        common = {
            **{name: self._text(entry, name) for name in ("fact", "type", "channel", "source_label", "batch")},
            "source": self._source(entry),
            "topic_id": about.topic_id,
            "purpose_id": about.purpose_id,
            "company_id": self._company(entry, about),
            **self.actor,
        }
        if common["fact"] in transitions.GRANTS:
            terms, statement = self._terms(entry, about)
            common |= terms
        return common, about, statement

    def _terms(self, entry, about):
        """Return on which terms somebody says yes, and the words that they read."""
        self._check_open(about, entry["channel"])
        notice = self._notice(entry, about)
        statement = self._statement(notice, about.topic, entry["channel"]) if notice else self._text(entry, "wording")
        terms = {
            "legal_basis": self._legal_basis(entry, about),
            "notice_id": notice.id or None,
            "notice_digest": notice.digest or None,
        }
        return terms | ({"statement_digest": ledger.digest(statement)} if statement else {}), statement

    def _complete_grant(self, fact, entry, about, statement):
        self._check_age(fact, entry, about)
        self._check_soft_opt_in(fact, entry)
        if statement:
            fact["evidence"]["statement"] = statement
        fact["valid_until"] = self._valid_until(fact, entry, about)
        fact["evidence_grade"] = evidence.grade(
            fact["fact"],
            fact["source"],
            wording=bool(statement),
            proof=bool(entry.get("attachments") or fact["evidence"].keys() & {"note", "proof"}),
        )

    def _check_soft_opt_in(self, fact, entry):
        claimed = fact["legal_basis"] == "soft_opt_in" and entry["source"] not in transitions.OWN_WORD
        if claimed and not all(fact["evidence"].get(condition) for condition in SOFT_OPT_IN_CONDITIONS):
            message = self.env._("Soft opt-in needs in its evidence: %s.", ", ".join(SOFT_OPT_IN_CONDITIONS))
            raise self._refusal("missing_condition", message)

    def _check_age(self, fact, entry, about):
        """Refuse a child's consent without a parent's, where the age is known (GDPR art. 8; nobody is asked for it)."""
        born = entry.get("birth_date") and self._date(entry, "birth_date")
        if not born:
            return
        country = entry.get("country") or phone_region(fact["address"]) or self.company.country_id.code
        needed = max(about.topic.purpose_id.min_age, self._digital_age(country))
        guardian = self._text(entry, "guardian")
        if relativedelta(fact["occurred_at"].date(), born).years < needed:
            if not guardian:
                message = self.env._("Below the age of %s a parent's consent is needed: say who gave it.", needed)
                raise self._refusal("too_young", message)
            fact["evidence"]["guardian"] = guardian

    def _digital_age(self, country_code):
        return self.env["consent.country.profile"]._for_country_code(country_code).digital_age or DIGITAL_AGE

    def _date(self, entry, name):
        try:
            return fields.Date.to_date(entry.get(name)) or None
        except (ValueError, TypeError):
            raise self._refusal("impossible_date", self.env._("“%s” is no date.", entry[name])) from None

    def _refusal(self, code, message):
        return ConsentError(code, message)

    # -- what it is about ---------------------------------------------------------------------------------------

    @cached_property
    def topics(self):
        """The topics by code and company, read where somebody names one by its code."""
        topics = self.env["consent.topic"].with_context(active_test=False).search([("code", "!=", False)])
        return {(topic.code, topic.company_id.id or 0): topic for topic in topics}

    def _topic(self, entry):
        topic = entry.get("topic")
        if not topic:
            return self.env["consent.topic"]
        if isinstance(topic, models.BaseModel):
            return topic.sudo()
        company = entry.get("company") or self.company.id
        found = isinstance(topic, str) and isinstance(company, int) and self.topics.get((topic, company))
        found = found or (isinstance(topic, str) and self.topics.get((topic, 0)))
        if not found and any(topic == code for code, _company in self.topics):
            raise self._refusal("wrong_company", self.env._("“%s” belongs to another company.", topic))
        if not found:
            raise self._refusal("unknown_topic", self.env._("There is no topic “%s”.", topic))
        return found

    def _about(self, topic):
        if topic.id not in self.abouts:
            self.abouts[topic.id] = About(topic)
        return self.abouts[topic.id]

    def _check_open(self, about, channel):
        if not about.topic_id:
            raise self._refusal("unknown_topic", self.env._("A consent needs a topic."))
        if not about.is_open:
            message = self.env._("“%s” is closed: nobody can say yes to it.", about.topic.name)
            raise self._refusal("closed_purpose", message)
        if channel not in about.channels:
            message = self.env._("“%s” is not offered over this channel.", about.topic.name)
            raise self._refusal("channel_not_offered", message)

    def _company(self, entry, about):
        company = entry.get("company")
        company = company.id if isinstance(company, models.BaseModel) else company
        if company and about.company_id and company != about.company_id:
            raise self._refusal("wrong_company", self.env._("“%s” belongs to another company.", about.topic.name))
        if about.topic_id:
            company = about.company_id
        elif company is None:
            company = self.company.id
        if company and not self.trusted and company not in self.companies:
            raise self._refusal("wrong_company", self.env._("You do not work for this company."))
        return company or None

    def _legal_basis(self, entry, about):
        basis = entry.get("legal_basis") or "consent"
        if basis not in about.bases:
            message = self.env._("“%s” does not allow this legal basis.", about.topic.name)
            raise self._refusal("basis_not_allowed", message)
        return basis

    # -- whose, where, when -------------------------------------------------------------------------------------

    def _check_channel(self, entry):
        if entry.get("channel") not in contact_point.CHANNELS:
            raise self._refusal("unknown_channel", self.env._("There is no channel “%s”.", entry.get("channel")))

    def _address(self, entry):
        self._check_channel(entry)
        channel, address, country = entry["channel"], entry.get("address"), entry.get("country")
        usable = isinstance(address, str) and len(address) <= MAX_TEXT and isinstance(country, str | None)
        canonical = usable and contact_point.canonical(channel, address, country or None)
        if not canonical:
            shown = address[:100] if isinstance(address, str) else address
            raise self._refusal("unusable_address", self.env._("“%s” is no usable address.", shown))
        return canonical

    def _source(self, entry):
        source, fact = entry.get("source"), entry["fact"]
        if source not in dict(transitions.SOURCES):
            message = self.env._("Say where it comes from: “%s” is no source.", source)
            raise self._refusal("unknown_source", message)
        claimed = self.trusted or source in CLAIMABLE_SOURCES
        if not claimed or (fact in transitions.GRANTS and source not in transitions.GRANTING_SOURCES):
            raise self._refusal("source_not_allowed", self.env._("This cannot be recorded as “%s”.", source))
        return source

    def _time(self, entry, name):
        if not entry.get(name):
            return None
        try:
            time = fields.Datetime.to_datetime(entry[name]) or None
        except (ValueError, TypeError):
            raise self._refusal("impossible_date", self.env._("“%s” is no date.", entry[name])) from None
        if not time:
            return None
        time = time.replace(tzinfo=None)
        if time < EARLIEST or (name == "occurred_at" and time > self.now + CLOCK_SKEW):
            raise self._refusal("impossible_date", self.env._("Nothing can have happened on %s.", time))
        return time

    def _valid_until(self, fact, entry, about):
        months = about.topic.purpose_id.validity_months
        default = fact["occurred_at"] + relativedelta(months=months) if months else None
        until = self._time(entry, "valid_until") or default
        if until and until <= fact["occurred_at"]:
            raise self._refusal("impossible_date", self.env._("A consent cannot end before it was given."))
        return until

    # -- what proves it -----------------------------------------------------------------------------------------

    def _notice(self, entry, about):
        notice = entry.get("notice")
        if isinstance(notice, models.BaseModel):
            notice = notice.id
        if notice and not isinstance(notice, int):
            raise self._refusal("missing_notice", self.env._("“%s” is no wording.", notice))
        notice = self._find_notice(notice)
        if entry.get("notice") and (notice.purpose_id.id != about.purpose_id or notice.state != "published"):
            message = self.env._("This wording is not published for “%s”.", about.topic.name)
            raise self._refusal("missing_notice", message)
        if not notice and not (entry.get("wording") and entry.get("source") in OWN_WORDING):
            raise self._refusal("missing_notice", self.env._("Say which wording the person agreed to."))
        return notice

    def _find_notice(self, notice_id):
        if notice_id not in self.notices:
            self.notices[notice_id] = self.env["consent.notice"].browse(notice_id or ()).exists()
        return self.notices[notice_id]

    def _statement(self, notice, topic, channel):
        key = (notice.id, topic.id, channel)
        if key not in self.statements:
            self.statements[key] = notice._statement(topic, channel)
        return self.statements[key]

    def _evidence(self, entry):
        found = entry.get("evidence") or {}
        if not isinstance(found, dict):
            raise self._refusal("unknown_detail", self.env._("Evidence is a set of named values."))
        return dict(found)

    def _text(self, entry, name):
        text = entry.get(name) or None
        if text is not None and (not isinstance(text, str) or len(text) > MAX_TEXT):
            raise self._refusal("unknown_detail", self.env._("“%s” is a text that is not too long.", name))
        return text
