"""What a load reports to the operator about each file, with every problem counted.

A report never holds a person number, a name or a note.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

KEPT_PROBLEMS = 500
"""How many errors of a file, and how many warnings, are kept in full; the rest are only counted."""

KEPT_FAULTS = 100_000
"""How many faulty rows of a file keep their messages, for the file of faulty rows."""


class LoadState(StrEnum):
    """How a load, or a file of it, fared."""

    LOADED = "loaded"
    CHECKED = "checked"
    """Without fault in a dry run: it would have been loaded."""
    REFUSED = "refused"
    """Faulty: nothing of the load is in the register."""
    NOT_READ = "not read"
    """Left out because a file before it was refused, or because it has faulty rows of another load."""


class Severity(StrEnum):
    """Whether a problem keeps a row out."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong with a file.

    Attributes:
        file: The file.
        line: Line where the row begins; None when the file as a whole is meant.
        column: Name of the column; None when no single one is at fault.
        message: What is wrong and what to do about it.
    """

    file: Path
    line: int | None
    column: str | None
    severity: Severity
    message: str


class Group(NamedTuple):
    """Problems of one kind: of one column, with one message."""

    severity: Severity
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The rows of an upload that name one unit (requirement row S001-052)."""

    total: int
    faulty: int
    updated: int

    @property
    def approved(self) -> int:
        """Rows without fault."""
        return self.total - self.faulty


@dataclass(slots=True)
class FileReport:
    """What came of one file, or query.

    Attributes:
        rows: Rows read, the header and blank ones not counted.
        passed_over: Those of them that stood in the source's last load word for word.
        updated: Rows that changed the register, or would have in a dry run.
        problems: The first problems of the file, errors and warnings as they came.
        groups: How many problems there are of each kind (requirement row S001-053).
        errors: Number of errors, those not kept included.
        warnings: Number of warnings, those not kept included.
        faulty_lines: Lines with errors.
        faults: Line -> columns and messages of its errors, of the first such rows.
        has_messages: Whether it has the column of a file of faulty rows, and not the name.
        stopped: Whether a problem is of the file as a whole, so that nothing can be loaded.
        unit_of: Line -> unit that the row of an upload names, as it is compared.
        updated_of: Unit -> how many of its rows changed the register.
    """

    file: Path
    state: LoadState = LoadState.NOT_READ
    rows: int = 0
    passed_over: int = 0
    updated: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    groups: Counter[Group] = field(default_factory=Counter)
    errors: int = 0
    warnings: int = 0
    faulty_lines: set[int] = field(default_factory=set)
    faults: dict[int, list[tuple[str | None, str]]] = field(default_factory=dict)
    has_messages: bool = False
    stopped: bool = False
    unit_of: dict[int, str] = field(default_factory=dict)
    updated_of: Counter[str] = field(default_factory=Counter)

    @property
    def faulty(self) -> int:
        """Rows with errors."""
        return len(self.faulty_lines)

    @property
    def approved(self) -> int:
        """Rows without."""
        return self.rows - self.faulty

    @property
    def units(self) -> dict[str, UnitRows]:
        """The rows of an upload by the unit they name (requirement row S001-052)."""
        total = Counter(self.unit_of.values())
        faulty = Counter(self.unit_of[line] for line in self.faulty_lines if line in self.unit_of)
        return {
            unit: UnitRows(number, faulty[unit], self.updated_of[unit])
            for unit, number in sorted(total.items())
        }

    def forget_updates(self) -> None:
        """Let the report say that nothing was changed after all."""
        self.updated = 0
        self.updated_of.clear()

    def stop(self, line: int | None, message: str) -> None:
        """Add a problem that ends the reading of the file."""
        self.error(line, None, message)
        self.stopped = True
        if line is not None:  # it is not among the rows
            self.faulty_lines.discard(line)
            self.faults.pop(line, None)

    def error(
        self, line: int | None, column: str | None, message: str, *, quote: str = "", detail: str = ""
    ) -> None:
        """Add a problem that keeps the row out, or the load.

        Args:
            line: Line where the row begins; None for the file as a whole.
            column: The column at fault.
            message: What is wrong, in words that are the same for all problems of the kind.
            quote: The text at fault, in front of the message.
            detail: What differs from row to row, behind it.
        """
        self.errors += 1
        whole = f"{quote}{message}{detail}"
        self.stopped = self.stopped or line is None
        if line is not None:
            self.faulty_lines.add(line)
            if len(self.faults) < KEPT_FAULTS or line in self.faults:
                self.faults.setdefault(line, []).append((column, whole))
        self.groups[Group(Severity.ERROR, column, message)] += 1
        self._keep(self.errors, RowProblem(self.file, line, column, Severity.ERROR, whole))

    def warn(self, line: int | None, column: str | None, message: str, *, quote: str = "") -> None:
        """Add a problem that the operator should know of."""
        self.warnings += 1
        self.groups[Group(Severity.WARNING, column, message)] += 1
        self._keep(self.warnings, RowProblem(self.file, line, column, Severity.WARNING, quote + message))

    def _keep(self, count: int, problem: RowProblem) -> None:
        if count <= KEPT_PROBLEMS:
            self.problems.append(problem)
