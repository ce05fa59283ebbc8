"""A sample file of a source: how it is written, and the first of its rows."""

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from contracts.letters import nfc
from mapping.sources.cells import column_name
from mapping.sources.readers import WORKBOOKS, Encoding, FileKind, SourceError, kind_of, open_file, open_query
from mapping.sources.readers.delimited import DELIMITERS
from mapping.sources.readers.sql import table_names

_ROWS = 200
_HEADER_ROWS = 30
_TOTALS = frozenset({"summa", "totalt", "total", "antal", "summering", "källa", "utskrivet"})
_SAMPLE_BYTES = 1 << 22
_ATTRIBUTE = re.compile(r"^([A-Za-z][A-Za-z0-9.-]*)[;:]", re.MULTILINE)  # RFC 2849, options left out
_DATA = re.compile(r"|[0-9][0-9 :./+-]*|SE[0-9]{6,}-?[0-9A-Z]*", re.IGNORECASE)
"""A cell that no header has: empty, a number, a date, an HSA-id."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What has been found out about a file.

    Attributes:
        delimiter: Of a delimited file; empty for other kinds.
        header: Whether the first row names the columns.
        columns: The columns by name; made up where there is no header.
        rows: The first rows, as one text for each column.
        sheet: Of a workbook with several, the one that is read.
        skipped: Whether rows stand before the header.
        not_rows: Patterns of rows that are no data.
    """

    kind: FileKind
    encoding: Encoding
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    rows: list[list[str]]
    sheet: str = ""
    skipped: bool = False
    not_rows: tuple[str, ...] = ()

    def texts(self, column: str) -> list[str]:
        """Return what the rows have in a column, empty cells left out."""
        place = self.columns.index(column)
        return [text for row in self.rows if (text := row[place].strip())]


def read_sample(
    path: Path, names: Collection[str], plain: Callable[[str], str], sheet: str | None = None
) -> Sample:
    """Find out how a file is written, and read its first rows.

    Args:
        path: The file.
        names: Names of columns that are known, in plain form.
        plain: Brings a name into that form.
        sheet: Sheet of a workbook; None: the one whose header has most of the names.

    Raises:
        SourceError: It cannot be read, or more than one delimiter would do.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE_BYTES)
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None
    kind = kind_of(path, None)
    encoding = _encoding(start) if kind not in WORKBOOKS else "utf-8"
    if kind in ("json-lines", "ldif"):
        text = nfc(start.decode(encoding, "ignore"))
        columns = _json_columns(text) if kind == "json-lines" else _ldif_columns(text)
        with open_file(path, kind=kind, encoding=encoding, wanted=columns) as table:
            rows = [row.cells for row in islice(table.rows, _ROWS) if row.fault is None]
        return Sample(kind, encoding, "", True, columns, rows)
    delimiter = _delimiter(path, encoding) if kind == "delimited" else ""
    known = frozenset(names)
    best, chosen, several = None, sheet, False
    for one in [sheet] if sheet or kind == "delimited" else sheets(path):
        with open_file(path, encoding=encoding, delimiter=delimiter or ";", header=False, sheet=one) as table:
            rows = [row.cells for row in islice(table.rows, _ROWS) if row.fault is None]
        found = _header(rows, known, plain)
        several = best is not None
        if best is None or found[0] > best[0]:
            best, chosen = (*found, rows), one
    score, place, rows = best or (0, None, [])
    of_sheet = chosen or "" if several or sheet else ""
    if place is None:
        width = max(map(len, rows), default=0)
        made_up = tuple(f"column {number}" for number in range(1, width + 1))
        return Sample(kind, encoding, delimiter, False, made_up, _filled(rows, width), of_sheet)
    columns = tuple(map(column_name, rows[place]))
    while columns and not columns[-1]:
        columns = columns[:-1]
    data = [row for row in rows[place + 1 :] if any(cell.strip() for cell in row)]
    totals = tuple(dict.fromkeys(note for row in data if (note := _total(row, len(columns)))))
    data = [row for row in data if not _total(row, len(columns))]
    cells = _filled(data, len(columns))
    return Sample(kind, encoding, delimiter, True, columns, cells, of_sheet, place > 0, totals)


def read_tables(variable: str, url: str) -> dict[str, Sample]:
    """Return the tables of a database, by their names as a query writes them.

    Raises:
        SourceError: It does not answer, or the variable holds no URL of a database.
    """
    if not url:
        reason = f"the environment variable {variable} is not set; it must hold the database's URL"
        raise SourceError(None, reason)
    found = {}
    for table in table_names(url):
        with open_query(url, f"SELECT * FROM {table}") as opened:  # noqa: S608 - quoted by SQLAlchemy
            rows = [row.cells for row in islice(opened.rows, _ROWS) if row.fault is None]
            found[table] = Sample("delimited", "utf-8", "", True, opened.columns, rows)
    return found


def _header(
    rows: list[list[str]], known: frozenset[str], plain: Callable[[str], str]
) -> tuple[int, int | None]:
    """Return how many names that are known the header has, and which row it is; None where there is none."""
    scores = [sum(plain(cell) in known for cell in row if cell.strip()) for row in rows[:_HEADER_ROWS]]
    if scores and max(scores) > 0:
        return max(scores), scores.index(max(scores))
    first = rows[0] if rows else []
    return 0, None if not first or any(_DATA.fullmatch(cell.strip()) for cell in first) else 0


def _total(row: list[str], width: int) -> str:
    """Return the pattern of a row that is no data, such as a total; empty for data."""
    texts = [cell.strip() for cell in row if cell.strip()]
    first = texts[0].split()[0].rstrip(":") if texts else ""
    return f"{first}*" if len(texts) <= max(2, width // 2) and first.casefold() in _TOTALS else ""


def _filled(rows: list[list[str]], width: int) -> list[list[str]]:
    return [(row + [""] * width)[:width] for row in rows]


def sheets(path: Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    # Imported here: the library of workbooks takes half a second.
    from mapping.sources.readers.ods import sheet_names
    from mapping.sources.readers.xlsx import open_xlsx

    if kind_of(path, None) == "ods":
        return sheet_names(path)
    with open_xlsx(path, None) as sheet:
        return sheet.all


def _encoding(start: bytes) -> Encoding:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # not to its end: it may be cut within a letter
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _delimiter(path: Path, encoding: Encoding) -> str:
    """Return the delimiter by which the reader finds the columns."""
    with open_file(path, kind="delimited", encoding=encoding, delimiter="auto") as table:
        columns = table.columns
    for delimiter in DELIMITERS:
        with open_file(path, kind="delimited", encoding=encoding, delimiter=delimiter) as table:
            if table.columns == columns:
                return delimiter
    raise SourceError(1, "no delimiter is found")


def _json_columns(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for line in text.splitlines()[:_ROWS] for name in _json_names(line)))


def _json_names(line: str) -> Iterator[str]:
    try:
        record = json.loads(line)
    except ValueError:  # told when the rows are read
        return
    if isinstance(record, dict):
        yield from record


def _ldif_columns(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in _ATTRIBUTE.findall(text) if name != "version"))
