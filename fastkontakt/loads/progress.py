"""How far a load has come: a bar on a terminal, log events otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import structlog
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fastkontakt.console import err
from mapping.loads.report import OnProgress
from mapping.loads.report import Progress as Step

LOG_SECONDS = 10.0
"""Seconds between two events about the same load."""

log = structlog.get_logger(__name__)


@contextmanager
def progress(source: str) -> Iterator[OnProgress]:
    """Give what tells an operator how far the load of a source has come."""
    if not err.is_terminal:
        yield _Events(source).tell
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        yield _Bar(bar).tell


class _Pace:
    """Rows a second since the load began."""

    def __init__(self) -> None:
        self.began = monotonic()

    def rate(self, rows: int) -> int:
        seconds = monotonic() - self.began
        return round(rows / seconds) if seconds else 0


class _Bar:
    """A bar for each step of the load; only the one under way shows."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._pace = _Pace()
        self._what = ""
        self._task: TaskID | None = None

    def tell(self, step: Step) -> None:
        if self._task is None or step.what != self._what:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._what = step.what
            self._task = self._bar.add_task(step.what, total=None, rate="")
        self._bar.update(
            self._task,
            total=None if step.share is None else 1.0,
            completed=step.share or 0.0,
            rate=f"{step.rows} rows, {self._pace.rate(step.rows)}/s",
        )


class _Events:
    """An event every `LOG_SECONDS`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pace = _Pace()
        self._what = ""
        self._step_began = self._told = self._pace.began

    def tell(self, step: Step) -> None:
        now = monotonic()
        if step.what != self._what:
            self._what, self._step_began = step.what, now
        if now - self._told < LOG_SECONDS:
            return
        self._told = now
        left = (now - self._step_began) * (1 / step.share - 1) if step.share else None
        log.info(
            "load_progress",
            source=self._source,
            step=step.what,
            percent=None if step.share is None else round(100 * step.share),
            rows=step.rows,
            rows_per_second=self._pace.rate(step.rows),
            seconds_left=None if left is None else round(left),
        )
