"""Connections to the register: consistent reads, and writers that queue, on both databases alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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

from register.audit_files import AuditFiles
from register.audit_table import connect_to_table
from register.audit_writer import AuditWriter
from register.engine import READ_ONLY, make_engine, parse_url
from register.file_modes import make_private
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
        reading_engine: That of `reading`. The same on PostgreSQL; on SQLite its connections are only read
            through, as a change between the two has every statement of a connection compiled anew.
        audit_files: The files of the audit log on SQLite; None on PostgreSQL, where it is a table.
        audit_engine: That of the audit log: of its first file on SQLite, the same on PostgreSQL.
        audit_writer: What adds to the audit log (`register.audit.write`).
    """

    def __init__(
        self,
        engine: Engine,
        reading_engine: Engine,
        audit_files: AuditFiles | None,
        busy_timeout_seconds: float,
    ) -> None:
        self.engine = engine
        self.reading_engine = reading_engine
        self.audit_files = audit_files
        self.audit_engine = engine if audit_files is None else audit_files.first
        connect = partial(connect_to_table, engine, busy_timeout_seconds)
        self.audit_writer = AuditWriter(audit_files.take if audit_files else connect, busy_timeout_seconds)
        kept = SnapshotKeeper()
        for one in {engine, reading_engine}:
            event.listen(one, "connect", lambda _, record: record.info.update({DIRECTORY: kept}))
        reader, writer = _READER[engine.dialect.name], _WRITER[engine.dialect.name]
        self._reader = reading_engine.execution_options(**reader)
        self._writer = engine.execution_options(**writer)
        self._preparer = engine.execution_options(**writer | {READ_ONLY: None})
        self._audit_reader = self.audit_engine.execution_options(**reader)
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

    def audit_parts(self) -> list[int]:
        """Return the numbers of the audit log's files on SQLite; of the one table on PostgreSQL: nought."""
        return [0] if self.audit_files is None else self.audit_files.numbers()

    @contextmanager
    def auditing(self, part: int = 0) -> Iterator[Connection]:
        """Give a connection with one transaction on a part of the audit log, to change what is there.

        It waits for no writer of the register. What is to be added is for `register.audit.write`.

        Args:
            part: One of `audit_parts`.

        Raises:
            sqlalchemy.exc.OperationalError: On SQLite others wrote this part for ``busy_timeout_seconds``;
                an entry takes a moment.
        """
        with ExitStack() as stack:
            engine = self.audit_engine
            if self.audit_files is not None:
                engine = stack.enter_context(self.audit_files.engine(part))
            writer = engine.execution_options(**_WRITER[engine.dialect.name])
            yield stack.enter_context(writer.begin())

    @contextmanager
    def reading_audit(self) -> Iterator[Connection]:
        """Give a connection that sees the whole audit log as one table, ``register.tables.audit``.

        Its queries all see one state of it. It cannot write. In the order of ``logged_at`` and ``id`` rows
        are in the order they were written in; ids alone give it for one process.

        Raises:
            sqlalchemy.exc.OperationalError: It cannot be read; on SQLite also when one of its files is gone.
        """
        with self._audit_reader.connect() as connection:
            if self.audit_files is not None:
                self.audit_files.attach(connection)
            with connection.begin():
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
        """Close the connections."""
        self.audit_writer.close()
        self.engine.dispose()
        self.reading_engine.dispose()
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
        return Register(engine, engine, None, settings.busy_timeout_seconds)
    reading_engine = make_engine(url, settings)
    for one in (engine, reading_engine):
        event.listen(one, "do_connect", lambda *_: make_private(Path(str(url.database))))
    return Register(engine, reading_engine, AuditFiles(url, settings), settings.busy_timeout_seconds)
