"""The second half of a load: what has been staged is compared with the register, checked, and written.

All of it happens in the one transaction that writes. With faulty rows left out, what stays of the load is
written; otherwise the first section with an error is the last that is looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mapping.loads import contact_rules, ownership, record_rules, vanished
from mapping.loads.apply import apply, drop_known_of_others, drop_unchanged
from mapping.loads.batches import RecordCounts
from mapping.loads.cases import Outcome
from mapping.loads.known_rows import KnownRows
from mapping.loads.load_log import LoadLog
from mapping.loads.moves import mark_moved
from mapping.loads.report import on_line
from mapping.loads.staging import RowFault, RowPlace, Stage
from mapping.loads.statements import staging as statements
from mapping.loads.vanished import Vanished
from mapping.sources.corrections import MESSAGE
from mapping.sources.profile import Profile
from mapping.sources.report import FileReport
from mapping.sources.section import ProfileSection
from register.columns import TABLES
from register.model import FixedContact, Record

_ONE_AT_A_TIME = {"listing": "listing of this type", "fixed_contact": "fast läkarkontakt"}
"""Record type -> what a resident has one of at a time."""

_WARNINGS: dict[Outcome | None, str] = {
    Outcome.SUPERSEDED: "a call or staff have changed this later; the change stands, the row is set aside",
    Outcome.CONTRADICTED: "the row speaks against a later change by call or staff, which stands for now",
    Outcome.OVERRULED: "the row speaks against a change by call or staff, and has been followed",
}
"""What the operator is told of a row that met such a change (docs/load-messages.md)."""

_GONE = (
    "the resident has died or moved, and what the row says has ended for that reason; "
    "it stays ended until that is taken back"
)
"""Of a row that is set aside for no change by call or staff."""


@dataclass
class Intake:
    """A load that has been read.

    Attributes:
        files: Reports, by the position of the file in the load.
        stages: Position of a section in the profile -> its records, in the order of the profile.
        known: Position of a section -> the rows of its feeds that were passed over.
        now: The present, Swedish local time.
        adds: Whether the rows are corrected ones, which are added to those of the source: none are missed.
        corrected: Where the rows were looked at that told of the same records before.
        records: Record type -> what became of its records.
        again: Rows that the next load must look at, though they will not have changed.
    """

    profile: Profile
    files: list[FileReport]
    stages: Mapping[int, Stage]
    known: Mapping[int, list[KnownRows]]
    now: datetime
    allow_vanished: bool
    adds: bool = False
    corrected: set[RowPlace] = field(default_factory=set)
    records: dict[str, RecordCounts] = field(default_factory=dict)
    again: set[RowPlace] = field(default_factory=set)

    @property
    def refused(self) -> bool:
        """Whether nothing of the load can be written."""
        strict = self.profile.load.faulty == "refuse"
        return any(one.stopped or (strict and one.errors) for one in self.files)

    def take_in(self, load_log: LoadLog) -> None:
        """Compare the load with the register and write it, unless it turns out to be refused."""
        gone = {one.record_type: one for one in self._find_vanished(load_log)}
        for stage in self.stages.values():
            self._take(stage, load_log, gone.get(stage.record_type))
            if self.refused:
                return
        if self.adds:
            return
        if any(one.faulty for one in self.files):  # of a faulty row nobody knows which record it means
            return
        for one in gone.values():
            self._brake(one, vanished.number(load_log, one))
            self._count(one.record_type, vanished.end(load_log, one, self.now))

    def _take(self, stage: Stage, load_log: LoadLog, gone: Vanished | None) -> None:
        section = self.profile.file[stage.number]
        if not section.current:  # an upload says who the contact is now: it is later than any change
            self._settle(stage, load_log, gone)
        for faults in record_rules.faults(stage, section):
            self._refuse(stage, faults)
        unchanged = contact_rules.drop_known(stage, self.now.date()) if section.current else 0
        if stage.record_type is FixedContact:
            for faults in contact_rules.faults(stage, section, load_log, self.now):
                self._refuse(stage, faults)
        if section.existing == "keep":
            unchanged += drop_known_of_others(stage, load_log)
        self._refuse(stage, self._of_passed_rows(stage))  # by the origins that `drop_unchanged` changes
        unchanged += drop_unchanged(stage, load_log)
        self._refuse(stage, record_rules.of_other_sources(stage, load_log.source))
        if self.refused:
            return
        self._count(stage.record_type, RecordCounts(unchanged=unchanged))
        self._count(stage.record_type, self._write(stage, load_log, gone))
        self._count_updated(section, stage)

    def _settle(self, stage: Stage, load_log: LoadLog, gone: Vanished | None) -> None:
        """Weigh rows against what calls and staff have changed, before anything is refused for it."""
        rulings = ownership.settle(stage, load_log, self.profile.load, gone, self.now)
        for one in rulings:
            if one.outcome in _WARNINGS:
                message = _GONE if one.gone else _WARNINGS[one.outcome]
                self.files[one.place.file].warn(one.place.line, None, message)
        self.again.update(one.place for one in rulings if one.again)
        found = ownership.counted(rulings)
        contradicted = found[Outcome.CONTRADICTED] + found[Outcome.OVERRULED]
        counts = RecordCounts(
            adopted=found[Outcome.ADOPTED], superseded=found[Outcome.SUPERSEDED], contradicted=contradicted
        )
        self._count(stage.record_type, counts)

    def _write(self, stage: Stage, load_log: LoadLog, gone: Vanished | None) -> RecordCounts:
        """Apply a stage; rows that would exclude others are taken out and the rest is applied anew."""
        section = self.profile.file[stage.number]
        while True:
            written = load_log.written
            with stage.connection.begin_nested() as savepoint:
                counts = RecordCounts()
                if section.current:
                    counts = counts.plus(contact_rules.end_superseded(stage, load_log))
                if gone is not None:
                    # Of a faulty row nobody knows which record it means; it may be what there is until then.
                    coming = not self.adds and not any(one.faulty for one in self.files)
                    ended = vanished.end_superseded(load_log, gone, stage, self.now, coming=coming)
                    counts = counts.plus(ended)
                mark_moved(stage, load_log, self.now)
                counts = counts.plus(apply(stage, load_log))
                overlaps = record_rules.overlaps(stage)
                if not overlaps:
                    return counts
                savepoint.rollback()
            load_log.written = written
            self._refuse(stage, self._of_overlaps(section, overlaps))
            if self.refused:
                return RecordCounts()

    def _of_overlaps(
        self, section: ProfileSection, overlaps: Iterable[record_rules.Overlap]
    ) -> Iterator[RowFault]:
        for place, other in overlaps:
            message = f"the resident has another {_ONE_AT_A_TIME[section.record]} at the same time"
            where = "in the register" if other is None else on_line(self.files, other, place)
            yield RowFault(place, None, message, f" ({where})")

    def _of_passed_rows(self, stage: Stage) -> Iterator[RowFault]:
        """Yield the faults of rows about a record that a row which was passed over is about, too."""
        known = self.known[stage.number]
        if not known and not self.adds:
            return
        found = stage.connection.execute(statements.origins(stage.table, stage.target))
        origins = {
            RowPlace(file, line): RowPlace(number, number_line) for file, line, number, number_line in found
        }
        if self.adds:
            self.corrected.update(origins.values())
        passed = {one for rows in known for one in rows.passed(set(origins.values()))}
        for place, origin in origins.items():
            if origin in passed:
                message = f"the load has this {self.profile.file[stage.number].record} already"
                yield RowFault(place, None, message, ", in a row that has not changed")

    def _find_vanished(self, load_log: LoadLog) -> Iterable[Vanished]:
        if self.profile.load.policy != "full" or self.refused:
            return
        known = {id(rows): rows for several in self.known.values() for rows in several}
        gone = [place for rows in known.values() for place in rows.gone()] if known else None
        by_type: dict[type[Record], list[Stage]] = {}
        for stage in self.stages.values():
            by_type.setdefault(stage.record_type, []).append(stage)
        for record_type, stages in by_type.items():
            if self.adds:
                found = vanished.find_replaced(load_log, record_type, stages, self.now)
            else:
                found = vanished.find(load_log, record_type, stages, gone, self.now)
            if found is not None:
                yield found

    def _brake(self, gone: Vanished, number: int) -> None:
        """Refuse the load when too many records have vanished for it to be true."""
        brake, total = self.profile.load.brake, gone.of_source
        if not number or self.allow_vanished or number * 100 <= total * brake:
            return
        what_to_do = "if the file is complete, load it with --allow-vanished"
        for one in self.files:
            if one.has_messages:
                what_to_do = (
                    f"{one.file.name} has the column {MESSAGE}: corrected rows are loaded as a file that has "
                    ".faulty before the ending of its name"
                )
        self.files[0].error(
            None,
            None,
            f"{number} of the {total} records ({TABLES[gone.record_type].name}) of this source are in no row "
            f"any more: {100 * number / total:.3g} percent, and the brake of the profile is at {brake}; "
            f"{what_to_do}",
        )

    def _refuse(self, stage: Stage, faults: Iterable[RowFault]) -> None:
        """Report what is wrong with rows and take them out."""
        section = self.profile.file[stage.number]
        found = list(faults)
        for place, name, message, detail in found:
            column = section.column_of(name) if name is not None else None
            self.files[place.file].error(place.line, column, message, detail=detail)
        stage.drop(one.place for one in found)

    def _count(self, record_type: type[Record], counts: RecordCounts) -> None:
        name = TABLES[record_type].name
        self.records[name] = self.records.get(name, RecordCounts()).plus(counts)

    def _count_updated(self, section: ProfileSection, stage: Stage) -> None:
        for file, number in stage.connection.execute(statements.rows_by_file(stage.table)):
            self.files[file].updated += number
        if section.current:
            for place in stage.places(statements.places(stage.table)):
                report = self.files[place.file]
                if place.line in report.unit_of:  # not where the profile names the unit, or it is a query
                    report.updated_of[report.unit_of[place.line]] += 1
