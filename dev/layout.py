"""Where the parts of the development environment are, and how each is made once."""

import hashlib
from pathlib import Path

import console

ADDON = "marketing_consent"
ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "dev"
DEV = ROOT / ".dev"
LOGS = DEV / "log"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
NODE = DEV / "node"
SOURCE = DEV / "odoo"
LINK = DEV / "addons" / ADDON
CONFIG = DEV / "odoo.conf"
DATA = DEV / "data"


def digest(*inputs):
    """Return a short fingerprint of texts, paths and bytes."""
    sums = hashlib.sha256()
    for each in inputs:
        sums.update(each if isinstance(each, bytes) else str(each).encode())
        sums.update(b"\0")
    return sums.hexdigest()[:12]


def once(name, title, make, *inputs):
    """Run make() unless its last complete run had the same inputs.

    What was cut off has no stamp and is made again: make() begins by removing what it finds.
    """
    stamp = DEV / "stamps" / name
    key = digest(*inputs)
    if stamp.exists() and stamp.read_text() == key:
        return
    stamp.parent.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    console.say(title)
    make()
    stamp.write_text(key)
