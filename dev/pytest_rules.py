"""What dev/test asks of pytest. A plug-in, since a conftest.py in an addon would come before pytest-odoo."""

import json
import os
import threading
from contextlib import nullcontext
from pathlib import Path

import databases
import pytest
import statements

EVERYTHING = os.environ.get("MARKETING_CONSENT_TESTS") == "everything"
WITHOUT_DATABASE = os.environ.get("MARKETING_CONSENT_TESTS") == "without database"
COUNTS = os.environ.get("MARKETING_CONSENT_COUNTS")
STATEMENTS = os.environ.get("MARKETING_CONSENT_STATEMENTS")  # how the names of the files with them begin


class NoRegistry:
    """Replaces pytest-odoo's fixture of the same name, which would connect to a database."""

    @pytest.fixture(scope="session", autouse=True)
    def load_registry(self):
        """Load nothing."""


class OwnDatabase:
    """Replaces pytest-odoo's fixture of the same name: each process tests on its own copy of the database."""

    @pytest.fixture(scope="session", autouse=True)
    def load_registry(self, request):
        """Load the registry of a copy of the database that the command line names."""
        from odoo.modules.registry import Registry
        from odoo.sql_db import close_db
        from odoo.tests.common import get_db_name
        from odoo.tools import config

        threading.current_thread().testing = True  # as Odoo's own runner sets it
        template = get_db_name()
        if any(hasattr(item.cls, "browsing") for item in request.session.items):
            databases.make_assets(template)
        lane = os.environ.get("PYTEST_XDIST_WORKER", "run")
        with databases.copied(template, f"{template}_{lane}_{os.getpid()}") as database:
            config["db_name"] = [database]
            Registry(database)
            with statements.captured(Path(f"{STATEMENTS}-{lane}.json")) if STATEMENTS else nullcontext():
                yield
            close_db(database)


def pytest_configure(config):
    """Register the fixture after pytest-odoo, so that it is the one in force."""
    config.pluginmanager.register(NoRegistry() if WITHOUT_DATABASE else OwnDatabase())


def pytest_terminal_summary(terminalreporter):
    """Write how many tests passed, failed …, for the closing line of all runs."""
    if COUNTS:
        counted = {outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome}
        Path(COUNTS).write_text(json.dumps(counted))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """Let no test of a whole run be skipped: what nobody runs nobody knows to work."""
    outcome = yield
    _fail_skipped(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report():
    """Let no file of a whole run be skipped."""
    outcome = yield
    _fail_skipped(outcome.get_result())


def _fail_skipped(report):
    if EVERYTHING and report.skipped and not hasattr(report, "wasxfail"):
        *_where, reason = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason}"
