from odoo.tests import tagged

from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase

NORA = "nora@fair.example"


@tagged("post_install", "-at_install")
class TestSimulation(ConsentCase):
    """Before a change: who would be lost and gained, and the same numbers once it is made (MISSION N8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls.news.purpose_id
        cls.yes(CARLA, source="import", notice=None, wording="Yes")
        cls.env["mailing.contact"].create({"email": NORA})

    def simulate(self, **values):
        wizard = self.env["consent.simulation"].with_context(default_purpose_id=self.purpose.id).create(values)
        wizard.action_simulate()
        line = wizard.line_ids.filtered(lambda line: line.channel == "email")
        return line

    def reached(self):
        """Return who may be written to, by asking the gate about everybody."""
        partners = self.env["res.partner"].with_context(active_test=False)
        emails = partners.search([("email_normalized", "!=", False)]).mapped("email_normalized")
        emails += [NORA]
        verdicts = self.env["consent.gate"].sudo()._decide(self.news, "email", set(emails), self.env.company)
        return {address for address, verdict in verdicts.items() if verdict.allowed}

    def assert_comes_true(self, line, change):
        before = self.reached()
        self.assertEqual(line.before_count, len(before))
        change()
        after = self.reached()
        counts = (line.after_count, line.lost_count, line.gained_count)
        self.assertEqual(counts, (len(after), len(before - after), len(after - before)))

    def test_a_switch_to_opt_out_gains_the_silent_and_nobody_who_said_no(self):
        line = self.simulate(mode="opt_out")
        self.assert_comes_true(line, lambda: self.purpose.write({"mode": "opt_out"}))
        self.assertIn(NORA, self.reached())
        self.assertFalse({BEN, DIRK} & self.reached())

    def test_better_evidence_loses_who_has_less(self):
        line = self.simulate(min_evidence="B")
        self.assertEqual((line.lost_count, line.gained_count), (1, 0))
        self.assert_comes_true(line, lambda: self.purpose.write({"min_evidence": "B"}))
        self.assertEqual(self.reached(), {ANNA})

    def test_a_material_change_of_wording_loses_everybody_until_they_say_it_anew(self):
        line = self.simulate(material=True)
        self.assertEqual((line.before_count, line.after_count), (2, 0))

        def publish():
            self.publish(self.purpose, version=2, material=True)

        self.assert_comes_true(line, publish)

    def test_looking_changes_nothing(self):
        before = (self.purpose.mode, self.purpose.min_evidence, self.purpose.min_notice_version, self.reached())
        self.simulate(mode="opt_out", min_evidence="A", material=True)
        after = (self.purpose.mode, self.purpose.min_evidence, self.purpose.min_notice_version, self.reached())
        self.assertEqual(before, after)
