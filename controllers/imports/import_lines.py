import csv
import io
import tempfile

from odoo import http
from odoo.http import Response, request
from odoo.tools import SQL
from werkzeug.wsgi import wrap_file

BATCH = 5000
#: What a spreadsheet would take for a formula.
FORMULA = ("=", "@", "\t", "\r")


class ImportLines(http.Controller):
    """The lines of an import that were not recorded, for its user to mend and to upload again."""

    @http.route("/consent/import/<int:import_id>/lines.csv", type="http", auth="user", methods=["GET"])
    def lines(self, import_id, **_query):
        """Send them as they stood in the file, each with its number and why."""
        found = request.env["consent.import"].browse(import_id).exists()
        if not found:
            raise request.not_found()
        found.check_access("read")
        # A file, since the database is closed when an answer begins to leave; werkzeug closes it.
        file = tempfile.TemporaryFile()
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._write(csv.writer(text), found)
        text.detach().seek(0)
        headers = {"Content-Disposition": http.content_disposition(f"lines-{found.id}.csv")}
        body = wrap_file(request.httprequest.environ, file)
        return Response(body, content_type="text/csv; charset=utf-8", headers=headers, direct_passthrough=True)

    def _write(self, writer, found):
        outcomes = dict(found.line_ids._fields["outcome"]._description_selection(request.env))
        lines = self._lines(found)
        wanted = next(lines, None)
        with found.sudo()._opened() as table:
            writer.writerow(["Line", "Outcome", "Why", *map(_plain, table.headings)])
            for row in table.rows:
                while wanted and wanted[0] == row.number:
                    why = [row.number, outcomes[wanted[1]], _plain(wanted[2])]
                    writer.writerow([*why, *map(_plain, row.cells)])
                    wanted = next(lines, None)
                if not wanted:
                    return

    def _lines(self, found):
        """Yield line, outcome and why in the order of the file, a batch in memory at a time."""
        last = (0, 0)
        while True:
            query = SQL(
                """SELECT line, outcome, why, id FROM consent_import_line
                    WHERE import_id = %s AND (line, id) > %s ORDER BY line, id LIMIT %s""",
                found.id,
                last,
                BATCH,
            )
            rows = request.env.execute_query(query)
            yield from (row[:3] for row in rows)
            if len(rows) < BATCH:
                return
            last = (rows[-1][0], rows[-1][3])


def _plain(cell):
    return f"'{cell}" if cell.startswith(FORMULA) else cell
