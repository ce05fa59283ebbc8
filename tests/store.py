"""Records put into a register for tests, without a load."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    delete,
    insert,
    select,
    tuple_,
)

from contacts import index_marks
from contracts.clock import utc_now
from register.columns import SIDE_TABLES, TABLES, SideTable, row
from register.database import INSERT
from register.model import Record

_CHUNK = 1000
"""Keys in one IN list: few statements, and far below what either database accepts (32 766 and 65 535)."""

Key = tuple[Any, ...]


def upsert(connection: Connection, records: Sequence[Record], now: datetime | None = None) -> None:
    """Write records: new ones are added, known ones replaced where they differ.

    Residents whose posts in the engagement index may be others for it are marked.

    Args:
        connection: A connection of `Register.writing`.
        records: Records of one type whose references exist, each at most once.
        now: The present, naive UTC; read from the clock when left out.

    Raises:
        sqlalchemy.exc.IntegrityError: A constraint of the tables refuses a record.
    """
    now = now or utc_now()
    for chunk in _chunks(records):
        rows = [row(one) for one in chunk]
        primary_key = TABLES[type(chunk[0])].primary_key
        keys = [tuple(values[column.name] for column in primary_key) for values in rows]
        _upsert_chunk(connection, dict(zip(keys, rows, strict=True)), chunk, now)


def _upsert_chunk(
    connection: Connection, rows: dict[Key, dict[str, Any]], records: Sequence[Record], now: datetime
) -> None:
    table = TABLES[type(records[0])]
    primary_key = list(table.primary_key)
    columns = [table.c[name] for name in next(iter(rows.values()))]
    found = connection.execute(select(*columns).where(_in(primary_key, rows))).mappings()
    known = {tuple(values[column.name] for column in primary_key): dict(values) for values in found}
    differing = {key for key, values in rows.items() if key not in known or _differ(known[key], values)}
    if differing:
        statement = INSERT[connection.dialect.name](table)
        replaced = {
            column.name: statement.excluded[column.name] for column in columns if not column.primary_key
        }
        if replaced:
            statement = statement.on_conflict_do_update(index_elements=primary_key, set_=replaced)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=primary_key)
        connection.execute(statement, [rows[key] for key in rows if key in differing])
    side = SIDE_TABLES.get(type(records[0]))
    if side is not None:
        wanted = {
            (*key, value)
            for key, record in zip(rows, records, strict=True)
            for value in getattr(record, side.field)
        }
        differing |= _replace_side_rows(connection, side, rows, wanted)
    before = {key: known[key] for key in differing if key in known}
    index_marks.changed(connection, type(records[0]), before, {key: rows[key] for key in differing}, now)


def _differ(known: dict[str, Any], values: dict[str, Any]) -> bool:
    """Tell whether a row is to be replaced; also where its HSA-id is the same but spelled otherwise."""
    return known != values or str(known.get("hsa_id")) != str(values.get("hsa_id"))


def _replace_side_rows(
    connection: Connection, side: SideTable, keys: Collection[Key], wanted: set[Key]
) -> set[Key]:
    """Make the values of records those that are wanted; return the keys of the records this changed."""
    value = side.table.c[side.value]
    owner = [column for column in side.table.primary_key if column is not value]
    found = {tuple(values) for values in connection.execute(select(*owner, value).where(_in(owner, keys)))}
    if found - wanted:
        connection.execute(delete(side.table).where(_in([*owner, value], found - wanted)))
    if wanted - found:
        names = [column.name for column in (*owner, value)]
        connection.execute(
            insert(side.table), [dict(zip(names, values, strict=True)) for values in wanted - found]
        )
    return {values[:-1] for values in found ^ wanted}


def _in(columns: Sequence[Column[Any]], keys: Collection[Key]) -> ColumnElement[bool]:
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(list(keys))


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
