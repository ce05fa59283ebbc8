"""What a load tells the operator as a whole: how far it has come, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mapping.loads.batches import RecordCounts
from mapping.sources.report import FileReport, LoadState


class Progress(NamedTuple):
    """How far a load has come.

    Attributes:
        what: What is being done, in a few words: the file that is read, or a step after it.
        share: Share of it that is done, 0 to 1; None when that is not known.
        rows: Rows read so far, of all files.
    """

    what: str
    share: float | None
    rows: int


@dataclass(slots=True)
class LoadReport:
    """What came of a load.

    Attributes:
        state: Loaded, checked or refused.
        batch: Number of the load, by which `fastkontakt imports` shows it; None for a dry run.
        files: The files in the order of loading.
        records: Record type -> what became of how many records.
    """

    state: LoadState
    files: list[FileReport]
    batch: int | None = None
    records: dict[str, RecordCounts] = field(default_factory=dict)

    @property
    def faulty(self) -> int:
        """Rows with errors, of all files."""
        return sum(report.faulty for report in self.files)


Tell = Callable[[Progress], None]
"""Is told of progress every few thousand rows."""


def tell_nobody(_progress: Progress) -> None:
    """Tell nobody."""
