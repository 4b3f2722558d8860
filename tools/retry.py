"""Retrying in a new transaction: what a writer to the ledger does when another one was faster."""

import random
import time
from collections.abc import Callable

from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

CONFLICTS = (DeadlockDetected, LockNotAvailable, SerializationFailure)


def repeatedly(work: Callable, *, before_again: Callable = lambda: None, attempts: int = 30):
    """Call `work()`, anew while it conflicts with other transactions, and return what it returns.

    :param work: must be repeatable
    :param before_again: called after each conflict: what makes the next attempt see what others have written
    :param attempts: how often to try; the last conflict is raised
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except CONFLICTS:
            if attempt == attempts:
                raise
            before_again()
            # Jitter spreads the rivals; the growing bound lets a crowd drain.
            time.sleep(random.uniform(0, min(0.05 * attempt, 1)))


def in_new_transaction(registry, work: Callable, *, attempts: int = 30):
    """Run `work(cr)` in a transaction of its own, anew while it conflicts with others, and return what it returns.

    A savepoint would not help: under REPEATABLE READ the snapshot stays that of the transaction's first statement.

    :param registry: the Odoo registry whose database to use
    :param work: takes a cursor; must be repeatable
    :param attempts: see `repeatedly`
    """

    def once():
        with registry.cursor() as cr:
            return work(cr)

    return repeatedly(once, attempts=attempts)


def in_request(cr, work: Callable, *, attempts: int = 30):
    """Run `work(cr)` in a request's own transaction, anew while it conflicts with others, and return what it returns.

    For requests that do nothing else: what was done in the transaction before is lost where it is run anew, and what
    fails after it undoes it. Odoo commits before it answers.

    :param work: takes the cursor; must be repeatable
    :param attempts: see `repeatedly`
    """
    return repeatedly(lambda: work(cr), before_again=cr.rollback, attempts=attempts)
