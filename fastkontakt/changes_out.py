"""Files of the feed of changes: written for their owner alone, whole or not at all."""

import csv
import fcntl
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
from register import feed_reading, feed_state

LINES_AT_A_TIME = 1000

POSITION = ".fastkontakt-changes-position"
"""Name of the file in a folder of drops that says how far the last one came."""

Seen = Callable[[list[Row[Any]]], list[Row[Any]]]
"""Takes lines, keeps an audit row for those they are about, and returns those that may be shown."""


class FeedFormat(StrEnum):
    """How lines are written."""

    JSONL = "jsonl"
    CSV = "csv"


class Beyond(Exception):
    """A position that the register has not come to; the text says so. Nothing is written."""


class Braked(Exception):
    """More would end for the reader than the brake allows; the text says how much. Nothing is written."""


def reached(connection: Connection, since: int | None) -> int:
    """Return the position of the last line.

    Raises:
        Beyond: The reader has come further. Reading on from there would pass over lines that are to come.
    """
    last = feed_reading.last_position(connection)
    if since is not None and since > last:
        raise Beyond(
            f"the position {since} is beyond the last line, {last}: the register was put back to a copy, "
            "or is another one"
        )
    return last


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
    while some := list(feed_reading.since(connection, since, LINES_AT_A_TIME)):
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

    What is no file, as a device or a pipe, is written to as it is: it must not be replaced by one.

    Raises:
        OSError: It cannot be written.
    """
    if path.exists() and not path.is_file():
        with open(path, "w", encoding="utf-8", newline="", opener=owner_only) as file:
            yield file
        return
    path = path.resolve()  # a link stays a link
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
) -> Path | None:
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
        The file; None where nothing has changed.

    Raises:
        Beyond: The last drop went further than the register has come.
        Braked: Too much has ended.
        OSError: The folder cannot be used, or another drop is writing there.
        ValueError: It is not known how far the last drop went.
    """
    with _alone_in(folder):
        own = folder / POSITION
        since = _number(own.read_bytes()) if own.exists() else None
        last = reached(connection, since)
        if since == last:
            return None
        if since is not None and brake is not None:
            _check(connection, since, brake)
        path = folder / f"changes-{since or 0:012}.{form}"
        with whole_file(path) as file:
            write(file, lines(connection, since, seen), form, net=since is not None)
        with whole_file(own) as file:
            file.write(str(last))
        return path


def _number(content: bytes) -> int:
    text = content.strip()
    if not text.isdigit():
        raise ValueError("no position")
    return int(text)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other drops out of a folder: two at once would write one file, and either could show half of it.

    Raises:
        OSError: Another is in it.
    """
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OSError(error.errno, "another drop is writing there", str(folder)) from None
    finally:
        os.close(number)  # and the lock with it


def _check(connection: Connection, since: int, brake: int) -> None:
    for about, (ended, there) in feed_state.ended_since(connection, since, utc_now()).items():
        if ended * 100 > brake * (ended + there):
            share = 100 * ended / (ended + there)
            raise Braked(
                f"{ended} of {ended + there} records ({about}) have ended since the last drop: {share:.3g} "
                f"percent, and the brake is at {brake}; if that is right, drop with --allow-vanished"
            )
