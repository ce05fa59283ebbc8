"""Connections to the register: consistent reads, and writers that queue, on both databases alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from register.engine import READ_ONLY, audit_file, make_alike, make_engine, parse_url
from register.settings import RegisterSettings
from register.snapshot import SnapshotKeeper

DIRECTORY = "directory"
"""Key of a connection's info: what the process keeps of the directory (`register.directory`)."""

_READER: dict[str, dict[str, Any]] = {
    "sqlite": {READ_ONLY: True},
    "postgresql": {READ_ONLY: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_WRITER: dict[str, dict[str, Any]] = {
    "sqlite": {READ_ONLY: False},
    # Each statement must see what the writer before it committed, also while it waited for its turn.
    "postgresql": {READ_ONLY: False, "isolation_level": "READ COMMITTED"},
}
"""Execution options of the two kinds of transaction, by dialect."""

INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
"""The insert of each dialect, for its ON CONFLICT."""

_LARGE_CACHE = "PRAGMA cache_size=-65536"
"""64 MB for a load: with the usual 2 MB each page of an index is written and read again and again.

SQLite also sorts in as much memory as this says.
"""

_PING = text("SELECT 1 FROM alembic_version")
"""Reads the one table whose single row every register has."""

_PING_AUDIT = text("SELECT 1 FROM audit LIMIT 1")

_WRITER_LOCK = int.from_bytes(b"fastkont", "big")
"""PostgreSQL advisory lock that a writer holds for the length of its transaction."""


def is_reading(connection: Connection) -> bool:
    """Tell whether the connection is one of `Register.reading`, whose queries all see one state."""
    return bool(connection.get_execution_options().get(READ_ONLY))


class Register:
    """The register's database. Safe for use by many threads; make one per process, after any fork.

    Attributes:
        engine: The SQLAlchemy engine, for what the methods below do not offer.
        audit_engine: That of the audit log: of a file of its own on SQLite, the same on PostgreSQL.
    """

    def __init__(self, engine: Engine, audit_engine: Engine, busy_timeout_seconds: float) -> None:
        self.engine = engine
        self.audit_engine = audit_engine
        kept = SnapshotKeeper()
        event.listen(engine, "connect", lambda _, record: record.info.update({DIRECTORY: kept}))
        reader, writer = _READER[engine.dialect.name], _WRITER[engine.dialect.name]
        self._reader = engine.execution_options(**reader)
        self._writer = engine.execution_options(**writer)
        self._preparer = engine.execution_options(**writer | {READ_ONLY: None})
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
        connection.execution_options(**{READ_ONLY: False})
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
    url = parse_url(settings.url)
    engine = make_engine(url, settings)
    if url.drivername != "sqlite":
        return Register(engine, engine, settings.busy_timeout_seconds)
    file = Path(str(url.database))
    audit_engine = make_engine(url.set(database=str(audit_file(file))), settings)
    event.listen(audit_engine, "do_connect", partial(make_alike, file))
    return Register(engine, audit_engine, settings.busy_timeout_seconds)
