"""Records that a source no longer has: found, counted against the brake, and ended.

How a record ends follows from its type. What has a period gets an end; what has none is removed when
nothing refers to it, and left alone when something does. One that was to begin later goes entirely: it has
never been in force.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from contracts.codes import DOCTOR_CONTACT
from mapping.loads.batches import RecordCounts
from mapping.loads.load_log import LoadLog, RecordRow
from mapping.loads.staging import Place, Stage
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

_AT_A_TIME = 1000


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
_REMOVED: tuple[type[Record], ...] = (ContactRoute, Guardianship, UnitListingType)

_REPLACED: dict[type[Record], tuple[str, ...]] = {
    Listing: ("person_id", "code", "code_system"),
    FixedContact: ("person_id", "type_code"),
}
"""What records have in common of which a resident has one at a time."""

_BEGINS = "replaced_from"


def end_column(record_type: type[Record]) -> str | None:
    """Return the column that ends a record of a type; None when it has none."""
    period = _PERIODS.get(record_type)
    return period.end if period else None


@dataclass(frozen=True, slots=True)
class Vanished:
    """The records of a type that a source no longer has.

    Attributes:
        keys: Temporary table of their keys.
        live: How many the source had.
    """

    record_type: type[Record]
    keys: Table
    live: int


def find(
    journal: LoadLog,
    record_type: type[Record],
    stages: Sequence[Stage],
    gone: Sequence[Place] | None,
    now: datetime,
) -> Vanished | None:
    """Find the records of a source that are in none of its rows.

    Args:
        journal: That of the load; nothing of it has been applied.
        record_type: The type.
        stages: All stages of the type, as they were read: rows that change nothing included.
        gone: Number of file and line of the rows of the last load that are in this one no more; None when the
            load has looked at every row.
        now: The present, Swedish local time.

    Returns:
        None for a type whose records have no end.
    """
    target = TABLES[record_type]
    if record_type not in _PERIODS and record_type not in _REMOVED:
        return None
    connection = journal.connection
    live = and_(journal.of_source(target), *_live(record_type, target, now))
    named = [~exists().where(stage.same).correlate(target) for stage in stages]
    if gone is not None:
        rows = _table("gone", [Column("file", Integer), Column("line", Integer)], stages[0].number)
        rows.create(connection)
        if gone:
            connection.execute(insert(rows), [{"file": one.file, "line": one.line} for one in gone])
        at = (target.c.loaded_from == rows.c.file) & (target.c.loaded_line == rows.c.line)
        named.append(exists().where(at).correlate(target))
    keys = _table("vanished", [Column(one.name, one.type) for one in target.primary_key], stages[0].number)
    keys.create(connection)
    names = [one.name for one in target.primary_key]
    connection.execute(
        insert(keys).from_select(names, select(*(target.c[name] for name in names)).where(live, *named))
    )
    found = Vanished(record_type, keys, 0)
    if number(journal, found):  # otherwise nobody asks for the share
        total = connection.scalar(select(func.count()).select_from(target).where(live))
        found = replace(found, live=int(total or 0))
    return found


def number(journal: LoadLog, vanished: Vanished) -> int:
    """Return how many records there are to end."""
    return int(journal.connection.scalar(select(func.count()).select_from(vanished.keys)) or 0)


def give_way(journal: LoadLog, vanished: Vanished, stage: Stage, now: datetime) -> RecordCounts:
    """End those records whose place one of a stage is about to take, when that began.

    A resident who has moved to another unit, or has got another doctor, is in the source with the new record
    alone. The old one ends whatever is at fault elsewhere: the source says what is there instead.
    """
    alike = _REPLACED.get(vanished.record_type)
    if alike is None:
        return RecordCounts()
    target, new, counts = TABLES[vanished.record_type], stage.table.alias(), RecordCounts()
    first = select(func.min(new.c.valid_from)).where(*(new.c[name] == target.c[name] for name in alike))
    begins = first.correlate(target).scalar_subquery()
    replaced = [begins <= now]
    if vanished.record_type is FixedContact:  # of the other types a resident can have several
        replaced = [begins <= now.date(), target.c.type_code == DOCTOR_CONTACT]
    for rows in _rows(journal, vanished, begins, *replaced):
        ends = [_ended(vanished.record_type, row, now, row.pop(_BEGINS)) for row in rows]
        counts = counts.plus(_end(journal, vanished, rows, ends))
    there = exists().where(_same(vanished), *_live(vanished.record_type, target, now))
    journal.connection.execute(delete(vanished.keys).where(~there.correlate(vanished.keys)))
    return counts


def end(journal: LoadLog, vanished: Vanished, now: datetime) -> RecordCounts:
    """End the records that were found, or remove them."""
    counts = RecordCounts()
    for rows in _rows(journal, vanished):
        ends = [_ended(vanished.record_type, row, now) for row in rows]
        counts = counts.plus(_end(journal, vanished, rows, ends))
    return counts


def ended_before(
    row: RecordRow, day: date, *, start: str = "valid_from", end: str = "valid_to"
) -> RecordRow | None:
    """Return a record of a period of days that ends the day before one; None if it would not have begun."""
    last_day = day - timedelta(days=1)
    if row[start] is not None and row[start] > last_day:
        return None
    return row | {end: last_day}


def _end(
    journal: LoadLog, vanished: Vanished, rows: Sequence[RecordRow], ends: Sequence[RecordRow | None]
) -> RecordCounts:
    ended, removed = journal.end(vanished.record_type, list(zip(rows, ends, strict=True)))
    return RecordCounts(ended=ended, removed=removed)


def _ended(
    record_type: type[Record], row: RecordRow, now: datetime, at: date | None = None
) -> RecordRow | None:
    """Return how a record ends: now, or when what replaces it begins; None when it is removed."""
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


def _live(record_type: type[Record], target: Table, now: datetime) -> Iterator[ColumnElement[bool]]:
    period = _PERIODS.get(record_type)
    if period is None:
        return
    ends = target.c[period.end]
    if issubclass(ends.type.python_type, datetime):
        yield or_(ends.is_(None), ends > now)
    else:
        yield or_(ends.is_(None), ends >= now.date())


def _same(vanished: Vanished) -> ColumnElement[bool]:
    target = TABLES[vanished.record_type]
    return and_(*(target.c[one.name] == one for one in vanished.keys.c))


def _rows(
    journal: LoadLog,
    vanished: Vanished,
    begins: ColumnElement[Any] | None = None,
    *conditions: ColumnElement[bool],
) -> Iterator[list[RecordRow]]:
    """Yield the records, some at a time; with what replaces each begins, as ``begins``."""
    target = TABLES[vanished.record_type]
    more = [] if begins is None else [begins.label(_BEGINS)]
    rows = select(*target.c, *more).join_from(vanished.keys, target, _same(vanished)).where(*conditions)
    found = journal.connection.execute(rows.execution_options(yield_per=_AT_A_TIME))
    for some in found.mappings().partitions():
        yield [dict(row) for row in some]


def _table(name: str, columns: list[Column[Any]], number: int) -> Table:
    return Table(f"load_{number}_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])
