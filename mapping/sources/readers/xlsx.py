"""Spreadsheets (Office Open XML, .xlsx), read a row at a time."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook

from contracts.letters import nfc
from mapping.sources.readers.header import Width, fitted, settle
from mapping.sources.readers.scalars import NoText, as_text
from mapping.sources.readers.table import Row, SourceError, Table

LARGEST_SHEETS = 2_000_000_000
"""Bytes of all sheets, unpacked: six times as many as a full sheet of short texts has."""
LARGEST_REST = 200_000_000
"""Bytes of everything else, unpacked. The texts of the sheets are among it, and are held in memory."""
LAST_ROW = 1_048_576
"""Rows of the largest sheet there can be (Excel specifications and limits)."""

_CHUNK = 1000
_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_DAMAGE = (
    # What openpyxl, zipfile and the XML parser raise about files that are damaged in one place or another.
    BadZipFile,
    InvalidFileException,
    ZlibError,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    OverflowError,
    EOFError,
    OSError,
)


@contextmanager
def open_xlsx(
    path: Path, *, sheet: str | None, header: bool | str, columns: Sequence[str]
) -> Iterator[Table]:
    """Open a sheet of a spreadsheet.

    A cell that holds a formula, or the error that one ended in, comes as a text that begins with ``=``. Rows
    may be shorter than the header; rows of empty cells are dropped.

    Args:
        path: The file.
        sheet: Name of the sheet; None: the first.
        header: Whether the first row names the columns; ``auto``: it does when it has one of their names.
        columns: Names of the columns in their order, where there may be no header.

    Yields:
        The table.

    Raises:
        SourceError: The file cannot be opened, is damaged, encrypted or too large, or has no such sheet. Also
            raised while the rows are read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None
    with file:
        workbook = _workbook(file)
        try:
            names = [one.title for one in workbook.worksheets]
            if not names or (sheet is not None and sheet not in names):
                raise SourceError(None, f"there is no sheet {sheet or ''!r}; the file has {', '.join(names)}")
            chosen: Any = workbook[sheet or names[0]]
            total = chosen.max_row
            chosen.reset_dimensions()  # some programs write wrong ones, and rows would be cut off
            width = Width()
            rows = _rows(chosen)
            found, data = settle(next(rows, None), header, columns, width)
            last = 1

            def sized() -> Iterator[Row]:
                nonlocal last
                for row in chain(data, rows):
                    last = row.line
                    if row.fault is None:
                        row.cells += [""] * ((width.cells or 0) - len(row.cells))
                        row = fitted(row, width)
                    yield row

            yield Table(found, sized(), lambda: min(1.0, last / total) if total else None)
        finally:
            workbook.close()


def _workbook(file: BinaryIO) -> Workbook:
    if file.read(4) == _ENCRYPTED:
        raise SourceError(None, "the file is encrypted, or an old .xls; save it as .xlsx without a password")
    try:
        with ZipFile(file) as parts:
            # The sizes it tells can be trusted: no more than that is ever unpacked.
            sizes = {part.filename: part.file_size for part in parts.infolist()}
        sheets = sum(size for name, size in sizes.items() if name.startswith("xl/worksheets/"))
        rest = sum(sizes.values()) - sheets
        if sheets > LARGEST_SHEETS or rest > LARGEST_REST:
            raise SourceError(None, "the file is too large when it is unpacked; save it as a text file (CSV)")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and the like, which are not read
            return load_workbook(file, read_only=True, keep_links=False)
    except _DAMAGE:
        raise SourceError(
            None, "the file is damaged, or no .xlsx; open it in a spreadsheet program and save it"
        ) from None


def _rows(sheet: Any) -> Iterator[Row]:
    """Yield the rows that are not empty, without empty cells at the end."""
    numbered = filter(itemgetter(1), enumerate(sheet.iter_rows(max_row=LAST_ROW), 1))
    line = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of dates that do not exist; they come as errors, too
                chunk = [_row(line := number, cells) for number, cells in islice(numbered, _CHUNK)]
        except _DAMAGE:
            reason = "the file is damaged after this line; open it in a spreadsheet program and save it"
            raise SourceError(line, reason) from None
        if not chunk:
            return
        yield from (row for row in chunk if row.cells or row.fault)


def _row(number: int, cells: Sequence[Any]) -> Row:
    try:
        texts = [_text(cell) for cell in cells]
    except NoText as error:
        return Row(number, [], f"the row {error}")
    while texts and not texts[-1].strip():
        texts.pop()
    return Row(number, texts)


def _text(cell: Any) -> str:
    value = cell.value
    if cell.data_type in ("f", "e"):  # a formula; what it came to last is not always stored, and seldom meant
        return f"={value}" if cell.data_type == "e" else "="
    if isinstance(value, str):
        return nfc(unescape(value) if "_x" in value else value)
    if isinstance(value, datetime) and value.time() == time.min and "h" not in cell.number_format.lower():
        return value.date().isoformat()  # all dates are stored as moments
    return as_text(value)
