"""The one seam of time."""

from datetime import datetime


def consent_now(env) -> datetime:
    """Return the time now by the database's clock, naive UTC.

    Always called as `clock.consent_now(env)`, so that a test that travels in time replaces it in one place. The
    statement's own time and not the transaction's: two acts in one transaction follow each other.
    """
    env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
    return env.cr.fetchone()[0]
