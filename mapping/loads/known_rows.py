"""The rows of a source's last load, by which the next load knows the rows that have not changed.

Of each row 16 bytes are kept, in the order of the file: a 64-bit print of its cells, and the file and line it
was last looked at in. That two rows of a few million have one print happens once in some ten million loads.
"""

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from mapping.loads.staging import RowPlace
from register.tables import import_rows

MOST_ROWS = 5_000_000
"""Rows of a feed beyond which none are kept: to know them would take more memory than to read them."""

_PRINT, _NUMBER = "Q", "I"  # types of arrays: 8 and 4 bytes

_AHEAD = 200
"""Rows within which one is sought that is not the next: some before it may be gone."""
_MANY = 1000
"""Rows in succession that are not found, after which all are sought: new ones, or moved together."""

_NO_ROW = 0
"""The print of no row, but for one in 2 to the 64."""

_NEW = 1 << 31
"""From here on a file is meant by its position in the load under way, which has no number yet."""


def print_of(cells: Sequence[str]) -> int:
    """Return the print of a row."""
    text = "\x1e".join(cells).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


@dataclass
class RowPrints:
    """The prints of rows, in the order of their file, and the file and line each was last looked at in."""

    prints: "array[int]" = field(default_factory=lambda: array(_PRINT))
    files: "array[int]" = field(default_factory=lambda: array(_NUMBER))
    lines: "array[int]" = field(default_factory=lambda: array(_NUMBER))

    def add(self, row_print: int, file: int, line: int) -> None:
        """Add a row that was last looked at in a load before, in a file by its number."""
        self.prints.append(row_print)
        self.files.append(file)
        self.lines.append(line)

    def add_new(self, row_print: int, file: int, line: int) -> None:
        """Add a row that is looked at in this load, in a file by its position in it."""
        self.prints.append(row_print)
        self.files.append(_NEW + file)
        self.lines.append(line)

    def numbered(
        self, first_file: int, faulty: Collection[RowPlace], again: Collection[RowPlace] = ()
    ) -> "RowPrints":
        """Return the rows with the numbers of files, when the load has them; those at fault are left out.

        Args:
            first_file: Number of the load's first file.
            faulty: Rows of this load, by the position of their file in it.
            again: Rows of this load whose print is to meet no row, so that they are looked at again.
        """
        kept = self._without(faulty, again) if faulty or again else self
        files = (file if file < _NEW else file - _NEW + first_file for file in kept.files)
        return RowPrints(kept.prints, array(_NUMBER, files), kept.lines)

    def _without(self, faulty: Collection[RowPlace], again: Collection[RowPlace]) -> "RowPrints":
        kept = RowPrints()
        for row_print, file, line in zip(self.prints, self.files, self.lines, strict=True):
            if (file - _NEW, line) not in faulty:
                kept.add(row_print ^ 1 if (file - _NEW, line) in again else row_print, file, line)
        return kept

    def joined(self, others: "RowPrints | None", looked_at_again: Collection[RowPlace]) -> "RowPrints":
        """Return the rows with others behind.

        Args:
            others: The others.
            looked_at_again: Where rows were looked at that the next load is to look at. They are not left
                out: what one of them brought has vanished when the next load has no row about it.
        """
        joined = RowPrints(self.prints[:], self.files[:], self.lines[:])
        for at, place in enumerate(zip(self.files, self.lines, strict=True)):
            if place in looked_at_again:
                joined.prints[at] = _NO_ROW
        if others is not None:
            joined.prints.extend(others.prints)
            joined.files.extend(others.files)
            joined.lines.extend(others.lines)
        return joined

    def __len__(self) -> int:
        return len(self.prints)


class KnownRows:
    """The rows of the last load, while the next one is read.

    Attributes:
        batch: Number of the load they are of.
    """

    def __init__(self, batch: int, rows: RowPrints) -> None:
        self.batch = batch
        self._rows = rows
        self._expected = 0
        self._missed = 0
        self._seen = bytearray(len(rows))

    def find(self, row_print: int) -> RowPlace | None:
        """Return where a row was last looked at; None when it is new or changed, or has moved far.

        A row that has moved is looked at like one that has changed, and changes nothing. Mostly a source
        writes its rows in the same order every time, so they are sought a little way on from the one before.
        Where many in succession are not found there, the order is another one.
        """
        at = self._expected
        prints = self._rows.prints
        if at >= len(prints) or prints[at] != row_print:
            found = self._sought(row_print)
            if found is None:
                self._missed += 1
                return None
            at = found
        self._missed = 0
        self._seen[at] = 1
        self._expected = at + 1
        return RowPlace(self._rows.files[at], self._rows.lines[at])

    def look_again(self, places: Collection[RowPlace]) -> None:
        """Find no row any more that was looked at in one of some places: it is to be looked at again."""
        if not places:
            return
        for at, place in enumerate(zip(self._rows.files, self._rows.lines, strict=True)):
            if place in places:
                self._rows.prints[at] = _NO_ROW

    def _sought(self, row_print: int) -> int | None:
        if self._missed > _MANY:
            at = self._all.get(row_print)
        else:
            try:
                at = self._rows.prints.index(row_print, self._expected, self._expected + _AHEAD)
            except ValueError:
                at = None
        return None if at is None or self._seen[at] else at

    def passed(self, places: Collection[RowPlace]) -> set[RowPlace]:
        """Return those of some places that rows were looked at in which have been found."""
        rows = zip(self._rows.files, self._rows.lines, self._seen, strict=True)
        return {RowPlace(file, line) for file, line, seen in rows if seen and (file, line) in places}

    def gone(self) -> list[RowPlace]:
        """Return where the rows were looked at that have not been found."""
        places, at = [], self._seen.find(0)
        while at >= 0:
            places.append(RowPlace(self._rows.files[at], self._rows.lines[at]))
            at = self._seen.find(0, at + 1)
        return places

    @cached_property
    def _all(self) -> dict[int, int]:
        return dict(zip(self._rows.prints, range(len(self._rows)), strict=True))


def known_rows(connection: Connection, source: str, feed: str, how_read: str) -> KnownRows | None:
    """Return the rows of a feed's last load; None when there are none, or they were read in another way.

    Args:
        connection: A connection to the register.
        source: Name of the source.
        feed: What tells its files of one kind from others.
        how_read: How the rows are read: whatever else makes records of the same row gives another text.
    """
    found = connection.execute(
        select(import_rows).where(import_rows.c.source == source, import_rows.c.feed == feed)
    ).one_or_none()
    if found is None or found.reading != how_read:
        return None
    return KnownRows(found.batch_id, _prints(found))


def standing(connection: Connection, source: str, places: Collection[RowPlace]) -> set[RowPlace]:
    """Return those of some places that rows of a source's last load were looked at in.

    Reads the places of all rows of that load. Where none are kept all places are returned: it is not known.
    """
    kept = connection.execute(select(import_rows).where(import_rows.c.source == source)).all()
    rows = [_prints(one) for one in kept]
    if not rows:
        return set(places)
    found = (place for one in rows for place in zip(one.files, one.lines, strict=True))
    return {RowPlace(*place) for place in found if place in places}


def _prints(kept: Any) -> RowPrints:
    rows = RowPrints()
    for part, data in ((rows.prints, kept.prints), (rows.files, kept.files), (rows.lines, kept.lines)):
        part.frombytes(data)
    return rows


def latest(connection: Connection, source: str, feed: str) -> int | None:
    """Return the number of the load whose rows are kept for a feed."""
    return connection.scalar(
        select(import_rows.c.batch_id).where(import_rows.c.source == source, import_rows.c.feed == feed)
    )


def keep(connection: Connection, source: str, feed: str, how_read: str, batch: int, rows: RowPrints) -> None:
    """Keep the rows of a load for the next one, instead of those of the one before."""
    connection.execute(delete(import_rows).where(import_rows.c.source == source, import_rows.c.feed == feed))
    if len(rows) <= MOST_ROWS:
        connection.execute(
            insert(import_rows),
            {
                "source": source,
                "feed": feed,
                "batch_id": batch,
                "reading": how_read,
                "prints": rows.prints.tobytes(),
                "files": rows.files.tobytes(),
                "lines": rows.lines.tobytes(),
            },
        )


def add(
    connection: Connection,
    source: str,
    how_read: str,
    batch: int,
    rows: Mapping[str, RowPrints],
    corrected: Collection[RowPlace],
) -> None:
    """Keep corrected rows beside those of a source's last load.

    A feed of which none are kept gets none: the next load looks at all of its rows.

    Args:
        connection: A connection of `Register.writing`.
        source: Name of the source.
        how_read: As for `known_rows`.
        batch: Number of the load that brings them.
        rows: Name of a feed -> its corrected rows.
        corrected: Where rows were looked at that told before of the same records: what they say now is not in
            the register any more, so the next load looks at them.
    """
    of_source = import_rows.c.source == source, import_rows.c.reading == how_read
    for found in connection.execute(select(import_rows).where(*of_source)).all():
        joined = _prints(found).joined(rows.get(found.feed), corrected)
        keep(connection, source, found.feed, how_read, batch, joined)


def forget(connection: Connection, source: str, *, unless: str | None = None) -> None:
    """Let the next load of a source look at every row.

    Args:
        connection: A connection of `Register.writing`.
        source: Name of the source.
        unless: Keep the rows that were read in this way: the others do not know what has been loaded since.
    """
    rows = delete(import_rows).where(import_rows.c.source == source)
    connection.execute(rows if unless is None else rows.where(import_rows.c.reading != unless))
