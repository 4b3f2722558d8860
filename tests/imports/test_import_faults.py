import random

from odoo.tests import tagged

from ...models.imports.consent_import_work import LINES
from ..cases.imports import ImportStory
from ..cases.story import ConsentCase

HEADINGS = "email,phone,answer,when,country,note"
#: Twenty kinds of faults, each as a line; what becomes of it, and whether its no counts.
FAULTS = [
    ("not-an-address,,yes,2026-01-01,,", "error", False),
    ("{who},,yes,1/32/2026,,", "error", False),
    ("{who},,no,soon,,", "recorded", True),
    ("{who},,opted_out,05/01/26,,", "recorded", True),
    ("{who},,yes,05/01/26,,", "error", False),
    ('"{who}; other{n}@pair.example",,No thanks,2026-01-01,,', "recorded", True),
    ('"{who}, other{n}@pair.example",,yes,2026-01-01,,', "error", False),
    ("{who},,FALSCH,2026-01-01 09:30 EST,,", "recorded", True),
    ("{who},,yes,2026-01-01 09:30 EST,,", "error", False),
    ("{who},,unsubscribed (admin),,,", "recorded", True),
    ("{who},,yes,,,", "error", False),
    (",,yes,2026-01-01,,", "error", False),
    ("{who},,,2026-01-01,,", "nothing", False),
    ("{who},,yes,2026-01-01,,extra,cells", "error", False),
    ("{who},,no,2026-01-01,,extra,cells", "recorded", True),
    ('{who},,no,2026-01-01,,"open', "recorded", True),
    ('{who},,yes,2026-01-01,,"open', "error", False),
    ("{who},,yes,2099-01-01,,", "error", False),
    ("{who},,no,2099-01-01,,", "recorded", True),
    ("{who},,yes,1970-01-01,,", "error", False),
]
COUNT, EACH = 10_000, 25


@tagged("post_install", "-at_install")
class TestImportFaults(ImportStory, ConsentCase):
    """A large file with faults of twenty kinds: each line is counted or listed, each no counts, no yes is invented."""

    def test_every_line_of_a_file_with_five_hundred_faults_is_accounted_for(self):
        lines = [(f"good{n}@good.example,,yes,2026-01-0{n % 9 + 1},,", "recorded", None) for n in range(COUNT - 500)]
        for number, (line, becomes, is_no) in enumerate(FAULTS * EACH):
            who = f"fault{number}@fault.example"
            lines.append((line.format(who=who, n=number), becomes, who if is_no else None))
        lines = self.spread(lines)
        text = "\n".join([HEADINGS, *(line for line, _becomes, _who in lines)]) + "\n"
        batch = self.upload(text, kind="answer", note="Binder 1")
        self.assertEqual((len(FAULTS), batch.line_count), (20, COUNT))
        for step in ("check", "record"):
            with self.subTest(step=step):
                if step == "check":
                    batch._check_complete()
                    batch._start("checking")
                else:
                    batch.action_record()
                batch.sudo()._advance()
                self.env.invalidate_all()
                self.check_totals(batch, lines)
        noes = [who for _line, _becomes, who in lines if who]
        withdrawn = self.env["consent.record"].search([("state", "in", ("withdrawn", "refused"))])
        said_no = set(withdrawn.contact_point_id.mapped("address"))
        self.assertLessEqual(set(noes), said_no, "no no is lost")
        granted = self.env["consent.record"].search([("state", "=", "granted"), ("topic_id", "=", self.news.id)])
        yes = set(granted.contact_point_id.mapped("address"))
        self.assertFalse({address for address in yes if "fault" in address or "pair" in address}, "no yes is invented")
        self.assertEqual(len([address for address in yes if address.endswith("@good.example")]), COUNT - 500)

    def spread(self, lines):
        """Mix the lines; between two stray quotes less than a hundred lines apart, yeses are errors too."""
        quoted, rest = ([line for line in lines if ('"open' in line[0]) == wanted] for wanted in (True, False))
        random.Random(7).shuffle(rest)
        parts = [[line, *rest[150 * number : 150 * (number + 1)]] for number, line in enumerate(quoted)]
        return [*sum(parts, []), *rest[150 * len(quoted) :]]

    def check_totals(self, batch, lines):
        """Assert that each line is in one total, and that what is an error is listed by its number."""
        expected = {
            outcome: sum(becomes == outcome for _line, becomes, _who in lines) for outcome in ("error", "nothing")
        }
        self.assertEqual(batch.error_count, expected["error"])
        self.assertEqual(batch.nothing_count, expected["nothing"])
        self.assertEqual(batch.recorded_count, COUNT - expected["error"] - expected["nothing"])
        self.assertEqual(sum(batch[name] for name in LINES), batch.line_count)
        self.assertEqual(batch.progress, 100)
        listed = {line.line for line in batch.line_ids if line.outcome == "error"}
        errors = {number for number, (_line, becomes, _who) in enumerate(lines, 2) if becomes == "error"}
        self.assertEqual(listed, errors)
