"""Delimited text files, read as a stream of rows that know the line they stand on.

Memory use does not grow with the file. Whatever makes a file unreadable ends the reading with a
`SourceError`; a row with the wrong number of cells is only that row's fault.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

Encoding = Literal["utf-8", "windows-1252", "iso-8859-1"]

LONGEST_LINE = 1_000_000
"""Bytes of the longest line that is read. A longer one means that the file has no line breaks."""

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class SourceError(Exception):
    """A file that cannot be read on.

    Attributes:
        line: Line where reading stopped; None when the file could not be opened.
        reason: What is wrong and what to do; quotes nothing but column names.
    """

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells.

    Attributes:
        line: Line of the file where the row begins, 1 being the header.
        cells: One text per column, as the file has it.
        fault: Why the cells cannot be used; None when they can.
    """

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: the names in its header, and its rows, which can be read once."""

    columns: tuple[str, ...]
    rows: Iterator[Row]

    def positions(self, columns: Iterable[str]) -> dict[str, int]:
        """Return the place of each of some columns, the first of the file being 0.

        Raises:
            SourceError: The file lacks some of them, or has two of one name.
        """
        wanted = tuple(dict.fromkeys(columns))
        missing = [name for name in wanted if name not in self.columns]
        if missing:
            found = ", ".join(map(repr, self.columns))
            raise SourceError(1, f"there is no column {', '.join(map(repr, missing))}; the file has {found}")
        repeated = [name for name in wanted if self.columns.count(name) > 1]
        if repeated:
            raise SourceError(1, f"there is more than one column {', '.join(map(repr, repeated))}")
        return {name: self.columns.index(name) for name in wanted}


@contextmanager
def open_table(path: Path, *, encoding: Encoding, delimiter: str, quote: str) -> Iterator[Table]:
    """Open a file whose first line names the columns.

    Args:
        path: The file.
        encoding: How its characters are written; a byte order mark before UTF-8 is passed over.
        delimiter: The character between cells.
        quote: The character around cells that hold a delimiter or line break; empty when there is none.

    Yields:
        The table. Blanks around column names are dropped.

    Raises:
        SourceError: The file cannot be opened or read. Also raised while the rows are read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None
    with file:
        rows = _rows(_lines(file, encoding), delimiter, quote)
        header = next(rows, None)
        columns = tuple(cell.strip() for cell in header.cells) if header else ()
        if not any(columns):
            raise SourceError(1, "the line is empty; it must name the columns")
        yield Table(columns, (_counted(row, len(columns)) for row in rows))


def _lines(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Decode line by line: all three encodings write a line break as the same single byte."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            raw = _without_mark(raw, encoding)
        if len(raw) > LONGEST_LINE:
            raise SourceError(number, f"the line has over {LONGEST_LINE} bytes; are the line breaks LF?")
        if b"\0" in raw:
            raise SourceError(number, "there is a NUL byte; save the file as text in UTF-8")
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as error:
            byte = file.tell() - len(raw) + error.start + 1
            raise SourceError(
                number,
                f"byte {byte} of the file (hex {raw[error.start]:02x}) is not {encoding}; "
                "set encoding in the profile to that of the file",
            ) from None
        yield line


def _without_mark(line: bytes, encoding: Encoding) -> bytes:
    if line.startswith(_UTF16_MARKS):
        raise SourceError(1, "the file is UTF-16; save it as UTF-8")
    if not line.startswith(_UTF8_MARK):
        return line
    if encoding != "utf-8":
        raise SourceError(1, f"the file is marked as UTF-8, but the profile says encoding {encoding}")
    return line.removeprefix(_UTF8_MARK)


def _rows(lines: Iterator[str], delimiter: str, quote: str) -> Iterator[Row]:
    """Yield the header and every row that is not blank: spreadsheets leave rows of empty cells at the end."""
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = f"the row cannot be split into cells ({error}); is a quotation mark not closed?"
            raise SourceError(line, reason) from None
        if cells is None:
            return
        if line == 1 or any(cell.strip() for cell in cells):
            yield Row(line, cells)
        line = reader.line_num + 1


def _counted(row: Row, expected: int) -> Row:
    found = len(row.cells)
    if found == expected:
        return row
    return Row(row.line, row.cells, f"the row has {found} cells, the header {expected}")
