"""The figures as a table on the terminal, as JSON and as the page in docs/."""

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.measuring import Measure

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
LOADS = ("<!-- figures: written by python -m tests.bench --write-docs -->", "<!-- end of figures -->")
SERVING = (
    "<!-- calls: written by python -m tests.bench serving --write-docs -->",
    "<!-- end of calls -->",
)
"""Marks on the page: what stands between them is written by the bench."""


@dataclass(frozen=True)
class Run:
    """The measures of one database.

    Attributes:
        database: Its name and version.
        rows: Rows of the first file.
        measures: The measures.
    """

    database: str
    rows: int
    measures: list[Measure]

    @property
    def met(self) -> bool:
        """Whether everything that is required was met."""
        return all(one.met is not False for one in self.measures)


def machine() -> str:
    """Return what the run ran on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def show(runs: Sequence[Run]) -> None:
    """Print the figures as tables."""
    console = Console(width=110)
    console.print(machine())
    for run in runs:
        table = Table(title=_title(run), title_justify="left")
        for column in ("measure", "figure", "required", ""):
            table.add_column(column, justify="right" if column == "figure" else "left")
        for one in run.measures:
            table.add_row(*_cells(one))
        console.print(table)


def as_json(runs: Sequence[Run]) -> str:
    """Return the figures as JSON."""
    return json.dumps({"machine": machine(), "runs": [asdict(run) for run in runs]}, indent=2) + "\n"


def write_docs(runs: Sequence[Run]) -> None:
    """Put the figures in their place in docs/performance.md."""
    lines = [f"Measured {date.today()} on {machine()}."]
    for run in runs:
        lines += ["", f"### {_title(run)}", "", "| measure | figure | required | |", "|---|--:|---|---|"]
        lines += [f"| {' | '.join(_cells(one))} |" for one in run.measures]
    put_in_page("\n".join(lines))


def put_in_page(figures: str, marks: tuple[str, str] = LOADS) -> None:
    """Put figures in their place in docs/performance.md."""
    PAGE.write_text(with_figures(PAGE.read_text("utf-8"), figures, marks), "utf-8")


def with_figures(page: str, figures: str, marks: tuple[str, str] = LOADS) -> str:
    """Return the page with these figures between two marks."""
    begin, end = marks
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{figures}\n{end}{after}"


def _title(run: Run) -> str:
    return f"{run.database}, {run.rows} rows"


def _cells(one: Measure) -> tuple[str, str, str, str]:
    digits = 2 if one.value < 10 and not float(one.value).is_integer() else 0
    figure = f"{one.value:.{digits}f} {one.unit}".strip()
    return one.name, figure, one.required, {None: "", True: "met", False: "MISSED"}[one.met]
