"""What every reader gives: a table of rows that know where in the source they stand."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

VALUES = "\x1f"
"""Stands between the values of a cell that has several: U+001F, "unit separator", which no text holds."""

_DATA = re.compile("[0-9]{4}")
"""What person numbers, HSA-ids and dates have and names of columns have not: a row must not be quoted."""

_SHOWN = 50
"""Columns that a message names."""


Warn = Callable[[int | None, str | None, str], None]
"""Takes line, column and message of what the operator should know about a source that can be read."""


def no_warning(_line: int | None, _column: str | None, _message: str) -> None:
    """Let nobody know: for those who only look at a source."""


class SourceError(Exception):
    """A file or query that cannot be read on.

    Attributes:
        line: Line where reading stopped; None when it never began, or at no certain line.
        reason: What is wrong and what to do; quotes nothing but names of columns and sheets.
    """

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(slots=True)  # not frozen: that takes three times as long to make, and there are millions
class Row:
    """A row of cells.

    Attributes:
        line: Line of the file where the row begins, from 1; of a query or sheet, the number of the row.
        cells: One text per column, as the source has it.
        fault: Why the cells cannot be used; None when they can.
    """

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open source.

    Attributes:
        columns: Names of the columns.
        rows: The rows, which can be read once. Reading them may raise a `SourceError`.
        done: Returns the share of the source that has been read, 0 to 1; None when nobody knows.
        hint: What may be the matter when it has none of the columns that are asked for.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    done: Callable[[], float | None]
    hint: str = "line 1 looks like a row: has the file a header, and is the delimiter right?"

    def positions(self, columns: Iterable[str]) -> dict[str, int]:
        """Return the position of each of some columns, the first being 0.

        Raises:
            SourceError: Some of them are missing, or there are two of one name.
        """
        wanted = tuple(dict.fromkeys(columns))
        missing = [name for name in wanted if name not in self.columns]
        if missing:
            names = {name.casefold() for name in self.columns}
            if any(map(_DATA.search, self.columns)) or not any(name.casefold() in names for name in wanted):
                # It may be a row with somebody's name in it.
                found = self.hint
            else:
                found = f"the file has {', '.join(map(repr, self.columns[:_SHOWN]))}"
                found += ", ..." if len(self.columns) > _SHOWN else ""
            raise SourceError(1, f"there is no column {', '.join(map(repr, missing))}; {found}")
        repeated = [name for name in wanted if self.columns.count(name) > 1]
        if repeated:
            raise SourceError(1, f"there is more than one column {', '.join(map(repr, repeated))}")
        return {name: self.columns.index(name) for name in wanted}
