"""A sheet of a workbook of any kind, read row by row within budgets."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zipfile import ZipFile

from mapping.sources.readers.content import SAVE
from mapping.sources.readers.parts import BLOCK, DAMAGE, DAMAGED, LARGEST_GAP, Reader, TooLarge, read_part
from mapping.sources.readers.table import Row, SourceError

MOST_ROWS = 1_048_576
"""Rows of the largest sheet there can be (Excel specifications and limits)."""
MOST_COLUMNS = 16_384
"""Columns of it: XFD is the last."""
MOST_CELLS = 200_000_000
"""Cells that are read, with the empty ones before others: a full sheet of 190 columns."""


_FIXED = {"TRUE()": "true", "FALSE()": "false"}
_FIXED_TEXT = re.compile('"([^"]*)"')


def formula(text: str) -> str:
    """Return what stands for a formula: a text that begins with ``=``, or what it is if it computes nothing.

    LibreOffice writes yes and no as formulas, and others a text whose zeros are to stay.
    """
    text = text.strip().removeprefix("of:").removeprefix("=")
    fixed = _FIXED_TEXT.fullmatch(text)
    return _FIXED.get(text.upper(), "=") if fixed is None else fixed[1]


@dataclass(frozen=True, slots=True)
class Sheet:
    """An open sheet.

    Attributes:
        name: Its name.
        all: Names of the sheets of the workbook, of those that are known so far.
        rows: Its rows, without empty ones and without empty cells at the end.
        hidden: Numbers of the rows read so far that are hidden, by hand or by a filter.
        done: Returns the share that has been read, 0 to 1.
    """

    name: str
    all: tuple[str, ...]
    rows: Iterator[Row]
    hidden: set[int]
    done: Callable[[], float]


class RowReader(Reader):
    """Handlers for a part with rows; those that are ready wait in `rows`, each with how often it comes.

    Attributes:
        last: Number of the last row.
        hidden: Numbers of those that are hidden.
        share: How much of the part has been read, 0 to 1.
        ended: Whether what follows is not of the sheet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: deque[tuple[Row, int]] = deque()
        self.last = 0
        self.hidden: set[int] = set()
        self.share = 0.0
        self.ended = False
        self.cells: list[str] = []
        self.fault: str | None = None

    def put(self, column: int, text: str, times: int = 1) -> None:
        """Put a text into the row, at a column from 1 and those that follow."""
        if not text.strip():
            return
        if not 1 <= column <= MOST_COLUMNS:
            raise SourceError(self.last, DAMAGED)
        times = min(times, MOST_COLUMNS - column + 1)
        self.cells += [""] * (column - 1 + times - len(self.cells))
        self.cells[column - 1 : column - 1 + times] = [text] * times

    def finish(self, *, is_hidden: bool, times: int = 1) -> None:
        """Take the row as it is, if anything is in it, and begin another."""
        if (self.cells or self.fault) and self.last <= MOST_ROWS:
            if is_hidden:
                self.hidden.add(self.last)
            self.rows.append((Row(self.last, [] if self.fault else self.cells, self.fault), times))
        self.cells, self.fault = [], None


def sheet_rows(archive: ZipFile, part: str, reader: RowReader) -> Iterator[Row]:
    """Yield the rows of a part.

    Raises:
        SourceError: It is damaged, or beyond the budgets.
    """
    read = came = cells = 0
    size = max(archive.getinfo(part).file_size, 1)
    try:
        with archive.open(part) as file:
            for _ in read_part(file, reader):
                read += BLOCK
                reader.share = min(1.0, read / size)
                while reader.rows:
                    came = read
                    row, times = reader.rows.popleft()
                    for number in range(row.line, min(row.line + times, MOST_ROWS + 1)):
                        cells += len(row.cells)
                        if cells > MOST_CELLS:
                            raise TooLarge(f"it has over {MOST_CELLS} cells")
                        yield Row(number, list(row.cells) if times > 1 else row.cells, row.fault)
                if reader.ended:
                    return
                if read - came > LARGEST_GAP:
                    raise TooLarge(f"{LARGEST_GAP} bytes of a sheet have no text in them")
    except DAMAGE:
        reason = f"the file is damaged after this line; {SAVE}"
        raise SourceError(reader.last, reason) from None
    finally:
        reader.share = 1.0
