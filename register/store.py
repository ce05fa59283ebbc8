"""Writing records, and what an import must know about the register before it commits."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    delete,
    insert,
    select,
    tuple_,
)

from contracts.clock import utc_now
from register import index
from register.database import INSERT
from register.model import Record
from register.rows import SIDE_TABLES, TABLES, SideTable, row

_CHUNK = 1000
"""Keys in one IN list: few statements, and far below what either database accepts (32 766 and 65 535)."""

Key = tuple[Any, ...]


class Counts(NamedTuple):
    """What became of the records of an `upsert`."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def upsert(connection: Connection, records: Sequence[Record], now: datetime | None = None) -> Counts:
    """Write records: new ones are added, known ones replaced where they differ, the others left alone.

    A record that is no longer in its source stays: its end is a matter of its period (seed conflict 16).
    Residents whose posts in the engagement index may be others for it are marked.

    Args:
        connection: A connection of `Register.writing`.
        records: Records of one type whose references exist (`missing_references`), each at most once.
        now: The present, naive UTC; read from the clock when left out.

    Raises:
        ValueError: A record comes twice; the text names its two places in ``records``.
        sqlalchemy.exc.IntegrityError: A constraint of the tables refuses a record.
    """
    counts = Counts()
    if not records:
        return counts
    now = now or utc_now()
    table = TABLES[type(records[0])]
    rows = [row(record) for record in records]
    keys = [tuple(values[column.name] for column in table.primary_key) for values in rows]
    places: dict[Key, int] = {}
    for place, key in enumerate(keys):
        if key in places:
            raise ValueError(f"{table.name}: records {places[key]} and {place} of the batch are the same one")
        places[key] = place
    for chunk in _chunks(range(len(records))):
        outcome = _upsert_chunk(
            connection,
            table,
            {keys[place]: rows[place] for place in chunk},
            [records[place] for place in chunk],
            now,
        )
        counts = Counts(*(total + part for total, part in zip(counts, outcome, strict=True)))
    return counts


def _upsert_chunk(
    connection: Connection,
    table: Table,
    rows: dict[Key, dict[str, Any]],
    records: Sequence[Record],
    now: datetime,
) -> Counts:
    primary_key = list(table.primary_key)
    columns = [table.c[name] for name in next(iter(rows.values()))]
    found = connection.execute(select(*columns).where(_in(primary_key, rows))).mappings()
    known = {tuple(values[column.name] for column in primary_key): dict(values) for values in found}
    differing = {key for key, values in rows.items() if known.get(key) != values}
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
    index.changed(connection, type(records[0]), before, {key: rows[key] for key in differing}, now)
    added = len(rows) - len(known)
    return Counts(added, len(differing) - added, len(rows) - len(differing))


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
