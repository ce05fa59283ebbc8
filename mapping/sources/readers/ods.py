"""Workbooks of LibreOffice and others (OpenDocument 1.3 part 3, .ods), read a row at a time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path
from zipfile import ZipFile

from contracts.letters import nfc
from mapping.sources.readers.content import SAVE
from mapping.sources.readers.parts import guarded, opened, read_part
from mapping.sources.readers.scalars import as_text
from mapping.sources.readers.sheet import RowReader, Sheet, formula, sheet_rows
from mapping.sources.readers.table import SourceError

_CONTENT = "content.xml"
_LAST = "\0"
"""Name of a sheet that there is not, so that all others are looked at."""
_ANNOTATIONS = frozenset({"annotation", "shapes", "tracked-changes"})
_TIME = re.compile(r"PT(?P<hours>[0-9]+)H(?P<minutes>[0-9]+)M(?P<seconds>[0-9]+)(?:[.,][0-9]+)?S")


@contextmanager
def open_ods(path: Path, sheet: str | None) -> Iterator[Sheet]:
    """Open a sheet of a workbook, as `open_xlsx` does."""
    with opened(path) as file, guarded(lambda: ZipFile(file)) as archive:
        if guarded(lambda: b"encryption-data" in archive.open("META-INF/manifest.xml").read(1 << 16)):
            raise SourceError(None, f"the file is protected with a password; {SAVE} without one")
        names = guarded(lambda: _names(archive, sheet))
        if not names or (sheet is not None and sheet not in names):
            raise SourceError(None, f"there is no sheet {sheet or ''!r}; the file has {', '.join(names)}")
        cells = _Cells(sheet or names[0])
        rows = sheet_rows(archive, _CONTENT, cells)
        yield Sheet(sheet or names[0], tuple(names), rows, cells.hidden, lambda: cells.share)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of all sheets of a workbook, which is read to its end for it."""
    with opened(path) as file, guarded(lambda: ZipFile(file)) as archive:
        return tuple(guarded(lambda: _names(archive, _LAST)))


def _names(archive: ZipFile, wanted: str | None) -> list[str]:
    """Return the names of the sheets up to the one that is wanted."""
    found = _Cells(None)
    with archive.open(_CONTENT) as file:
        for _ in read_part(file, found):
            found.rows.clear()
            if found.names and wanted in (None, *found.names):
                break
    return found.names


class _Cells(RowReader):
    """The rows of a sheet; of no sheet, to see which there are."""

    def __init__(self, sheet: str | None) -> None:
        super().__init__()
        self.names: list[str] = []
        self._wanted = sheet
        self._tables = 0  # within each other: a cell may hold a table
        self._within = False
        self._beside = 0
        self._attributes: dict[str, str] = {}
        self._is_hidden = False
        self._rows = 1
        self._column = 0
        self._paragraphs: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        if name == "table":
            self._tables += 1
            if self._tables == 1:
                self.names.append(nfc(attributes.get("table:name", "")))
                self._within = self.names[-1] == self._wanted and not self.ended
        elif not self._within or self._beside or name in _ANNOTATIONS:
            self._beside += self._within
        elif name == "table-row":
            self.last += self._rows if self.last else 1
            self._rows = int(attributes.get("table:number-rows-repeated", "1"))
            self._is_hidden = attributes.get("table:visibility", "visible") != "visible"
            self._column = 1
        elif name in ("table-cell", "covered-table-cell"):
            self._attributes, self._paragraphs = attributes, []
        elif name == "p":
            self.listen()
        elif name == "s":
            self.characters(" " * min(int(attributes.get("text:c", "1")), 1000))
        elif name == "tab":
            self.characters("\t")
        elif name == "line-break":
            self.characters("\n")

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "table":
            self._tables -= 1
            if not self._tables and self._within:
                self._within, self.ended = False, True
        elif not self._within:
            return
        elif self._beside:
            self._beside -= 1
        elif name == "p":
            self._paragraphs.append(self.said())
        elif name in ("table-cell", "covered-table-cell"):
            times = int(self._attributes.get("table:number-columns-repeated", "1"))
            self._put(times)
            self._column += times
        elif name == "table-row":
            self.finish(is_hidden=self._is_hidden, times=self._rows)

    def _put(self, times: int) -> None:
        text = self._text()
        if text is None:
            self.fault = "the row holds a time span, which is no text, number or date"
        elif text:
            self.put(self._column, text, times)

    def _text(self) -> str | None:
        cell = self._attributes
        kind = cell.get("office:value-type") or cell.get("calcext:value-type", "")
        if "table:formula" in cell:
            return formula(cell["table:formula"])
        match kind:
            case "float" | "percentage" | "currency":
                value = cell.get("office:value", "")
                return as_text(float(value) if any(one in value for one in ".eE") else int(value))
            case "date":
                return cell.get("office:date-value", "")
            case "boolean":
                return cell.get("office:boolean-value", "")
            case "time":
                found = _TIME.fullmatch(cell.get("office:time-value", ""))
                if found is None or int(found["hours"]) > 23:
                    return None
                return as_text(time(int(found["hours"]), int(found["minutes"]), int(found["seconds"])))
        return nfc(cell.get("office:string-value") or "\n".join(self._paragraphs))
