"""Watching a folder: files of a source are loaded when they have been written in full, and moved away."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.clock import utc_now
from fastkontakt.loads.folders import (
    Seen,
    carry_out,
    lacking,
    look,
    new_place,
    of_faulty_rows,
    opened,
    passed_over,
)
from fastkontakt.loads.printing import write_json
from fastkontakt.loads.running import run_load
from fastkontakt.loads.watch_state import Plan, StateBroken, WatchState
from fastkontakt.settings import Settings
from mapping.loads.pipeline import LoadConflict
from mapping.loads.report import LoadReport
from mapping.sources.profile import Profile
from mapping.sources.rejects import write_faulty
from mapping.sources.report import LoadState
from register.database import Register

REPORT = "report.json"
"""Name of the report beside the files of a load."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched.

    Attributes:
        settings: All settings.
        register: The register.
        profile: Says which files count, and which records they hold.
        folder: Where the source puts its files.
        done: Where the files of a load go.
        failed: Where files go that were refused.
        marker: Ending of the mark beside a file that has been written in full; None where there is none, and
            a file counts as such when it looks the same twice.
        by: Who loads, for the list of loads.
        state: What is kept of the folder, elsewhere.
    """

    settings: Settings
    register: Register
    profile: Profile
    folder: Path
    done: Path
    failed: Path
    marker: str | None
    by: str
    state: WatchState

    def once(self, wait: Callable[[], bool]) -> LoadReport | None:
        """Load what is ready now.

        Args:
            wait: Lets time go by between two looks at the files; tells whether to stop.

        Returns:
            None when nothing is ready, or when told to stop before the load.

        Raises:
            LoadConflict: Another load of the source has ended meanwhile; the files stay, too.
            sqlalchemy.exc.SQLAlchemyError: The register does not answer; the files stay where they are.
            OSError: The folders cannot be used.
        """
        self._finish_moves()
        seen = self._look()
        self._tell_left(set())
        if not seen:
            return None
        if self.marker is None and (wait() or self._look() != seen):
            return None
        return self._take(seen) if self._complete(seen) else None

    def run(self, wait: Callable[[], bool]) -> None:
        """Load what comes, until told to stop; a fault of the register or the disk is logged and waited out.

        Args:
            wait: As for `once`.
        """
        source = self.profile.profile.name
        log.info("watch_started", source=source, folder=str(self.folder))
        before: Seen = {}
        left: set[str] = set()
        told: Seen = {}  # the files that are known to wait for others
        while True:
            try:
                self._finish_moves()
                seen = self._look()
                left = self._tell_left(left)
                if seen and (self.marker is not None or seen == before) and seen != told:
                    if self._complete(seen):
                        self._take(seen)
                    else:
                        told = seen
                before = seen
            except (LoadConflict, SQLAlchemyError, OSError) as error:
                log.error("watch_failed", source=source, error=type(error).__name__)
            if wait():
                break
        log.info("watch_stopped", source=source)

    def _look(self) -> Seen:
        return look(self.folder, self.profile, self.marker)

    def _tell_left(self, before: set[str]) -> set[str]:
        """Log what has come to lie in the folder and is loaded by nobody: faulty rows, and links."""
        faulty = set(of_faulty_rows(self.folder, self.profile))
        links = set(passed_over(self.folder, self.profile))
        if faulty - before:
            log.warning("files_left", source=self.profile.profile.name, files=len(faulty - before))
        if links - before:
            log.warning("links_left", source=self.profile.profile.name, files=len(links - before))
        return faulty | links

    def _complete(self, seen: Seen) -> bool:
        """Tell whether the files are all that a load needs."""
        missing = lacking(self.profile, seen)
        if missing:
            log.info("watch_waiting", source=self.profile.profile.name, lacking=", ".join(missing))
        return not missing

    def _take(self, seen: Seen) -> LoadReport:
        """Load files, and move them with the report and the faulty rows."""
        log.info("files_found", source=self.profile.profile.name, files=len(seen))
        with opened(self.folder, seen) as files:
            report = run_load(self.settings, self.register, self.profile, files, by=self.by)
            parent = self.done if report.state is LoadState.LOADED else self.failed
            with new_place(self.folder, parent, utc_now()) as place:
                write_json(report, place.inside / REPORT)
                for one in report.files:
                    if one.faulty:
                        write_faulty(one, self.profile, place.inside)
        self.state.write(Plan(place.path, self.marker, seen))
        self._finish_moves()
        log.info("files_moved", source=self.profile.profile.name, batch=report.batch, to=str(place.path))
        return report

    def _finish_moves(self) -> None:
        """Move what is still to be moved; a load that has been written down has not to be loaded again."""
        try:
            plan = self.state.read()
            if plan is not None and not plan.place.exists():
                raise StateBroken(str(self.state.put_aside()))
        except StateBroken as aside:
            log.error("watch_state_broken", source=self.profile.profile.name, aside=str(aside))
            return
        if plan is not None:
            carry_out(self.folder, plan)
            self.state.done()
