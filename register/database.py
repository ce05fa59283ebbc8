"""Connections to the register: one engine, consistent reads, writers that queue.

The same statements run on SQLite and PostgreSQL; what differs between the two when a connection is made or a
transaction begins is here and nowhere else.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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

_LARGE_CACHE = "PRAGMA cache_size=-65536"
"""64 MB for a load: with the usual 2 MB each page of an index is written and read again and again.

SQLite also sorts in as much memory as this says.
"""

_PING = text("SELECT 1 FROM alembic_version")
"""Reads the one table whose single row every register has."""

_PING_AUDIT = text("SELECT 1 FROM audit LIMIT 1")

_WRITER_LOCK = int.from_bytes(b"fastkont", "big")
"""PostgreSQL advisory lock that a writer holds for the length of its transaction."""


class RegisterError(Exception):
    """The register cannot be used as it is set up; the text names the setting or the command that helps."""


class Register:
    """The register's database. Safe for use by many threads; make one per process, after any fork.

    Attributes:
        engine: The SQLAlchemy engine, for what the methods below do not offer.
        audit_engine: That of the audit log: of a file of its own on SQLite, the same on PostgreSQL.
    """

    def __init__(self, engine: Engine, audit_engine: Engine, busy_timeout_seconds: float) -> None:
        self.engine = engine
        self.audit_engine = audit_engine
        reader, writer = _READER[engine.dialect.name], _WRITER[engine.dialect.name]
        self._reader = engine.execution_options(**reader)
        self._writer = engine.execution_options(**writer)
        self._preparer = engine.execution_options(**writer | {_READ_ONLY: None})
        self._audit_reader = audit_engine.execution_options(**reader)
        self._audit_writer = audit_engine.execution_options(**writer)
        self._lock_timeout = f"{round(busy_timeout_seconds * 1000)}ms"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose queries all see one state of the register. It cannot write."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection with one transaction: committed at the end, rolled back on an exception.

        Writers queue, also those of other processes: what one checks before it writes (is there room at the
        facility, is the resident listed here already) still holds when it commits.

        Raises:
            sqlalchemy.exc.OperationalError: No turn came within ``busy_timeout_seconds``.
        """
        with self._writer.begin() as connection:
            self._queue(connection)
            yield connection

    def _queue(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.set_config("lock_timeout", self._lock_timeout, True)))
            connection.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))

    @contextmanager
    def preparing(self) -> Iterator[Connection]:
        """Give a connection on which a write is prepared in temporary tables; nobody waits for it.

        `writing_prepared` then finds the tables. They go with the connection when the context ends.
        """
        with self._preparer.connect() as connection:
            connection.detach()  # from the pool: its next user is to find no temporary tables
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(_LARGE_CACHE)
                connection.commit()
            yield connection

    @contextmanager
    def writing_prepared(self, connection: Connection) -> Iterator[Connection]:
        """Give the connection of `preparing` one transaction as that of `writing`.

        Raises:
            sqlalchemy.exc.OperationalError: As `writing`.
        """
        connection.commit()
        connection.execution_options(**{_READ_ONLY: False})
        with connection.begin():
            self._queue(connection)
            yield connection

    @contextmanager
    def auditing(self) -> Iterator[Connection]:
        """Give a connection with one transaction on the audit log. It waits for no writer of the register.

        Raises:
            sqlalchemy.exc.OperationalError: On SQLite others wrote the audit log for
                ``busy_timeout_seconds``; an entry takes a moment.
        """
        with self._audit_writer.begin() as connection:
            yield connection

    @contextmanager
    def reading_audit(self) -> Iterator[Connection]:
        """Give a connection whose queries all see one state of the audit log. It cannot write."""
        with self._audit_reader.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Reach the database and see that it holds a register and an audit log.

        SQLite makes an empty file where one is gone, so reaching them does not do.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: It does not answer, or has none of the register's tables.
        """
        with self.reading() as connection:
            connection.execute(_PING)
        with self.reading_audit() as connection:
            connection.execute(_PING_AUDIT)

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()
        self.audit_engine.dispose()


def open_register(settings: RegisterSettings) -> Register:
    """Make the register that the settings name. Nothing is connected yet.

    Raises:
        RegisterError: The URL is not one of a SQLite file or a PostgreSQL database, or the folder of the
            SQLite file does not exist.
    """
    url = _url(settings.url)
    engine = _engine(url, settings)
    if url.drivername != "sqlite":
        return Register(engine, engine, settings.busy_timeout_seconds)
    file = Path(str(url.database))
    audit_engine = _engine(url.set(database=str(audit_file(file))), settings)
    event.listen(audit_engine, "do_connect", partial(_make_alike, file))
    return Register(engine, audit_engine, settings.busy_timeout_seconds)


def audit_file(file: Path) -> Path:
    """Return the file beside that of a register on SQLite that holds its audit log."""
    return file.with_name(f"{file.stem}-audit{file.suffix}")


def _engine(url: URL, settings: RegisterSettings) -> Engine:
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
    return engine


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


def _make_alike(register_file: Path, *_: object) -> None:
    """Make the file of the audit log, unless it is there, with the register's permissions and owner.

    Who may not read the one may not read the other, and whoever upgrades it, the service can write to it.
    """
    with suppress(OSError):  # it is there; what else is wrong SQLite says when it opens the file
        like = register_file.stat()
        number = os.open(audit_file(register_file), os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.fchmod(number, stat.S_IMODE(like.st_mode))
            if os.geteuid() == 0:  # nobody else may give files away
                os.fchown(number, like.st_uid, like.st_gid)
        finally:
            os.close(number)


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
    # None: temporary tables are written, which a read-only connection may not, and nothing is locked.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only={bool(read_only)}")
    # IMMEDIATE takes the write lock at once: a transaction that reads first and then writes cannot be told
    # halfway that somebody else has written in the meantime.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if read_only is False else "BEGIN")


def _cut_row_values(context: ExceptionContext) -> None:
    """Leave PostgreSQL's DETAIL and CONTEXT out of an error: they quote the row, person number and all."""
    error = context.original_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(error).__name__}) {error.diag.message_primary}",)
