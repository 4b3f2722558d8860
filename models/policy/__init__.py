"""Decisions of a company: purposes, topics, wordings, rules by country, second approvals.

Calls `tools` only. Every other room calls it.
"""

from . import (
    consent_append_only,
    consent_cached,
    consent_country_profile,
    consent_four_eyes,
    consent_notice,
    consent_purpose,
    consent_topic,
)
