"""The first half of a load: rows are read, mapped and staged; nothing of the register is locked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection

from contracts.identifiers import HsaId, IdentifierError
from mapping.loads.known_rows import KnownRows, RowPrints, print_of
from mapping.loads.report import OnProgress, Progress, on_line
from mapping.loads.staging import RowPlace, Stage
from mapping.loads.statements import staging as statements
from mapping.loads.vanished import end_column
from mapping.sources import corrections
from mapping.sources.feeds import Feed
from mapping.sources.names import Directory
from mapping.sources.readers import SourceError, Table
from mapping.sources.readers.table import Row
from mapping.sources.report import FileReport
from mapping.sources.row_mapper import RowMapper, row_mapper
from mapping.sources.section import ProfileSection
from mapping.sources.values import holds_person_number
from register.model import Record, Resident

_ROWS_OF_PROGRESS = 5000
"""Rows between two reports of progress."""

Mappers = list[tuple[RowMapper, Stage]]


@dataclass
class SourceReader:
    """The rows of a load.

    Attributes:
        connection: A connection of `Register.preparing`.
        today: Day that relative dates count from.
        directory: Whom names of staff may stand for.
        known: Name of a feed -> the rows of its last load, which are passed over.
        keep_names: Whether residents' names are kept; if not, they go no further than here.
        files: Reports of the files that have been read, by the position of the file in the load.
        stages: Position of a section in the profile -> its records.
        prints: Name of a feed -> its rows, where they are kept for the next load.
        adds: Whether the files are corrected rows alone.
        total: Rows read so far.
    """

    connection: Connection
    today: date
    check_digits: bool
    directory: Directory
    on_progress: OnProgress
    known: Mapping[str, KnownRows]
    keep_names: bool
    files: list[FileReport] = field(default_factory=list)
    stages: dict[int, Stage] = field(default_factory=dict)
    prints: dict[str, RowPrints] = field(default_factory=dict)
    adds: bool = False
    total: int = 0

    def read(self, feed: Feed) -> None:
        """Read the files of a feed, or its query, up to what makes one unreadable."""
        for position, section in feed.sections.items():
            if position in self.stages:  # the section is for files of another feed, too
                continue
            kind = section.record_type
            names = kind.said(section.fields)
            ends = end_column(kind.record) if feed.profile.load.policy == "full" else None
            fields = names | {ends} if ends else names
            self.stages[position] = Stage(self.connection, position, kind.record, fields)
        if feed.same_every_time:
            self.prints[feed.name] = RowPrints()
        for report in feed.reports:
            self.files.append(report)
            try:
                with feed.opened(report) as table:
                    self._read(feed, report, self._of_source(feed, report, table))
            except SourceError as error:
                report.stop(error.line, error.reason)
                break
        for position in feed.sections:
            self.stages[position].index_values()
        if not any(report.stopped for report in feed.reports):
            self._settle_repeated(feed)

    def _of_source(self, feed: Feed, report: FileReport, table: Table) -> Table:
        """Return a file without what is not of the source in it."""
        if self.adds:
            form = next(iter(feed.sections.values())).format
            return corrections.without_message(table, headless=form.header is False)
        report.has_messages = corrections.MESSAGE in table.columns and corrections.MESSAGE not in feed.columns
        return table

    def _read(self, feed: Feed, report: FileReport, table: Table) -> None:
        mappers: Mappers = [
            (
                row_mapper(
                    section,
                    table,
                    today=self.today,
                    check_digits=self.check_digits,
                    directory=self.directory,
                ),
                self.stages[position],
            )
            for position, section in feed.sections.items()
        ]
        file, header = len(self.files) - 1, print_of(table.columns)
        prints, known = self.prints.get(feed.name), self.known.get(feed.name)
        unit = _unit_position(feed, table)
        for row in table.rows:
            report.rows += 1
            self.total += 1
            if self.total % _ROWS_OF_PROGRESS == 0:
                self.on_progress(Progress(report.file.name, table.done(), self.total))
            if row.fault is not None:
                report.error(row.line, None, row.fault)
                continue
            if unit is not None and (named := _unit(row.cells[unit])) is not None:
                report.unit_of[row.line] = named
            if prints is None:
                self._stage(mappers, row, file, report)
                continue
            # The same cells under another header are another row.
            row_print = print_of(row.cells) ^ header
            place = known.find(row_print) if known is not None else None
            if place is not None:
                report.passed_over += 1
                prints.add(row_print, *place)
            else:
                self._stage(mappers, row, file, report)
                prints.add_new(row_print, file, row.line)
        for _, stage in mappers:
            stage.flush()
        self.on_progress(Progress(report.file.name, 1.0, self.total))

    def _stage(self, mappers: Mappers, row: Row, file: int, report: FileReport) -> None:
        """Stage what a row stands for: all of it, or nothing if any of it is at fault."""
        errors = report.errors
        found = [(mapper.records(row, report), stage) for mapper, stage in mappers]
        if report.errors == errors:
            for records, stage in found:
                stage.put_all([self._kept(record) for record in records], file, row.line)

    def _kept(self, record: Record) -> Record:
        """Return what is kept of a record."""
        if isinstance(record, Resident) and not self.keep_names:
            return replace(record, given_name=None, surname=None)
        return record

    def _settle_repeated(self, feed: Feed) -> None:
        """Leave one row about each record; others are at fault unless the section lets them be."""
        for position, section in feed.sections.items():
            stage = self.stages[position]
            if self.connection.scalar(statements.any_repeated(stage.table, stage.target)) is None:
                continue
            with stage.keyed():
                if section.repeats != "last":
                    self._refuse_repeated(section, stage)
                if section.repeats:
                    last = section.repeats == "last"
                    self.connection.execute(statements.delete_repeated(stage.table, stage.target, last=last))

    def _refuse_repeated(self, section: ProfileSection, stage: Stage) -> None:
        """Take out rows about a record that an earlier row is about; with repeats, those that differ."""
        found: dict[RowPlace, tuple[RowPlace, bool]] = {}
        repeated = self.connection.execute(statements.repeated(stage.table, stage.target))
        for file, line, first_file, first_line, differs in repeated:
            found.setdefault(RowPlace(file, line), (RowPlace(first_file, first_line), bool(differs)))
        refused = {row: first for row, (first, differs) in found.items() if differs or not section.repeats}
        stage.drop(refused)
        for row, first in refused.items():
            message = f"the load has this {section.record} already"
            self.files[row.file].error(row.line, None, message, detail=f", {on_line(self.files, first, row)}")


def _unit(cell: str) -> str | None:
    """Return the unit that a cell names, as it is compared; None for a text that must not be told."""
    try:
        unit = HsaId.parse(cell)
    except IdentifierError:  # columns get mixed up: it may be somebody's name
        return None
    # Anna-Lena has the form, too.
    told = any(map(str.isdigit, unit.key)) and not holds_person_number(unit.text)
    return unit.key if told else None


def _unit_position(feed: Feed, table: Table) -> int | None:
    """Return the position of the column with the unit, by which the rows of an upload are counted."""
    for section in feed.sections.values():
        column = section.column_of("unit")
        if section.current and column is not None:
            return table.columns.index(column)
    return None
