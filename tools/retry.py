"""Retries in a new transaction after a conflict with a concurrent writer."""

import random
import time
from collections.abc import Callable

import psycopg2
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

CONFLICTS = (DeadlockDetected, LockNotAvailable, SerializationFailure)
#: What says nothing about the work: conflicts, a lost connection, and what follows a conflict that a caller swallowed.
LATER = (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.InternalError)


def repeatedly(work: Callable, *, before_again: Callable = lambda: None, attempts: int = 30):
    """Call `work()`, again while it conflicts with other transactions, and return its result.

    :param work: must be repeatable
    :param before_again: called after each conflict, to give the next attempt a new snapshot
    :param attempts: number of attempts; the last conflict is raised
    """
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except CONFLICTS:
            if attempt == attempts:
                raise
            before_again()
            # Jitter spreads concurrent writers; the growing bound lets a queue of them drain.
            time.sleep(random.uniform(0, min(0.05 * attempt, 1)))


def in_new_transaction(registry, work: Callable, *, attempts: int = 30):
    """Run `work(cr)` in a new transaction, again while it conflicts with others, and return its result.

    A savepoint does not help: under REPEATABLE READ the snapshot is that of the transaction's first statement.

    :param registry: the Odoo registry whose database to use
    :param work: takes a cursor; must be repeatable
    :param attempts: see `repeatedly`
    """

    def once():
        with registry.cursor() as cr:
            return work(cr)

    return repeatedly(once, attempts=attempts)


def in_request(cr, work: Callable, *, attempts: int = 30):
    """Run `work(cr)` in the request's transaction, again while it conflicts with others, and return its result.

    For requests that do nothing else: a retry discards earlier work of the transaction, and a later failure discards
    this work. Odoo commits before it answers.

    :param work: takes the cursor; must be repeatable
    :param attempts: see `repeatedly`
    """
    return repeatedly(lambda: work(cr), before_again=cr.rollback, attempts=attempts)
