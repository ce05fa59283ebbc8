"""Delimited text files, read as a stream of rows that know the line they stand on.

Memory use does not grow with the file. Whatever makes a file unreadable ends the reading with a
`SourceError`, after the rows before the fault; a row with the wrong number of cells is only that row's fault.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from mapping.sources.cells import column_name
from mapping.sources.readers.header import Header, Width, fitted, settle
from mapping.sources.readers.table import Row, SourceError, Table
from mapping.sources.readers.text import open_text

if TYPE_CHECKING:
    from _csv import Reader  # public only as what csv.reader returns

DELIMITERS = (";", ",", "\t", "|")
"""Characters that ``auto`` looks for."""

LONGEST_ROW = 10_000_000
"""Characters of a row over several lines, at which the file is refused."""

_TOLD = re.compile("sep=(.)\r?\n", re.IGNORECASE)
"""The first line of a file that is meant for Excel, with the delimiter of the others."""

_SAMPLE = 20
"""Rows by which a delimiter is found."""


@contextmanager
def open_delimited(
    path: Path,
    *,
    encoding: str,
    delimiter: str,
    quote: str,
    header: Header,
    columns: Sequence[str],
    wanted: Sequence[str],
    optional: frozenset[str] = frozenset(),
) -> Iterator[Table]:
    """Open a delimited file.

    Args:
        path: The file.
        encoding: How its characters are written, as for `open_text`.
        delimiter: The character between cells, or ``auto`` to find it among `DELIMITERS`.
        quote: The character around cells that hold a delimiter or line break; empty when there is none.
        header: Whether the first row names the columns, as for `settle`.
        columns: Names of the columns in their order where there may be no header. A row without header may
            have one cell more, which is dropped: the message in a corrected file of faulty rows.
        wanted: Columns that will be asked for; they help to find the delimiter.
        optional: Columns that rows without header may lack at their end.

    Yields:
        The table. Blanks around column names are dropped, and so are rows of empty cells: spreadsheets leave
        them at the end.

    Raises:
        SourceError: The file cannot be opened or read. Also raised while the rows are read.
    """
    with open_text(path, encoding) as text:
        block, line = next(text.blocks, ""), 1
        told = _TOLD.match(block)
        if told is not None:
            block, line, delimiter = block[told.end() :], 2, told[1]
        if delimiter == "auto":
            delimiter = _found_delimiter(block, quote, wanted, optional)
        width = Width(optional=optional)
        rows = _rows(chain([block], text.blocks), delimiter, quote, width, line)
        names, data = settle(rows, header, columns, width, wanted=wanted, first_line=line)
        yield Table(names, data, text.done)


def _rows(blocks: Iterator[str], delimiter: str, quote: str, width: Width, line: int) -> Iterator[Row]:
    """Yield every row that is not blank.

    Cells are split without `csv`, in about half the time, up to the first block that needs it.
    """
    for block in blocks:
        lines = block.replace("\r\n", "\n")
        if (quote and quote in block) or "\r" in lines:
            blocks = chain([block], blocks)
            break
        for number, text in enumerate(lines.split("\n"), line):  # noqa: B007 - counts on after the loop
            cells = text.split(delimiter)
            if cells[0].strip() or any(map(str.strip, cells)):
                row = Row(number, cells)
                yield row if len(cells) == width.cells else fitted(row, width)
        line = number
    else:
        return
    before, size = line, 0

    def measured() -> Iterator[str]:
        nonlocal size
        for text in chain.from_iterable(StringIO(block, newline="\n") for block in blocks):
            size += len(text)
            if size > LONGEST_ROW:
                reason = f"the row has over {LONGEST_ROW} characters; is a quotation mark not closed?"
                raise SourceError(line, reason)
            yield text

    reader = _reader(measured(), delimiter, quote)
    while True:
        size = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"the row cannot be split into cells ({error}); is a quotation mark not closed?"
            raise SourceError(line, reason) from None
        if cells and (cells[0].strip() or any(map(str.strip, cells))):
            row = Row(line, cells)
            yield row if len(cells) == width.cells else fitted(row, width)
        line = before + reader.line_num


def _reader(lines: Iterator[str], delimiter: str, quote: str) -> "Reader":
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )


def _found_delimiter(block: str, quote: str, wanted: Sequence[str], optional: frozenset[str]) -> str:
    """Find the delimiter in the first rows: the one that gives the names wanted, or that the rows agree on.

    Raises:
        SourceError: Several would do.
    """
    lines = list(islice(StringIO(block, newline="\n"), _SAMPLE))
    agreed: dict[str, int] = {}  # delimiter -> rows that have as many cells as the first
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in _reader(iter(lines), delimiter, quote) if row]
        except csv.Error:  # told when the file is read
            continue
        header = [cell.strip() for cell in rows[0]] if rows else []
        needed = set(wanted) - optional
        if wanted and any(needed <= set(map(column_name, row)) for row in rows):
            return delimiter
        if len(header) > 1:
            agreed[delimiter] = sum(len(row) == len(header) for row in rows)
    best = [delimiter for delimiter, rows in agreed.items() if rows == max(agreed.values())]
    if len(best) > 1:
        either = " or ".join(map(repr, best))
        raise SourceError(1, f"the delimiter may be {either}; set delimiter in the profile")
    return best[0] if best else DELIMITERS[0]  # a file of one column has none
