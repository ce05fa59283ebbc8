"""Loading a source: its rows are read, mapped, checked and staged; then the register takes them in at once.

All files of a load are one transaction, so answers are of the state before it or after it. What takes long,
reading and mapping, is done before that transaction begins, and rows that the source has not changed since
its last load are passed over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from contracts.clock import swedish_now, utc_now
from mapping.loads import batches, known_rows
from mapping.loads.batches import Batch, BatchState, LoadedFile
from mapping.loads.intake import Intake
from mapping.loads.known_rows import KnownRows
from mapping.loads.load_log import LoadLog
from mapping.loads.reading import SourceReader
from mapping.loads.report import LoadReport, Progress, Tell, tell_nobody
from mapping.loads.staging import Place
from mapping.sources.feeds import Feed, plan
from mapping.sources.feeds import reading as reading_of
from mapping.sources.names import Directory
from mapping.sources.profile import Profile
from mapping.sources.report import LoadState
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
    allow_vanished: bool = False,
    all_rows: bool = False,
    tell: Tell = tell_nobody,
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
        allow_vanished: Let more records vanish than the profile's brake allows.
        all_rows: Look also at the rows that stood in the last load.
        tell: Is told of progress.

    Returns:
        What came of it.

    Raises:
        LoadConflict: Another load of the source has ended while this one was read.
        sqlalchemy.exc.SQLAlchemyError: The register does not answer, or refuses what passed every check.
    """
    now = now or swedish_now()
    started = utc_now()
    feeds = plan(profile, files)
    report = LoadReport(LoadState.REFUSED, [one for feed in feeds for one in feed.reports])
    if any(one.errors for one in report.files):
        return report
    how = reading_of(profile, check_digits=check_digits)
    with register.preparing() as connection:
        known = {} if all_rows else _recall(connection, profile, feeds, how)
        directory = Directory(connection, now.date())
        reading = SourceReader(connection, today or now.date(), check_digits, directory, tell, known)
        for feed in feeds:
            reading.read(feed)
            if _ends_here(profile, feed):
                break
        stages = dict(sorted(reading.stages.items()))  # in the order of the profile
        passed = {
            place: [known[feed.name] for feed in feeds if place in feed.sections and feed.name in known]
            for place in stages
        }
        intake = Intake(profile, reading.files, stages, passed, now, allow_vanished)
        with suppress(_RolledBack), register.writing_prepared(connection):
            tell(Progress("the register", None, reading.total))
            journal = _journal(connection, profile, started)
            _check_alone(connection, profile, known)
            intake.take_in(journal)
            if dry_run or intake.refused:
                raise _RolledBack
            _write_down(journal, BatchState.LOADED, profile, intake, by, started)
            _keep_rows(journal, profile, reading, how)
            journal.forget_old()
            report.batch = journal.batch
    if intake.refused and not dry_run:
        with register.writing() as connection:
            journal = _journal(connection, profile, started)
            _write_down(journal, BatchState.REFUSED, profile, intake, by, started)
            report.batch = journal.batch
    report.records = {} if intake.refused else intake.records
    report.state = LoadState.REFUSED if intake.refused else LoadState.CHECKED if dry_run else LoadState.LOADED
    for one in reading.files:
        one.state = report.state
        if intake.refused:
            one.forget_updates()
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
        feed.name: known_rows.known_rows(connection, source, feed.name, how) for feed in feeds if feed.alike
    }
    known = {feed: rows for feed, rows in found.items() if rows is not None}
    types = Counter(record for feed in feeds for record in {one.record for one in feed.sections.values()})
    whole = len(known) == len(feeds) and max(types.values()) == 1
    return known if profile.load.policy == "delta" or whole else {}


def _ends_here(profile: Profile, feed: Feed) -> bool:
    """Tell whether the files after a feed are not read: they may refer to what it does not bring."""
    strict = profile.load.faulty == "refuse"
    return any(one.stopped or (strict and one.errors) for one in feed.reports)


def _journal(connection: Connection, profile: Profile, now: datetime) -> LoadLog:
    return LoadLog(connection, profile.profile.name, *batches.next_numbers(connection), now)


def _check_alone(connection: Connection, profile: Profile, known: Mapping[str, KnownRows]) -> None:
    for feed, rows in known.items():
        if known_rows.latest(connection, profile.profile.name, feed) != rows.batch:
            raise LoadConflict(
                f"another load of the source {profile.profile.name} has ended in the meantime; load again"
            )


def _write_down(
    journal: LoadLog, state: BatchState, profile: Profile, intake: Intake, by: str, started: datetime
) -> None:
    batches.keep(
        journal.connection,
        Batch(
            journal.batch,
            profile.profile.name,
            profile.profile.title,
            profile.load.policy,
            state,
            started,
            utc_now(),
            by,
            {} if state is BatchState.REFUSED else intake.records,
            tuple(LoadedFile(one.file.name, one.rows, one.approved, one.faulty) for one in intake.files),
        ),
        journal.first_file,
    )


def _keep_rows(journal: LoadLog, profile: Profile, reading: SourceReader, how: str) -> None:
    """Keep the rows for the next load, those at fault left out.

    After a load that did not end what had vanished, since rows were at fault, the next looks at all of them.
    """
    faulty = {
        Place(place, line) for place, report in enumerate(reading.files) for line in report.faulty_lines
    }
    if faulty and profile.load.policy == "full":
        known_rows.forget(journal.connection, journal.source)
        return
    known_rows.forget(journal.connection, journal.source, unless=how)
    for feed, rows in reading.rows.items():
        kept = rows.numbered(journal.first_file, faulty)
        known_rows.keep(journal.connection, journal.source, feed, how, journal.batch, kept)
