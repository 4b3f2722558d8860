"""When a yes passes an objection: one rule, for Python and for SQL.

A yes that the person proved, to this very topic and later than the objection, passes it for that topic alone (GDPR
art. 21(2)-(3), requirement R-044).
"""

import operator
from datetime import datetime

from odoo.tools import SQL

from .transitions import GRANTED

#: Column of the topic's record, comparison, value; `OBJECTED_AT` is the time of the objection.
OBJECTED_AT = object()
PASSES = (("state", "=", GRANTED), ("proven", "=", True), ("since", ">", OBJECTED_AT))
COMPARISONS = {"=": operator.eq, ">": operator.gt}


def holds(topic, objected_at: datetime | None) -> bool:
    """Return whether an objection counts for a topic.

    :param topic: `transitions.State` or record of the topic
    :param objected_at: when the objection was made, None or False without one
    """
    return bool(objected_at) and not all(
        COMPARISONS[sign](getattr(topic, column), objected_at if value is OBJECTED_AT else value)
        for column, sign, value in PASSES
    )


def sql_holds(topic: SQL, objected_at: SQL) -> SQL:
    """Return the SQL condition that an objection counts for a topic.

    :param topic: alias of the topic's `consent_record`, of outer joins too
    :param objected_at: the objection's column
    """
    passes = [
        SQL("%s.%s %s %s", topic, SQL.identifier(column), SQL(sign), objected_at if value is OBJECTED_AT else value)
        for column, sign, value in PASSES
    ]
    return SQL("(%s IS NOT NULL AND NOT COALESCE(%s, FALSE))", objected_at, SQL(" AND ").join(passes))
