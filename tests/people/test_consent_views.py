from lxml import etree
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ...tools import status
from ..cases.story import ANNA, BEN, CARLA, DIRK, ConsentCase

LENSES = ("res.partner", "crm.lead", "mailing.contact")
GROUPS = "marketing_consent.group_user,mass_mailing.group_mass_mailing_user,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestConsentViews(ConsentCase):
    """Filters and group-bys of the views that people work in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = f"{GROUPS},sales_team.group_sale_salesman_all_leads"
        cls.seller = new_test_user(cls.env, "seller", groups=groups, lang="en_US")
        cls.employee = new_test_user(cls.env, "employee", groups="base.group_user,base.group_partner_manager")

    def filters(self, model, user=None, view=None):
        """Return the domain or context of each filter of a search view, by name, as a user has it."""
        env = self.env[model].with_user(user or self.seller)
        arch = etree.fromstring(env.get_view(view and self.env.ref(view).id, "search")["arch"])
        return {node.get("name"): node for node in arch.iter("filter")}

    def found(self, name, model="res.partner"):
        domain = safe_eval(self.filters(model)[name].get("domain"), {"uid": self.seller.id})
        records = self.env[model].with_user(self.seller).search(domain)
        return set(records.mapped("email")) & {ANNA, BEN, CARLA, DIRK}

    def test_filters_find_whom_they_name(self):
        self.assertEqual(self.found("filter_may_email"), {ANNA})
        self.assertEqual(self.found("filter_may_sms"), {ANNA})
        self.assertEqual(self.found("filter_said_no"), {BEN, DIRK})
        self.assertEqual(self.found("filter_no_basis"), {BEN, CARLA, DIRK})
        self.assertEqual(self.found("filter_consent_subscribed"), {ANNA})
        self.assertEqual(self.found("filter_consent_unsubscribed"), {BEN})
        self.assertEqual(self.found("filter_consent_opt_out"), {DIRK})

    def test_each_model_filters_and_groups_by_each_status(self):
        views = {"crm.lead": ("crm.view_crm_case_leads_filter", "crm.view_crm_case_opportunities_filter")}
        for model in LENSES:
            for view in views.get(model, (None,)):
                filters = self.filters(model, view=view)
                for name, _label in status.STATUSES:
                    domain = safe_eval(filters[f"filter_consent_{name}"].get("domain"))
                    self.env[model].with_user(self.seller).search_count(domain)
                grouping = safe_eval(filters["group_by_consent_status"].get("context"))["group_by"]
                groups = self.env[model].with_user(self.seller).formatted_read_group([], [grouping], ["__count"])
                self.assertTrue(groups or not self.env[model].search_count([]))

    def test_a_group_opens_to_its_own_records(self):
        domain = [("id", "in", self.partners.ids)]
        partners = self.env["res.partner"].with_user(self.seller)
        for group in partners.formatted_read_group(domain, ["consent_status"], ["__count"]):
            self.assertEqual(partners.search_count([*domain, *group["__extra_domain"]]), group["__count"])

    def test_whoever_may_not_see_consent_sees_nothing_of_it(self):
        for model in ("res.partner",):
            env = self.env[model].with_user(self.employee)
            self.assertNotIn("filter_may_email", self.filters(model, self.employee))
            for kind in ("form", "list", "kanban"):
                arch = env.get_view(None, kind)["arch"]
                self.assertNotIn("consent", arch)
                self.assertIn("consent_status", self.env[model].with_user(self.seller).get_view(None, kind)["arch"])

    def test_forms_lists_and_kanbans_of_all_three_show_the_status(self):
        for model in LENSES:
            for kind in ("form", "list", "kanban"):
                arch = self.env[model].with_user(self.seller).get_view(None, kind)["arch"]
                self.assertIn("consent_status", arch, (model, kind))
            form = self.env[model].with_user(self.seller).get_view(None, "form")["arch"]
            self.assertIn('widget name="consent_panel"', form)
