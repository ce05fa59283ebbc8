"""Workbooks of Excel (Office Open XML, also strict, templates and with macros), read a row at a time.

What a number, a date or an escape means `openpyxl` says.
"""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from posixpath import join, normpath
from typing import NamedTuple
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from contracts.letters import nfc
from mapping.sources.readers.parts import (
    LARGEST_STRINGS,
    MOST_STRINGS,
    Reader,
    TooLarge,
    guarded,
    opened,
    read_whole,
)
from mapping.sources.readers.scalars import NoText, as_text
from mapping.sources.readers.sheet import RowReader, Sheet, formula, sheet_rows
from mapping.sources.readers.table import SourceError

_SMALL = 20_000_000  # bytes of a part that describes the others


@contextmanager
def open_xlsx(path: Path, sheet: str | None) -> Iterator[Sheet]:
    """Open a sheet of a workbook.

    A cell that holds a formula, or the error that one ended in, comes as a text that begins with ``=``.

    Args:
        path: The file.
        sheet: Name of the sheet; None: the first.

    Raises:
        SourceError: The file cannot be opened, is damaged or too large, or has no such sheet. Also raised
            while the rows are read.
    """
    with opened(path) as file, guarded(lambda: ZipFile(file)) as archive:
        book = guarded(lambda: _book(archive))
        names = [name for name, _ in book.sheets]
        if not names or (sheet is not None and sheet not in names):
            raise SourceError(None, f"there is no sheet {sheet or ''!r}; the file has {', '.join(names)}")
        chosen = sheet or names[0]
        part = dict(book.sheets)[chosen]
        cells = _Cells(book)
        rows = sheet_rows(archive, part, cells)
        yield Sheet(chosen, tuple(names), rows, cells.hidden, lambda: cells.share)


class _Style(NamedTuple):
    """What the format of a number says of it."""

    is_date: bool
    is_span: bool
    has_hours: bool


_PLAIN = _Style(False, False, False)


class _Strings:
    """The texts that the cells of all sheets share, one after the other in one buffer."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))
        if len(self._ends) > MOST_STRINGS:
            raise TooLarge(f"it has over {MOST_STRINGS} different texts")
        if len(self._bytes) > LARGEST_STRINGS:
            raise TooLarge(f"its texts have over {LARGEST_STRINGS} bytes")

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError
        start = self._ends[place - 1] if place else 0
        return self._bytes[start : self._ends[place]].decode("utf-8", "surrogatepass")


@dataclass(slots=True)
class _Book:
    """What a workbook says about its sheets: name and part of each, in their order."""

    sheets: list[tuple[str, str]]
    strings: _Strings
    styles: list[_Style]
    epoch: datetime


def _book(archive: ZipFile) -> _Book:
    parts = frozenset(archive.namelist())
    main = _related(archive, "", parts).get("officeDocument", [("", "xl/workbook.xml")])[0][1]
    contents = _Contents()
    read_whole(archive, main, contents, largest=_SMALL)
    related = _related(archive, main, parts)
    places = dict(related.get("worksheet", ()))
    sheets = [(nfc(name), places[key]) for name, key in contents.sheets if key in places]
    strings, styles = _SharedStrings(), _Styles()
    for _, part in related.get("sharedStrings", ())[:1]:
        read_whole(archive, part, strings, largest=5 * LARGEST_STRINGS)
    for _, part in related.get("styles", ())[:1]:
        read_whole(archive, part, styles, largest=_SMALL)
    epoch = CALENDAR_MAC_1904 if contents.since_1904 else CALENDAR_WINDOWS_1900
    return _Book(sheets, strings.strings, styles.found(), epoch)


def _related(archive: ZipFile, part: str, parts: frozenset[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the parts that one refers to: last word of their type -> id and name of each."""
    folder, _, name = part.rpartition("/")
    relations = join(folder, "_rels", f"{name}.rels")
    if relations not in parts:
        return {}
    found = _Relations(folder)
    read_whole(archive, relations, found, largest=_SMALL)
    return found.by_type


class _Relations(Reader):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self.by_type: dict[str, list[tuple[str, str]]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = attributes.get("Target", "")
            place = target.lstrip("/") if target.startswith("/") else normpath(join(self._folder, target))
            self.by_type.setdefault(kind, []).append((attributes.get("Id", ""), place))


class _Contents(Reader):
    """The workbook: its sheets by name and id, and which day is 1."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            key = next((value for at, value in attributes.items() if at.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), key))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in ("1", "true")


class _SharedStrings(Reader):
    def __init__(self) -> None:
        super().__init__()
        self.strings = _Strings()
        self._parts: list[str] = []
        self._silent = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":  # how Japanese is said
            self._silent += 1
        elif name == "t" and not self._silent:
            self.listen()

    def end(self, name: str) -> None:
        if name == "t" and self.text is not None:
            self._parts.append(self.said())
        elif name == "rPh":
            self._silent -= 1
        elif name == "si":
            self.strings.add("".join(self._parts))


class _Styles(Reader):
    def __init__(self) -> None:
        super().__init__()
        self._formats: dict[str, str] = {}
        self._of_cells: list[str] = []
        self._within = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            self._of_cells.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._within = False

    def found(self) -> list[_Style]:
        """Return the style of each number that a cell may have."""
        kinds = {number: self._style(number) for number in set(self._of_cells)}
        return [kinds[number] for number in self._of_cells]

    def _style(self, number: str) -> _Style:
        form = self._formats.get(number) or BUILTIN_FORMATS.get(int(number), "General")
        return _Style(bool(is_date_format(form)), bool(is_timedelta_format(form)), "h" in form.lower())


class _Cells(RowReader):
    """The rows of a sheet."""

    def __init__(self, book: _Book) -> None:
        super().__init__()
        self._book = book
        self._is_hidden = False
        self._column = 0
        self._kind = "n"
        self._style = _PLAIN
        self._value = ""
        self._formula: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            self.listen()
        elif name == "f":
            self._formula = ""
            self.listen()
        elif name == "row":
            self.last = int(attributes.get("r", self.last + 1))
            self._column = 0
            self._is_hidden = attributes.get("hidden") in ("1", "true")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r", "").rstrip("0123456789")
        self._column = column_index_from_string(place) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        style = int(attributes.get("s", "0"))
        self._style = self._book.styles[style] if style < len(self._book.styles) else _PLAIN
        self._value, self._formula = "", None

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name in ("v", "t"):
            self._value += self.said()
        elif name == "f":
            self._formula = self.said()
        elif name == "c":
            try:
                self.put(self._column, self._text())
            except NoText as error:
                self.fault = f"the row {error}"
        elif name == "row":
            self.finish(is_hidden=self._is_hidden)

    def _text(self) -> str:
        value = self._value
        match self._kind:
            case "e":
                return f"={value}"
            case _ if self._formula is not None:
                return formula(self._formula)  # what it came to last is not always stored, and seldom meant
            case _ if not value:
                return ""
            case "s":
                return _unescaped(self._book.strings[int(value)])
            case "str" | "inlineStr":
                return _unescaped(value)
            case "b":
                return "true" if value in ("1", "true") else "false"
            case "d":
                return as_text(_dated(datetime.fromisoformat(value), self._style))
        number = float(value)
        if not (self._style.is_date or self._style.is_span):
            return as_text(number if any(one in value for one in ".eE") else int(value))
        try:
            moment = from_excel(number, self._book.epoch, timedelta=self._style.is_span)
        except (ValueError, OverflowError):  # of a day that there is not
            return "=#VALUE!"
        return as_text(_dated(moment, self._style) if isinstance(moment, datetime) else moment)


def _dated(moment: datetime, style: _Style) -> datetime | object:
    """Return a day for a moment whose format shows none of its hours: all dates are stored as moments."""
    return moment.date() if moment.time() == time.min and not style.has_hours else moment


def _unescaped(text: str) -> str:
    return nfc(unescape(text) if "_x" in text else text)
