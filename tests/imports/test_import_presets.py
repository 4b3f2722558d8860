from pathlib import Path
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ...models.imports.consent_import_work import LINES
from ..cases.imports import ImportStory
from ..cases.story import ConsentCase

FILES = Path(__file__).parent / "files"


class Export(NamedTuple):
    """What must come of a preset's test file: answers (yes, no), lines that say nothing; what its user adds."""

    yes: int
    no: int
    nothing: int
    columns: dict = {}
    values: dict = {}
    settings: dict = {}


ANSWER = "May we send you our newsletter?"
EXPORTS = {
    "mailchimp_subscribed": Export(2, 0, 1),
    "mailchimp_unsubscribed": Export(0, 2, 0),
    "mailchimp_cleaned": Export(0, 0, 1),
    "mailchimp_nonsubscribed": Export(0, 0, 2),
    "hubspot_contacts": Export(0, 1, 2),
    "hubspot_unsubscribes": Export(0, 3, 1),
    "klaviyo": Export(2, 1, 1),
    "brevo": Export(1, 2, 0, settings={"collected_on": "2025-01-01 10:00:00"}),
    "activecampaign": Export(0, 1, 2),
    "dynamics": Export(0, 2, 1),
    "salesforce_export": Export(0, 1, 1),
    "salesforce_report": Export(0, 1, 1),
    "shopify": Export(3, 2, 0, settings={"collected_on": "2025-01-01 10:00:00"}),
    "woocommerce": Export(
        1,
        0,
        1,
        columns={"meta:marketing_optin": "answer"},
        values={"yes": "yes", "": "nothing"},
        settings={"collected_on": "2025-01-01 10:00:00"},
    ),
    "civicrm": Export(0, 2, 1),
    "vtiger": Export(0, 1, 1),
    "suitecrm": Export(0, 1, 1),
    "espocrm": Export(0, 1, 1),
    "mautic": Export(0, 1, 1),
    "listmonk": Export(0, 1, 1),
    "phplist": Export(0, 1, 1),
    "google_forms": Export(1, 1, 0, columns={ANSWER: "answer"}, values={"yes": "yes", "no thanks": "no"}),
    "microsoft_forms": Export(
        1,
        1,
        0,
        columns={ANSWER: "answer"},
        values={"yes": "yes", "no": "no"},
        settings={"date_order": "mdy", "short_years": True},
    ),
    "typeform": Export(1, 1, 0, columns={ANSWER: "answer"}, values={"1": "yes", "0": "no"}),
    "jotform": Export(
        1, 1, 0, columns={"I would like to receive the newsletter": "answer"}, values={"yes": "yes", "no": "no"}
    ),
}
PRESETS = {name: f"marketing_consent.consent_import_preset_{name}" for name in EXPORTS}


@tagged("post_install", "-at_install")
class TestImportPresets(ImportStory, ConsentCase):
    """Each preset reads a file like its export, and stops at everything else."""

    def export(self, name, text=None, **values):
        """Return an import of a preset's test file, with the preset applied."""
        content = text or (FILES / f"{name}.csv").read_text()
        preset = self.env.ref(PRESETS[name])
        return self.upload(content, f"{name}.csv", preset_id=preset.id, kind=False, proposals=False, **values)

    def test_every_preset_has_a_source_and_a_test_file(self):
        shipped = self.env["consent.import.preset"].search([("company_id", "=", False)])
        self.assertEqual(shipped, self.env["consent.import.preset"].union(*map(self.env.ref, PRESETS.values())))
        for preset in shipped:
            self.assertIn("http", preset.source, preset.name)

    def test_each_export_gives_the_answers_that_stand_in_it_and_no_other(self):
        for name, export in EXPORTS.items():
            with self.subTest(name=name):
                batch = self.export(name, **export.settings)
                for column in batch.column_ids.filtered(lambda column: column.heading in export.columns):  # noqa: B023
                    column.means = export.columns[column.heading]
                for value in batch.value_ids.filtered(lambda value: not value.means):
                    value.means = export.values[value.key or ""]
                batch.action_check()
                self.assertEqual(
                    (batch.yes_count, batch.no_count, batch.nothing_count, batch.error_count),
                    (export.yes, export.no, export.nothing, 0),
                    batch.line_ids.mapped("why"),
                )
                self.assertEqual(sum(batch[each] for each in LINES), batch.line_count)

    def test_a_preset_stops_at_a_file_of_another_kind(self):
        for name in EXPORTS:
            for other in EXPORTS:
                if not self.stops(name, other):
                    continue
                with self.subTest(preset=name, file=other), self.assertRaises(UserError), self.undone():
                    self.export(name, (FILES / f"{other}.csv").read_text())

    def stops(self, preset, other):
        """Return whether the headings of a file are not those of a preset's own file."""
        first, second = ((FILES / f"{name}.csv").read_text().partition("\n")[0].lower() for name in (preset, other))
        needed = [heading.lower() for heading in self.env.ref(PRESETS[preset]).needed]
        return first != second and not all(heading in second for heading in needed)

    def test_files_of_mailchimp_that_look_alike_are_told_apart_by_their_names(self):
        content = (FILES / "mailchimp_nonsubscribed.csv").read_text()
        preset = self.env.ref(PRESETS["mailchimp_subscribed"]).id
        with self.assertRaisesRegex(UserError, "By its name"):
            self.upload(content, "nonsubscribed_members_export_1.csv", preset_id=preset, kind=False)

    def test_a_value_that_the_preset_does_not_know_stops(self):
        for name, old, new in (
            ("hubspot_unsubscribes", "FALSE,TRUE", "FALSE,perhaps"),
            ("klaviyo", "NEVER_SUBSCRIBED,\n", "PAUSED,\n"),
            ("listmonk", "enabled", "archived"),
            ("shopify", "no,10.00", "not yet,10.00"),
            ("activecampaign", "Unconfirmed", "Active"),
        ):
            with self.subTest(name=name):
                text = (FILES / f"{name}.csv").read_text()
                self.assertIn(old, text)
                batch = self.export(name, text.replace(old, new, 1), collected_on="2025-01-01 10:00:00")
                with self.assertRaisesRegex(UserError, "Say what"):
                    batch.action_check()

    def test_a_further_column_of_hubspots_opt_outs_is_asked_for(self):
        text = (
            (FILES / "hubspot_unsubscribes.csv")
            .read_text()
            .replace("\n", ",\n")
            .replace("Information,", "Information,Events")
        )
        batch = self.export("hubspot_unsubscribes", text)
        self.assertEqual(batch.column_ids[-1].means, "answer")
        with self.assertRaisesRegex(UserError, "Events"):
            batch.action_check()

    def test_presets_of_the_addon_stay_and_are_offered_to_every_company(self):
        manager = new_test_user(self.env, "max", "marketing_consent.group_manager,base.group_user")
        preset = self.env.ref(PRESETS["shopify"]).with_user(manager)
        self.assertEqual(preset.kind, "channels")
        for change in (lambda: preset.write({"values": {}}), preset.unlink, lambda: preset.copy({"company_id": False})):
            with self.assertRaises(UserError):
                change()
