"""The coverage sheet: which case proves which row of what the contracts demand, and why the rest have none.

``rows.csv`` holds the rules of the contracts (RT: RIV-TA, CL: carelisting, GC: GetCareManagers) and the must
rows of the source documents that touch a contract (S). A case names the rows it proves: of a row that also
speaks of what staff do or what a register keeps, the part that shows in an answer.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from consumer.conformance.case import Force, RuleCase
from consumer.conformance.results import CaseResult, RunReport, Verdict


@dataclass(frozen=True)
class CoverageRow:
    """A row of what the contracts demand.

    Attributes:
        id: Its number.
        contract: Contract, or ``both`` domains.
        force: How strong it is.
        source: Document and section.
        says: What it demands.
        untested: Why no case proves it; empty where one does.
    """

    id: str
    contract: str
    force: Force
    source: str
    says: str
    untested: str


@dataclass(frozen=True)
class CoverageLine:
    """A line of the sheet: a row, the results of its cases, and what they say together.

    Attributes:
        row: The row.
        results: Results of the cases that prove it.
        state: One of the verdicts, or why it is not tested.
    """

    row: CoverageRow
    results: tuple[CaseResult, ...]
    state: str


@cache
def rows() -> tuple[CoverageRow, ...]:
    """Return every row."""
    reasons = {one["id"]: one["reason"] for one in _table("untested.csv")}
    return tuple(
        CoverageRow(
            one["id"],
            one["contract"],
            Force(one["force"]),
            one["source"],
            one["says"],
            reasons.get(one["id"], ""),
        )
        for one in _table("rows.csv")
    )


def covered(cases: Iterable[RuleCase]) -> set[str]:
    """Return the ids of the rows that cases prove."""
    return {row for case in cases for row in case.rows}


def sheet(report: RunReport) -> list[CoverageLine]:
    """Return the sheet of a run, row by row."""
    lines = []
    for row in rows():
        results = tuple(one for one in report.results if row.id in one.case.rows)
        lines.append(CoverageLine(row, results, _state(row, results)))
    return lines


def _state(row: CoverageRow, results: tuple[CaseResult, ...]) -> str:
    verdicts = {one.verdict for one in results}
    for worst in (Verdict.BROKEN, Verdict.FAILED, Verdict.BLOCKED, Verdict.HELD):
        if worst in verdicts:
            return worst
    if results:
        return f"not tested, because: {results[0].reason}"
    return f"not tested, because: {row.untested or 'its cases were not among those of this run'}"


def _table(name: str) -> list[dict[str, str]]:
    text = files("consumer.conformance").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
