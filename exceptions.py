from odoo.exceptions import UserError


class ConsentError(UserError):
    """Input that no event may come from. `code` names the cause for other systems, the message for people."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.context = {"code": code}  # what Odoo's JSON-2 passes on to other systems
