"""Which names the columns of a table have, and rows that do not fit them; for readers of cells in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from mapping.sources.cells import column_name
from mapping.sources.readers.table import Row, SourceError

Header = bool | Literal["auto", "find"]

SOUGHT = 100
"""Rows among which the one with the names is sought."""


@dataclass(slots=True)
class Width:
    """How many cells a row must have.

    Attributes:
        cells: Their number; None until the first row has been read, which may settle it.
        header: Whether a header gave the number, not the profile.
        optional: Names of columns that rows without header may lack at their end.
        pads: Whether rows may be shorter: sheets have no empty cells at their end.
    """

    cells: int | None = None
    header: bool = True
    optional: frozenset[str] = frozenset()
    pads: bool = False
    fewest: int = 0


def settle(
    rows: Iterator[Row],
    header: Header,
    columns: Sequence[str],
    width: Width,
    *,
    wanted: Sequence[str] = (),
    first_line: int = 1,
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Find out the names of the columns.

    Args:
        rows: The rows of the source.
        header: Whether the first one names the columns; ``auto``: it does when it has one of their names;
            ``find``: the first one that has all that are needed does, and those before it are no data.
        columns: Names of the columns where there may be no header.
        width: Is told how many there are.
        wanted: Columns that will be asked for; those that `width` calls optional may be missing.
        first_line: Line on which the source begins.

    Returns:
        The names, and the rows of data.

    Raises:
        SourceError: There must be a header and there is none, or there is one where the profile expects none.
    """
    needed = frozenset(wanted) - width.optional
    if header == "find":
        return _found(rows, needed, width)
    first = next(rows, None)
    width.header = header is True or (header == "auto" and _names_any(first, columns))
    if not width.header:
        if first is not None and header is False and _is_header(first, columns):
            reason = 'the line names the columns, and the profile expects no header; set header = "auto"'
            raise SourceError(first.line, reason)
        width.cells = len(columns) or None  # None: somebody wants to see the rows as they are
        width.fewest = len(columns)
        while width.fewest and columns[width.fewest - 1] in width.optional:
            width.fewest -= 1
        return tuple(columns), chain([fitted(first, width)] if first else [], rows)
    if first is None or first.line > first_line:
        raise SourceError(first_line, "the line is empty; it must name the columns")
    names = _names(first, width)
    if needed and not needed <= set(names):
        looked_at = list(islice(rows, SOUGHT))
        for row in looked_at:
            if needed <= {column_name(cell) for cell in row.cells}:
                reason = f'the columns are named in line {row.line}; set header = "find" in the profile'
                raise SourceError(first.line, reason)
        rows = chain([fitted(row, width) for row in looked_at], rows)
    return names, rows


def _found(
    rows: Iterator[Row], needed: frozenset[str], width: Width
) -> tuple[tuple[str, ...], Iterator[Row]]:
    for row in islice(rows, SOUGHT):
        if needed <= {column_name(cell) for cell in row.cells}:
            return _names(row, width), rows
    names = ", ".join(map(repr, sorted(needed)))
    raise SourceError(None, f"none of the first {SOUGHT} rows has all of the columns {names}")


def _names(row: Row, width: Width) -> tuple[str, ...]:
    names = list(map(column_name, row.cells))
    while names and not names[-1]:
        names.pop()
    width.header, width.cells = True, len(names)
    return tuple(names)


def fitted(row: Row, width: Width) -> Row:
    """Mark a row that has the wrong number of cells.

    Empty cells beyond the header do not count: some programs put a delimiter at the end of rows alone. A row
    without header may have one cell more, which is dropped: the message in a corrected file of faulty rows.
    """
    found, expected = len(row.cells), width.cells
    if expected is None or expected == found or row.fault is not None:
        return row
    if width.pads and found < expected:
        row.cells += [""] * (expected - found)
        return row
    if not width.header and found - 1 == expected:
        return Row(row.line, row.cells[:-1])
    if found > expected and not any(map(str.strip, row.cells[expected:])):
        return Row(row.line, row.cells[:expected])
    if not width.header and width.fewest <= found < expected:
        return Row(row.line, row.cells + [""] * (expected - found))
    named = f"the header {expected}" if width.header else f"the profile names {expected} columns"
    return Row(row.line, row.cells, f"the row has {found} cells, {named}")


def _names_any(row: Row | None, columns: Sequence[str]) -> bool:
    names = {name.casefold() for name in columns}
    return row is not None and any(column_name(cell).casefold() in names for cell in row.cells)


def _is_header(row: Row, columns: Sequence[str]) -> bool:
    """Tell whether half of a row's cells, or more, are names of columns."""
    names = {name.casefold() for name in columns}
    cells = [column_name(cell).casefold() for cell in row.cells if cell.strip()]
    return bool(cells) and 2 * sum(cell in names for cell in cells) >= len(cells)
