"""What a load says to the operator as a whole: how far it has come, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mapping.loads.batches import RecordCounts
from mapping.loads.staging import RowPlace
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

    @property
    def partly(self) -> bool:
        """Whether the load left out faulty rows, or a file of them."""
        return bool(self.faulty) or any(one.state is LoadState.NOT_READ for one in self.files)


OnProgress = Callable[[Progress], None]
"""What is called every few thousand rows with how far a load has come."""


def no_progress(_: Progress) -> None:
    """Let nobody know how far a load has come."""


def on_line(files: Sequence[FileReport], place: RowPlace, beside: RowPlace) -> str:
    """Return where a row is, for a message about another: without the file's name if that is the same.

    Args:
        files: The files of the load.
        place: The row.
        beside: The row that the message is about.
    """
    of_file = "" if place.file == beside.file else f" of {files[place.file].file.name}"
    return f"on line {place.line}{of_file}"
