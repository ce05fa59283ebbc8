"""A sample file of a source: how it is written, and the first of its rows."""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mapping.sources.readers import KINDS, Encoding, FileKind, SourceError, open_file
from mapping.sources.readers.delimited import DELIMITERS

_ROWS = 200
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
    """

    kind: FileKind
    encoding: Encoding
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    rows: list[list[str]]

    def texts(self, column: str) -> list[str]:
        """Return what the rows have in a column, empty cells left out."""
        place = self.columns.index(column)
        return [text for row in self.rows if (text := row[place].strip())]


def read_sample(path: Path) -> Sample:
    """Find out how a file is written, and read its first rows.

    Raises:
        SourceError: It cannot be read, or more than one delimiter would do.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE_BYTES)
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None
    kind = _kind(path, start)
    encoding = _encoding(start) if kind != "xlsx" else "utf-8"
    if kind in ("json-lines", "ldif"):
        text = start.decode(encoding, "ignore")
        columns = _json_columns(text) if kind == "json-lines" else _ldif_columns(text)
        rows = _rows(path, kind, encoding, "", columns)[1]
        return Sample(kind, encoding, "", True, columns, rows)
    delimiter = _delimiter(path, encoding) if kind == "delimited" else ""
    columns, rows = _rows(path, kind, encoding, delimiter, ())
    if any(_DATA.fullmatch(name.strip()) for name in columns):
        made_up = tuple(f"column {number}" for number in range(1, len(columns) + 1))
        return Sample(kind, encoding, delimiter, False, made_up, [list(columns), *rows])
    return Sample(kind, encoding, delimiter, True, columns, rows)


def _kind(path: Path, start: bytes) -> FileKind:
    """Tell the kind by the file's ending, and by its content where the ending does not tell."""
    ending = path.suffix.lower()
    if ending in KINDS:
        return KINDS[ending]
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.lstrip(codecs.BOM_UTF8).startswith(b"{"):
        return "json-lines"
    return "ldif" if re.match(rb"(?:#.*\s+)*(?:version: *1\s+)?(?:#.*\s+)*dn:", start) else "delimited"


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


def _rows(
    path: Path, kind: FileKind, encoding: Encoding, delimiter: str, wanted: tuple[str, ...]
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the columns and the first rows that can be used."""
    with open_file(path, kind=kind, encoding=encoding, delimiter=delimiter, wanted=wanted) as table:
        rows = [row.cells for row in islice(table.rows, _ROWS) if row.fault is None]
        return table.columns, rows


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
