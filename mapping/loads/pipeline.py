"""Loading a source: its rows are read, mapped, checked and staged; then the register takes them in at once.

All files of a load are one transaction, so answers are of the state before it or after it. What takes long,
reading and mapping, is done before that transaction begins, and rows that the source has not changed since
its last load are passed over.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from contracts.clock import swedish_now, utc_now
from mapping.loads import batches, known_rows, ownership
from mapping.loads.batches import Batch, BatchState, LoadedFile
from mapping.loads.intake import Intake
from mapping.loads.known_rows import KnownRows
from mapping.loads.load_log import LoadLog
from mapping.loads.report import LoadReport, OnProgress, Progress, no_progress
from mapping.loads.source_reader import SourceReader
from mapping.loads.staging import RowPlace
from mapping.sources import corrections
from mapping.sources.feeds import Feed, how_read, plan
from mapping.sources.names import Directory
from mapping.sources.profile import Profile
from mapping.sources.report import FileReport, LoadState
from register import figures
from register.database import Register


class LoadConflict(Exception):
    """Another load of the same source has ended in the meantime; this one has changed nothing."""


class _RolledBack(Exception):
    """Ends a transaction without keeping what it did."""


def load(
    register: Register,
    profile: Profile,
    files: Sequence[Path],
    *,
    dry_run: bool = False,
    today: date | None = None,
    now: datetime | None = None,
    by: str = "",
    check_digits: bool = True,
    keep_names: bool = False,
    allow_vanished: bool = False,
    all_rows: bool = False,
    on_progress: OnProgress = no_progress,
) -> LoadReport:
    """Load files, and what the profile's queries give, into the register.

    Args:
        register: The register.
        profile: Says which records the files hold.
        files: The files, in any order; each must match a section of the profile.
        dry_run: Check everything and keep nothing.
        today: Day that relative dates count from; the present one when left out.
        now: The present, Swedish local time; read from the clock when left out.
        by: Who loads, for the list of loads.
        check_digits: Whether the check digits of person numbers must be right.
        keep_names: Whether residents' names are kept; those of an earlier load go when they are not.
        allow_vanished: Let more records vanish than the profile's brake allows.
        all_rows: Look also at the rows that stood in the last load.
        on_progress: Called with how far the load has come.

    Returns:
        What came of it.

    Raises:
        LoadConflict: Another load of the source has ended while this one was read.
        sqlalchemy.exc.SQLAlchemyError: The register does not answer, or refuses what passed every check.
    """
    now = now or swedish_now()
    started = utc_now()
    given, left = corrections.sorted_out(files)
    adds, feeds = corrections.only(given), plan(profile, given)
    report = LoadReport(LoadState.REFUSED, [one for feed in feeds for one in feed.reports])
    report.files += map(_left_out, left)
    if any(one.errors for one in report.files):
        return report
    how = how_read(profile, check_digits=check_digits, keep_names=keep_names)
    with register.preparing() as connection:
        known = {} if all_rows or adds else _recall(connection, profile, feeds, how)
        directory = Directory(connection, now.date())
        day = today or now.date()
        reader = SourceReader(
            connection, day, check_digits, directory, on_progress, known, keep_names, adds=adds
        )
        for feed in feeds:
            reader.read(feed)
            if _ends_here(profile, feed):
                break
        stages = dict(sorted(reader.stages.items()))  # in the order of the profile
        passed = {
            position: [known[feed.name] for feed in feeds if position in feed.sections and feed.name in known]
            for position in stages
        }
        intake = Intake(profile, reader.files, stages, passed, now, allow_vanished, adds)
        with suppress(_RolledBack), register.writing_prepared(connection):
            on_progress(Progress("the register", None, reader.total))
            figures.fold(connection, now)  # what the rows say of the past is then one figure, not one a day
            load_log = _load_log(connection, profile, started)
            _check_alone(connection, profile, known)
            intake.take_in(load_log)
            if dry_run or intake.refused:
                raise _RolledBack
            _write_down(load_log, BatchState.LOADED, profile, intake, by, started)
            if adds:
                _add_rows(load_log, intake, reader, how)
            else:
                _keep_rows(load_log, profile, reader, how, intake.again)
            load_log.forget_old()
            report.batch = load_log.batch
    if intake.refused and not dry_run:
        with register.writing() as connection:
            load_log = _load_log(connection, profile, started)
            _write_down(load_log, BatchState.REFUSED, profile, intake, by, started)
            report.batch = load_log.batch
    report.records = {} if intake.refused else intake.records
    report.state = LoadState.REFUSED if intake.refused else LoadState.CHECKED if dry_run else LoadState.LOADED
    for one in reader.files:
        one.state = report.state
        if intake.refused:
            one.forget_updates()
    return report


def _left_out(file: Path) -> FileReport:
    """Return the report of a file of faulty rows that came along with whole files.

    Mostly a pattern of the shell has found it beside them. Nobody knows whether it has been corrected, and
    its rows may be older than theirs.
    """
    report = FileReport(file)
    report.warn(
        None,
        None,
        "is a file of faulty rows and is not loaded beside whole files; "
        "load it by itself when it is corrected, or move it away",
    )
    return report


def _recall(
    connection: Connection, profile: Profile, feeds: Sequence[Feed], how: str
) -> dict[str, KnownRows]:
    """Return the rows of the feeds' last loads.

    With policy full, where rows tell what has vanished, those of all feeds or of none; and of none when
    several of them may name the same record.
    """
    source = profile.profile.name
    found = {
        feed.name: known_rows.known_rows(connection, source, feed.name, how)
        for feed in feeds
        if feed.same_every_time
    }
    known = {feed: rows for feed, rows in found.items() if rows is not None}
    if known:
        kinds = {one.record_type.record for feed in feeds for one in feed.sections.values()}
        places = ownership.ended_by_upkeep(connection, kinds)
        for rows in known.values():
            rows.look_again(places)
    types = Counter(record for feed in feeds for record in {one.record for one in feed.sections.values()})
    whole = len(known) == len(feeds) and max(types.values()) == 1
    return known if profile.load.policy == "delta" or whole else {}


def _ends_here(profile: Profile, feed: Feed) -> bool:
    """Tell whether the files after a feed are not read: they may refer to what it does not bring."""
    strict = profile.load.faulty == "refuse"
    return any(one.stopped or (strict and one.errors) for one in feed.reports)


def _load_log(connection: Connection, profile: Profile, now: datetime) -> LoadLog:
    return LoadLog(connection, profile.profile.name, *batches.next_numbers(connection), now)


def _check_alone(connection: Connection, profile: Profile, known: Mapping[str, KnownRows]) -> None:
    for feed, rows in known.items():
        if known_rows.latest(connection, profile.profile.name, feed) != rows.batch:
            raise LoadConflict(
                f"another load of the source {profile.profile.name} has ended in the meantime; load again"
            )


def _write_down(
    load_log: LoadLog, state: BatchState, profile: Profile, intake: Intake, by: str, started: datetime
) -> None:
    batches.keep(
        load_log.connection,
        Batch(
            load_log.batch,
            profile.profile.name,
            profile.profile.title,
            "delta" if intake.adds else profile.load.policy,
            state,
            started,
            utc_now(),
            by,
            {} if state is BatchState.REFUSED else intake.records,
            tuple(LoadedFile(one.file.name, one.rows, one.approved, one.faulty) for one in intake.files),
        ),
        load_log.first_file,
    )


def _keep_rows(
    load_log: LoadLog, profile: Profile, reader: SourceReader, how: str, again: Collection[RowPlace]
) -> None:
    """Keep the rows for the next load, those at fault left out.

    After a load that did not end what had vanished, since rows were at fault, the next looks at all of them.
    """
    faulty = _faulty(reader)
    if faulty and profile.load.policy == "full":
        known_rows.forget(load_log.connection, load_log.source)
        return
    known_rows.forget(load_log.connection, load_log.source, unless=how)
    for feed, prints in reader.prints.items():
        kept = prints.numbered(load_log.first_file, faulty, again)
        known_rows.keep(load_log.connection, load_log.source, feed, how, load_log.batch, kept)


def _add_rows(load_log: LoadLog, intake: Intake, reader: SourceReader, how: str) -> None:
    """Keep corrected rows beside those of the last load."""
    faulty = _faulty(reader)
    added = {feed: rows.numbered(load_log.first_file, faulty) for feed, rows in reader.prints.items()}
    known_rows.forget(load_log.connection, load_log.source, unless=how)
    known_rows.add(load_log.connection, load_log.source, how, load_log.batch, added, intake.corrected)


def _faulty(reader: SourceReader) -> set[RowPlace]:
    return {
        RowPlace(position, line)
        for position, report in enumerate(reader.files)
        for line in report.faulty_lines
    }
