"""A process that works off imports, for tests that kill it: DATABASE.

Says “ready” when it begins.
"""

import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def main(database):
    """Work until nothing waits, a transaction for each chunk."""
    config.parse_config(["-d", database, "--log-level", "critical"])
    registry = Registry(database)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["consent.import"]._cron_work()


if __name__ == "__main__":
    main(sys.argv[1])
