"""Run Odoo's own suites on a database with all its addons loaded, and write which tests failed.

python parity_run.py DATABASE REPORT DIFFERENCES: Odoo's own runner would run a part of them before our addon is loaded,
where they prove nothing of it.
"""

import inspect
import json
import logging
import os
import re
import socket
import sys
from pathlib import Path
from unittest.mock import patch

import odoo.http
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

try:
    import tomllib
except ImportError:  # Python 3.10
    from pip._vendor import tomli as tomllib

#: Addons that hold nothing but tests, of the addons that ours depends on.
TEST_ADDONS = ("test_mail_sms", "test_mass_mailing")
#: What a test calls that drives a browser. Such tests are left out: a step that takes too long on a busy machine fails
#: them, with us or without, so that they say nothing certain of us. Our own tests look at the pages.
BROWSER = re.compile(r"\.(start_tour|browser_js)\(")
SUITES = ("mass_mailing", "mass_mailing_sms", "sms", *TEST_ADDONS)


class Failures(logging.Handler):
    """What Odoo's runner says of a test that failed."""

    def __init__(self):
        super().__init__()
        self.tests = set()

    def emit(self, record):
        """Note the name of a failed test."""
        kind, _colon, test = record.getMessage().partition("\n")[0].partition(": ")
        if kind in ("FAIL", "ERROR") and test:
            self.tests.add(test)


def main(database, report, differences):
    """Run the suites, and end the process with the server's threads."""
    listed = tomllib.loads(Path(differences).read_text())
    rc, port, tags = os.environ["ODOO_RC"], str(_free_port()), ",".join(f"/{suite}" for suite in SUITES)
    config.parse_config(["-c", rc, "-d", database, "--http-port", port, "--log-level", "warn", "--test-tags", tags])
    module.initialize_sys_path()
    server.load_server_wide_modules()
    server.server = server.ThreadedServer(odoo.http.root)
    server.server.http_spawn()
    with patch.dict(config.options, test_enable=False):
        Registry.new(database, update_module=True, install_modules=TEST_ADDONS)
    failures = Failures()
    logging.getLogger().addHandler(failures)
    run = sum(_run(position) for position in ("at_install", "post_install"))
    wanted = [entry["test"] for entry in listed.get("difference", ())]
    Path(report).write_text(json.dumps({"run": run, "failed": sorted(failures.tests), "wanted": wanted}))
    os._exit(0)


def _run(position):
    from odoo.tests import loader

    suite = loader.make_suite(list(SUITES), position)
    return loader.run_suite(type(suite)(test for test in suite if not _drives_a_browser(test))).testsRun


def _drives_a_browser(test):
    return bool(BROWSER.search(inspect.getsource(getattr(test, test._testMethodName))))


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main(*sys.argv[1:])
