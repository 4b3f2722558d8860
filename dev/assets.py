"""Make the bundles of scripts and styles of a database's pages, as Odoo's own runner does before it tests pages.

python assets.py DATABASE: without this, each test class with a browser makes them again in its transaction.
"""

import os
import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def main(database):
    """Make and keep the bundles."""
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--log-level", "error"])
    with Registry(database).cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["ir.qweb"]._pregenerate_assets_bundles()


if __name__ == "__main__":
    main(sys.argv[1])
