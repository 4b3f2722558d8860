"""The current time: the database's clock, naive UTC."""

from datetime import datetime

from odoo.tools import SQL


def now() -> SQL:
    """Return the SQL expression of the current time.

    Always called as `clock.now()`, so that tests can replace it. The time of the statement, not of the transaction: two
    acts in one transaction have an order.
    """
    return SQL("(statement_timestamp() AT TIME ZONE 'UTC')")


def consent_now(env) -> datetime:
    """Return the current time."""
    env.cr.execute(SQL("SELECT %s", now()))
    return env.cr.fetchone()[0]
