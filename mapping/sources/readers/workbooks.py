"""A sheet of a workbook as a table: its header, rows as wide as that, and rows that somebody has hidden."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from mapping.sources.readers.header import Header, Width, fitted, settle
from mapping.sources.readers.ods import open_ods
from mapping.sources.readers.sheet import Sheet
from mapping.sources.readers.table import Row, Table, Warn
from mapping.sources.readers.xlsx import open_xlsx


@contextmanager
def open_workbook(
    path: Path,
    kind: Literal["xlsx", "ods"],
    *,
    sheet: str | None,
    header: Header,
    columns: Sequence[str],
    wanted: Sequence[str],
    optional: frozenset[str],
    hidden: Literal["read", "skip"],
    warn: Warn,
) -> Iterator[Table]:
    """Open a sheet of a workbook.

    Rows may be shorter than the header; rows of empty cells are dropped.

    Args:
        path: The file.
        kind: What it is.
        sheet: Name of the sheet; None: the first.
        header: Whether the first row names the columns, as for `settle`.
        columns: Names of the columns in their order, where there may be no header.
        wanted: Columns that will be asked for.
        optional: Those of them that the sheet may lack.
        hidden: What is done with rows that are hidden, by hand or by a filter.
        warn: Is told how many those are.

    Yields:
        The table.

    Raises:
        SourceError: The file cannot be opened, is damaged, has a password or is too large, or has no such
            sheet. Also raised while the rows are read.
    """
    with (open_xlsx if kind == "xlsx" else open_ods)(path, sheet) as chosen:
        width = Width(optional=optional, pads=True)
        rows = _shown(chosen, hidden, warn)
        names, data = settle(rows, header, columns, width, wanted=wanted)
        yield Table(names, (fitted(row, width) for row in data), chosen.done, _hint(chosen))


def _hint(sheet: Sheet) -> str:
    others = f" (the file has {', '.join(sheet.all)})" if len(sheet.all) > 1 else ""
    return f"row 1 of the sheet {sheet.name!r} names none of them: is it the right sheet{others}?"


def _shown(sheet: Sheet, hidden: Literal["read", "skip"], warn: Warn) -> Iterator[Row]:
    count = 0
    for row in sheet.rows:
        if row.line in sheet.hidden:
            count += 1
            if hidden == "skip":
                continue
        yield row
    if count and hidden == "skip":
        warn(None, None, f"{count} rows of the sheet are hidden, and are left out")
    elif count:
        message = f'{count} rows of the sheet are hidden, and are read; hidden = "skip" leaves them out'
        warn(None, None, message)
