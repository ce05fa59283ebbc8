"""The terminal: results on standard output, errors on standard error, reports as tables."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mapping.sources.report import FileReport, Severity

_FILE_WIDTH = 200
"""Columns of a table that goes to a file or another program instead of a terminal."""

out = Console(
    highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else _FILE_WIDTH
)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def plain_table(*columns: str) -> Table:
    """Return an empty table in the one style all commands use."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_import(reports: Iterable[FileReport]) -> None:
    """Print one line per file and record type on standard output, and every problem on standard error."""
    table = plain_table("file", "state", "rows", "record", "added", "changed", "unchanged")
    for report in reports:
        first = (report.file.name, str(report.state), str(report.rows))
        for record, counts in report.records.items() or {"": None}.items():
            numbers = (counts.added, counts.changed, counts.unchanged) if counts else ()
            table.add_row(*first, record, *map(str, numbers))
            first = ("", "", "")
        for problem in report.problems:
            place = [report.file.name]
            if problem.line is not None:
                place.append(f"line {problem.line}")
            if problem.column is not None:
                place.append(f"column {problem.column}")
            style = "red" if problem.severity is Severity.ERROR else "yellow"
            err.print(
                Text(f"{problem.severity}: ", style), Text(f"{', '.join(place)}: {problem.message}"), sep=""
            )
        kept = dict.fromkeys(Severity, 0)
        for problem in report.problems:
            kept[problem.severity] += 1
        more = report.errors - kept[Severity.ERROR], report.warnings - kept[Severity.WARNING]
        if any(more):
            err.print(f"{report.file.name}: and {more[0]} more errors and {more[1]} more warnings")
    out.print(table)
