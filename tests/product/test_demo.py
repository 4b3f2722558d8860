import csv

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.convert import convert_file

from ...tools.status import STATUSES
from ...tools.verdict import REASON_CODES

MODULE = "marketing_consent"
SENT, EVERY_TOPIC = "sent", "*"
#: Not of people: of databases, mailings and accidents.
NO_STORY = {"database_copy", "no_topic", "gate_error"}


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo's story is what demo/story.csv says of it; on a database with or without demo data."""

    @classmethod
    def setUpClass(cls):
        """Load the demo, and what it takes from the demo of Odoo's own addons."""
        super().setUpClass()
        cls.env["consent.gate"]._confirm_database()
        cls.files = Manifest.for_addon(MODULE)["demo"]
        if not cls.env.ref(f"{MODULE}.demo_partner_anna", raise_if_not_found=False):
            cls.load("init")
        cls.env["mail.blacklist"]._add("elsa.ericson@example.com")
        with file_open(f"{MODULE}/demo/story.csv") as file:
            cls.story = [tuple(row.values())[:4] for row in csv.DictReader(file)]
        cls.topics = {
            name: cls.env.ref(f"{MODULE}.demo_topic_{name}") for name in ("newsletter", "events", "offers", "group")
        }

    @classmethod
    def load(cls, mode):
        for name in cls.files:
            convert_file(cls.env, MODULE, name, {}, mode, noupdate=True)

    def mailings(self):
        names = self.env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", "mailing.mailing")])
        return self.env["mailing.mailing"].browse(names.mapped("res_id"))

    def verdicts(self, mailing):
        """Return the verdicts on the people of the story, by name."""
        names = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", mailing.mailing_model_real), ("name", "=like", "demo_%")]
        )
        records = self.env[mailing.mailing_model_real].browse(names.mapped("res_id"))
        verdicts = mailing._judge_audience(records.ids)
        return {record.name: verdicts[record.id].reason or SENT for record in records}

    def test_each_address_has_the_outcome_that_the_story_says(self):
        found = set()
        for topic, channel, address, _outcome in self.story:
            topics = [name for name in self.topics if topic in (name, EVERY_TOPIC)]
            for name in topics:
                record = self.topics[name]
                if record._offers(channel):
                    verdict = self.env["consent.gate"]._decide(record, channel, [address], self.env.company)[address]
                    found.add((topic, channel, address, verdict.reason or SENT))
        self.assertEqual(found, set(self.story))

    def test_each_reason_occurs(self):
        reasons = {
            reason
            for mailing in self.mailings()
            if mailing._is_marketing()
            for reason in self.verdicts(mailing).values()
        }
        self.assertEqual(reasons, set(REASON_CODES) - NO_STORY | {SENT})

    def test_each_status_occurs_with_a_date(self):
        rows = self.env["consent.status"].search([])
        self.assertEqual(set(rows.mapped("status")), {name for name, _label in STATUSES})
        self.assertTrue(all(rows.mapped("since")))
        femke, cleo = (self.env.ref(f"{MODULE}.demo_partner_{name}") for name in ("femke", "cleo"))
        self.assertEqual((femke.consent_status, cleo.consent_status), ("opt_in", "reminded"))

    def test_every_way_to_write_an_address_leads_to_the_same_person(self):
        partners = self.verdicts(self.env.ref(f"{MODULE}.demo_mailing_newsletter_partners"))
        leads = self.verdicts(self.env.ref(f"{MODULE}.demo_mailing_newsletter_leads"))
        texts = self.verdicts(self.env.ref(f"{MODULE}.demo_mailing_offer_partners"))
        for name in ("Hanna Haas", "Ursula Unger", "Petra and Paul Persson", "Tess Turner", "Theo Turner"):
            self.assertEqual(partners[name], SENT, name)
        self.assertEqual(leads["Reading lamps for the lobby"], SENT)
        self.assertEqual(leads["Counter for a bookshop"], SENT)
        self.assertEqual(leads["A window for bread"], "withdrawn")
        self.assertEqual((texts["Sven Sjöberg"], texts["Theo Turner"]), (SENT, SENT))
        self.assertEqual((partners["Willem Wolters"], texts["Xander Xavier"]), ("unusable_address", "unusable_address"))

    def test_an_imported_yes_beside_a_no_is_on_record_and_not_applied(self):
        for address in ("xander@pennquill.example", "yara@pennquill.example"):
            events = self.env["consent.event"].search(
                [("contact_point_id.address", "=", address), ("fact", "=", "given")]
            )
            self.assertEqual(events.mapped("type"), ["not_applied"])

    def test_every_mailing_may_be_launched_and_only_the_recall_is_transactional(self):
        mailings = self.mailings()
        self.assertEqual(len(mailings), 8)
        self.assertFalse(any(mailing._why_not_by(self.env.user) for mailing in mailings))
        self.assertEqual(set(mailings.mapped("state")), {"draft"})
        recall = self.env.ref(f"{MODULE}.demo_mailing_recall")
        self.assertEqual(mailings.filtered(lambda mailing: not mailing._is_marketing()), recall)

    def test_people_choose_adaptation_marketing_by_the_company_and_by_the_group_apart(self):
        offers = self.env["consent.page"]._offers_of(self.env.ref("base.main_company"), "en_US")
        levels = {offer["purpose"].code: (offer["purpose"].kind, bool(offer["purpose"].company_id)) for offer in offers}
        expected = {"personal": ("profiling", True), "newsletter": ("marketing", True), "group": ("marketing", False)}
        self.assertEqual({code: levels.get(code) for code in expected}, expected)

    def test_loading_again_changes_nothing(self):
        models = (
            "consent.event",
            "consent.record",
            "consent.request",
            "consent.notice",
            "res.partner",
            "mailing.mailing",
        )
        before = {model: self.env[model].search([]).ids for model in models}
        self.load("update")
        self.assertEqual({model: self.env[model].search([]).ids for model in models}, before)

    def test_the_ledger_is_sound(self):
        self.assertEqual(self.env["consent.record"]._check_ledger(), [])
