"""Connections to the register: one engine, consistent reads, writers that queue.

The same statements run on SQLite and PostgreSQL; what differs between the two when a connection is made or a
transaction begins is here and nowhere else.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from register.settings import RegisterSettings

_POSTGRESQL = "postgresql+psycopg"

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
"""Accepted beginnings of the URL and the SQLAlchemy driver each means."""

_READ_ONLY = "register_read_only"
"""Execution option that tells the two kinds of transaction apart on SQLite."""

_READER: dict[str, dict[str, Any]] = {
    "sqlite": {_READ_ONLY: True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_WRITER: dict[str, dict[str, Any]] = {
    "sqlite": {_READ_ONLY: False},
    # Each statement must see what the writer before it committed, also while it waited for its turn.
    "postgresql": {"isolation_level": "READ COMMITTED"},
}
"""Execution options of the two kinds of transaction, by dialect."""

INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
"""The insert of each dialect, for its ON CONFLICT."""

_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # what was answered OK survives a power cut (design rule 3)
    "PRAGMA foreign_keys=ON",
)

_PING = text("SELECT 1 FROM alembic_version")
"""Reads the one table whose single row every register has."""

_WRITER_LOCK = int.from_bytes(b"fastkont", "big")
"""PostgreSQL advisory lock that a writer holds for the length of its transaction."""


class RegisterError(Exception):
    """The register cannot be used as it is set up; the text names the setting or the command that helps."""


class Register:
    """The register's database. Safe for use by many threads; make one per process, after any fork.

    Attributes:
        engine: The SQLAlchemy engine, for what the methods below do not offer.
    """

    def __init__(self, engine: Engine, busy_timeout_seconds: float) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**_READER[engine.dialect.name])
        self._writer = engine.execution_options(**_WRITER[engine.dialect.name])
        self._lock_timeout = f"{round(busy_timeout_seconds * 1000)}ms"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose queries all see one state of the register. It cannot write."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, queue: bool = True) -> Iterator[Connection]:
        """Give a connection with one transaction: committed at the end, rolled back on an exception.

        Writers queue, also those of other processes: what one checks before it writes (is there room at the
        facility, is the resident listed here already) still holds when it commits.

        Args:
            queue: False for rows that depend on no other row, such as the audit log: on PostgreSQL they do
                not wait for a long import. SQLite has one writer at a time whatever is said here.

        Raises:
            sqlalchemy.exc.OperationalError: No turn came within ``busy_timeout_seconds``.
        """
        with self._writer.begin() as connection:
            if queue and connection.dialect.name == "postgresql":
                connection.execute(select(func.set_config("lock_timeout", self._lock_timeout, True)))
                connection.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))
            yield connection

    def ping(self) -> None:
        """Reach the database and see that it holds a register; SQLite makes an empty file where one is gone.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: It does not answer, or has none of the register's tables.
        """
        with self.reading() as connection:
            connection.execute(_PING)

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def open_register(settings: RegisterSettings) -> Register:
    """Make the register that the settings name. Nothing is connected yet.

    Raises:
        RegisterError: The URL is not one of a SQLite file or a PostgreSQL database, or the folder of the
            SQLite file does not exist.
    """
    url = _url(settings.url)
    sqlite = url.drivername == "sqlite"
    engine = create_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_size,
        pool_timeout=settings.busy_timeout_seconds,
        pool_pre_ping=not sqlite,  # a database server can restart, a file cannot
        hide_parameters=True,  # statement parameters hold person numbers, exception texts end up in logs
        connect_args={"timeout": settings.busy_timeout_seconds} if sqlite else {},
    )
    if sqlite:
        event.listen(engine, "connect", partial(_set_up_sqlite, settings.busy_timeout_seconds))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "handle_error", _cut_row_values)
    return Register(engine, settings.busy_timeout_seconds)


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # ValueError: of a port that is no number
        # The parser's own text is left out, and the URL with it: both can hold the password.
        raise RegisterError(
            "database.url: not the URL of a database; write sqlite:///<file> or postgresql://<host>/<database>"
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise RegisterError(
            f"database.url: {url.drivername}: is not supported; use sqlite:///<file> or postgresql://..."
        )
    if driver == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise RegisterError(
                "database.url: name a file, as in sqlite:////var/lib/fastkontakt/register.sqlite3"
            )
        folder = Path(url.database).absolute().parent
        if not folder.is_dir():
            raise RegisterError(
                f"database.url: the folder {folder} does not exist; create it or name another file"
            )
    return url.set(drivername=driver)


def _set_up_sqlite(
    busy_timeout_seconds: float, connection: sqlite3.Connection, _entry: ConnectionPoolEntry
) -> None:
    # The driver would begin transactions by its own rules, and reads in none: SQLAlchemy's documented way
    # to have them begin where we say is to switch that off and send BEGIN ourselves.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    # WAL: readers and the one writer do not block each other. It stays with the file, and processes that make
    # the switch at once on a new file are refused without the wait that SQLite grants other statements.
    give_up = time.monotonic() + busy_timeout_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # The lowest byte is the kind of error, whatever kept the file busy: after a crash, its recovery.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only={read_only}")
    # IMMEDIATE takes the write lock at once: a transaction that reads first and then writes cannot be told
    # halfway that somebody else has written in the meantime.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _cut_row_values(context: ExceptionContext) -> None:
    """Leave PostgreSQL's DETAIL and CONTEXT out of an error: they quote the row, person number and all."""
    error = context.original_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(error).__name__}) {error.diag.message_primary}",)
