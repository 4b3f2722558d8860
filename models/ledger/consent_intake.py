from datetime import datetime, timedelta
from functools import cached_property

from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.exceptions import AccessError

from ...exceptions import ConsentError
from ...tools import clock, contact_point, evidence, ledger, plain_values, times, transitions
from ...tools.contact_point import phone_region

EARLIEST = datetime(1995, 1, 1)
CLOCK_SKEW = timedelta(minutes=5)
MAX_TEXT = 10_000
DIGITAL_AGE = 16  # GDPR art. 8(1), where no country says otherwise
#: A yes obtained elsewhere has its wording in the evidence; one given on our own pages has a published notice.
OWN_WORDING = transitions.CLAIMABLE_SOURCES | {"sale"}
#: Technical facts, suppression and restriction: no request of the person lifts them, the officer decides (M8).
OFFICERS_FACTS = {"suppressed", "unsuppressed", "unrestricted", "reachable", "carrier_released"}
OFFICER = "marketing_consent.group_officer"
DETAILS = frozenset(
    {
        *("source", "company", "notice", "wording", "legal_basis", "occurred_at", "valid_until", "until", "country"),
        *("source_label", "evidence", "attachments", "birth_date", "guardian", "tz"),
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
        self.commons, self.notices, self.statements, self.abouts, self.shared = {}, {}, {}, {}, {}

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

    @cached_property
    def is_everywhere(self):
        """Whether the user works for all companies."""
        return self.env["res.company"].search_count([("id", "not in", list(self.companies))], limit=1) == 0

    def complete(self, entry: dict) -> dict:
        """Return the fact that `entry` (see `consent.record._submit`) stands for, as `consent.event._append` takes it.

        :raises ConsentError: no event may come from it
        """
        common, about, statement = self._common(entry)
        occurred_at, ahead = self._occurred_at(entry)
        fact = {
            **common,
            "attachments": self._attachments(entry),
            "address": self._address(entry),
            "occurred_at": occurred_at,
            "until": self._time(entry, "until", last=True),
            "evidence": {**entry.get("shared", {}), **self._evidence(entry)},
            "undoes": entry.get("undoes"),
            "proof": entry.get("proof"),
        }
        if fact["fact"] == "paused" and not fact["until"]:
            raise self._refusal("impossible_date", self.env._("A pause needs an end."))
        if fact["fact"] in transitions.GRANTS:
            self._complete_grant(fact, entry, about, statement)
            fact["proven"] = fact["proven"] and not ahead
        elif fact["fact"] in {*transitions.BLOCK_CLEARED_BY, *OFFICERS_FACTS}:
            self._check_lift(fact, ahead)
            fact["proven"] = not ahead
        self._share(fact, entry)
        return fact

    def _share(self, fact, entry):
        """Take the evidence that a batch shares out of the fact's own; it is stored once."""
        shared = entry.get("shared")
        if not shared:
            return
        own = fact["evidence"]
        fact["evidence"] = {name: value for name, value in own.items() if shared.get(name) != value}
        if id(shared) not in self.shared:
            self.shared[id(shared)] = shared, ledger.canonical_json(shared)  # kept, so that the id is not reused
        fact["shared"] = self.shared[id(shared)][1]

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
        statement = self._statement(notice, about.topic, entry["channel"]) if notice else self._wording(entry)
        terms = {
            "legal_basis": self._legal_basis(entry, about),
            "notice_id": notice.id or None,
            "notice_digest": notice.digest or None,
        }
        return terms, statement

    def _complete_grant(self, fact, entry, about, statement):
        self._check_age(fact, entry, about)
        self._check_soft_opt_in(fact, entry)
        if statement:
            fact["statement"] = statement
        fact["valid_until"] = self._valid_until(fact, entry, about)
        if fact["source"] == "api" and self._confirms(entry):
            fact["proof"] = evidence.CLIENT
        documented = self._is_documented(fact) or fact["proof"] == evidence.CLIENT
        kind, source = fact["fact"], fact["source"]
        grade = evidence.grade(kind, source, wording=bool(statement), proof=documented)
        document, basis = bool(fact["attachments"] or fact["evidence"].get("document")), fact["legal_basis"]
        proven = evidence.is_proven(source, grade, basis=basis, document=document, proof=fact["proof"])
        fact.update(evidence_grade=grade, proven=proven)

    def _is_documented(self, fact):
        """Return whether a note or a document says how the person said it."""
        found = fact["evidence"]
        return bool(fact["attachments"] or _says(found.get("note")) or _says(found.get("proof")))

    def _confirms(self, entry):
        """Return whether another system that the officer trusts says when its own double opt-in was confirmed."""
        when = entry.get("occurred_at")
        return bool(when) and not times.is_day(when) and self.is_proving

    @cached_property
    def is_proving(self):
        """Whether the officer trusts the confirmations of this user's system."""
        return bool(self.env["consent.proving.client"].search_count([("user_id", "=", self.user.id)], limit=1))

    def _check_lift(self, fact, ahead):
        """Refuse what the user may not lift (GDPR art. 17(3)(b), 18(3), 21(3)): our own code has asked the person.

        Staff write down a documented request of the person; anything else is the officer's, with a reason.
        """
        if self.trusted:
            return
        if ahead:
            raise self._refusal("impossible_date", self.env._("This cannot have happened yet."))
        if not (fact["topic_id"] or fact["company_id"] or self.is_everywhere):
            message = self.env._("This concerns all companies, and you do not work for all of them.")
            raise self._refusal("wrong_company", message)
        on_request = fact["fact"] not in OFFICERS_FACTS and fact["source"] in transitions.STAFF
        if on_request and self._is_documented(fact):
            return
        if not self.user.has_group(OFFICER):
            message = self.env._("Without a documented request of the person this needs the right “Consent: Officer”.")
            raise AccessError(message)
        if not _says(fact["evidence"].get("reason")):
            raise self._refusal("missing_reason", self.env._("Say why, as “reason” in the evidence."))
        if fact["fact"] == "unrestricted" and not _says(fact["evidence"].get("told")):
            message = self.env._("Tell the person first, and say how and when, as “told” in the evidence.")
            raise self._refusal("missing_reason", message)

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
        basis = self._text(entry, "legal_basis") or "consent"
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
        source, fact = self._text(entry, "source"), entry["fact"]
        if source not in dict(transitions.SOURCES):
            message = self.env._("Say where it comes from: “%s” is no source.", source)
            raise self._refusal("unknown_source", message)
        claimed = self.trusted or source in transitions.CLAIMABLE_SOURCES
        if fact == "confirmed" and not self.trusted:
            claimed = source == "api" and self.is_proving
        if not claimed or (fact in transitions.GRANTS and source not in transitions.GRANTING_SOURCES):
            raise self._refusal("source_not_allowed", self.env._("This cannot be recorded as “%s”.", source))
        return source

    def _occurred_at(self, entry):
        """Return when it happened, now at the latest, and whether it was dated ahead.

        A no dated ahead counts from now. A yes dated ahead is an error; within the clock skew it counts from now and
        proves nothing: a no that is recorded already may be the later one.
        """
        permissive = entry["fact"] in transitions.PERMISSIVE
        time = self._time(entry, "occurred_at", last=not permissive)
        if not time or time <= self.now:
            return time or self.now, False
        if permissive and time > self.now + CLOCK_SKEW:
            raise self._refusal("impossible_date", self.env._("Nothing can have happened on %s.", time))
        return self.now, True

    def _time(self, entry, name, *, last=False):
        """Return a time of the entry; a date means its first or its `last` moment in the zone that is stated."""
        if not entry.get(name):
            return None
        try:
            zone = self._zone(entry) if times.is_day(entry[name]) else "UTC"
            time = times.read(entry[name], zone, last=last)
        except ValueError:
            raise self._refusal("impossible_date", self.env._("“%s” is no date.", entry[name])) from None
        if time < EARLIEST:
            raise self._refusal("impossible_date", self.env._("Nothing can have happened on %s.", time))
        return time

    def _zone(self, entry):
        zone = entry.get("tz") or self.user.tz or "UTC"
        if not times.is_zone(zone):
            raise self._refusal("impossible_date", self.env._("“%s” is no time zone.", zone))
        return zone

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
        if notice and (isinstance(notice, bool) or not isinstance(notice, int)):
            raise self._refusal("missing_notice", self.env._("“%s” is no wording.", notice))
        notice = self._find_notice(notice)
        if entry.get("notice") and (notice.purpose_id.id != about.purpose_id or notice.state != "published"):
            message = self.env._("This wording is not published for “%s”.", about.topic.name)
            raise self._refusal("missing_notice", message)
        if not notice and not (self._wording(entry) and entry.get("source") in OWN_WORDING):
            raise self._refusal("missing_notice", self.env._("Say which wording the person agreed to."))
        return notice

    def _wording(self, entry):
        wording = self._text(entry, "wording")
        return wording if _says(wording) else None

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
        if not isinstance(found, dict) or not plain_values.is_plain(found):
            raise self._refusal("unknown_detail", self.env._("Evidence is a set of named, plain values."))
        return dict(found)

    def _attachments(self, entry):
        files = entry.get("attachments") or ()
        try:
            usable = all(
                plain_values.is_text(name) and isinstance(content, bytes) and content for name, content in files
            )
        except (TypeError, ValueError):
            usable = False
        if not usable:
            raise self._refusal("unknown_detail", self.env._("Attachments are names and contents, none of them empty."))
        return files

    def _text(self, entry, name):
        text = entry.get(name) or None
        if text is not None and (not plain_values.is_text(text) or len(text) > MAX_TEXT):
            raise self._refusal("unknown_detail", self.env._("“%s” is a text that is not too long.", name))
        return text


def _says(value):
    """Return whether a detail of the evidence says anything: blanks, marks, bare flags and empty lists do not."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(map(_says, value))
    return isinstance(value, str) and any(map(str.isalnum, value))
