"""What dev/test asks of pytest. A plug-in, since a conftest.py in an addon would come before pytest-odoo."""

import os

import pytest

EVERYTHING = os.environ.get("MARKETING_CONSENT_TESTS") == "everything"
WITHOUT_DATABASE = os.environ.get("MARKETING_CONSENT_TESTS") == "without database"


class NoRegistry:
    """Stands in for pytest-odoo's fixture of the same name, which would connect to a database."""

    @pytest.fixture(scope="session", autouse=True)
    def load_registry(self):
        """Load nothing."""


def pytest_configure(config):
    """Register the stand-in after pytest-odoo, so that it is the one in force."""
    if WITHOUT_DATABASE:
        config.pluginmanager.register(NoRegistry())


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
