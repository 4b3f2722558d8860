"""Databases of their own, for tests that commit or need several transactions at once.

dev/test names the database to copy in MARKETING_CONSENT_TEST_DB: the addon installed, nobody connected.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db, db_connect
from odoo.tools import SQL, config

HOST = "127.0.0.1"
PATIENCE = 60  # seconds
TEMPLATE = "MARKETING_CONSENT_TEST_DB"


@contextmanager
def fresh_database(name):
    """Give the name of a new database with the addon just installed, and drop it in the end.

    :param name: a word that says what for
    """
    template = os.environ.get(TEMPLATE)
    if not template:
        raise SkipTest(f"{TEMPLATE} names no database to copy: run the tests by dev/test")
    database = f"{template}_{name}_{os.getpid()}"
    _drop(database)
    _administer("CREATE DATABASE %s TEMPLATE %s", database, template)
    try:
        _copy_files(template, database)
        yield database
    finally:
        Registry.delete(database)
        close_db(database)
        _drop(database)


@contextmanager
def fresh_registry(name):
    """Give the registry of a new database; each `registry.cursor()` is a transaction that may commit.

    :param name: a word that says what for
    """
    with fresh_database(name) as database:
        # Odoo would run the tests of every addon that it loads.
        with patch.dict(config.options, test_enable=False):
            registry = Registry(database)
        yield registry


@contextmanager
def served(database):
    """Serve `database` by an Odoo process of its own, with real threads and transactions; give its address."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    quiet = ["--max-cron-threads", "0", "--log-level", "error"]
    command = [
        sys.executable,
        "-m",
        "odoo",
        "-c",
        os.environ["ODOO_RC"],
        "-d",
        database,
        "--http-port",
        str(port),
        *quiet,
    ]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            _wait_until_it_answers(server, port)
            yield f"http://{HOST}:{port}"
        finally:
            server.terminate()


def _wait_until_it_answers(server, port):
    for _tenth in range(PATIENCE * 10):
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("Odoo did not start to serve")


@contextmanager
def renamed_registry(database):
    """Give the registry of `database` (nobody connected) under another name, with secrets renewed as in a copy."""
    name = f"{database}_renamed"
    Registry.delete(database)
    close_db(database)
    _administer("ALTER DATABASE %s RENAME TO %s", database, name)
    try:
        with patch.dict(config.options, test_enable=False):
            registry = Registry(name)
        with registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["ir.config_parameter"].init(force=True)
        yield registry
    finally:
        Registry.delete(name)
        close_db(name)
        _drop(name)


def _administer(statement, *names):
    with closing(db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True  # databases are made and dropped outside of transactions
        cr.execute(SQL(statement, *map(SQL.identifier, names)))


def _drop(database):
    _administer("DROP DATABASE IF EXISTS %s WITH (FORCE)", database)
    shutil.rmtree(config.filestore(database), ignore_errors=True)


def _copy_files(source, target):
    if Path(config.filestore(source)).exists():
        shutil.copytree(config.filestore(source), config.filestore(target))
