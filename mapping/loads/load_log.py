"""What a load has changed, ended and removed: written down for an undo, marked for the engagement index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert

from contacts import index_marks
from mapping.loads.batches import RecordCounts
from mapping.loads.statements import load_log as statements
from mapping.loads.statements.shared import key_columns
from register import feed
from register.columns import SIDE_TABLES, TABLES
from register.feed import FeedOrigin
from register.model import Record
from register.row_texts import as_json, written
from register.tables import import_change

KEPT_LOADS = 10
"""Loads whose changes are kept. There is personal data in them, and only the last loads are ever undone."""

RECORDS_AT_A_TIME = 1000
"""Records that are read, compared and written down together."""

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

    def forget_old(self) -> None:
        """Forget the changes of loads that are too long ago to be undone."""
        self.connection.execute(statements.delete_changes(self.batch - KEPT_LOADS))

    def add(self, record_type: type[Record], changes: Sequence[RecordChange]) -> None:
        """Write changes down and mark the residents they are about; the caller writes the records."""
        table = TABLES[record_type]
        key = key_columns(table)
        rows = []
        for before, after in changes:
            changed = after and {
                name: value
                for name, value in after.items()
                if name in key or written(before.get(name)) != written(value)
            }
            rows.append(
                {
                    "batch_id": self.batch,
                    "number": self.written,
                    "record": table.name,
                    "before": as_json(before),
                    "after": None if changed is None else as_json(changed),
                }
            )
            self.written += 1
        if rows:
            self.connection.execute(insert(import_change), rows)
            mark(self.connection, record_type, changes, self.now)

    @property
    def origin(self) -> FeedOrigin:
        """What the feed of changes says of the cause."""
        return FeedOrigin(self.now, f"load {self.batch}", self.source)

    def tell(self, table: Table, keys: Sequence[RecordRow], *, gone: bool = False) -> None:
        """Tell other systems of records, at most some thousand, by the rows of their keys."""
        if table in feed.RECORDS:
            ids = [row["key_id"] for row in keys]
            feed.add(self.connection, table, self.origin, table.c.id.in_(ids), gone=gone)

    def add_beside(self, table: Table, changes: Sequence[RecordChange]) -> None:
        """Write down changes of what is kept beside the records; the caller makes them.

        Args:
            table: The table, which is none of records: what is known of hands, claims, requests.
            changes: Rows as they were, or their keys where there were none, and as they are; None for gone.
        """
        rows = [
            {
                "batch_id": self.batch,
                "number": self.written + at,
                "record": table.name,
                "before": as_json(before),
                "after": None if after is None else as_json(after),
            }
            for at, (before, after) in enumerate(changes)
        ]
        if rows:
            self.connection.execute(insert(import_change), rows)
            self.written += len(rows)

    def end(self, record_type: type[Record], changes: Sequence[RecordChange]) -> RecordCounts:
        """Give records the end that they have in a change, or remove them, and return how many of each."""
        self.add(record_type, changes)
        table = TABLES[record_type]
        key = key_columns(table)
        columns = [name for name in ("valid_from", "valid_to", "left_at") if name in table.c]
        ended, removed = [], []
        for before, after in changes:
            row = {f"key_{name}": before[name] for name in key}
            if after is None:
                removed.append(row)
            else:
                ended.append(row | {name: after[name] for name in columns})
        if ended:
            self.connection.execute(statements.update_ends(table, columns), ended)
            self.tell(table, ended)
        if removed:
            self.tell(table, removed, gone=True)
            self.connection.execute(statements.delete_records(table), removed)
        return RecordCounts(ended=len(ended), removed=len(removed))


def mark(
    connection: Connection, record_type: type[Record], changes: Iterable[RecordChange], now: datetime
) -> None:
    """Mark the residents whose posts in the engagement index may be others for changes."""
    key = key_columns(TABLES[record_type])
    before = {tuple(old[name] for name in key): old for old, _ in changes}
    after = {tuple(old[name] for name in key): new or old for old, new in changes}
    index_marks.changed(connection, record_type, before, after, now)


def with_values(
    connection: Connection,
    record_type: type[Record],
    rows: Sequence[RecordRow],
    values: Table | None = None,
) -> list[RecordRow]:
    """Return rows with the values of the field that has several, if the record type has one.

    Args:
        connection: A connection to the register.
        record_type: The type of the records.
        rows: Their columns.
        values: The temporary table with what a load says of the values; left out, those of the register.
    """
    side = SIDE_TABLES.get(record_type)
    if side is None or not rows:
        return list(rows)
    key = key_columns(TABLES[record_type])
    found: dict[tuple[Any, ...], list[str]] = {tuple(row[name] for name in key): [] for row in rows}
    table = side.table if values is None else values
    for *of, value in connection.execute(statements.values_of(table, key, side.value, found)):
        found[tuple(of)].append(value)
    return [row | {side.field: found[tuple(row[name] for name in key)]} for row in rows]
