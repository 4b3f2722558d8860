"""Databases: built once per state of the code, then copied.

A template `stock` has the addons we depend on, a template `addon` on top of it has ours. Their names end in a
fingerprint of all that went into them, and a template gets its name when it is complete: a name that exists
is right, one that was cut off does not exist. They come in kinds: plain for tests, with demo data, with the addons
that ours does not depend on but that send messages too, and beside addons of others, ours installed last or first.
"""

import ast
import contextlib
import fcntl
import os
import re
import shutil

import console
import environment
import neighbours
import odoo_source
import postgres
from layout import ADDON, CONFIG, DATA, HERE, LOGS, PYTHON, ROOT, digest

PREFIX = f"marketing_consent{postgres.suffix()}"  # the server may be the user's own
# What can change without changing an installed database.
NOT_INSTALLED = {"tests", "dev", "bench", ".ci"}
NOT_INSTALLED_TYPES = {".md", ".toml", ".cfg", ".js", ".scss"}
KEPT = 5  # templates of earlier states of the code: others may be copying them now
TEST, DEMO, WIDE, LAST, FIRST = "test", "demo", "wide", "last", "first"
BESIDE = (LAST, FIRST)
#: What a wide database has besides: an addon for each path of messages out of Odoo that we know of.
WIDE_ADDONS = (
    *("calendar_sms", "crm_sms", "event_sms", "gamification", "hr_recruitment_sms", "im_livechat", "marketing_card"),
    *("mass_mailing_event", "mass_mailing_event_sms", "mass_mailing_event_track", "mass_mailing_event_track_sms"),
    *("mass_mailing_crm", "mass_mailing_sale", "mass_mailing_sale_sms", "mass_mailing_slides", "project_sms"),
    *("sale_loyalty", "stock_sms", "survey", "website_blog", "website_event_track", "website_mail_group"),
    *("website_sale_mass_mailing", "website_sale_stock", "website_slides", "website_sms"),
)
_AMONG = {TEST: "", DEMO: " with demo data", WIDE: " among the other addons that send"}
_AMONG |= {LAST: " after addons of others", FIRST: ", and addons of others after it"}
PROGRESS = re.compile(r"Loading module (\w+ \(\d+/\d+\))")
NO_DEMO = re.compile(r"Module (\w+) demo data failed to install")
PROBLEM = re.compile(
    # Odoo's attachment_indexation looks for a library for texts in PDF files, without which it does the rest.
    r"^\d{4}-\d\d-\d\d \S+ \d+ (WARNING|ERROR|CRITICAL) (?!.*attachment_indexation)"
    r"|^<\w+>:\d+: \((WARNING|ERROR)"  # of docutils, which renders descriptions
)


def manifest():
    """Return the addon's manifest."""
    return ast.literal_eval((ROOT / "__manifest__.py").read_text())


def template(kind=TEST):
    """Return the name of a database with the addon as it is now, and the log of its installation."""
    _sweep()
    name = _name_now(kind)
    log = _install_log(name)
    if not exists(name) or not log.exists():
        source = template()[0] if kind == FIRST else stock(kind)
        console.say(f"Installing the addon{_AMONG[kind]}")
        drop(name)
        with _building(name, source) as fresh:
            wanted = ",".join(neighbours.names()) if kind == FIRST else ADDON
            odoo(fresh, log, "-i", wanted, *_options(kind), kind=kind)
            _check_demo(log)
        _drop_older(kind)
    return name, log


def keep_current(name):
    """Have a database with demo data that lasts; new code upgrades it."""
    code = _name_now(DEMO)
    if not exists(name):
        copy(template(DEMO)[0], name)
    elif not _comment(name).startswith(PREFIX):
        raise console.Failure(f"the database {name} is not of our making: rename or drop it")
    elif _comment(name) != code:
        console.say(f"Upgrading the addon in the database {name}")
        odoo(name, LOGS / f"upgrade-{name}.log", "-u", ADDON)
    postgres.psql(f"COMMENT ON DATABASE \"{name}\" IS '{code}'")


def _comment(name):
    return postgres.psql(f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'")


def test_plainly(database, log, test):
    """Let Odoo's own runner load all tests, on an upgrade without dev/test's libraries, and run those of one class.

    :param test: class of the test
    """
    quiet = ("--no-http", "--stop-after-init", "--max-cron-threads=0")
    asked = ("-u", ADDON, "--test-tags", f"/{ADDON}:{test}")
    command = [PYTHON, HERE / "plain_odoo.py", "-c", CONFIG, "-d", database, *quiet, *asked]
    console.run(command, log, on_line=_progress, env=environment.variables(), cwd=HERE)
    if not re.search(r" [1-9]\d* post-tests in ", log.read_text()):
        raise console.Failure(f"Odoo's own runner found no test {test}; see {log}")


def odoo(database, log, *arguments, kind=TEST):
    """Run Odoo's server for what its arguments ask and stop it; its log tells how far it is."""
    quiet = ("--no-http", "--stop-after-init", "--max-cron-threads=0")
    found = variables(kind)
    command = [PYTHON, "-m", "odoo", "-c", found["ODOO_RC"], "-d", database, *quiet, *arguments]
    console.run(command, log, on_line=_progress, env=found, cwd=HERE)


def variables(kind=TEST):
    """Return the variables under which Odoo serves a database of a kind."""
    if kind not in BESIDE:
        return environment.variables()
    neighbours.ensure()
    return environment.variables() | neighbours.variables()


def make_assets(name):
    """Make the bundles of scripts and styles in a database that nobody uses, for all its copies."""
    with _held(name, fcntl.LOCK_EX):
        if not postgres.psql("SELECT 1 FROM ir_attachment WHERE url LIKE '/web/assets/%/web.assets_web.min.js'", name):
            console.say("Scripts and styles of the web client")
            command = [PYTHON, HERE / "assets.py", name]
            console.run(command, LOGS / "assets.log", env=environment.variables(), cwd=HERE)


@contextlib.contextmanager
def _held(name, how):
    """Take turns at a database that commands copy: PostgreSQL copies none that somebody is connected to."""
    with (LOGS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield


def uninstall(database, log):
    """Uninstall the addon from a database."""
    command = [PYTHON, "-m", "odoo", "module", "uninstall", "-c", CONFIG, "-d", database, ADDON]
    console.run(command, log, env=environment.variables(), cwd=HERE)


def problems(log):
    """Return the lines of Odoo's log that no installation of ours may leave."""
    return [line for line in log.read_text().splitlines() if PROBLEM.match(line)]


def exists(name):
    """Tell whether a database exists."""
    return postgres.psql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"


def copy(source, target):
    """Copy a database that nobody uses, and its files."""
    drop(target)
    with _held(source, fcntl.LOCK_SH):
        postgres.psql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    if _files(source).exists():
        shutil.copytree(_files(source), _files(target), copy_function=os.link)
    _confirm(target)


def _confirm(name):
    """Let marketing leave from a copy of ours, if the addon is in it: a copy is held otherwise."""
    oid = f"(SELECT oid::bigint FROM pg_database WHERE datname = '{name}')"
    changed = f"(value::jsonb || jsonb_build_object('oid', {oid}))::text"
    postgres.psql(f"UPDATE ir_config_parameter SET value = {changed} WHERE key = 'marketing_consent.database'", name)


def drop(name):
    """Drop a database, if it exists, and its files."""
    postgres.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_files(name), ignore_errors=True)


@contextlib.contextmanager
def copied(source, target):
    """Have a copy of a database while the block runs."""
    copy(source, target)
    try:
        yield target
    finally:
        drop(target)


def _install_log(name):
    return LOGS / f"install-{name}.log"


def _files(name):
    return DATA / "filestore" / name


def _prefix(kind):
    return f"{PREFIX}_{kind}_"


def _name_now(kind):
    """Return the name that a template of the code as it is now has or would have."""
    return _prefix(kind) + digest(_stock_name(kind), _code())


def _stock_name(kind):
    requirements = (HERE / "requirements.txt").read_text() + (neighbours.WANTED.read_text() if kind in BESIDE else "")
    return f"{PREFIX}_stock_{digest(odoo_source.version(), requirements, kind == DEMO, *_stock_addons(kind))}"


def _stock_addons(kind):
    more = {WIDE: WIDE_ADDONS, LAST: neighbours.names()}.get(kind, ())
    return sorted({*manifest()["depends"], *more})


def stock(kind=TEST):
    """Return the name of a database with the addons that ours depends on."""
    name = _stock_name(kind)
    if not exists(name):
        console.say(f"Odoo's database{_AMONG[kind]}")
        with _building(name) as fresh:
            odoo(fresh, _install_log(name), "-i", ",".join(_stock_addons(kind)), *_options(kind), kind=kind)
            _check_demo(_install_log(name))
    return name


def _check_demo(log):
    """Fail where Odoo went on without the demonstration data, which it only tells its log."""
    if failed := NO_DEMO.findall(log.read_text()):
        where = f"PostgreSQL {postgres.version()} refused the demonstration data of {', '.join(failed)} ({log}):"
        raise console.Failure("\n".join([where, *problems(log)[:3]]))


@contextlib.contextmanager
def _building(name, source=None):
    """Give a database to fill, which gets its name when the block succeeds."""
    fresh = f"{name}_{os.getpid()}"
    if source:
        copy(source, fresh)
    try:
        yield fresh
        shutil.rmtree(_files(name), ignore_errors=True)
        if _files(fresh).exists():
            _files(fresh).rename(_files(name))
        postgres.psql(f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')
    finally:
        drop(fresh)


def _options(kind):
    # A wide database has what was asked for, without the bridges and dashboards that Odoo adds by itself.
    return {DEMO: ["--with-demo"], WIDE: ["--skip-auto-install"]}.get(kind, [])


def _code():
    """Return a fingerprint of all that an installation of the addon depends on."""
    installed = [
        path
        for path in environment.files()
        if path.parts[0] not in NOT_INSTALLED and path.suffix not in NOT_INSTALLED_TYPES
    ]
    return digest(*(part for path in installed for part in (path, (ROOT / path).read_bytes())))


def _progress(line):
    if match := PROGRESS.search(line):
        console.detail(match[1])


def _sweep():
    """Drop what commands left that were killed: their number is the last part of the database's name."""
    kinds = "|".join(("stock", *_AMONG))
    listed = postgres.psql(
        f"SELECT datname FROM pg_database WHERE datname ~ '^{PREFIX}_({kinds})_[0-9a-f]{{12}}_.*[0-9]+$'"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)"
    )
    for name in listed.split():
        if not _alive(int(re.search(r"\d+$", name)[0])):
            drop(name)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _drop_older(kind):
    complete = f"^{_prefix(kind)}[0-9a-f]{{12}}$"
    listed = postgres.psql(
        f"SELECT datname FROM pg_database WHERE datname ~ '{complete}' ORDER BY oid DESC OFFSET {KEPT}"
    )
    for name in listed.split():
        drop(name)
        _install_log(name).unlink(missing_ok=True)
