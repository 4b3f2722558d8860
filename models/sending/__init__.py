"""How marketing leaves as e-mail: mailings, mails, templates, traces, and the hand-over to the mail server.

Calls policy, addresses, gate and recipients. Called by Odoo.
"""

from . import (
    consent_answered,
    consent_kind,
    consent_letter,
    consent_mail,
    consent_mailing_approval,
    consent_mailing_launch,
    consent_mailing_plan,
    consent_mailing_preflight,
    consent_origin,
    consent_service_log,
    ir_actions_actions,
    ir_actions_server,
    ir_attachment,
    link_tracker,
    mail_mail,
    mail_message,
    mail_render_mixin,
    mail_scheduled_message,
    mail_template,
    mail_thread,
    mailing_mailing,
    mailing_trace,
    utm_campaign,
)
