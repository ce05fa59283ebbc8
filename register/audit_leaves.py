"""Rows of the audit log as the leaves of a Merkle tree (RFC 6962, section 2.1; docs/adr/0031).

A canonical row is the JSON array of its columns in their order, in UTF-8 without spaces, with times as
``2026-11-27 09:30:00.000000``. The database writes it, as there may be ten million: both databases write the
same, and so does `json.dumps`.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, DateTime, Integer

from register.audit_files import IDS_OF_A_FILE
from register.tables import audit

_AT_A_TIME = 50_000


Leaf = tuple[int, bytes]
"""A row: its id and the hash of its canonical form."""


def leaves(connection: Connection, after: int, last: int) -> Iterator[Leaf]:
    """Yield the rows with ids above one and up to another, in their order.

    Args:
        connection: A connection of `Register.reading_audit`.
        after: The one.
        last: The other; both of one part of the log.
    """
    statement = _statement(connection, last // IDS_OF_A_FILE)
    driver: Any = connection.connection.driver_connection  # a row of SQLAlchemy's takes as long as its hash
    while True:
        rows = driver.execute(statement, (after, last, _AT_A_TIME)).fetchall()
        yield from [(id, sha256(b"\0" + canonical.encode()).digest()) for id, canonical in rows]
        if len(rows) < _AT_A_TIME:
            return
        after = rows[-1][0]


def root(hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree of these leaves: that of RFC 6962, a level at a time.

    pymerkle, which makes the proofs over days, takes twenty times as long for the many leaves of a day.
    """
    level: Sequence[bytes] = list(hashes)
    if not level:
        return sha256().digest()
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = iter(level)
        level = [sha256(b"\1" + one + other).digest() for one, other in zip(pairs, pairs, strict=False)]
        level += odd
    return level[0]


def _statement(connection: Connection, part: int) -> str:
    if connection.dialect.name == "sqlite":
        there = {row[1] for row in connection.exec_driver_sql("PRAGMA database_list")}
        schema = f"audit_{part}" if f"audit_{part}" in there else "main"
        columns = ", ".join(audit.c.keys())
        return (
            f"SELECT id, json_array({columns}) FROM {schema}.audit "  # noqa: S608 - names of ours
            "WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        )
    array = ", ',', ".join(_of_postgresql(column) for column in audit.c)
    return (
        f"SELECT id, concat('[', {array}, ']') FROM audit "  # noqa: S608 - names of ours
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
    )


def _of_postgresql(column: object) -> str:
    name, kind = column.name, column.type  # type: ignore[attr-defined]
    if isinstance(kind, Integer):
        return str(name)
    value = f"to_char({name}, 'YYYY-MM-DD HH24:MI:SS.US')" if isinstance(kind, DateTime) else name
    return f"coalesce(to_json({value})::text, 'null')"
