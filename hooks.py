"""What Odoo runs once: after installation and before uninstallation."""


def post_init_hook(env):
    """Take the database as the one that marketing may leave from."""
    env["consent.gate"]._confirm_database()


def uninstall_hook(env):
    """Let Odoo drop the ledger's table, and leave nothing of ours behind in the database."""
    env.cr.execute("DROP FUNCTION IF EXISTS marketing_consent_append_only() CASCADE")
    env["ir.config_parameter"].search([("key", "=like", "marketing_consent.%")]).unlink()
