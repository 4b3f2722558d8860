"""SMS that come in."""

from .story import ANNA, ConsentStory

SID, TOKEN, OURS = "AC" + "1" * 32, "token-of-lumen", "+32460000001"
SETTINGS = {"sms_provider": "twilio", "sms_twilio_account_sid": SID, "sms_twilio_auth_token": TOKEN}


class IncomingStory(ConsentStory):
    """The story, and a company that can be texted."""

    @classmethod
    def setUpStory(cls):
        result = super().setUpStory()
        cls.env.company.write({**SETTINGS, "name": "Lumen", "email": "hello@lumen.example"})
        cls.env["sms.twilio.number"].create(
            {"company_id": cls.env.company.id, "number": OURS, "country_id": cls.env.ref("base.be").id}
        )
        cls.number = 0
        return result

    def receive(self, text, address=ANNA, **values):
        """Let a person text us; return the answer."""
        type(self).number += 1
        values = {"reference": f"SM{self.number:032}", "recipient": OURS, **values}
        company = values.pop("company", self.env.company)
        return self.env["consent.incoming.sms"]._receive(company, self.at(address, "sms"), text, **values)

    @property
    def last(self):
        return self.env["consent.incoming.sms"].search([], limit=1)
