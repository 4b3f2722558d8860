"""What Odoo runs once: after installation and before uninstallation."""


def post_init_hook(env):
    """Make the keys, take the database as the one that marketing leaves from, and approve Odoo's own templates."""
    env["consent.contact.point"]._key()
    env["consent.link"]._keys()
    env["consent.gate"]._confirm_database()
    for model in ("mail.template", "sms.template"):
        env[model]._consent_take_all_shipped()


def uninstall_hook(env):
    """Let Odoo drop the ledger's table, and leave nothing of ours behind in the database."""
    env.cr.execute("DROP FUNCTION IF EXISTS marketing_consent_append_only() CASCADE")
    env["ir.config_parameter"].search([("key", "=like", "marketing_consent.%")]).unlink()
