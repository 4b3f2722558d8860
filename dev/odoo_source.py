"""Odoo's source: the developer's own, Debian's package, or Odoo's repository."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import console
from layout import LOGS, SOURCE, once

SERIES = "19.0"
TESTED = "19.0.0+dfsg-1"
REPOSITORY = "https://github.com/odoo/odoo.git"
PACKAGE = "odoo-19"
# Debian's Odoo links to the files of these packages instead of carrying its own copies; Font Awesome only
# up to trixie is the version 4 that Odoo draws its icons from.
LINKED = (
    "fonts-font-awesome/trixie",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Not in Debian's package, but in a bundle of the web client, which fails without it. It blurs what is
# behind a person in a video call: nothing here needs it to do that.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
PACKAGED = "usr/lib/python3/dist-packages"
KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")


def root():
    """Return the folder to put on Python's path: the one that has the package odoo."""
    if own := os.environ.get("ODOO_SOURCE"):
        return Path(own).expanduser().resolve()
    packaged = SOURCE / PACKAGED
    return packaged if packaged.exists() else SOURCE


def version():
    """Return which Odoo this is, in words."""
    if os.environ.get("ODOO_SOURCE"):
        return f"{_commit(root())} ({root()})"
    return (SOURCE / "VERSION").read_text()


def ensure():
    """Have a source, fetched unless the developer names one."""
    if os.environ.get("ODOO_SOURCE"):
        _check(root())
    else:
        once("odoo", f"Odoo {SERIES}", _fetch, PACKAGE, *LINKED)
    used = version()
    known = used == TESTED
    console.say(f"Odoo {used}" + ("" if known else f"; the one last tested is {TESTED}"))


def _check(path):
    release = path / "odoo" / "release.py"
    if not release.exists():
        raise console.Failure(f"ODOO_SOURCE={path} has no odoo/release.py: name the folder of a checkout")
    if "(19, 0," not in release.read_text():
        raise console.Failure(f"ODOO_SOURCE={path} is not Odoo {SERIES}: check out that branch")


def _fetch():
    """Try Debian, then Odoo's repository; what the first said is shown, whatever becomes of the second."""
    for leftover in SOURCE.parent.glob("odoo.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A name of its own: what unpacks for a command that was killed may still be at it.
    fresh = SOURCE.with_name(f"odoo.part-{os.getpid()}")
    fresh.mkdir()
    try:
        _from_debian(fresh)
    except console.Failure as failure:
        console.say(f"No Odoo from Debian: {failure}")
        console.say("Odoo's repository (a large download)")
        _from_repository(fresh)
    shutil.rmtree(SOURCE, ignore_errors=True)
    fresh.rename(SOURCE)


def _from_debian(fresh):
    mirror = _mirror()
    console.tool("dpkg-deb")
    state = fresh / "apt"
    apt = _private_apt(state, mirror)
    console.run([*apt, "update"], LOGS / "apt-update.log")
    # apt checks what it downloads against Debian's signatures.
    console.run([*apt, "download", PACKAGE, *LINKED], LOGS / "apt-download.log", cwd=state)
    for package in sorted(state.glob("*.deb")):
        console.detail(f"unpacking {package.name}")
        console.run(["dpkg-deb", "-x", package, fresh], LOGS / "unpack.log")
    (fresh / "VERSION").write_text(_package_version(state))
    _complete(fresh / PACKAGED)
    shutil.rmtree(state)


def _mirror():
    """Return the address of the Debian mirror that this machine takes its own release from."""
    console.tool("apt-get")
    try:
        codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "sid")
    except OSError as error:
        raise console.Failure("this system does not say what it is") from error
    command = ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    releases = {codename, "stable", "testing", "unstable", "sid"}
    for release, component, address in (line.split(" ", 2) for line in listed.splitlines()):
        if release in releases and component == "main":
            return address
    raise console.Failure("this machine has no Debian mirror")


def _private_apt(state, mirror):
    """Return an apt-get that knows the suites we need and leaves the machine's own lists alone."""
    for part in ("lists/partial", "cache/archives/partial", "parts"):
        (state / part).mkdir(parents=True)
    keyring = next((path for name in KEYRINGS if (path := Path("/usr/share/keyrings") / name).exists()), None)
    signed = f"[signed-by={keyring}] " if keyring else ""
    sources = state / "sources.list"
    sources.write_text("".join(f"deb {signed}{mirror} {suite} main\n" for suite in ("sid", "trixie")))
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": state / "parts",
        "Dir::State::lists": state / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": state / "cache",
        "Acquire::Languages": "none",
        # As root apt would change to a user who may not enter this folder.
        "APT::Sandbox::User": "root",
    }
    return ["apt-get", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]


def _package_version(state):
    package = next(state.glob(f"{PACKAGE}_*.deb"))
    command = ["dpkg-deb", "-f", package, "Version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _complete(packages):
    # Copies of parts of the addons, which Odoo would put on its path.
    shutil.rmtree(packages / "addons", ignore_errors=True)
    missing = packages / LEFT_OUT
    if not missing.exists():
        missing.parent.mkdir(parents=True)
        missing.write_text("// Left out by Debian.\n")


def _from_repository(fresh):
    shutil.rmtree(fresh)
    clone = [
        console.tool("git"),
        "clone",
        "--progress",
        "--depth",
        "1",
        "--branch",
        SERIES,
        REPOSITORY,
        fresh,
    ]
    try:
        console.run(clone, LOGS / "git-clone.log")
    except console.Failure as failure:
        raise console.Failure(f"{failure}\nSet ODOO_SOURCE to a checkout of Odoo {SERIES}.") from failure
    (fresh / "VERSION").write_text(_commit(fresh))


def _commit(path):
    if not (path / ".git").exists():  # git would describe whatever repository lies around it
        return SERIES
    command = ["git", "-C", path, "-c", "safe.directory=*", "log", "-1", "--format=%h of %cs"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return SERIES
    return f"{SERIES} at {described}"
