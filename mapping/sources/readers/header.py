"""Which names the columns of a table have, and rows that do not fit them; for readers of cells in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from mapping.sources.cells import column_name
from mapping.sources.readers.table import Row, SourceError


@dataclass(slots=True)
class Width:
    """How many cells a row must have.

    Attributes:
        cells: Their number; None until the first row has been read, which may settle it.
        header: Whether a header gave the number, not the profile.
        optional: Names of columns that rows without header may lack at their end.
    """

    cells: int | None = None
    header: bool = True
    optional: frozenset[str] = frozenset()
    fewest: int = 0


def settle(
    first: Row | None, header: bool | str, columns: Sequence[str], width: Width
) -> tuple[tuple[str, ...], list[Row]]:
    """Find out the names of the columns.

    Args:
        first: First row of the source; None when it has none.
        header: Whether it names the columns; ``auto``: it does when it has one of their names.
        columns: Names of the columns where there may be no header.
        width: Is told how many there are.

    Returns:
        The names, without blanks around them, and the first row as it is where that is no header.

    Raises:
        SourceError: There must be a header, and line 1 is empty.
    """
    width.header = header is True or (header == "auto" and _names_any(first, columns))
    if not width.header:
        width.cells = width.fewest = len(columns)
        while width.fewest and columns[width.fewest - 1] in width.optional:
            width.fewest -= 1
        return tuple(columns), [first] if first else []
    if first is None or first.line > 1:
        raise SourceError(1, "the line is empty; it must name the columns")
    names = tuple(map(column_name, first.cells))
    width.cells = len(names)
    return names, []


def fitted(row: Row, width: Width) -> Row:
    """Mark a row that has the wrong number of cells.

    A row without header may have one cell more, which is dropped: the message in a corrected file of faulty
    rows.
    """
    found, expected = len(row.cells), width.cells
    if expected in (None, found):
        return row
    if not width.header and found - 1 == expected:
        return Row(row.line, row.cells[:-1])
    if not width.header and expected is not None and width.fewest <= found < expected:
        return Row(row.line, row.cells + [""] * (expected - found))
    named = f"the header {expected}" if width.header else f"the profile names {expected} columns"
    return Row(row.line, row.cells, f"the row has {found} cells, {named}")


def _names_any(row: Row | None, columns: Sequence[str]) -> bool:
    names = {name.casefold() for name in columns}
    return row is not None and any(cell.strip().casefold() in names for cell in row.cells)
