"""What only dev/test has: libraries, and programs of dev/. Odoo's own runner skips the tests that need it."""

import importlib
import sys
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

DEV = str(Path(__file__).resolve().parents[2] / "dev")


def library(name):
    """Return a module that need not be installed.

    :raises SkipTest: where it is not; dev/test, which has all of them, fails where a test is skipped
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SkipTest(f"{name} cannot be loaded: {error}; dev/test has what it needs") from error


def program(name):
    """Return a module of dev/.

    :raises SkipTest: where it lacks a library
    """
    with patch.object(sys, "path", [DEV, *sys.path]):
        return library(name)
