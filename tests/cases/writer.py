"""A process of its own that writes to the ledger: `python writer.py DATABASE NUMBER TIMES`; see test_concurrency."""

import os
import sys


def main(database, number, times):
    """Say `times` times yes and no for addresses that the other writers use as well."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--log-level", "critical"])
    # A program, not a module of the addon.
    from odoo.addons.marketing_consent.tools import retry  # pylint: disable=odoo-addons-relative-import

    registry = Registry(database)

    def write(cr, turn):
        facts = ("given", "withdrawn")[(turn + number) % 2]
        entries = [
            {"fact": facts, "topic": "marketing", "channel": "email", "address": f"p{(turn + step) % 12}@x.example"}
            | {"source": "paper", "wording": "Yes", "source_label": f"{number}/{turn}/{step}"}
            for step in range(0, 12, 1 + (number % 3))
        ]
        api.Environment(cr, SUPERUSER_ID, {})["consent.record"]._submit(entries)

    for turn in range(times):
        retry.in_new_transaction(registry, lambda cr, turn=turn: write(cr, turn))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
