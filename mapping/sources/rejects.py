"""The faulty rows of a file in one of their own, to be corrected and loaded again (requirement row S001-054).

The rows stand in it as they came, in the order of the columns, with what is wrong in a column behind. Cells
that a spreadsheet would take for formulas are marked as text, and the readers take the mark away.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mapping.sources.corrections import MESSAGE
from mapping.sources.feeds import Feed
from mapping.sources.file_format import Format
from mapping.sources.formulas import as_text
from mapping.sources.private import owner_only
from mapping.sources.profile import Profile
from mapping.sources.readers import VALUES, WORKBOOKS, SourceError, kind_of
from mapping.sources.report import FileReport

if TYPE_CHECKING:
    from openpyxl import Workbook

_MOST_FAULTS = 100
"""Faults of a row that are shown: a cell with thousands of values may have thousands."""

# What XML cannot carry, and what would be taken for that (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_faulty(report: FileReport, profile: Profile, folder: Path) -> Path | None:
    """Write the faulty rows of a file.

    Args:
        report: That of the file.
        profile: The profile it was loaded with.
        folder: Where to write. The name is that of the source, with ``faulty`` before its ending, and
            a number where there is one already.

    Returns:
        The file written, which the user alone may read; None when there is nothing to write. A spreadsheet is
        written for a spreadsheet, otherwise delimited text: that of a JSON, LDIF or database source is for
        reading, since the correction is made in the source.

    Raises:
        OSError: It cannot be written.
    """
    sections = {
        position: section for position, section in enumerate(profile.file) if section.matches(report.file)
    }
    if not report.faults or not sections or not report.file.is_file():  # a pipe cannot be read again
        return None
    form = next(iter(sections.values())).format
    try:
        kind = kind_of(report.file, form.kind)
    except SourceError:  # it has become another file meanwhile
        return None
    ending = ".xlsx" if kind in WORKBOOKS else report.file.suffix if kind == "delimited" else ".csv"
    folder.mkdir(parents=True, exist_ok=True)
    path = _unused(folder, f"{report.file.stem}.faulty", ending)
    headless = form.header is False and kind in ("delimited", *WORKBOOKS)
    rows = _rows(Feed(profile, sections, [report]), report, headless=headless)
    if kind in WORKBOOKS:
        with open(path, "wb", opener=owner_only) as binary:  # person numbers are in it
            _workbook(form, rows).save(binary)
    else:
        own = form if kind == "delimited" else Format()
        encoding = "utf-8-sig" if own.encoding in ("auto", "utf-8") else own.encoding
        with open(path, "w", encoding=encoding, errors="replace", newline="", opener=owner_only) as file:
            _write_delimited(file, own, rows)
    return path


def _unused(folder: Path, stem: str, ending: str) -> Path:
    """Return a file that is not there yet: somebody may be correcting the one that is."""
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(path for name in names if not (path := folder / f"{name}{ending}").exists())


def _write_delimited(file: TextIO, form: Format, rows: Iterable[list[str]]) -> None:
    delimiter = ";" if form.delimiter == "auto" else form.delimiter
    if form.quote:
        writer = csv.writer(file, delimiter=delimiter, quotechar=form.quote, lineterminator="\n")
        writer.writerows(rows)
    else:  # no cell of the file holds a delimiter, and the message is to hold none
        for row in rows:
            file.write(delimiter.join([*row[:-1], row[-1].replace(delimiter, " ")]) + "\n")


def _workbook(form: Format, rows: Iterable[list[str]]) -> "Workbook":
    from openpyxl import Workbook  # takes half a second, and is seldom needed

    book = Workbook(write_only=True)
    sheet = book.create_sheet(form.sheet)
    for row in rows:
        sheet.append([_ESCAPED.sub(_escape, cell) for cell in row])
    return book


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _rows(feed: Feed, report: FileReport, *, headless: bool) -> Iterator[list[str]]:
    """Yield the header, if the file is to have one, and the faulty rows, each with the message behind."""
    with suppress(SourceError), feed.opened(FileReport(report.file)) as table:
        width = len(table.columns)
        if not headless:
            yield [*(one if one in feed.columns else as_text(one) for one in table.columns), MESSAGE]
        for row in table.rows:
            if row.line in report.faults:
                cells = [as_text(cell.replace(VALUES, feed.separator)) for cell in row.cells]
                filled = cells + [""] * (width - len(cells))
                yield [*filled, _message(report.faults[row.line])]


def _message(faults: Iterable[tuple[str | None, str]]) -> str:
    texts = [text if column is None else f"{column}: {text}" for column, text in islice(faults, _MOST_FAULTS)]
    return as_text("; ".join(texts))
