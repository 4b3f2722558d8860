"""The one seam of time: the database's clock, naive UTC."""

from datetime import datetime

from odoo.tools import SQL


def now() -> SQL:
    """Return the SQL expression of the time now.

    Always called as `clock.now()`, so that a test that travels in time replaces it in one place. The statement's own
    time and not the transaction's: two acts in one transaction follow each other.
    """
    return SQL("(statement_timestamp() AT TIME ZONE 'UTC')")


def consent_now(env) -> datetime:
    """Return the time now."""
    env.cr.execute(SQL("SELECT %s", now()))
    return env.cr.fetchone()[0]
