from odoo import fields, models


class ConsentProvingClient(models.Model):
    """A user of another system whose own double opt-in the officer trusts: its yes may follow a no.

    Each such yes still needs the time of its confirmation and its wording. Only officers write here.
    """

    _name = "consent.proving.client"
    _description = "Trusted API Client"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", help="Whose API key the other system uses."
    )
    reason = fields.Text(
        "Why", required=True, help="How the other system proves that the yes comes from the owner of the address."
    )

    _user_unique = models.Constraint("UNIQUE (user_id)", "This user is trusted already.")
