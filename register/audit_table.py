"""PostgreSQL: the audit log is a table of the register's database, in which no writer waits for another."""

import time
from typing import TYPE_CHECKING, cast

from sqlalchemy import Dialect, Engine

from register.audit_writer import AuditConnection
from register.tables import audit

if TYPE_CHECKING:  # loaded where a register is on PostgreSQL
    import psycopg

_IDLE_SECONDS = 1.0
"""A connection that has been of no use for longer is tried before it is used: the server may be another."""


def connect_to_table(engine: Engine, busy_timeout_seconds: float) -> AuditConnection:
    """Return a connection to the audit log.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: It cannot be made.
    """
    pooled = engine.raw_connection()
    connection = cast("psycopg.Connection", pooled.driver_connection)
    pooled.detach()
    connection.rollback()
    connection.autocommit = True
    lost = engine.dialect.loaded_dbapi.OperationalError
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false)", (f"{round(busy_timeout_seconds * 1000)}ms",)
    )
    statement, used = _insert(engine.dialect), time.monotonic()

    def insert(rows: str, _seconds: float) -> None:
        nonlocal used
        connection.execute(statement, (rows,))
        used = time.monotonic()

    def usable() -> bool:
        if connection.closed:
            return False
        if time.monotonic() - used > _IDLE_SECONDS:
            try:
                connection.execute("SELECT 1")
            except lost:
                return False
        return True

    return AuditConnection(insert, usable, connection.close, lost)


def _insert(dialect: Dialect) -> str:
    """Return the one statement, and so one transaction and one way to the server, for any number of rows."""
    columns = [column for column in audit.c if column.name != "id"]
    names = ", ".join(column.name for column in columns)
    types = ", ".join(f"{column.name} {column.type.compile(dialect)}" for column in columns)
    return (
        f"INSERT INTO audit ({names}) SELECT {names} "  # noqa: S608 - names of columns
        f"FROM json_to_recordset(%s::json) AS entry ({types})"
    )
