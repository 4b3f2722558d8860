"""Addons of others that people run beside ours: fetched once, and only in the addons path of databases with them."""

import shutil

import console
from layout import CONFIG, DEV, HERE, LINK, LOGS, PYTHON, once

FOLDER = DEV / "neighbours"
ADDONS = FOLDER / "addons"
PACKAGES = FOLDER / "python"
SETTINGS = DEV / "odoo-neighbours.conf"
WANTED = HERE / "requirements-neighbours.txt"


def ensure():
    """Unpack the pinned packages: the addons into a folder of their own, what they import into another."""
    wanted = WANTED.read_text()
    once("neighbours", "Addons of others", _unpack, wanted, FOLDER)
    paths = f"addons_path = {LINK.parent},{ADDONS}"
    SETTINGS.write_text(CONFIG.read_text().replace(f"addons_path = {LINK.parent}", paths))


def _unpack():
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = [PYTHON, "-m", "pip", "install", "--no-deps", "--no-compile", "--target", PACKAGES, "-r", WANTED]
    console.run(command, LOGS / "neighbours.log")
    # A package named odoo beside the real one would hide it.
    (PACKAGES / "odoo" / "addons").rename(ADDONS)
    shutil.rmtree(PACKAGES / "odoo")


def names():
    """Return the names of the addons."""
    lines = WANTED.read_text().splitlines()
    pinned = [line.partition("==")[0] for line in lines if line.startswith("odoo-addon-")]
    return sorted(name.removeprefix("odoo-addon-").replace("-", "_") for name in pinned)


def variables():
    """Return the variables under which Odoo finds them."""
    return {"ODOO_RC": str(SETTINGS), "PYTHONPATH": f"{HERE}:{PACKAGES}"}
