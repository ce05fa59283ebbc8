"""Records that a source no longer has: found, counted against the brake, and ended.

How a record ends follows from its type. What has a period gets an end; what has none is removed when
nothing refers to it, and left alone when something does. One that was to begin later goes entirely: it has
never been in force.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, Select, Table, insert

from mapping.loads.batches import RecordCounts
from mapping.loads.load_log import RECORDS_AT_A_TIME, LoadLog, RecordRow
from mapping.loads.staging import RowPlace, Stage, temporary
from mapping.loads.statements import staging
from mapping.loads.statements import vanished as statements
from register.columns import TABLES
from register.model import (
    ContactRoute,
    Employment,
    FixedContact,
    Guardianship,
    Listing,
    OutOfCountyListing,
    QueuePlace,
    Record,
    Unit,
    UnitListingType,
)


@dataclass(frozen=True, slots=True)
class _Period:
    """The columns of a period, and whether a record that has not begun is kept, since others refer to it."""

    start: str
    end: str
    kept: bool = False


_PERIODS: dict[type[Record], _Period] = {
    Unit: _Period("valid_from", "valid_to", kept=True),
    Employment: _Period("valid_from", "valid_to"),
    Listing: _Period("valid_from", "valid_to"),
    QueuePlace: _Period("queued_at", "left_at"),
    OutOfCountyListing: _Period("valid_from", "valid_to"),
    FixedContact: _Period("valid_from", "valid_to"),
}
_ONE_AT_A_TIME: dict[type[Record], tuple[str, ...]] = {
    Listing: ("code", "code_system"),
    FixedContact: ("type_code",),
}
"""Records of which a resident has one at a time -> what tells their kinds apart."""

_REMOVED: tuple[type[Record], ...] = (ContactRoute, Guardianship, UnitListingType)


def end_column(record_type: type[Record]) -> str | None:
    """Return the column that ends a record of a type; None when it has none."""
    period = _PERIODS.get(record_type)
    return period.end if period else None


@dataclass(frozen=True, slots=True)
class Vanished:
    """The records of a type that a source no longer has.

    Attributes:
        keys: Temporary table of their keys.
        of_source: How many of the type the source had that had not ended.
    """

    record_type: type[Record]
    keys: Table
    of_source: int


def find(
    load_log: LoadLog,
    record_type: type[Record],
    stages: Sequence[Stage],
    gone: Sequence[RowPlace] | None,
    now: datetime,
) -> Vanished | None:
    """Find the records of a source that are in none of its rows.

    Args:
        load_log: That of the load; nothing of it has been applied.
        record_type: The type.
        stages: All stages of the type, as they were read: rows that change nothing included.
        gone: Number of file and line of the rows of the last load that are in this one no more; None when the
            load has looked at every row.
        now: The present, Swedish local time.

    Returns:
        None for a type whose records have no end.
    """
    if record_type not in _PERIODS and record_type not in _REMOVED:
        return None
    target, name, connection = TABLES[record_type], f"load_{stages[0].number}", load_log.connection
    keys = temporary(f"{name}_vanished", [Column(one.name, one.type) for one in target.primary_key])
    keys.create(connection)
    asked: dict[str, Any] = {
        "source": load_log.source,
        "first_file": load_log.first_file,
        "end": end_column(record_type),
        "now": now,
    }
    places = _places(load_log, f"{name}_gone", gone)
    with ExitStack() as keyed:
        for stage in stages:
            keyed.enter_context(stage.keyed())
        connection.execute(
            statements.insert_vanished(keys, target, [one.table for one in stages], places, **asked)
        )
    found = Vanished(record_type, keys, 0)
    if number(load_log, found):  # otherwise nobody asks for the share
        total = connection.execute(statements.number_of_source(target, **asked)).scalar_one()
        found = replace(found, of_source=total)
    return found


def find_replaced(
    load_log: LoadLog, record_type: type[Record], stages: Sequence[Stage], now: datetime
) -> Vanished | None:
    """Find the records of a source that corrected rows replace: the listing, or doctor, that a resident had.

    In the source's whole file the old one would be lacking. Only `end_superseded` is to end them.

    Args:
        load_log: As for `find`.
        record_type: The type.
        stages: All stages of the type.
        now: The present, Swedish local time.

    Returns:
        None for a type of which a resident can have several at a time.
    """
    kind = _ONE_AT_A_TIME.get(record_type)
    if kind is None:
        return None
    target = TABLES[record_type]
    keys = temporary(f"load_{stages[0].number}_replaced", [Column("id", target.c.id.type)])
    keys.create(load_log.connection)
    for stage in stages:
        stage.index_residents()
        found = statements.insert_replaced(
            keys,
            target,
            stage.table,
            kind,
            source=load_log.source,
            end=end_column(record_type),
            now=now,
        )
        load_log.connection.execute(found)
    return Vanished(record_type, keys, 0)


def _places(load_log: LoadLog, name: str, places: Sequence[RowPlace] | None) -> Table | None:
    """Put places in a temporary table, to be found by file and line."""
    if places is None:
        return None
    table = temporary(name, [Column("file", Integer), Column("line", Integer)])
    table.create(load_log.connection)
    if places:
        load_log.connection.execute(insert(table), [one._asdict() for one in places])
    load_log.connection.execute(staging.create_index(table, "key", ["file", "line"]))
    return table


def number(load_log: LoadLog, vanished: Vanished) -> int:
    """Return how many records there are to end."""
    return load_log.connection.execute(staging.number(vanished.keys)).scalar_one()


def end_superseded(
    load_log: LoadLog, vanished: Vanished, stage: Stage, now: datetime, *, coming: bool
) -> RecordCounts:
    """End those records that one of a stage is about to supersede, when that began.

    A resident who has moved to another unit, or has got another doctor, is in the source with the new record
    alone. The old one ends whatever is at fault elsewhere: the source says what is there instead.

    Args:
        load_log: That of the load.
        vanished: The records that the source has no more.
        stage: The rows.
        now: The present, Swedish local time.
        coming: Whether rows that begin later supersede as well: what they supersede ends now, as all that the
            source has no more.
    """
    present: date
    if vanished.record_type is Listing:
        present = now
        statement = statements.superseded_listings(vanished.keys, stage.table, None if coming else now)
    elif vanished.record_type is FixedContact:
        present = now.date()
        statement = statements.superseded_doctors(vanished.keys, stage.table, None if coming else present)
    else:
        return RecordCounts()
    if not number(load_log, vanished):
        return RecordCounts()
    stage.index_residents()
    counts = RecordCounts()
    for rows in _records(load_log, statement):
        ends = [
            _ended(vanished.record_type, row, now, min(row.pop("superseded_from"), present)) for row in rows
        ]
        counts = counts.plus(_end(load_log, vanished, rows, ends))
    load_log.connection.execute(
        statements.delete_ended(
            vanished.keys, TABLES[vanished.record_type], end_column(vanished.record_type), now
        )
    )
    return counts


def end(load_log: LoadLog, vanished: Vanished, now: datetime) -> RecordCounts:
    """End the records that were found, or remove them."""
    counts = RecordCounts()
    for rows in _records(load_log, statements.records(vanished.keys, TABLES[vanished.record_type])):
        ends = [_ended(vanished.record_type, row, now) for row in rows]
        counts = counts.plus(_end(load_log, vanished, rows, ends))
    return counts


def ended_before(
    row: RecordRow, day: date, *, start: str = "valid_from", end: str = "valid_to"
) -> RecordRow | None:
    """Return a record of a period of days that ends the day before one; None if it would not have begun."""
    last_day = day - timedelta(days=1)
    if row[start] is not None and row[start] > last_day:
        return None
    return row | {end: last_day}


def _records(load_log: LoadLog, statement: Select[Any]) -> Iterator[list[RecordRow]]:
    """Yield the records that a statement finds, some at a time."""
    found = load_log.connection.execute(statement.execution_options(yield_per=RECORDS_AT_A_TIME))
    for some in found.mappings().partitions():
        yield [dict(row) for row in some]


def _end(
    load_log: LoadLog, vanished: Vanished, rows: Sequence[RecordRow], ends: Sequence[RecordRow | None]
) -> RecordCounts:
    return load_log.end(vanished.record_type, list(zip(rows, ends, strict=True)))


def _ended(
    record_type: type[Record], row: RecordRow, now: datetime, at: date | None = None
) -> RecordRow | None:
    """Return how a record ends: now, or when what supersedes it begins; None when it is removed."""
    period = _PERIODS.get(record_type)
    if period is None:
        return None
    start = row[period.start]
    if issubclass(TABLES[record_type].c[period.end].type.python_type, datetime):
        return row | {period.end: max(at or now, start)} if start <= now else None
    ended = ended_before(row, at or now.date(), start=period.start, end=period.end)
    if ended is None and period.kept:
        yesterday = now.date() - timedelta(days=1)
        return row | {period.start: yesterday, period.end: yesterday}
    return ended
