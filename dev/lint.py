"""The linters; the one that can go blind without a word is shown to see."""

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import console
import environment
from layout import ADDON, DEV, HERE, NODE, PYTHON, ROOT, VENV

FORMATTED = {".js", ".scss", ".xml"}
NOT_ODOO = {"bench", "dev", ".ci"}  # programs of their own: Odoo's rules are not for them
BROKEN = "<odoo><record></odoo>\n"


def check():
    """Run every gate, show what they find, and fail at the end if one found anything."""
    console.say("Lint")
    environment.ensure_node()
    with _export() as export:
        findings = [name for name, command, where in _gates(export) if not _passes(name, command, where)]
        if not _bites(export):
            findings.append("oca-checks-odoo-module found nothing in a broken file: it checks nothing")
    if findings:
        raise console.Failure(f"lint: {', '.join(findings)} (dev/test --fix mends what a program can)")


def fix():
    """Let the formatters change what they can."""
    console.say("Formatting")
    environment.ensure_node()
    for command in (
        [*_ruff("check"), "--fix-only"],
        _ruff("format"),
        [*_prettier(), "--write", *_formatted()],
    ):
        console.run(command, DEV / "log" / "fix.log", cwd=ROOT)


def _gates(export):
    """Return name, command and folder of each gate."""
    gates = [
        ("ruff check", _ruff("check"), ROOT),
        ("ruff format", [*_ruff("format"), "--check"], ROOT),
        ("prettier", [*_prettier(), "--check", *_formatted()], ROOT),
        ("pylint-odoo", _pylint(export), export),
        ("oca-checks-odoo-module", _oca(export), export),
    ]
    translations = sorted(map(str, export.glob("i18n/*.po*")))
    if translations:
        gates.append(("oca-checks-po", [VENV / "bin" / "oca-checks-po", *translations], export))
    return gates


def _passes(name, command, where):
    console.detail(name)
    done = subprocess.run(command, cwd=where, env=environment.variables(), capture_output=True, text=True, check=False)
    if done.returncode:
        # Names of files as they are in the checkout, wherever the gate looked at them.
        output = (done.stdout + done.stderr).replace(f"{str(where).lstrip('/')}/", "")
        console.say(f"{name}:\n{output}")
    return not done.returncode


def _bites(export):
    """Show that the checks of Odoo's files see this folder: they find a file that cannot even be parsed."""
    broken = export / "data" / "broken.xml"
    broken.parent.mkdir(exist_ok=True)
    broken.write_text(BROKEN)
    listed = (export / "__manifest__.py").read_text().replace('"data": [', '"data": ["data/broken.xml",')
    (export / "__manifest__.py").write_text(listed)
    done = subprocess.run(_oca(export), cwd=export, capture_output=True, text=True, check=False)
    return done.returncode and "broken.xml" in done.stdout + done.stderr


@contextlib.contextmanager
def _export():
    """Give a copy of the addon under its name and outside of git.

    In the top folder of a repository the checks of Odoo's files look at nothing, and do not say so.
    """
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / ADDON
        for path in environment.files():
            if path.parts[0] not in NOT_ODOO:
                (export / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, export / path)
        yield export


def _ruff(command):
    return [VENV / "bin" / "ruff", command, "--output-format=concise", "."]


def _pylint(export):
    return [PYTHON, "-m", "pylint", f"--rcfile={export / 'pyproject.toml'}", export]


def _oca(export):
    return [VENV / "bin" / "oca-checks-odoo-module", f"--config={ROOT / '.oca_hooks.cfg'}", export]


def _prettier():
    plugin = NODE / "node_modules/@prettier/plugin-xml/src/plugin.js"
    command = [NODE / "node_modules/.bin/prettier", "--log-level=warn"]
    return [*command, "--config", HERE / "package.json", "--plugin", plugin]


def _formatted():
    return [path for path in environment.files() if path.suffix in FORMATTED]
