"""Whom a mailing would write to: SQL for plain addresses and Odoo's own resolution of recipients come to the same."""

import random

from odoo.tests import tagged

from ..cases.story import ConsentCase

EMAILS = (
    *("", " ", "ida@lumen.example", "IDA@Lumen.Example", " ida@lumen.example ", "Ida <ida@lumen.example>"),
    *(
        '"Ida, of Lumen" <ida@lumen.example>',
        "ida@lumen.example, jo@lumen.example",
        "ida@lumen.example;jo@lumen.example",
    ),
    *("jo@bücher.example", "jo@xn--bcher-kva.example", "jö@lumen.example", "jo@lumen.example.", "no address"),
    *("ida@", "@lumen.example", "a@b", "ida+x@lumen.example", "ida@lumen.example\n", "i\u200bda@lumen.example"),
    *("ida@lumen.example ida@lumen.example", "<ida@lumen.example>", "ida@@lumen.example", "ida@lumen..example"),
)
NUMBERS = (
    *("", " ", "+32470000009", "0470 00 00 09", "0032470000009", "470000009", "+32 470/00.00.09", "call me", "112"),
    *("+1 212 555 0100", "+33612345678", "0612345678", "+32470000009, +32470000010", "+3247000000", "+00000"),
)
COUNTRIES = ("base.be", "base.fr", "base.us", None)
RECORDS = 400


@tagged("post_install", "-at_install")
class TestAudience(ConsentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(20260301)
        cls.customers = cls.env["res.partner"].create([cls.values("email", "phone") for _n in range(RECORDS)])

    @classmethod
    def values(cls, email, number):
        country = cls.random.choice(COUNTRIES)
        return {
            "name": f"Somebody {cls.random.random()}",
            email: cls.random.choice(EMAILS),
            number: cls.random.choice(NUMBERS),
            "country_id": country and cls.env.ref(country).id,
        }

    def people(self, model):
        """Return records of a model with all sorts of addresses."""
        if model == "res.partner":
            return self.customers
        if model == "mailing.contact":
            return self.env[model].create([self.values("email", "mobile") for _n in range(RECORDS)])
        leads = self.env[model].create(
            [{"type": "lead", **self.values("email_from", "phone")} for _n in range(RECORDS)]
        )
        for lead in leads[::2]:
            lead.partner_id = self.random.choice(self.customers)
        # Odoo keeps a lead's address equal to its customer's; those of old data and of imports differ.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET email_from = 'old@lumen.example' WHERE id IN %s", [tuple(leads[::8].ids)]
        )
        self.env.invalidate_all()
        return leads

    def channels(self):
        audience = self.env["consent.audience"]
        return {model: audience._columns(model) for model in audience._models()}

    def test_the_fast_way_and_odoos_own_come_to_the_same_addresses(self):
        audience = self.env["consent.audience"].sudo()
        for model, channels in self.channels().items():
            records = self.people(model)
            for channel in channels:
                with self.subTest(model=model, channel=channel):
                    fast = audience._plain_addresses(model, records.ids, channel)
                    slow = audience._resolve(records, channel)
                    self.assertEqual(fast, {key: slow[key] for key in fast})
                    # Both ways are taken by many, and together they leave nobody out.
                    self.assertGreater(len(fast), RECORDS / 20)
                    self.assertGreater(len(slow) - len(fast), RECORDS / 20)
                    self.assertEqual(set(audience._addresses(model, records.ids, channel)), set(records.ids))
