"""A list of people and their answers, read from a CSV file.

One line is one answer: name,email,phone,topic,channel,answer,when,where. A person may have several lines. A line
that is not understood is refused as a whole, with its number and what is wrong with it; the others count.

No Odoo and none of the addon's code here: what the campaign compares its outcome with rests on this reading.
"""

import csv
import io
import itertools
import re
from datetime import datetime, timedelta, timezone
from email.utils import getaddresses
from typing import NamedTuple

import idna
import phonenumbers

COLUMNS = ("name", "email", "phone", "topic", "channel", "answer", "when", "where")
NEEDED = ("topic", "channel", "answer", "when")
ADDRESSES = ("email", "phone")
DELIMITERS = ";,\t"
CHANNELS = {"email": "email", "mail": "email", "sms": "sms"}
ANSWERS = {"yes": True, "y": True, "no": False, "n": False}
#: What stands before the place of a paper form. It undoes an earlier no; any other line is a claim, which does not.
PAPER = "paper:"
EARLIEST = datetime(1995, 1, 1)
MAX_LENGTH = 200
MAX_LINES = 20  # of one quoted field: a quote that is never closed must not swallow the file
MAX_TOPICS = 20  # each is two campaigns
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]*[a-z0-9])")
LOCAL_PART = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f]{1,64}")


class Unreadable(Exception):
    """The file, or a line of it, cannot be understood; the text says why."""


class Answer(NamedTuple):
    """A line: what somebody said. `when` is naive UTC, addresses are canonical where there are any."""

    line: int
    name: str
    email: str
    phone: str
    topic: str
    channel: str
    yes: bool
    when: datetime
    where: str

    @property
    def address(self):
        """Return the address that the answer is about."""
        return self.email if self.channel == "email" else self.phone

    @property
    def paper(self):
        """Tell whether a signed form is behind the answer."""
        return self.where.lower().startswith(PAPER)


class Reading(NamedTuple):
    """What a file says: answers in its order, and (line number, text) of what was not understood."""

    answers: list
    errors: list


def read(content: bytes, now: datetime) -> Reading:
    """Read a file.

    :param now: naive UTC; nothing can have been said later
    :raises Unreadable: the file as a whole: no text, or without the columns that are needed
    """
    text = _decode(content)
    lines = list(io.StringIO(text, newline=""))
    header = next((number for number, line in enumerate(lines) if line.strip()), None)
    if header is None:
        raise Unreadable("the file is empty")
    delimiter = max(DELIMITERS, key=lines[header].count)
    rows = _rows(lines, header, delimiter)
    columns = _columns(next(rows))
    reading = Reading([], [])
    topics = {}
    for number, row in rows:
        try:
            reading.answers.append(_answer(number, _named(row, columns), topics, now))
        except Unreadable as error:
            reading.errors.append((number, str(error)))
    return reading


def outcomes(answers: list) -> dict:
    """Return what follows from the answers: (topic, channel, address) → 'sent' or why not.

    In the order of the acts, at the same instant the no last. A yes on paper undoes a no, a claimed one does not.
    """
    states = {}
    for answer in sorted(answers, key=lambda answer: (answer.when, not answer.yes)):
        key = (answer.topic, answer.channel, answer.address)
        before, said_yes = states.get(key, (None, False))
        if not answer.yes:
            states[key] = ("withdrawn" if said_yes else "refused", said_yes)
        elif answer.paper or before not in ("withdrawn", "refused"):
            states[key] = ("sent", True)
        else:
            states[key] = (before, True)
    return {key: state for key, (state, _said_yes) in states.items()}


def people(answers: list) -> list:
    """Return whom the answers are about, as (name, email, phone): lines of one name are one person if they can be."""
    found = []
    by_name = {}
    for answer in answers:
        name = answer.name or answer.email or answer.phone
        known = by_name.setdefault(name.casefold(), {})
        if (answer.email, answer.phone) in known:
            continue
        person = _same_person(known, answer)
        if not person:
            person = {"name": name, "email": "", "phone": ""}
            found.append(person)
        person["email"] = person["email"] or answer.email
        person["phone"] = person["phone"] or answer.phone
        known[answer.email, answer.phone] = person
    return [(person["name"], person["email"], person["phone"]) for person in found]


def canonical_email(text: str) -> str | None:
    """Return the one address in `text` in its ASCII form, None where there is none, or more than one."""
    found = mailboxes(text)
    return canonical_address(found[0]) if len(found) == 1 else None


def mailboxes(text: str) -> list:
    """Return the addresses in a field, as they are written there."""
    return [address for _name, address in getaddresses([text.replace(";", ",")]) if address]


def canonical_address(address: str) -> str | None:
    """Return an e-mail address in its ASCII form, None where it is none."""
    local, at, domain = address.strip().lower().rpartition("@")
    try:
        domain = idna.encode(domain.rstrip("."), uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    usable = at and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    return f"{local}@{domain}" if usable and len(local) + len(domain) < 254 else None


def canonical_phone(text: str, country: str | None = None) -> str | None:
    """Return a number in E.164, None where it is none; without a country it must begin with +."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# -- lines ---------------------------------------------------------------------------------------------------------


def _decode(content):
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("this is no text: save the list as CSV (UTF-8)")


def _rows(lines, start, delimiter):
    """Yield (number, cells), or (number, Unreadable), of each line that is not blank."""
    position = start
    while position < len(lines):
        reader = csv.reader(
            itertools.islice(lines, position, min(position + MAX_LINES, len(lines))),
            delimiter=delimiter,
            skipinitialspace=True,
            strict=True,
        )
        number, used = position + 1, 1
        try:
            cells = next(reader, [])
            used = reader.line_num
        except csv.Error as error:
            cells = Unreadable(f"the quotes are not right ({error})")
        position += used
        if cells and (isinstance(cells, Unreadable) or any(cell.strip() for cell in cells)):
            yield number, cells


def _columns(header):
    _number, cells = header
    if isinstance(cells, Unreadable):
        raise cells
    columns = [re.sub(r"[\s_-]", "", cell).lower() for cell in cells]
    missing = [column for column in NEEDED if column not in columns]
    if missing or not any(column in columns for column in ADDRESSES):
        raise Unreadable(f"the first line must name the columns {','.join(COLUMNS)}")
    twice = [column for column in COLUMNS if columns.count(column) > 1]
    if twice:
        raise Unreadable(f"the column {twice[0]} is there twice")
    return columns


def _named(cells, columns):
    """Return the cells of a line by column, all of `COLUMNS` and trimmed."""
    if isinstance(cells, Unreadable):
        raise cells
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise Unreadable(f"{len(cells)} values for {len(columns)} columns: is one with a comma not in quotes?")
    values = dict.fromkeys(COLUMNS, "") | dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    for column in COLUMNS:
        if len(values[column]) > MAX_LENGTH:
            raise Unreadable(f"{column} is longer than {MAX_LENGTH} characters")
        if not values[column].isprintable():
            raise Unreadable(f"{column} has a line break or another character that cannot be printed")
    return values


# -- values --------------------------------------------------------------------------------------------------------


def _answer(number, values, topics, now):
    channel = _one_of(CHANNELS, values["channel"].replace("-", ""), f"“{values['channel']}” is no channel")
    yes = _one_of(ANSWERS, values["answer"], f"“{values['answer']}” is no answer")
    email = _checked(values["email"], canonical_email, "is no e-mail address")
    phone = _checked(values["phone"], canonical_phone, "is no phone number with its country (+32 …)")
    if not (email if channel == "email" else phone):
        raise Unreadable(
            f"an answer about {channel} needs {'an e-mail address' if channel == 'email' else 'a phone number'}"
        )
    when = _time(values["when"], yes, now)
    if yes and not values["where"]:
        raise Unreadable("a yes needs a place: say where it was given")
    return Answer(
        **{"line": number, "name": values["name"], "where": values["where"]},
        **{"email": email, "phone": phone, "channel": channel, "yes": yes, "when": when},
        topic=_topic(values["topic"], topics),
    )


def _one_of(allowed, text, problem):
    try:
        return allowed[text.lower()]
    except KeyError:
        raise Unreadable(f"{problem}: write {' or '.join(key for key in allowed if len(key) > 1)}") from None


def _checked(text, canonical, problem):
    address = canonical(text) if text else ""
    if address is None:
        raise Unreadable(f"“{text}” {problem}")
    return address


def _topic(text, topics):
    """Return the topic as its first line writes it; case makes no difference."""
    if not text:
        raise Unreadable("the topic is missing")
    if text.casefold() not in topics and len(topics) >= MAX_TOPICS:
        raise Unreadable(f"“{text}” is one topic too many: {MAX_TOPICS} are the limit")
    return topics.setdefault(text.casefold(), text)


def _time(text, yes, now):
    if not text and not yes:
        return now  # a no holds from now on, if nobody knows since when
    try:
        time = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError:
        raise Unreadable(f"“{text}” is no date: write 2026-01-31 or 2026-01-31 14:30") from None
    if time.tzinfo:
        try:
            time = time.astimezone(timezone.utc).replace(tzinfo=None)
        except OverflowError:
            raise Unreadable(f"“{text}” is no date that can be") from None
    if not EARLIEST <= time <= now + timedelta(minutes=1):
        raise Unreadable(f"nothing can have been said on {text}")
    return time.replace(microsecond=0)


def _same_person(known, answer):
    """Return who of `known` the answer is about: the same address, or room for the one that is new."""
    for person in {id(person): person for person in known.values()}.values():
        clash = any(person[part] and value and person[part] != value for part, value in _parts(answer))
        shared = any(person[part] == value for part, value in _parts(answer) if value)
        room = all(not person[part] for part, value in _parts(answer) if value)
        if not clash and (shared or room):
            return person
    return None


def _parts(answer):
    return (("email", answer.email), ("phone", answer.phone))
