"""Odoo's command line where the libraries are missing that only dev/test has for the tests."""

import sys

sys.modules |= dict.fromkeys(("aiosmtpd", "hypothesis", "playwright", "pypdfium2", "twilio"))

from odoo.cli import main  # noqa: E402

main()
