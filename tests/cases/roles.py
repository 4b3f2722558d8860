"""A user of each role, and what each may do."""

from odoo.tests import HttpCase, new_test_user

from .story import ConsentStory

ROLES = {
    "portal": "base.group_portal",
    "internal": "base.group_user",
    "marketer": "base.group_user,mass_mailing.group_mass_mailing_user",
    "clerk": "marketing_consent.group_user",
    "manager": "marketing_consent.group_manager",
    "officer": "marketing_consent.group_officer",
    "administrator": "base.group_system,marketing_consent.group_officer",
}
#: The roles with what they work with besides.
FORM_USERS = ROLES | {
    "internal": "base.group_user,base.group_partner_manager,sales_team.group_sale_salesman",
    "clerk": "marketing_consent.group_user,base.group_partner_manager",
}


class RoleCase(ConsentStory, HttpCase):
    """The story, and a user of each role who calls over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setUpStory()
        for role, groups in ROLES.items():
            new_test_user(cls.env, role, groups=groups, password=f"{role}-password")

    def call(self, model, method, *args, **kwargs):
        """Call a method over RPC; return its result, or the name of the error."""
        payload = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        request = {"jsonrpc": "2.0", "method": "call", "params": payload}
        answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json=request).json()
        return answer["error"]["data"]["name"] if "error" in answer else answer.get("result")


OFFICERS = ("officer", "administrator")
MANAGERS = ("manager", *OFFICERS)
CLERKS = ("clerk", *MANAGERS)
MARKETERS = ("marketer",)
STAFF = ("internal", *MARKETERS, *CLERKS)
#: Who may create, read, write and delete ("crwd") what, by model. Portal users reach consent through our pages only,
#: which show them their own. A new model of ours must be entered here.
MATRIX = {
    "consent.access": {("administrator",): "rd"},
    "consent.access.line": {OFFICERS: "r"},
    "consent.access.log": {OFFICERS: "r"},
    "consent.access.reason": {OFFICERS: "crw"},
    "consent.address": {},
    "consent.address.case": {CLERKS: "rw"},
    "consent.api.call": {MANAGERS: "r"},
    "consent.as.of": {OFFICERS: "crw"},
    "consent.as.of.line": {OFFICERS: "crwd"},
    "consent.contact.point": {MARKETERS: "r", CLERKS: "r"},
    "consent.correction": {("administrator",): "rd"},
    "consent.country.profile": {("internal", "marketer", "clerk"): "r", MANAGERS: "crwd"},
    "consent.disown": {CLERKS: "crwd"},
    "consent.event": {CLERKS: "r"},
    "consent.evidence": {},
    "consent.exhibit": {},
    "consent.export": {OFFICERS: "crwd"},
    "consent.form.check": {OFFICERS: "crw"},
    "consent.frequency": {CLERKS: "r"},
    "consent.import": {MANAGERS: "crwd"},
    "consent.import.column": {MANAGERS: "rw"},
    "consent.import.value": {MANAGERS: "rw"},
    "consent.import.line": {MANAGERS: "r"},
    "consent.import.preset": {MANAGERS: "crwd"},
    "consent.invitation": {("clerk",): "r", MANAGERS: "crwd"},
    "consent.invitation.check": {MANAGERS: "crwd"},
    "consent.invitation.check.line": {MANAGERS: "crwd"},
    "consent.invitation.variant": {("clerk",): "r", MANAGERS: "crwd"},
    "consent.invitee": {CLERKS: "r"},
    "consent.incoming.sms": {CLERKS: "r"},
    "consent.letter": {("administrator",): "r"},
    "consent.keyword": {("clerk",): "r", MANAGERS: "crwd"},
    "consent.leaving": {CLERKS: "r"},
    "consent.notice": {("internal", "marketer", "clerk"): "r", MANAGERS: "crwd"},
    "consent.outbox": {MANAGERS: "r"},
    "consent.page": {("internal", "marketer", "clerk"): "r", MANAGERS: "crwd"},
    "consent.preflight": {MARKETERS: "crwd"},
    "consent.preflight.line": {MARKETERS: "crwd"},
    "consent.provider.sync": {MANAGERS: "r"},
    "consent.database.confirm": {OFFICERS: "crw"},
    "consent.proving.client": {("manager",): "r", OFFICERS: "crwd"},
    "consent.publish": {MANAGERS: "crwd"},
    "consent.publish.line": {MANAGERS: "crwd"},
    "consent.purpose": {("internal", "marketer", "clerk"): "r", MANAGERS: "crwd"},
    "consent.record": {MARKETERS: "r", CLERKS: "r"},
    "consent.reply": {CLERKS: "r"},
    "consent.request": {CLERKS: "rd"},
    "consent.sms.sent": {},
    "consent.sms.setup": {("administrator",): "crwd"},
    "consent.sms.setup.line": {("administrator",): "crwd"},
    "consent.staff.change": {CLERKS: "crwd"},
    "consent.staff.change.line": {CLERKS: "crwd"},
    "consent.status": {MARKETERS: "r", CLERKS: "r"},
    "consent.submission": {("administrator",): "rd"},
    "consent.throttle": {("administrator",): "rd"},
    "consent.used.link": {("administrator",): "rd"},
    "consent.reversal": {CLERKS: "r"},
    "consent.service.log": {OFFICERS: "r"},
    "consent.simulation": {MANAGERS: "crwd"},
    "consent.simulation.line": {MANAGERS: "crwd"},
    "consent.takeover": {OFFICERS: "crwd"},
    "consent.takeover.line": {OFFICERS: "crwd"},
    "consent.topic": {("internal", "marketer", "clerk"): "r", MANAGERS: "crwd"},
}
DENIED = "odoo.exceptions.AccessError"
NO_RECORD = 2**31 - 1
