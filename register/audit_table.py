"""PostgreSQL: the audit log is a table of the register's database, in which no writer waits for another."""

import time
from functools import cache
from typing import TYPE_CHECKING, cast

from sqlalchemy import Dialect, Engine

from register.audit_writer import AuditConnection
from register.limits import within
from register.tables import audit

if TYPE_CHECKING:  # loaded where a register is on PostgreSQL
    from register.postgresql import LimitedConnection

_IDLE_SECONDS = 1.0
"""A connection that has been of no use for longer is tried before it is used: the server may be another."""


def connect_to_table(engine: Engine) -> AuditConnection:
    """Return a connection to the audit log; its statements wait for locks as the engine's do.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: It cannot be made.
    """
    pooled = engine.raw_connection()
    connection = cast("LimitedConnection", pooled.driver_connection)
    pooled.detach()
    connection.rollback()
    connection.autocommit = True
    lost = engine.dialect.loaded_dbapi.OperationalError
    statement, used = insert_statement(engine.dialect), time.monotonic()

    def insert(rows: str, seconds: float) -> None:
        nonlocal used
        with within(seconds):
            connection.execute(statement, (rows,))
        used = time.monotonic()

    def usable() -> bool:
        if connection.closed:
            return False
        return time.monotonic() - used <= _IDLE_SECONDS or connection.answers()

    return AuditConnection(insert, usable, connection.close, lost)


@cache
def insert_statement(dialect: Dialect) -> str:
    """Return the one statement, and so one transaction and one way to the server, for any number of rows."""
    columns = [column for column in audit.c if column.name != "id"]
    names = ", ".join(column.name for column in columns)
    types = ", ".join(f"{column.name} {column.type.compile(dialect)}" for column in columns)
    return (
        f"INSERT INTO audit ({names}) SELECT {names} "  # noqa: S608 - names of columns
        f"FROM json_to_recordset(%s::json) AS entry ({types})"
    )
