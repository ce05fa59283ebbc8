"""Deleting old rows of the audit log, which nothing else does (docs/audit.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, delete, text

from register.audit_files import IDS_OF_A_FILE, make_table
from register.audit_search import first_since, parts
from register.database import Register
from register.tables import audit

_AT_A_TIME = 10_000
"""Rows deleted in one transaction: on SQLite calls wait for it."""


@contextmanager
def deleting(register: Register, part: int) -> Iterator[Connection]:
    """Give a transaction on a part of the log in which rows may be deleted.

    Raises:
        sqlalchemy.exc.DBAPIError: The database's user may not, as on PostgreSQL that of the service.
    """
    with register.auditing(part) as connection:
        if register.audit_files is None:
            yield connection
            return
        for what in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_no_{what}"))
        yield connection
        make_table(connection)


def prune(register: Register, before: datetime) -> int:
    """Delete the rows of before a time, some at a time, and return how many they were.

    Args:
        register: The register.
        before: The time, UTC; midnight, so that what has been sealed goes a day at a time.
    """
    with register.reading_audit() as connection:
        found = [(first, first_since(connection, first, last, before)) for first, last in parts(connection)]
    gone = 0
    for first, beyond in found:
        while first < beyond:
            bound = min(first + _AT_A_TIME, beyond)
            part = first // IDS_OF_A_FILE if register.audit_files is not None else 0
            with deleting(register, part) as connection:
                gone += connection.execute(
                    delete(audit).where(audit.c.id >= first, audit.c.id < bound)
                ).rowcount
            first = bound
    return gone
