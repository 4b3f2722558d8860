"""Which of the templates that Odoo ships are service messages, and which are marketing."""

#: Addons whose templates answer what somebody ordered, booked, asked for or has to know.
SERVICE_ADDONS = frozenset(
    "account account_followup account_peppol appointment appointment_sms auth_signup auth_totp_mail "
    "base_install_request calendar calendar_sms crm_iap_mine event event_sms gamification helpdesk helpdesk_fsm "
    "helpdesk_sms hr_presence hr_recruitment hr_recruitment_survey industry_fsm industry_fsm_sms l10n_ar_stock loyalty "
    "lunch mail_group planning point_of_sale portal pos_self_order pos_sms project purchase repair sale sale_gelato "
    "sale_loyalty sale_renting sale_subscription sign stock stock_sms survey website_crm_partner_assign "
    "website_event_track website_helpdesk website_profile website_sale website_slides website_slides_survey".split()
)
#: Sent to sell, whatever the addon.
MARKETING = frozenset(
    {
        "loyalty.mail_template_loyalty_card",
        "website_sale.mail_template_sale_cart_recovery",
        "website_slides.mail_template_channel_shared",
        "website_slides.slide_template_shared",
    }
)


def is_service(xml_id: str) -> bool:
    """Return whether the template of this external id is a service message as it is shipped."""
    return xml_id.partition(".")[0] in SERVICE_ADDONS and xml_id not in MARKETING
