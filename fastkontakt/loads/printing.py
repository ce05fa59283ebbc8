"""What came of a load: as tables on the terminal, and as JSON."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from rich.text import Text

from fastkontakt.console import err, out
from fastkontakt.showing import Cell, table
from mapping.loads.batches import RecordCounts
from mapping.loads.report import LoadReport
from mapping.sources.formulas import as_text
from mapping.sources.private import owner_only
from mapping.sources.report import FileReport, Group, LoadState, Severity

_PROBLEMS = 20
"""Problems of a file that are printed."""

_GROUPS = 50
_UNITS = 50

_OUTCOME = {
    LoadState.LOADED: "loaded",
    LoadState.CHECKED: "checked, nothing is stored",
    LoadState.REFUSED: "refused, nothing is stored",
}


def print_load(report: LoadReport) -> None:
    """Print tables of files, records, kinds of faults and units, and the first problems on standard error."""
    columns = ["file", "rows", "approved", "faulty", "records", "passed over"]
    rows: list[list[Cell]] = [
        [one.file.name, one.rows, one.approved, one.faulty, one.updated, one.passed_over]
        for one in report.files
    ]
    if len({one.state for one in report.files}) > 1:  # else it is that of the load, which is told last
        columns.append("state")
        for row, one in zip(rows, report.files, strict=True):
            row.append(one.state)
    table(columns, rows)
    if report.records:
        out.print()
        records = [(name, *counts) for name, counts in report.records.items()]
        table(("record", *RecordCounts._fields), records)
    _print_groups(report)
    for one in report.files:
        _print_units(one)
        print_problems(one)
    number = f"load {report.batch}: " if report.batch is not None else ""
    rest = ", but for the faulty rows" if report.partly and report.state is not LoadState.REFUSED else ""
    out.print(f"\n{number}{_OUTCOME[report.state]}{rest}")


def _print_groups(report: LoadReport) -> None:
    """Print the kinds of faults with their counts, the most frequent first (requirement row S001-053)."""
    groups: Counter[Group] = sum((one.groups for one in report.files), Counter())
    if not groups:
        return
    out.print()
    table(
        ("number", "severity", "column", "message"),
        [
            (count, group.severity, group.column, group.message)
            for group, count in groups.most_common(_GROUPS)
        ],
    )
    _print_more(len(groups) - _GROUPS, "kinds of problems")


def _print_units(report: FileReport) -> None:
    """Print the counters of an upload by unit, most faults first (requirement row S001-052).

    The headings are those of the regional listing service, whose staff read them.
    """
    if not report.units:
        return
    units = sorted(report.units.items(), key=lambda unit: (-unit[1].faulty, unit[0]))
    out.print()
    table(
        ("Enhet", "Totalt", "Godkända", "Felaktiga", "Uppdaterade"),
        [(key, rows.total, rows.approved, rows.faulty, rows.updated) for key, rows in units[:_UNITS]],
    )
    _print_more(len(units) - _UNITS, "units")


def _print_more(count: int, what: str) -> None:
    if count > 0:
        out.print(f"and {count} more {what}; --report has all of them")


def print_problems(report: FileReport) -> None:
    """Print the first problems of a file on standard error, one line each."""
    for problem in report.problems[:_PROBLEMS]:
        place = [report.file.name]
        if problem.line is not None:
            place.append(f"line {problem.line}")
        if problem.column is not None:
            place.append(f"column {problem.column}")
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        err.print(
            Text(f"{problem.severity}: ", style), Text(f"{', '.join(place)}: {problem.message}"), sep=""
        )
    told = Counter(problem.severity for problem in report.problems[:_PROBLEMS])
    more = report.errors - told[Severity.ERROR], report.warnings - told[Severity.WARNING]
    if any(more):
        err.print(f"{report.file.name}: and {more[0]} more errors and {more[1]} more warnings", markup=False)


def write_json(report: LoadReport, path: Path) -> None:
    """Write the whole report as JSON, for its owner alone.

    Raises:
        OSError: The file cannot be written.
    """
    with open(path, "w", encoding="utf-8", opener=owner_only) as file:
        json.dump(_as_text(_content(report)), file, ensure_ascii=False, indent=1)
        file.write("\n")


def _content(report: LoadReport) -> dict[str, Any]:
    return {
        "state": report.state,
        "batch": report.batch,
        "records": {name: counts._asdict() for name, counts in report.records.items()},
        "files": [
            {
                "file": one.file.name,
                "state": one.state,
                "rows": one.rows,
                "approved": one.approved,
                "faulty": one.faulty,
                "updated": one.updated,
                "passed_over": one.passed_over,
                "errors": one.errors,
                "warnings": one.warnings,
                "groups": [{**group._asdict(), "number": count} for group, count in one.groups.most_common()],
                "problems": [
                    {
                        "line": problem.line,
                        "column": problem.column,
                        "severity": problem.severity,
                        "message": problem.message,
                    }
                    for problem in one.problems
                ],
                "units": {
                    hsa_id: {
                        "total": rows.total,
                        "approved": rows.approved,
                        "faulty": rows.faulty,
                        "updated": rows.updated,
                    }
                    for hsa_id, rows in sorted(one.units.items())
                },
            }
            for one in report.files
        ],
    }


def _as_text(value: Any) -> Any:
    """Keep spreadsheets, which open JSON too, from taking texts of a source for formulas."""
    if isinstance(value, dict):
        return {as_text(key): _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return as_text(value) if isinstance(value, str) else value
