"""Readers: files and queries to rows of text cells, one module for each kind of source.

All of them read as a stream, tell the line a row stands on, and end with a `SourceError` that says what to do
when a source cannot be read on. What a single row has wrong is that row's fault only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from mapping.sources.readers.content import KINDS, WORKBOOKS, FileKind, kind_of
from mapping.sources.readers.delimited import open_delimited
from mapping.sources.readers.header import Header
from mapping.sources.readers.json_lines import open_json_lines
from mapping.sources.readers.ldif import open_ldif
from mapping.sources.readers.sql import open_query
from mapping.sources.readers.table import VALUES, Row, SourceError, Table, Warn, no_warning

__all__ = [
    "KINDS",
    "VALUES",
    "WORKBOOKS",
    "Encoding",
    "FileKind",
    "Row",
    "SourceError",
    "Table",
    "kind_of",
    "open_file",
    "open_query",
]

Encoding = Literal["utf-8", "windows-1252", "iso-8859-1", "auto"]


@contextmanager
def open_file(
    path: Path,
    *,
    kind: FileKind | None = None,
    encoding: Encoding = "utf-8",
    delimiter: str = ";",
    quote: str = '"',
    header: Header = True,
    columns: Sequence[str] | None = None,
    sheet: str | None = None,
    hidden: Literal["read", "skip"] = "read",
    wanted: Sequence[str] = (),
    optional: frozenset[str] = frozenset(),
    warn: Warn = no_warning,
) -> Iterator[Table]:
    """Open a file.

    Args:
        path: The file.
        kind: How a text file is built; None: as its content or its ending says (`kind_of`).
        encoding: How characters are written. ``auto`` finds out, reading the file twice.
        delimiter: The character between cells, or ``auto``; of delimited files.
        quote: The character around cells, or nothing; of delimited files.
        header: Whether the first row names the columns, as for `mapping.sources.readers.header.settle`.
        columns: Names of the columns in their order, where there may be no header.
        sheet: Name of the sheet of a workbook; None: the first.
        hidden: What is done with rows of a sheet that are hidden or filtered away; told in either case.
        wanted: Columns that will be asked for. JSON lines and LDIF have these columns, others all of theirs.
        optional: Those of them that the file may lack; in delimited files without header at the end of rows.
        warn: Takes what is passed over, or read in a way that the operator should know.

    Yields:
        The table.

    Raises:
        SourceError: The file cannot be opened or read. Also raised while the rows are read.
    """
    match kind_of(path, kind):
        case "delimited":
            opened = open_delimited(
                path,
                encoding=encoding,
                delimiter=delimiter,
                quote=quote,
                header=header,
                columns=columns or (),
                wanted=wanted,
                optional=optional,
            )
        case "json-lines":
            opened = open_json_lines(path, encoding=encoding, wanted=wanted, optional=optional)
        case "xlsx" | "ods" as found:
            # Imported here: the library takes half a second, and most sources have no workbooks.
            from mapping.sources.readers.workbooks import open_workbook

            opened = open_workbook(
                path,
                found,
                sheet=sheet,
                header=header,
                columns=columns or (),
                wanted=wanted,
                optional=optional,
                hidden=hidden,
                warn=warn,
            )
        case "ldif":
            opened = open_ldif(path, encoding=encoding, wanted=wanted, warn=warn)
    with opened as table:
        yield table
