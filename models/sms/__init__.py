"""How marketing leaves and answers come in as SMS. What only Twilio knows is in `twilio`.

Calls policy, ledger, addresses, gate, recipients and sending. Called by Odoo and by the provider's webhooks.
"""

from . import (
    consent_incoming_sms,
    consent_keyword,
    consent_sms,
    consent_sms_lesson,
    consent_sms_sent,
    sms_sms,
    sms_tracker,
    twilio,
)
