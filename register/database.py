"""Connections to the register: consistent reads, and writers that queue, on both databases alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Table, event, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from register.audit_files import AuditFiles
from register.audit_table import connect_to_table
from register.audit_writer import AuditWriter
from register.engine import READ_ONLY, make_engine, parse_url
from register.file_modes import make_private
from register.limits import within
from register.open_file import OpenFile
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

AUDIT_SECONDS = 2.0
"""How long a call waits for its row in the audit log at most."""

_OF_LIMIT_FOR_LOCKS = 0.75
"""How much of a call's time may go to waiting for locks: the rest is to tell the caller in time."""

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

    Args:
        url: Of `parse_url`.
        settings: How its connections behave.
        calls: Whether it is for calls (`for_calls`).
        kept: What the process keeps of the directory.

    Attributes:
        patient: The one on the same database that is not for calls; itself, if it is not.
        open_file: On SQLite its file, which must be there for anything to be read, and kept; else None.
        engine: The SQLAlchemy engine, for what the methods below do not offer.
        reading_engine: That of `reading`. The same on PostgreSQL; on SQLite its connections are only read
            through, as a change between the two has every statement of a connection compiled anew.
        audit_files: The files of the audit log on SQLite; None on PostgreSQL, where it is a table.
        audit_engine: That of the audit log: of its first file on SQLite, the same on PostgreSQL.
        audit_writer: What adds to the audit log (`register.audit.write`).
    """

    def __init__(
        self, url: URL, settings: RegisterSettings, *, calls: bool = False, kept: SnapshotKeeper | None = None
    ) -> None:
        self._url, self._settings, self._kept = url, settings, kept or SnapshotKeeper()
        self.patient = self
        self._limit: float | None = None
        busy = settings.busy_timeout_seconds
        if calls:
            self._limit = settings.call_timeout_seconds
            busy = min(busy, self._limit * _OF_LIMIT_FOR_LOCKS)
            settings = settings.model_copy(update={"busy_timeout_seconds": busy})
        self.engine = self.reading_engine = self.audit_engine = make_engine(url, settings, calls=calls)
        self.audit_files: AuditFiles | None = None
        self.open_file: OpenFile | None = None
        self._audit_seconds = min(busy, AUDIT_SECONDS) if calls else busy
        if url.drivername == "sqlite":
            self.reading_engine = make_engine(url, settings, calls=calls)
            self.open_file = OpenFile(Path(str(url.database)))
            self.audit_files = AuditFiles(url, settings, self.open_file)
            self.audit_engine = self.audit_files.first
            for one in {self.engine, self.reading_engine}:
                event.listen(one, "do_connect", lambda *_: make_private(Path(str(url.database))))
        connect = self.audit_files.take if self.audit_files else partial(connect_to_table, self.engine)
        self.audit_writer = AuditWriter(connect, self._audit_seconds)
        for one in {self.engine, self.reading_engine}:
            event.listen(one, "connect", self._connected)
        reader, writer = _READER[self.engine.dialect.name], _WRITER[self.engine.dialect.name]
        self._reader = self.reading_engine.execution_options(**reader)
        self._writer = self.engine.execution_options(**writer)
        self._preparer = self.engine.execution_options(**writer | {READ_ONLY: None})
        self._audit_reader = self.audit_engine.execution_options(**reader)

    def for_calls(self) -> Self:
        """Return another on the same database, for calls: none of them waits longer than its caller does.

        What the process keeps of the directory is one for both.
        """
        made = type(self)(self._url, self._settings, calls=True, kept=self._kept)
        made.patient = self
        return made

    def _connected(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[DIRECTORY] = self._kept
        if self.open_file is not None:
            self.open_file.note()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose queries all see one state of the register. It cannot write.

        Raises:
            sqlalchemy.exc.OperationalError: The database does not answer in time, or its file is gone.
        """
        if self.open_file is not None:
            self.open_file.check()
            with self._reader.begin() as connection:
                yield connection
            return
        with within(self._limit), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection with one transaction: committed at the end, rolled back on an exception.

        Writers queue, also those of other processes: what one checks before it writes (is there room at the
        facility, is the resident listed here already) still holds when it commits.

        Raises:
            sqlalchemy.exc.OperationalError: No turn came in time, or the database's file is gone; where it
                went during the transaction, what was changed is gone with it.
        """
        if self.open_file is not None:
            self.open_file.check()
        with within(self._limit), self._writer.begin() as connection:
            self._queue(connection)
            yield connection
        if self.open_file is not None:
            self.open_file.check()

    def _queue(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))

    @contextmanager
    def preparing(self) -> Iterator[Connection]:
        """Give a connection on which a write is prepared in temporary tables; nobody waits for it.

        `writing_prepared` then finds the tables. They go with the connection when the context ends.
        """
        if self.open_file is not None:
            self.open_file.check()
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
        if self.open_file is not None:
            self.open_file.check()

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
        if self.audit_files is not None:
            self.audit_files.check()
        with within(self._limit), self._audit_reader.connect() as connection:
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
        for one in {self.engine, self.reading_engine, self.audit_engine}:
            one.dispose()
        if self.open_file is not None:
            self.open_file.forget()


def is_answering(register: Register, seconds: float = 1.0) -> bool:
    """Tell whether calls can be answered: the register is read, and the audit log would take a row.

    On SQLite it waits for no lock of the register, which does not keep calls from being answered.

    Args:
        register: One of `Register.for_calls`, so that nothing waits longer than a call does.
        seconds: How long PostgreSQL may take for it.
    """
    try:
        with within(seconds):
            register.ping()
        register.audit_writer.write([], seconds)
    except SQLAlchemyError:
        return False
    return True


def open_register(settings: RegisterSettings) -> Register:
    """Make the register that the settings name. Nothing is connected yet.

    Raises:
        RegisterError: The URL is not one of a SQLite file or a PostgreSQL database, or the folder of the
            SQLite file does not exist.
    """
    return Register(parse_url(settings.url), settings)
