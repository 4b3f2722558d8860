"""Answers obtained elsewhere, from a file: read, checked, recorded in the background, revoked as a whole.

Calls policy, ledger and gate. Called by the web client and a cron.
"""

from . import (
    consent_import,
    consent_import_column,
    consent_import_file,
    consent_import_line,
    consent_import_preset,
    consent_import_reading,
    consent_import_revocation,
    consent_import_statement,
    consent_import_steps,
    consent_import_value,
    consent_import_work,
    ir_attachment,
)
