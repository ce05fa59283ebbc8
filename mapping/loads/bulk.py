"""Records to rows of temporary tables, and the rows into the tables, by the quickest way each driver has."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, Connection, Table

from contracts.identifiers import HsaId
from register.columns import FIELD_COLUMNS, TABLES
from register.model import Record

ORIGIN = ("loaded_from", "loaded_line")
"""Where a row comes from: in a temporary table the position of the file in the load, and the line."""


def write(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows to a temporary table."""
    names = ", ".join(column.name for column in table.c)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.dbapi_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:  # type: ignore[union-attr]
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(table.c))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


Make = Callable[[Record, int, int], tuple[Any, ...]]


def row_maker(record_type: type[Record], columns: Sequence[str], connection: Connection) -> Make:
    """Return what makes the row of a record, in the order of the columns, for `write`.

    A load makes millions of rows, so what to do for each column is worked out once.
    """
    fields = {column: name for name, column in FIELD_COLUMNS[record_type].items()}
    native = connection.dialect.name == "postgresql"
    own = [column for column in columns if column not in ORIGIN]
    get = attrgetter(*("hsa_id" if one == "hsa_key" else fields.get(one, one) for one in own))
    changes = [
        (position, change)
        for position, column in enumerate(own)
        if (change := _change(TABLES[record_type].c[column], native)) is not None
    ]

    def make(record: Record, file: int, line: int) -> tuple[Any, ...]:
        values = [*get(record), file, line]
        for position, change in changes:
            if values[position] is not None:
                values[position] = change(values[position])
        return tuple(values)

    return make


def _change(column: Column[Any], native: bool) -> Callable[[Any], Any] | None:
    """Return what makes the driver's value of a column, if it is not the record's."""
    kind = column.type.python_type
    if column.name.endswith("_key"):
        return attrgetter("key")
    if kind is HsaId:
        return attrgetter("text")
    if issubclass(kind, Enum):
        return attrgetter("value")
    if native:
        return None
    if kind is datetime:
        return _sqlite_moment
    return _sqlite_day if kind is date else None


@lru_cache(maxsize=65536)
def _sqlite_moment(value: datetime) -> str:
    return value.isoformat(" ", "microseconds")  # as SQLAlchemy writes it


@lru_cache(maxsize=65536)
def _sqlite_day(value: date) -> str:
    return value.isoformat()
