"""What an import tells the operator: one `FileReport` per file, with every problem counted.

A report never holds a person number, a name or a note.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from register.store import Counts

KEPT_PROBLEMS = 500
"""How many errors of a file, and how many warnings, are kept in full; the rest are only counted."""


class State(StrEnum):
    """How a file fared."""

    LOADED = "loaded"
    CHECKED = "checked"
    """Without fault in a dry run: it would have been loaded."""
    REFUSED = "refused"
    """Faulty: nothing of it is in the register."""
    NOT_READ = "not read"
    """Left out because a file before it was refused."""


class Severity(StrEnum):
    """Whether a problem keeps a file out."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
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


@dataclass(slots=True)
class FileReport:
    """What came of one file.

    Attributes:
        rows: Rows read, the header and blank ones not counted.
        records: Record type -> how many records were added, changed and left as they were.
        problems: The first problems of the file, errors and warnings as they came.
        errors: Number of errors, those not kept included.
        warnings: Number of warnings, those not kept included.
        faulty: Lines with errors.
    """

    file: Path
    state: State = State.NOT_READ
    rows: int = 0
    records: dict[str, Counts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    errors: int = 0
    warnings: int = 0
    faulty: set[int] = field(default_factory=set)

    def error(self, line: int | None, column: str | None, message: str) -> None:
        """Add a problem that keeps the file out."""
        self.errors += 1
        if line is not None:
            self.faulty.add(line)
        self._keep(self.errors, Problem(self.file, line, column, Severity.ERROR, message))

    def warn(self, line: int | None, column: str | None, message: str) -> None:
        """Add a problem that the operator should know of."""
        self.warnings += 1
        self._keep(self.warnings, Problem(self.file, line, column, Severity.WARNING, message))

    def _keep(self, count: int, problem: Problem) -> None:
        if count <= KEPT_PROBLEMS:
            self.problems.append(problem)
