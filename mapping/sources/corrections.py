"""Files of faulty rows that come back corrected: how they are known, and what is not the source's in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mapping.sources.readers import Row, SourceError, Table

MESSAGE = "Fel"
"""Name of the column with what is wrong, in a file of faulty rows; officials read it."""

_NAME = re.compile(r"(.+)\.faulty(?:-[0-9]+)?(\.[^.]*)?", re.IGNORECASE | re.DOTALL)


def original(name: str) -> str | None:
    """Return the name of the file that faulty rows came from; None for a name of another kind."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    before = found[1] + (found[2] or "")
    return original(before) or before  # what was wrong with corrected rows lies in x.faulty.faulty.csv


def has_name(file: Path) -> bool:
    """Tell whether a file has the name of a file of faulty rows."""
    return original(file.name) is not None


def only(files: Sequence[Path]) -> bool:
    """Tell whether a load has corrected rows alone, which are added to what the source has brought."""
    return bool(files) and all(map(has_name, files))


def sorted_out(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return what to load of some files, and what not: files of faulty rows beside whole ones."""
    whole = [file for file in files if not has_name(file)]
    return (whole, [file for file in files if has_name(file)]) if whole else (list(files), [])


def without_message(table: Table, *, headless: bool) -> Table:
    """Return corrected rows as the source has them: without the column that says what was wrong.

    Args:
        table: The file.
        headless: Whether its rows have no header, and so one cell more than the profile names, which the
            reader drops.

    Raises:
        SourceError: There is no such column: it may be a whole file, which must not be taken for a few rows.
    """
    if MESSAGE not in table.columns:
        if headless:
            return table
        raise SourceError(
            1,
            f"the file has the name of a file of faulty rows, but no column {MESSAGE}; "
            "put the column back, or give a file of all rows another name",
        )
    place = table.columns.index(MESSAGE)
    columns = (*table.columns[:place], *table.columns[place + 1 :])
    return replace(table, columns=columns, rows=_without(table.rows, place))


def _without(rows: Iterator[Row], place: int) -> Iterator[Row]:
    for row in rows:
        del row.cells[place : place + 1]
        yield row
