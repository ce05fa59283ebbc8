"""Engines of the two databases: URLs, drivers, and what a connection is told when it is made or begins.

Whatever differs between SQLite and PostgreSQL in this is here and nowhere else.
"""

import os
import sqlite3
import stat
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from register.settings import RegisterSettings

_POSTGRESQL = "postgresql+psycopg"

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
"""Accepted beginnings of the URL and the SQLAlchemy driver each means."""

READ_ONLY = "register_read_only"
"""Execution option that tells the two kinds of transaction apart; None for one that does neither."""

_USED = "used_at"
"""Key of a pooled connection's info: when it was last of use, by `time.monotonic`."""

_IDLE_SECONDS = 1.0
"""A connection that has been of no use for longer is tried before it is used: the server may be another."""

_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # what was answered OK survives a power cut (design rule 3)
    "PRAGMA foreign_keys=ON",
)


class RegisterError(Exception):
    """The register cannot be used as it is set up; the text names the setting or the command that helps."""


def audit_file(file: Path, number: int = 0) -> Path:
    """Return a file beside that of a register on SQLite that holds its audit log (register.audit_files)."""
    return file.with_name(f"{file.stem}-audit{f'-{number}' if number else ''}{file.suffix}")


def make_engine(url: URL, settings: RegisterSettings, *, calls: bool = False, pooled: bool = True) -> Engine:
    """Return an engine for a URL of `parse_url`. Nothing is connected yet.

    Args:
        url: The URL.
        settings: How long its connections wait, and how many are kept.
        calls: Whether it is for calls, whose statements on PostgreSQL may not take longer than they may wait.
        pooled: Whether connections are kept when they have been used.
    """
    sqlite = url.drivername == "sqlite"
    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        pool = {
            "pool_size": settings.pool_size,
            "max_overflow": settings.pool_size,
            "pool_timeout": settings.busy_timeout_seconds,
        }
    engine = create_engine(
        url,
        **pool,
        hide_parameters=True,  # statement parameters hold person numbers, exception texts end up in logs
        # uri: for the files that are attached; the path of a file itself is taken as it stands.
        connect_args={"timeout": settings.busy_timeout_seconds, "uri": True} if sqlite else {},
    )
    if sqlite:
        event.listen(engine, "connect", partial(_set_up_sqlite, settings.busy_timeout_seconds))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        _set_up_postgresql(engine, settings.busy_timeout_seconds, calls)
    return engine


def _set_up_postgresql(engine: Engine, lock_seconds: float, calls: bool) -> None:
    # Here, and not above: it loads the driver, which a register on SQLite does without.
    from register import postgresql

    def connect(_dialect: object, _entry: object, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        return postgresql.connect(arguments, parameters)

    def tell(connection: Any, entry: ConnectionPoolEntry) -> None:
        postgresql.set_timeouts(connection, lock_seconds, calls)
        entry.info[_USED] = time.monotonic()

    def back(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED] = time.monotonic()

    def ask(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        # Before each use it would be a way to the server and back for every call.
        doubtful = time.monotonic() - entry.info[_USED] > _IDLE_SECONDS or connection.has_news()
        if doubtful and not connection.answers():
            raise InvalidatePoolError

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", tell)
    event.listen(engine, "checkin", back)
    event.listen(engine, "checkout", ask)
    event.listen(engine, "handle_error", _cut_row_values)


def parse_url(text: str) -> URL:
    """Return the URL of a database that is supported, with its driver.

    Raises:
        RegisterError: It is none, or the folder of its file does not exist.
    """
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


def make_alike(register_file: Path, file: Path) -> None:
    """Make a file of the audit log, unless it is there, with the register's permissions and owner.

    Who may not read the one may not read the other, and whoever upgrades it, the service can write to it.
    """
    with suppress(OSError):  # it is there; what else is wrong SQLite says when it opens the file
        like = register_file.stat()
        number = os.open(file, os.O_CREAT | os.O_EXCL, 0o600)
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
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
    if connection.info.get(READ_ONLY, False) is not bool(read_only):
        driver.execute(f"PRAGMA query_only={bool(read_only)}")  # it has every statement compiled anew
        connection.info[READ_ONLY] = bool(read_only)
    if read_only is not False:  # neither waits for anybody, so neither needs what SQLAlchemy does around it
        driver.execute("BEGIN")
        return
    # IMMEDIATE takes the write lock at once: a transaction that reads first and then writes cannot be told
    # halfway that somebody else has written in the meantime.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def cut_row_values(error: BaseException) -> bool:
    """Leave PostgreSQL's DETAIL and CONTEXT out of an error: they quote the row, person number and all.

    Returns:
        Whether it is an error that could have them.
    """
    # `diag` is psycopg's, which is loaded where a register is on PostgreSQL and not named here.
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary:
        error.args = (primary,)
    return bool(primary)


def _cut_row_values(context: ExceptionContext) -> None:
    error = context.original_exception
    if cut_row_values(error) and context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__name__}) {error.args[0]}",)
