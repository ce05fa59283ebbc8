"""What a load has changed, ended and removed: written down for an undo, marked for the engagement index."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from contacts import index_marks
from contracts.identifiers import HsaId
from register.columns import SIDE_TABLES, TABLES
from register.model import Record
from register.tables import import_batch, import_change, import_file

KEPT_LOADS = 10
"""Loads whose changes are kept. There is personal data in them, and only the last loads are ever undone."""

RecordRow = dict[str, Any]
"""The columns of a record, and the field with several values if it has one."""

RecordChange = tuple[RecordRow, RecordRow | None]
"""A record as it was, and as it is; None for one that is removed."""


@dataclass
class LoadLog:
    """The changes of one load, in its transaction.

    Attributes:
        connection: A connection of `Register.writing`.
        source: The source that is loaded.
        batch: Number of the load.
        first_file: Number of its first file.
        now: The present, naive UTC.
        written: Changes written down so far.
    """

    connection: Connection
    source: str
    batch: int
    first_file: int
    now: datetime
    written: int = 0

    def of_source(self, target: Table) -> ColumnElement[bool]:
        """The record of a table belongs to the source."""
        files = (
            select(import_file.c.id)
            .join(import_batch, import_batch.c.id == import_file.c.batch_id)
            .where(import_batch.c.source == self.source)
        )
        # The load's own files are not written down before its end. No source is none, and not unknown.
        own = or_(target.c.loaded_from.in_(files), target.c.loaded_from >= self.first_file)
        return and_(target.c.loaded_from.is_not(None), own)

    def forget_old(self) -> None:
        """Forget the changes of loads that are too long ago to be undone."""
        old = import_change.c.batch_id <= self.batch - KEPT_LOADS
        self.connection.execute(delete(import_change).where(old))

    def note(self, record_type: type[Record], changes: Sequence[RecordChange]) -> None:
        """Write changes down and mark the residents they are about; the caller writes the records."""
        table = TABLES[record_type]
        key = [column.name for column in table.primary_key]
        rows = []
        for before, after in changes:
            changed = after and {
                name: value
                for name, value in after.items()
                if name in key or as_text(before.get(name)) != as_text(value)
            }
            rows.append(
                {
                    "batch_id": self.batch,
                    "number": self.written,
                    "record": table.name,
                    "before": _as_json(before),
                    "after": None if changed is None else _as_json(changed),
                }
            )
            self.written += 1
        if rows:
            self.connection.execute(insert(import_change), rows)
            mark(self.connection, record_type, changes, self.now)

    def end(self, record_type: type[Record], changes: Sequence[RecordChange]) -> tuple[int, int]:
        """Give records the end that they have in a change, or remove them, and return how many of each."""
        self.note(record_type, changes)
        table = TABLES[record_type]
        key = [column.name for column in table.primary_key]
        own = [table.c[name] == bindparam(f"key_{name}") for name in key]
        ended, removed = [], []
        for before, after in changes:
            row = {f"key_{name}": before[name] for name in key}
            if after is None:
                removed.append(row)
            else:
                ended.append(row | {name: after[name] for name in _ends(table)})
        if ended:
            new = {name: bindparam(name, type_=table.c[name].type) for name in _ends(table)}
            self.connection.execute(update(table).where(*own).values(new), ended)
        if removed:
            self.connection.execute(delete(table).where(*own), removed)
        return len(ended), len(removed)


def _ends(table: Table) -> list[str]:
    return [name for name in ("valid_from", "valid_to", "left_at") if name in table.c]


def mark(
    connection: Connection, record_type: type[Record], changes: Iterable[RecordChange], now: datetime
) -> None:
    """Mark the residents whose posts in the engagement index may be others for changes."""
    key = [column.name for column in TABLES[record_type].primary_key]
    before = {tuple(old[name] for name in key): old for old, _ in changes}
    after = {tuple(old[name] for name in key): new or old for old, new in changes}
    index_marks.changed(connection, record_type, before, after, now)


def with_values(
    connection: Connection, record_type: type[Record], rows: Sequence[RecordRow]
) -> list[RecordRow]:
    """Return rows with the values of the field that has several, if the record type has one."""
    side = SIDE_TABLES.get(record_type)
    if side is None or not rows:
        return list(rows)
    key = [column.name for column in TABLES[record_type].primary_key]
    found: dict[tuple[Any, ...], list[str]] = {tuple(row[name] for name in key): [] for row in rows}
    owner = [side.table.c[name] for name in key]
    values = select(*owner, side.table.c[side.value]).where(tuple_(*owner).in_(list(found)))
    for *of, value in connection.execute(values.order_by(side.table.c[side.value])):
        found[tuple(of)].append(value)
    return [row | {side.field: found[tuple(row[name] for name in key)]} for row in rows]


def read(table: Table, text: str) -> RecordRow:
    """Read a row that was written down."""
    return {name: _value(table, name, value) for name, value in json.loads(text).items()}


def _value(table: Table, name: str, value: Any) -> Any:
    if value is None or name not in table.c:
        return value
    kind = table.c[name].type.python_type
    return kind.fromisoformat(value) if kind in (date, datetime) else kind(value)


def _as_json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=as_text)


def as_text(value: Any) -> Any:
    """Return a value as it is written down.

    HSA-ids are compared in this form here: another spelling is the same HSA-id, but a change of the record.
    """
    if isinstance(value, HsaId):
        return value.text
    return value.isoformat() if isinstance(value, date) else value


def key_of(table: Table, row: RecordRow) -> ColumnElement[bool]:
    """Return the condition that finds a row again."""
    return and_(*(column == row[column.name] for column in table.primary_key))
