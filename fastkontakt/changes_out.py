"""Files of the feed of changes: written for their owner alone, whole or not at all."""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, Row

from contracts.clock import utc_now
from mapping.answers.changes import COLUMNS, csv_cells, json_line, latest
from mapping.sources.formulas import as_text
from mapping.sources.private import owner_only
from register import feed, feed_state

LINES_AT_A_TIME = 1000

_POSITION = ".fastkontakt-changes-position"

Seen = Callable[[list[Row[Any]]], list[Row[Any]]]
"""Takes lines, keeps an audit row for those they are about, and returns those that may be shown."""


class FeedFormat(StrEnum):
    """How lines are written."""

    JSONL = "jsonl"
    CSV = "csv"


class Braked(Exception):
    """More would end for the reader than the brake allows; the text says how much. Nothing is written."""


def lines(connection: Connection, since: int | None, seen: Seen) -> Iterator[Row[Any]]:
    """Yield the lines after a position, or the present state where there is none."""
    if since is None:
        some = []
        for row in feed_state.present(connection, utc_now()):
            some.append(row)
            if len(some) == LINES_AT_A_TIME:
                yield from seen(some)
                some = []
        yield from seen(some) if some else ()
        return
    while some := list(feed.since(connection, since, LINES_AT_A_TIME)):
        since = some[-1].position
        yield from seen(some)


def write(file: TextIO, rows: Iterable[Row[Any]], form: FeedFormat, *, net: bool) -> None:
    """Write lines.

    Args:
        file: Where to.
        rows: The lines.
        form: How.
        net: Whether several may be about one record. CSV then has the last: it is made to be loaded.
    """
    if form is FeedFormat.JSONL:
        file.writelines(map(json_line, rows))
        return
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in latest(rows) if net else rows:
        writer.writerow(as_text(cell) if isinstance(cell, str) else cell for cell in csv_cells(row))


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Give a file under a name that nobody looks for, and its own name when all of it is on disk.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="", opener=owner_only) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def written_to(path: Path | None) -> Iterator[TextIO]:
    """Give a file, or standard output."""
    if path is None or str(path) == "-":
        yield sys.stdout
        sys.stdout.flush()
    else:
        with whole_file(path) as file:
            yield file


def drop(
    connection: Connection, folder: Path, form: FeedFormat, seen: Seen, *, brake: int | None
) -> tuple[Path | None, int]:
    """Put what has changed since the last drop into a folder, the first time all that there is.

    The name says the position that the file begins after, so that a drop that died before it wrote down its
    position is written again under the same name, with what has come since.

    Args:
        connection: A connection of `Register.reading`.
        folder: The folder.
        form: How lines are written.
        seen: As for `lines`.
        brake: Percent of the records of a sort that may end in one drop; None for any.

    Returns:
        The file, None where nothing has changed; and the position reached.

    Raises:
        Braked: Too much has ended.
        OSError: The folder cannot be used.
    """
    own = folder / _POSITION
    since = int(own.read_text("ascii")) if own.exists() else None
    reached = feed.last_position(connection)
    if since is not None and reached == since:
        return None, reached
    if since is not None and brake is not None:
        _check(connection, since, brake)
    path = folder / f"changes-{since or 0:012}.{form}"
    with whole_file(path) as file:
        write(file, lines(connection, since, seen), form, net=since is not None)
    with whole_file(own) as file:
        file.write(str(reached))
    return path, reached


def _check(connection: Connection, since: int, brake: int) -> None:
    for about, (ended, there) in feed_state.ended_since(connection, since, utc_now()).items():
        if ended * 100 > brake * (ended + there):
            share = 100 * ended / (ended + there)
            raise Braked(
                f"{ended} of {ended + there} records ({about}) have ended since the last drop: {share:.3g} "
                f"percent, and the brake is at {brake}; if that is right, drop with --allow-vanished"
            )
