"""Sealing the days of the audit log, and finding what has been done to it since (docs/adr/0031).

A folder outside the database has, of each sealed day, a line that says which rows it has and the root of
their Merkle tree (``days.jsonl``), and the hash of each row (``2026-11-26.leaves``). The lines are the leaves
of another tree; a signed checkpoint has its root. Who rewrites the log, folder and all, cannot make it agree
with a checkpoint that has been handed elsewhere.
"""

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pymerkle import InmemoryTree, InvalidProof, verify_consistency
from sqlalchemy import Connection, func, select

from register.audit_files import IDS_OF_A_FILE
from register.audit_leaves import Leaf, leaves, root
from register.audit_notes import Checkpoint
from register.audit_search import NEXT, first_since, parts
from register.engine import RegisterError
from register.tables import audit

SETTLED = timedelta(minutes=10)
"""How long after midnight a day is sealed at the earliest: its last rows have been committed by then."""

DAYS, LATEST = "days.jsonl", "checkpoint"
_LEAF = struct.Struct(">q32s")


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of a part of the log: those with ids above one and up to another, and how many they were."""

    after: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Day:
    """A sealed day.

    Attributes:
        day: The day, UTC. A row whose time is another's may be in it: ids say which are.
        ranges: Its rows.
        root: Root of the tree of their leaves.
    """

    day: date
    ranges: tuple[Range, ...]
    root: bytes

    @property
    def line(self) -> str:
        """The line of the folder, which is a leaf of the tree of days."""
        ranges = [[one.after, one.last, one.rows] for one in self.ranges]
        return json.dumps(
            {"day": self.day.isoformat(), "ranges": ranges, "root": self.root.hex()}, separators=(",", ":")
        )

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(one.rows for one in self.ranges)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: in which day, and with which row, where that is known."""

    day: date
    what: str
    id: int | None = None


def sealed_days(folder: Path) -> list[Day]:
    """Return the days that have been sealed, oldest first.

    Raises:
        RegisterError: A line is none.
    """
    file = folder / DAYS
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    try:
        return [_read(line) for line in lines]
    except (ValueError, KeyError, TypeError):
        raise RegisterError(f"{file}: a line is not that of a sealed day; put back a copy") from None


def _read(line: str) -> Day:
    found = json.loads(line)
    ranges = tuple(Range(*one) for one in found["ranges"])
    return Day(date.fromisoformat(found["day"]), ranges, bytes.fromhex(found["root"]))


def seal(connection: Connection, folder: Path, now: datetime) -> Iterator[Day]:
    """Seal the days that have ended and are not sealed, and yield them; those without rows are passed over.

    Args:
        connection: A connection of `Register.reading_audit`.
        folder: The folder.
        now: The present, UTC.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    days = sealed_days(folder)
    sealed_to, ends = (days[-1].day if days else date.min), ends_of(days)
    lasts = {first // IDS_OF_A_FILE: last for first, last in parts(connection)}
    position = {part: ends.get(part, part * IDS_OF_A_FILE - 1) for part in lasts}
    while True:
        begins = [_day_of_next(connection, position[part], last) for part, last in lasts.items()]
        day = max(min((one for one in begins if one), default=date.max), sealed_to + timedelta(days=1))
        if day >= (now - SETTLED).date():
            return
        ranges: list[Range] = []
        found: list[Leaf] = []
        for part, last in lasts.items():
            midnight = datetime.combine(day + timedelta(days=1), time.min)
            beyond = first_since(connection, position[part] + 1, last, midnight)
            mine = list(leaves(connection, position[part], beyond - 1))
            if mine:
                ranges.append(Range(position[part], mine[-1][0], len(mine)))
                found += mine
                position[part] = mine[-1][0]
        sealed_to = day
        if found:
            sealed = Day(day, tuple(ranges), root(hash for _, hash in found))
            _keep(folder, sealed, found)
            yield sealed


def _day_of_next(connection: Connection, after: int, last: int) -> date | None:
    """Return the day of the first row of a part after a position, if there is one."""
    row = connection.execute(NEXT, {"least_id": after + 1}).first()
    return None if row is None or row.id > last else row.logged_at.date()


def _keep(folder: Path, day: Day, found: list[Leaf]) -> None:
    """Write a day into the folder: the line last, as it says that the day is sealed."""
    with (folder / f"{day.day}.leaves").open("wb") as file:
        file.write(b"".join(_LEAF.pack(*one) for one in found))
        file.flush()
        os.fsync(file.fileno())
    with (folder / DAYS).open("a", encoding="utf-8") as lines:
        lines.write(f"{day.line}\n")
        lines.flush()
        os.fsync(lines.fileno())


def ends_of(days: list[Day]) -> dict[int, int]:
    """Return the last sealed id of each part of the log."""
    return {one.last // IDS_OF_A_FILE: one.last for day in days for one in day.ranges}


def tree_of(days: list[Day]) -> InmemoryTree:
    """Return the tree of the days."""
    return InmemoryTree.init_from_entries([day.line.encode() for day in days])


def checkpoint_of(days: list[Day], origin: str) -> Checkpoint:
    """Return the checkpoint of what has been sealed, to be signed."""
    return Checkpoint(origin, len(days), tree_of(days).get_root() if days else root([]))


def agrees(days: list[Day], checkpoint: Checkpoint) -> bool:
    """Tell whether what is sealed now goes on from a checkpoint: by the proof of consistency of the two."""
    if checkpoint.size == 0:
        return True
    if checkpoint.size > len(days):
        return False
    tree = tree_of(days)
    try:
        proof = tree.prove_consistency(checkpoint.size, len(days))
        verify_consistency(
            checkpoint.root, tree.get_root(), proof, prior_size=checkpoint.size, later_size=len(days)
        )
    except InvalidProof:
        return False
    return True


def check(connection: Connection, folder: Path, days: list[Day], kept_since: date) -> Iterator[Day | Finding]:
    """Compare the log with what has been sealed; yield each day, after what is wrong with it.

    Args:
        connection: A connection of `Register.reading_audit`.
        folder: The folder.
        days: What has been sealed.
        kept_since: The first day whose rows must still be there; an older day has all of them, or none.
    """
    ends: dict[int, int] = {}
    for day in days:
        found: list[Leaf] = []
        for one in day.ranges:
            part = one.last // IDS_OF_A_FILE
            if one.after != ends.get(part, part * IDS_OF_A_FILE - 1):
                yield Finding(day.day, "does not begin where the day before it ends")
            ends[part] = one.last
            found += leaves(connection, one.after, one.last)
        if (found or day.day >= kept_since) and root(hash for _, hash in found) != day.root:
            yield from _located(folder, day, found)
        yield day


def _located(folder: Path, day: Day, found: list[Leaf]) -> Iterator[Finding]:
    """Say which rows of a day are not as they were sealed."""
    try:
        kept: list[Leaf] = list(_LEAF.iter_unpack((folder / f"{day.day}.leaves").read_bytes()))
    except (OSError, struct.error):
        kept = []
    if root(hash for _, hash in kept) != day.root:
        yield Finding(day.day, f"is not as it was sealed: {len(found)} rows, sealed were {day.rows}")
        return
    before, now = dict(kept), dict(found)
    for id in sorted(before.keys() | now.keys()):
        if id not in now:
            yield Finding(day.day, "removed", id)
        elif id not in before:
            yield Finding(day.day, "inserted", id)
        elif before[id] != now[id]:
            yield Finding(day.day, "changed", id)


def unsealed(connection: Connection, days: list[Day]) -> int:
    """Return how many rows have come since the last day that was sealed."""
    ends, found = ends_of(days), 0
    for first, last in parts(connection):
        part = first // IDS_OF_A_FILE
        after = ends.get(part, part * IDS_OF_A_FILE - 1)
        newer = select(func.count()).select_from(audit).where(audit.c.id > after, audit.c.id <= last)
        found += connection.execute(newer).scalar_one()
    return found
