"""What a company decides: purposes, topics, wordings, rules by country, second approvals.

Calls nothing but `tools`. Called by every other room.
"""

from . import (
    consent_country_profile,
    consent_four_eyes,
    consent_notice,
    consent_purpose,
    consent_topic,
)
