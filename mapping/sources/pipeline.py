"""Loading files: read -> map -> check -> upsert -> report, each file in one transaction.

A file with any faulty row leaves nothing in the register. All its problems are reported, and the files after
it, which may refer to it, are not read.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Connection

from mapping.sources.checks import faults, listing_type_check
from mapping.sources.delimited import Row, SourceError, open_table
from mapping.sources.profile import Profile, Section
from mapping.sources.report import FileReport, State
from mapping.sources.rows import RowMapper, row_mapper
from register.database import Register
from register.model import FixedContact, Listing, Record
from register.store import Counts, doctor_overlaps, listing_overlaps, missing_references, upsert

BATCH = 1000
"""Records that are put in the register together."""

_LOAD_FIRST = {
    "provider": "care providers",
    "unit": "units",
    "care_unit": "units",
    "team": "teams",
    "staff": "staff",
    "person_id": "residents",
}
"""Field that refers to another record -> the records to load first."""


_OVERLAPS: dict[str, tuple[Callable[[Connection, Collection[str]], list[tuple[str, str]]], str]] = {
    "listing": (listing_overlaps, "listing of this type"),
    "fixed_contact": (doctor_overlaps, "fast läkarkontakt"),
}
"""Record type -> what finds records of one resident that exclude each other, and what they are."""


class _RolledBack(Exception):
    """Ends a transaction without keeping what it did."""


@dataclass
class _Job:
    """A file under way.

    Attributes:
        lines: Record type -> key of each record of the file -> line it came from.
        residents: Record type of `_OVERLAPS` -> the residents of whom the file has records.
    """

    report: FileReport
    sections: list[Section]
    today: date
    check_digits: bool
    lines: dict[str, dict[str, int]] = field(default_factory=dict)
    residents: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """A record and the line it came from."""

    line: int
    record: Record


def load(
    register: Register,
    profile: Profile,
    files: Sequence[Path],
    *,
    dry_run: bool = False,
    today: date,
    check_digits: bool = True,
) -> list[FileReport]:
    """Load files into the register, in the order in which the profile speaks of them.

    Args:
        register: The register.
        profile: Says which records the files hold.
        files: The files; each must match a section of the profile.
        dry_run: Check everything and keep nothing. Later files see what earlier ones would have brought in.
        today: Day that relative dates count from.
        check_digits: Whether the check digits of person numbers must be right.

    Returns:
        A report for each file, in the order of loading.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The register does not answer, or refuses what passed every check.
    """
    jobs = _plan(profile, files, today, check_digits)
    reports = [job.report for job in jobs]
    if any(report.errors for report in reports):
        return reports
    for together in [jobs] if dry_run else [[job] for job in jobs]:
        with suppress(_RolledBack), register.writing() as connection:
            for job in together:
                _put(connection, job)
            if dry_run:
                raise _RolledBack
        if any(job.report.errors for job in together):
            break
        if not dry_run:
            together[0].report.state = State.LOADED
    return reports


def _plan(profile: Profile, files: Sequence[Path], today: date, check_digits: bool) -> list[_Job]:
    """Match files with sections; a file that cannot be matched is refused and no file is read."""
    given = Counter(file.resolve() for file in files)
    jobs = []
    for file in dict.fromkeys(files):
        sections = [section for section in profile.file if section.matches(file)]
        report = FileReport(file)
        jobs.append(_Job(report, sections, today, check_digits))
        if given[file.resolve()] > 1:
            report.error(None, None, "the file is given more than once")
        if not sections:
            names = ", ".join(dict.fromkeys(section.name for section in profile.file))
            report.error(None, None, f"the profile has no section for a file of this name; it has {names}")
        if report.errors:
            report.state = State.REFUSED
    places = {id(section): place for place, section in enumerate(profile.file)}
    return sorted(jobs, key=lambda job: places[id(job.sections[0])] if job.sections else -1)


def _put(connection: Connection, job: _Job) -> None:
    """Bring in one file.

    Raises:
        _RolledBack: The file has errors.
    """
    report = job.report
    try:
        for section in job.sections:
            _put_section(connection, job, section)
        if not report.errors:
            _check_overlaps(connection, job)
    except SourceError as error:
        report.error(error.line, None, error.reason)
    if report.errors:
        report.state = State.REFUSED
        report.records.clear()
        raise _RolledBack
    report.state = State.CHECKED


def _put_section(connection: Connection, job: _Job, section: Section) -> None:
    form = section.format
    report = job.report
    with open_table(report.file, encoding=form.encoding, delimiter=form.delimiter, quote=form.quote) as table:
        mapper = row_mapper(section, table, today=job.today, check_digits=job.check_digits)
        found = _checked(connection, job, section, mapper, table.rows)
        # Units refer to one another, so all of a file are put together.
        size = None if section.record == "unit" else BATCH
        while batch := list(islice(found, size)):
            _check_references(connection, batch, mapper, report)
            # Also when the file is refused already: what refers to these records must not look faulty, too.
            counts = upsert(connection, [one.record for one in batch if one.line not in report.faulty])
            before = report.records.get(section.record, Counts())
            report.records[section.record] = Counts(*map(sum, zip(before, counts, strict=True)))


def _checked(
    connection: Connection, job: _Job, section: Section, mapper: RowMapper, rows: Iterable[Row]
) -> Iterator[_Found]:
    """Yield the records of a section whose references can be looked up, those with faults included."""
    report = job.report
    lines = job.lines.setdefault(section.record, {})
    type_faults = listing_type_check(connection)
    first = section is job.sections[0]  # rows are counted, and their faults told, only once
    faulty_before = frozenset(report.faulty)  # what such a row refers to may be missing for that reason
    for row in rows:
        report.rows += first
        if row.fault is not None:
            if first:
                report.error(row.line, None, row.fault)
            continue
        record = mapper.record(row, report)
        if record is None:
            continue
        for name, message in chain(faults(record), type_faults(record)):
            report.error(row.line, mapper.column(name), message)
        if isinstance(record, Listing | FixedContact):
            job.residents.setdefault(section.record, set()).add(record.person_id)
        line = lines.setdefault(mapper.record_type.key_of(record), row.line)
        if line != row.line:
            report.error(row.line, None, f"the file has this {section.record} already, on line {line}")
        elif row.line not in faulty_before:
            yield _Found(row.line, record)


def _check_references(
    connection: Connection, batch: Sequence[_Found], mapper: RowMapper, report: FileReport
) -> None:
    for place, name in missing_references(connection, [one.record for one in batch]):
        message = f"the {name} is not in the register; load {_LOAD_FIRST[name]} first"
        report.error(batch[place].line, mapper.column(name), message)


def _check_overlaps(connection: Connection, job: _Job) -> None:
    """Look at all that the file has changed: one row may end what makes room for another."""
    for record_type, (overlaps, what) in _OVERLAPS.items():
        lines = job.lines.get(record_type, {})
        for pair in overlaps(connection, job.residents.get(record_type, ())):
            places = sorted(lines[key] for key in pair if key in lines)
            if places:  # otherwise neither is of this file
                other = f"on line {places[0]}" if len(places) > 1 else "in the register"
                job.report.error(
                    places[-1], None, f"the resident has another {what} {other} at the same time"
                )
