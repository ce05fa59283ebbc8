"""Queries to databases, read as a stream and never written to.

Who may write is the database's to decide: the account that a profile names should have the right to read
and no other. That the reader cannot change anything by mistake is made sure of besides: SQLite files are
opened read-only, PostgreSQL and Oracle run the query in a read-only transaction, and no transaction is ever
committed.
"""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError

from contracts.letters import nfc
from mapping.sources.readers.scalars import NoText, as_text
from mapping.sources.readers.table import Row, SourceError, Table

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mssql": "mssql+pyodbc",
    "mssql+pyodbc": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
    "oracle+oracledb": "oracle+oracledb",
}
"""What a URL may begin with -> SQLAlchemy's name of the driver that is used."""

EXTRAS = {"mssql+pyodbc": "sqlserver", "oracle+oracledb": "oracle"}
"""Driver -> the extra of this package that installs it."""

SILENCE_SECONDS = 300.0
"""How long a database may take for a piece of its answer, unless a profile says otherwise."""

_CONNECT_SECONDS = 10
_LOCK_SECONDS = 20.0

_BATCH = 1000

_STEPS = 100_000
"""SQLite is asked whether its time is up after as many steps of its machine: some milliseconds."""


@contextmanager
def open_query(url: str, query: str, silence_seconds: float = SILENCE_SECONDS) -> Iterator[Table]:
    """Run a query.

    Args:
        url: The database, as SQLAlchemy writes it: ``sqlite:////srv/ehr.sqlite3``,
            ``postgresql://user:password@host/database``, ``mssql://...?driver=...`` or ``oracle://...``.
        query: One SELECT.
        silence_seconds: How long the database may take to begin its answer, and for each piece of it.

    Yields:
        The table; a row's line is its number, the first row being 1.

    Raises:
        SourceError: The URL is of no database that can be read, its driver is not installed, or the database
            does not answer in time or refuses the query. While the rows are read: it breaks off. The message
            repeats neither the URL nor values of rows.
    """
    silence = _Silence(silence_seconds)
    engine = _engine(url, silence)
    try:
        with _connected(engine) as connection, _run(connection, query) as result:
            yield Table(tuple(map(nfc, result.keys())), _rows(result, silence), lambda: None)
    finally:
        engine.dispose()


def table_names(url: str) -> list[str]:
    """Return the tables and views of a database, as a query writes their names.

    Raises:
        SourceError: As `open_query`.
    """
    engine = _engine(url, _Silence(SILENCE_SECONDS))
    try:
        with _connected(engine) as connection:
            seen = inspect(connection)
            names = [*seen.get_table_names(), *seen.get_view_names()]
            return list(map(connection.dialect.identifier_preparer.quote, names))
    except SQLAlchemyError as error:
        raise SourceError(None, f"the database does not tell its tables: {_name(error)}") from None
    finally:
        engine.dispose()


class _Silence:
    """How long a database has been silent, for SQLite, which runs in this process."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = time.monotonic() + seconds

    def begin(self) -> None:
        self.until = time.monotonic() + self.seconds

    def is_over(self) -> bool:
        return time.monotonic() > self.until


def _engine(text_: str, silence: _Silence) -> Engine:
    try:
        url = make_url(text_)
    except (ArgumentError, ValueError):  # their texts may repeat the URL
        raise SourceError(
            None, "database.url is no URL of a database, such as postgresql://host/name"
        ) from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        known = ", ".join(name for name in DRIVERS if "+" not in name)
        raise SourceError(None, f"database.url: {url.drivername} cannot be read; there are {known}")
    if driver == "sqlite":
        return _sqlite_engine(url, silence)
    try:
        engine = create_engine(url.set(drivername=driver), poolclass=NullPool, hide_parameters=True)
    except ImportError:
        extra = EXTRAS.get(driver)
        hint = f"; install fastkontakt[{extra}] and what its documentation asks for" if extra else ""
        raise SourceError(None, f"the driver of {url.drivername} is not installed{hint}") from None
    except (SQLAlchemyError, ValueError, TypeError):
        raise SourceError(None, "database.url is not as the driver needs it") from None
    _limit(engine, silence.seconds)
    return engine


def _limit(engine: Engine, seconds: float) -> None:
    """Have a database server's connections give up in time, each driver in its way."""

    def connect(_dialect: Any, _entry: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        from register import postgresql  # loads the driver

        return postgresql.connect(arguments, parameters, seconds)

    def connecting(_dialect: Any, _entry: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        name = "timeout" if engine.dialect.name == "mssql" else "tcp_connect_timeout"
        parameters.setdefault(name, _CONNECT_SECONDS)

    def connected(connection: Any, _entry: Any) -> None:
        if engine.dialect.name == "mssql":
            connection.timeout = math.ceil(seconds)
        else:
            connection.call_timeout = round(seconds * 1000)

    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", connect)
    else:
        event.listen(engine, "do_connect", connecting)
        event.listen(engine, "connect", connected)


def _sqlite_engine(url: URL, silence: _Silence) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SourceError(None, "database.url: name a file, as in sqlite:////srv/ehr.sqlite3")
    file = Path(url.database).absolute()
    if not file.is_file():
        raise SourceError(None, f"database.url: there is no file {file}")

    def connect() -> sqlite3.Connection:
        lock = min(silence.seconds, _LOCK_SECONDS)
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=lock)
        connection.set_progress_handler(silence.is_over, _STEPS)
        connection.execute("PRAGMA query_only=ON")  # also of files that the query might attach
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise SourceError(None, f"the database does not answer: {_reason(error, engine.url)}") from None
    with connection:
        yield connection


def _run(connection: Connection, query: str) -> CursorResult[tuple[object, ...]]:
    connection = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
    try:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        elif connection.dialect.name == "oracle":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        result = connection.execute(text(query.replace(":", r"\:")))  # colons are no parameters here
    except SQLAlchemyError as error:
        raise SourceError(None, f"the query failed: {_reason(error, connection.engine.url)}") from None
    if not result.returns_rows:
        raise SourceError(
            None, "the query gives no rows; it must be a SELECT, and nothing it changed is kept"
        )
    return result


def _rows(result: CursorResult[tuple[object, ...]], silence: _Silence) -> Iterator[Row]:
    rows = iter(result)
    for number in count(1):
        silence.begin()  # what is done with a row is no silence of the database's
        try:
            values = next(rows, None)
        except SQLAlchemyError as error:
            # Databases put the value at fault in such a message, so only its name is shown.
            reason = f"the database broke the query off: {_name(error)}"
            raise SourceError(number, reason) from None
        if values is None:
            return
        try:
            yield Row(number, [as_text(value) for value in values])
        except NoText as error:
            yield Row(number, [], f"the row {error}")


def _reason(error: SQLAlchemyError, url: URL) -> str:
    """Return what a database says, without values of rows and without the password."""
    if not isinstance(error, DBAPIError) or isinstance(error, DataError | IntegrityError):
        return _name(error)
    lines = str(error.orig).splitlines()  # after the first, PostgreSQL may quote rows
    reason = f"{_name(error)}: {lines[0]}" if lines else _name(error)
    return reason.replace(url.password, "***") if url.password else reason


def _name(error: SQLAlchemyError) -> str:
    return type(error.orig if isinstance(error, DBAPIError) and error.orig else error).__name__
