"""A load as the command line and the watcher of folders run it: progress, event at the end, exit code."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import structlog

from contracts.clock import swedish_now
from fastkontakt.console import err
from fastkontakt.loads.progress import progress
from fastkontakt.settings import Settings
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import Profile
from mapping.sources.report import LoadState
from register.database import Register

LOADED_PARTLY = 3
"""Exit code of a load that left faulty rows out, or a file of them; 0 is for all rows, 1 for none."""

log = structlog.get_logger(__name__)


def run_load(
    settings: Settings,
    register: Register,
    profile: Profile,
    files: Sequence[Path],
    *,
    by: str,
    dry_run: bool = False,
    allow_vanished: bool = False,
    all_rows: bool = False,
) -> LoadReport:
    """Load files of a source and tell how far it has come, then log what came of it.

    Args:
        settings: All settings.
        register: The register.
        profile: Says which records the files hold.
        files: The files.
        by: Who loads them.
        dry_run: Check everything and keep nothing.
        allow_vanished: Let the load through even if the brake of the profile would stop it.
        all_rows: Look also at rows that stood in the last load word for word.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The register does not answer, or refuses what passed every check.
    """
    began = monotonic()
    with progress(profile.profile.name) as tell:
        report = load(
            register,
            profile,
            files,
            dry_run=dry_run,
            today=swedish_now().date(),
            by=by,
            check_digits=settings.identifiers.check_digits,
            keep_names=settings.residents.keep_names,
            allow_vanished=allow_vanished,
            all_rows=all_rows,
            on_progress=tell,
        )
    if not err.is_terminal:  # there the bar has told
        _log(profile, report, monotonic() - began)
    return report


def _log(profile: Profile, report: LoadReport, seconds: float) -> None:
    told = {
        "source": profile.profile.name,
        "batch": report.batch,
        "files": len(report.files),
        "rows": sum(one.rows for one in report.files),
        "faulty": report.faulty,
        "seconds": round(seconds, 1),
    }
    if report.state is LoadState.REFUSED:
        log.error("load_refused", **told)
    else:
        log.info("load_finished", state=report.state.value, **told)


def exit_code(report: LoadReport) -> int:
    """Return what a command ends with after a load: 0 all rows, 1 nothing, `LOADED_PARTLY` the others."""
    if report.state is LoadState.REFUSED:
        return 1
    return LOADED_PARTLY if report.partly else 0
