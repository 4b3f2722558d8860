"""Odoo runs the modules named `test_*` that are attributes of this package."""

from .addresses import (
    test_address_change,
    test_audience,
    test_companies,
    test_survival,
)
from .api import (
    test_consent_api,
)
from .audit import (
    test_officer,
)
from .gate import (
    test_database,
)
from .imports import (
    test_import,
    test_import_answers,
    test_import_faults,
    test_import_form,
    test_import_presets,
    test_import_stays,
    test_takeover,
)
from .invitations import (
    test_invitation,
    test_invitation_page,
    test_lifecycle,
)
from .ledger import (
    test_concurrency,
    test_consent_event,
    test_consent_outbox,
    test_consent_record,
    test_undoing,
)
from .mirrors import (
    test_consent_automation,
    test_consent_mirror,
)
from .people import (
    test_accessible,
    test_consent_panel,
    test_consent_proof,
    test_consent_search,
    test_consent_status,
    test_consent_views,
    test_staff_change,
)
from .policy import (
    test_consent_publish,
    test_consent_topic,
    test_country_profile,
    test_simulation,
)
from .product import (
    test_browser,
    test_buttons,
    test_demo,
    test_forms,
    test_forms_in_browser,
    test_install,
    test_roles,
    test_security,
    test_signatures,
    test_tours,
)
from .recipients import (
    test_capabilities,
    test_capture,
    test_consent_link,
    test_correction,
    test_crawler,
    test_inbound_mail,
    test_kiosk,
    test_languages,
    test_newsletter,
    test_portal,
    test_preference_page,
    test_routes,
    test_saved_forms,
    test_stock_routes,
    test_unsubscribe,
    test_visitor_language,
)
from .sending import (
    test_composer_warning,
    test_coverage,
    test_doors,
    test_gate_mutation,
    test_kind,
    test_launch,
    test_least_user,
    test_mailing_gate,
    test_mailing_modes,
    test_marketer,
    test_message_links,
    test_placeholders,
    test_preflight,
    test_random_sending,
    test_transactional_approval,
    test_transactional_paths,
    test_traps,
)
from .sms import (
    test_incoming_sms,
    test_replies,
    test_sms_failures,
    test_sms_sending,
)
from .sms.twilio import (
    test_twilio_contract,
)
