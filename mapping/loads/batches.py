"""The loads of sources that have been: who loaded what and when (requirement rows S001-051, S001-052)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, insert, select

from register.tables import import_batch, import_file


class BatchState(StrEnum):
    """What has become of a load."""

    LOADED = "loaded"
    REFUSED = "refused"
    """Nothing of it is in the register."""
    UNDONE = "undone"


class RecordCounts(NamedTuple):
    """What became of the records of a type in a load.

    Attributes:
        unchanged: Rows that said what the register had already; those passed over unread are not counted.
        ended: Records the source no longer has, or that another superseded.
        removed: The same, of kinds that have no end, or before they began.
        adopted: Rows that mean what a call or staff have done, which the source has taken in.
        superseded: Rows older than what a call or staff have done, which were set aside.
        contradicted: Rows that speak against what a call or staff have done, whoever was right.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    removed: int = 0
    adopted: int = 0
    superseded: int = 0
    contradicted: int = 0

    def plus(self, other: "RecordCounts") -> "RecordCounts":
        """Return the sums."""
        return RecordCounts(*map(sum, zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file of a load, or a query."""

    name: str
    rows: int
    approved: int
    faulty: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A load of a source.

    Attributes:
        source: Name of the profile.
        title: What the source is, in words.
        policy: ``delta`` or ``full``.
        started_at: When it began, naive UTC, as the times below.
        loaded_by: Who loaded it.
        records: Record type -> what became of how many.
        files: The files.
    """

    id: int
    source: str
    title: str
    policy: str
    state: BatchState
    started_at: datetime
    finished_at: datetime
    loaded_by: str
    records: Mapping[str, RecordCounts]
    files: Sequence[LoadedFile] = ()
    undone_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class LastLoad:
    """The last load of a source, refused ones among them.

    Attributes:
        finished_at: UTC.
        rows: How many rows its files had.
        faulty: How many of them were faulty: what the source says and the register could not keep.
    """

    source: str
    state: BatchState
    finished_at: datetime
    loaded_by: str
    rows: int
    faulty: int


_LAST_LOADS = (
    select(
        import_batch.c.source,
        import_batch.c.state,
        import_batch.c.finished_at,
        import_batch.c.loaded_by,
        func.coalesce(func.sum(import_file.c.rows), 0),
        func.coalesce(func.sum(import_file.c.faulty), 0),
    )
    .outerjoin(import_file, import_file.c.batch_id == import_batch.c.id)
    .where(import_batch.c.id.in_(select(func.max(import_batch.c.id)).group_by(import_batch.c.source)))
    .group_by(import_batch.c.id)
    .order_by(import_batch.c.source)
)


def batches(connection: Connection, *, source: str | None = None, limit: int = 20) -> list[Batch]:
    """Return the last loads, newest first.

    Args:
        connection: A connection to the register.
        source: Only those of this source.
        limit: How many.
    """
    statement = select(import_batch).order_by(import_batch.c.id.desc()).limit(limit)
    if source is not None:
        statement = statement.where(import_batch.c.source == source)
    return _read(connection, connection.execute(statement).mappings().all())


def batch(connection: Connection, number: int) -> Batch | None:
    """Return a load by its number."""
    found = connection.execute(select(import_batch).where(import_batch.c.id == number)).mappings().all()
    return next(iter(_read(connection, found)), None)


def next_numbers(connection: Connection) -> tuple[int, int]:
    """Return the number of the load to come and that of its first file.

    Args:
        connection: A connection of `Register.writing`, so that nobody else gets the same.
    """
    latest = connection.execute(
        select(
            select(func.coalesce(func.max(import_batch.c.id), 0)).scalar_subquery(),
            select(func.coalesce(func.max(import_file.c.id), 0)).scalar_subquery(),
        )
    ).one()
    return latest[0] + 1, latest[1] + 1


def keep(connection: Connection, new: Batch, first_file: int) -> None:
    """Write a load down, its files numbered from ``first_file`` on."""
    values = {column.name: getattr(new, column.name) for column in import_batch.c}
    values["records"] = json.dumps({name: counts._asdict() for name, counts in new.records.items()})
    connection.execute(insert(import_batch), values)
    if new.files:
        connection.execute(
            insert(import_file),
            [
                {
                    "id": first_file + position,
                    "batch_id": new.id,
                    "name": file.name,
                    "rows": file.rows,
                    "approved": file.approved,
                    "faulty": file.faulty,
                }
                for position, file in enumerate(new.files)
            ],
        )


def _read(connection: Connection, rows: Iterable[RowMapping]) -> list[Batch]:
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    files: dict[int, list[LoadedFile]] = {row["id"]: [] for row in found}
    own = import_file.c.batch_id.in_(list(files))
    for one in connection.execute(select(import_file).where(own).order_by(import_file.c.id)):
        files[one.batch_id].append(LoadedFile(one.name, one.rows, one.approved, one.faulty))
    return [
        Batch(
            **row
            | {
                "state": BatchState(row["state"]),
                "records": {
                    name: RecordCounts(**counts) for name, counts in json.loads(row["records"]).items()
                },
                "files": tuple(files[row["id"]]),
            }
        )
        for row in found
    ]


def last_loads(connection: Connection) -> list[LastLoad]:
    """Return the last load of each source, by name; what it could not keep, nobody can count."""
    return [
        LastLoad(source, BatchState(state), finished_at, loaded_by, int(rows), int(faulty))
        for source, state, finished_at, loaded_by, rows, faulty in connection.execute(_LAST_LOADS)
    ]
