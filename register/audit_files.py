"""SQLite: the files of the audit log, one for each process that writes it, read as one log (docs/adr/0020).

The first is ``register-audit.sqlite3``, the others ``register-audit-1.sqlite3`` and so on. A process has the
first file that nobody else has, by a lock on a file beside it, which ends with the process however it ends.
So there are as many files as processes have written at a time, whatever has been started since.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from register.audit_writer import AuditConnection
from register.engine import READ_ONLY, audit_file, make_alike, make_engine
from register.open_file import OpenFile
from register.settings import RegisterSettings
from register.tables import AUDIT_IS_APPENDED_TO, audit, audit_metadata

MOST = 10
"""Files at most: SQLite attaches ten to a connection as it comes. Further processes share the first."""

IDS_OF_A_FILE = 10**12
"""Ids of the file with number n begin after n times this: no two rows have one, and it tells the file."""

_COLUMNS = [column.name for column in audit.c if column.name != "id"]
_INSERT = (
    f"INSERT INTO audit (id, {', '.join(_COLUMNS)}) "  # noqa: S608 - names of columns
    "SELECT (SELECT coalesce(max(id), ?) FROM audit) + key + 1, "
    f"{', '.join(f'''json_extract(value, '$.{name}')''' for name in _COLUMNS)} FROM json_each(?)"
)
"""One statement, and so one transaction, whatever the number of rows."""

_MAY_WRITE = "PRAGMA query_only=0"
"""For a connection of the pool: its last use may have been a read."""


class AuditFiles:
    """The files of the audit log of one register.

    Args:
        url: Of the register.
        settings: Of the register.
        register_file: The register's own file: what is answered is kept nowhere once that is gone.

    Attributes:
        first: Engine of the first file.
    """

    def __init__(self, url: URL, settings: RegisterSettings, register_file: OpenFile) -> None:
        self._url, self._settings, self._open_register = url, settings, register_file
        self._register_file = Path(str(url.database))
        self.first = self._engine(0)
        self._looking = self.first.execution_options(**{READ_ONLY: True})

    def file(self, number: int) -> Path:
        """Return the path of a file."""
        return audit_file(self._register_file, number)

    def numbers(self) -> list[int]:
        """Return the numbers of the files that there are, or should be."""
        with self._looking.connect() as connection:
            made = _made(connection)
        return [0, *self._others(made)]

    def _others(self, made: int) -> list[int]:
        return [number for number in range(1, MOST) if number <= made or self._has_table(number)]

    def missing(self) -> list[Path]:
        """Return the files that should be there and are not, or are empty."""
        if not self._has_table(0):
            return [self.file(0)]
        return [self.file(number) for number in self.numbers() if not self._has_table(number)]

    def check(self) -> None:
        """Refuse to go on without the first file, which keeps the number of the others: SQLite would make it.

        Raises:
            sqlalchemy.exc.OperationalError: It is gone.
        """
        if not self.file(0).exists():
            raise _gone(self.file(0))

    def make_others(self, connection: Connection) -> None:
        """Make the tables of all files but the first where they are missing.

        Args:
            connection: In a transaction on the first file, which has its table. It is told of all that are
                there, as it may be a new one beside them.
        """
        there = [number for number in range(1, MOST) if self.file(number).exists()]
        for number in range(1, max([_made(connection), *there]) + 1):
            self._make(number)
            _note_made(connection, number)

    def attach(self, connection: Connection) -> None:
        """Have a new connection to the first file see the rows of all files in its table ``audit``.

        Raises:
            sqlalchemy.exc.OperationalError: A file is missing.
        """
        driver = cast(sqlite3.Connection, connection.connection.driver_connection)
        columns = ", ".join(audit.c.keys())
        try:
            (made,) = driver.execute("PRAGMA user_version").fetchone()
            numbers = self._others(made)
            if not numbers:
                return
            connection.detach()  # from the pool: its next user is to find one file
            driver.execute(_MAY_WRITE)
            connection.info.pop(READ_ONLY, None)
            for number in numbers:
                # As one that is there: SQLite would make an empty one in place of a file that is gone.
                uri = f"{self.file(number).absolute().as_uri()}?mode=rw"
                driver.execute(f"ATTACH ? AS audit_{number}", (uri,))
            schemas = ["main", *(f"audit_{number}" for number in numbers)]
            parts = " UNION ALL ".join(f"SELECT {columns} FROM {schema}.audit" for schema in schemas)  # noqa: S608
            driver.execute(f"CREATE TEMP VIEW audit AS {parts}")  # names without a schema mean this first
        except sqlite3.Error as error:
            raise OperationalError("ATTACH", None, error) from None

    @contextmanager
    def engine(self, number: int) -> Iterator[Engine]:
        """Give the engine of a file, for as long as the block takes."""
        if number == 0:
            yield self.first
            return
        engine = self._engine(number)
        try:
            yield engine
        finally:
            engine.dispose()

    def take(self) -> AuditConnection:
        """Take a file that no other process has, and return a connection to it.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: It cannot be opened.
        """
        number, lock = self._free()
        try:
            with self.engine(number) as engine:
                pooled = engine.raw_connection()
                connection = cast(sqlite3.Connection, pooled.driver_connection)
                pooled.detach()
                connection.execute(_MAY_WRITE)
        except BaseException:
            if lock is not None:
                os.close(lock)
            raise
        file = OpenFile(self.file(number))
        file.note()
        busy: int | None = None

        def insert(rows: str, seconds: float) -> None:
            nonlocal busy
            milliseconds = round(seconds * 1000)
            if milliseconds != busy:
                connection.execute(f"PRAGMA busy_timeout={milliseconds}")
                busy = milliseconds
            connection.execute(_INSERT, (number * IDS_OF_A_FILE, rows))
            # Looked at once the rows are in it, so that nobody is answered for rows that are nowhere.
            if not file.is_there():
                raise _gone(self.file(number))
            self._open_register.check()

        def close() -> None:
            connection.close()
            if lock is not None:
                os.close(lock)

        return AuditConnection(insert, file.is_there, close, sqlite3.OperationalError)

    def _free(self) -> tuple[int, int | None]:
        """Return the number of a file nobody has, and its lock; or the first, which all may write to.

        Raises:
            sqlalchemy.exc.OperationalError: A file of the log is gone: it is to be put back, and no other is
                written instead as if nothing were missing.
        """
        gone = self.missing()
        if gone:
            raise _gone(gone[0])
        for number in range(MOST):
            lock = self._lock(number)
            if lock is None:
                continue
            try:
                if number == 0 or self._ready(number):
                    return number, lock
            except BaseException:
                os.close(lock)
                raise
            os.close(lock)
        return 0, None

    def _lock(self, number: int) -> int | None:
        """Lock a file for this writer, if nobody else has it.

        Not the file itself: when any handle of it is closed, the process loses SQLite's locks on it.
        """
        path = self.file(number)
        path = path.with_name(f"{path.name}-lock")
        make_alike(self._register_file, path)
        try:
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock

    def _ready(self, number: int) -> bool:
        """Make a file that has never been. One that has been and is gone is not for a writer to replace."""
        with self._looking.connect() as connection:
            made = _made(connection)
        if number <= made:
            return self._has_table(number)
        self._make(number)
        with self.first.begin() as connection:
            _note_made(connection, number)
        return True

    def _make(self, number: int) -> None:
        with self.engine(number) as engine, engine.begin() as connection:
            make_table(connection)

    def _has_table(self, number: int) -> bool:
        if not self.file(number).exists():
            return False
        with self.engine(number) as engine:
            return inspect(engine.execution_options(**{READ_ONLY: True})).has_table(audit.name)

    def _engine(self, number: int) -> Engine:
        file = self.file(number)
        # Nothing is kept open but by who writes: the file may be put back, or be another.
        engine = make_engine(self._url.set(database=str(file)), self._settings, pooled=False)

        def make_file(*_: object) -> None:
            make_alike(self._register_file, file)

        event.listen(engine, "do_connect", make_file)
        return engine


def make_table(connection: Connection) -> None:
    """Make the table of a file, and what keeps its rows as they are, where they are missing."""
    audit_metadata.create_all(connection)
    for trigger in AUDIT_IS_APPENDED_TO:
        connection.execute(trigger)


def _made(connection: Connection) -> int:
    """Return the highest number a file has had; the first file keeps it, so that a lost one is missed."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _note_made(connection: Connection, number: int) -> None:
    if number > _made(connection):
        connection.exec_driver_sql(f"PRAGMA user_version={number}")


def _gone(file: Path) -> OperationalError:
    error = sqlite3.OperationalError(f"{file}: this file of the audit log is gone; put it back")
    return OperationalError("INSERT INTO audit", None, error, hide_parameters=True)
