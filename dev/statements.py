"""The statements that tests sent to PostgreSQL about consent, and whether another version of it understands them.

python statements.py DATABASE FILE…: plan each statement of the files on DATABASE, and name those that fail.
"""

import json
import re
import sys
from contextlib import contextmanager
from pathlib import Path

SEVERAL = re.compile(r"%s(?:, ?%s)+")
#: What can be planned without being run. A second statement behind a semicolon would be run.
PLANNED = re.compile(r"\s*\(*\s*(SELECT|INSERT|UPDATE|DELETE|WITH|VALUES)\b(?!.*;\s*\S)", re.IGNORECASE | re.DOTALL)


@contextmanager
def captured(file):
    """Write each distinct statement about consent that the block sends to PostgreSQL, as it was sent."""
    from odoo.sql_db import Cursor

    sent, real = {}, Cursor.execute

    def execute(cursor, query, params=None, log_exceptions=True):
        real(cursor, query, params, log_exceptions)
        text = SEVERAL.sub("%s", query if isinstance(query, str) else getattr(query, "code", ""))
        if "consent" in text and text not in sent and PLANNED.match(text):
            sent[text] = cursor._obj.query.decode()

    Cursor.execute = execute
    try:
        yield
    finally:
        Cursor.execute = real
        file.write_text(json.dumps([*sent.values()]))


def main(database, *files):
    """Plan each statement, print those that fail, and exit with 1 where one does."""
    import psycopg2

    statements = sorted({statement for file in files for statement in json.loads(Path(file).read_text())})
    failures = []
    with psycopg2.connect(dbname=database) as connection:
        for statement in statements:
            try:
                with connection.cursor() as cr:
                    cr.execute(f"EXPLAIN {statement}")
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
                pass  # of a temporary table or another addon of the test; ours are there, or nothing works
            except psycopg2.Error as error:
                failures.append(f"{statement}\n{error}")
            connection.rollback()
        print(f"{len(statements)} statements on PostgreSQL {connection.server_version // 10000}")
    print("\n".join(failures))
    return 1 if failures or not statements else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
