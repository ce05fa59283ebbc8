"""The second half of a load: what has been staged is held against the register, and taken in.

All of it happens in the one transaction that writes. With faulty rows left out, what stays of the load is
taken in; otherwise the first section with an error is the last that is looked at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mapping.loads import contact_rules, record_rules, vanished
from mapping.loads.apply import apply
from mapping.loads.batches import RecordCounts
from mapping.loads.known_rows import KnownRows
from mapping.loads.load_log import LoadLog
from mapping.loads.staging import Place, Stage
from mapping.loads.vanished import Vanished
from mapping.sources.profile import Profile
from mapping.sources.report import FileReport
from mapping.sources.section import ProfileSection
from register.columns import TABLES
from register.model import FixedContact, Record

_LOAD_FIRST = {
    "provider": "care providers",
    "unit": "units",
    "care_unit": "units",
    "team": "teams",
    "staff": "staff",
    "person_id": "residents",
}
"""Field that refers to another record -> the records to load first."""

_EXCLUDING = {"listing": "listing of this type", "fixed_contact": "fast läkarkontakt"}
"""Record type -> what a resident has one of at a time."""

_NOT_EMPLOYED = "the staff cannot be chosen for this contact at the unit on that day"
_NOT_LISTED = "the resident is not listed (PV) at the unit on that day"
_PAUSED = "the staff takes no new patients at the unit"
_BEYOND_CAP = "the staff has as many patients at the unit as the cap allows"


@dataclass
class Intake:
    """A load that has been read.

    Attributes:
        files: Reports, by the place of the file in the load.
        stages: Place of a section in the profile -> its records, in the order of the profile.
        known: Place of a section -> the rows of its feeds that were passed over.
        now: The present, Swedish local time.
        records: Record type -> what became of its records.
    """

    profile: Profile
    files: list[FileReport]
    stages: Mapping[int, Stage]
    known: Mapping[int, list[KnownRows]]
    now: datetime
    allow_vanished: bool
    records: dict[str, RecordCounts] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether nothing of the load can be taken in."""
        strict = self.profile.load.faulty == "refuse"
        return any(one.stopped or (strict and one.errors) for one in self.files)

    def take_in(self, journal: LoadLog) -> None:
        """Hold the load against the register and write it, unless it turns out to be refused."""
        gone = {one.record_type: one for one in self._find_vanished(journal)}
        for place, stage in self.stages.items():
            self._take(self.profile.file[place], stage, journal, gone.get(stage.record_type))
            if self.refused:
                return
        if any(one.faulty for one in self.files):  # of a faulty row nobody knows which record it means
            return
        for one in gone.values():
            self._brake(one, vanished.number(journal, one))
            self._count(one.record_type, vanished.end(journal, one, self.now))

    def _take(self, section: ProfileSection, stage: Stage, journal: LoadLog, gone: Vanished | None) -> None:
        for place, name in stage.missing():
            message = f"the {name} is not in the register; load {_LOAD_FIRST[name]} first"
            self._fault(stage, section, [place], name, _covering(section, name) or message)
        for place, county in record_rules.unoffered(stage):
            message = "the county offers no such listing type; load its listing types first"
            self._fault(stage, section, [place], "code", message, f" (county {county})")
        stands = contact_rules.drop_standing(stage, self.now.date()) if section.current else 0
        self._check_contacts(section, stage, journal)
        if section.existing == "keep":
            stands += stage.drop_known(not_of=journal.of_source(stage.target))
        self._refuse_passed(section, stage)  # by the origins that `touch` changes
        stage.touch(journal.first_file, journal.of_source(stage.target))
        stands += stage.drop_known()
        for place, other in stage.of_others(self.profile.profile.name):
            message = "another source has brought this record; leave it to that, or say existing = keep"
            self._fault(stage, section, [place], None, message, f" (source {other})")
        if self.refused:
            return
        self._count(stage.record_type, RecordCounts(unchanged=stands))
        self._count(stage.record_type, self._write(section, stage, journal, gone))
        self._count_updated(section, stage)

    def _write(
        self, section: ProfileSection, stage: Stage, journal: LoadLog, gone: Vanished | None
    ) -> RecordCounts:
        """Apply a stage; rows that would exclude others are taken out and the rest is applied anew."""
        while True:
            written = journal.written
            with stage.connection.begin_nested() as savepoint:
                made_way = contact_rules.make_way(stage, journal) if section.current else Counter[str]()
                gave_way = vanished.give_way(journal, gone, stage, self.now) if gone else RecordCounts()
                counts = apply(stage, journal).plus(gave_way)
                excluding = record_rules.overlaps(stage)
                if not excluding:
                    return counts.plus(RecordCounts(ended=made_way["ended"], removed=made_way["removed"]))
                savepoint.rollback()
            journal.written = written
            for place, other in excluding:
                what = _EXCLUDING[section.record]
                where = "in the register" if other is None else f"on line {other.line}"
                if other is not None and other.file != place.file:
                    where += f" of {self.files[other.file].file.name}"
                message = f"the resident has another {what} at the same time"
                self._fault(stage, section, [place], None, message, f" ({where})")
            if self.refused:
                return RecordCounts()

    def _check_contacts(self, section: ProfileSection, stage: Stage, journal: LoadLog) -> None:
        """Hold contacts against what the profile wants the register to say about them."""
        checks = section.checks
        if stage.record_type is not FixedContact:
            return
        if checks.listed is not None:
            places = contact_rules.listed(stage, self.now)
            self._fault(stage, section, places, "person_id", _told(checks.listed, _NOT_LISTED))
        if checks.employed is not None:
            places = contact_rules.employed(stage, self.now)
            self._fault(stage, section, places, "staff", _told(checks.employed, _NOT_EMPLOYED))
        if section.current:
            message = "another source has brought the contact whom this one would replace; end it there"
            self._fault(stage, section, contact_rules.of_others(stage, journal), None, message)
            message = "the resident has another contact of the type who began on that day or after it"
            for place, day in contact_rules.begun_later(stage, self.now.date()):
                self._fault(stage, section, [place], "valid_from", message, f" ({day})")
        if checks.within_cap is not None:
            self._fault(
                stage, section, contact_rules.paused(stage), "staff", _told(checks.within_cap, _PAUSED)
            )
            for place, cap in list(contact_rules.beyond_cap(stage, self.now)):
                message = _told(checks.within_cap, _BEYOND_CAP)
                self._fault(stage, section, [place], "staff", message, f" ({cap})")

    def _refuse_passed(self, section: ProfileSection, stage: Stage) -> None:
        """Refuse rows about a record that a row which was passed over is about, too."""
        known = self.known[stage.number]
        if not known:
            return
        origins = stage.origins()
        passed = {one for rows in known for one in rows.passed(set(origins.values()))}
        for place, origin in origins.items():
            if origin in passed:
                message = f"the load has this {section.record} already"
                self._fault(stage, section, [place], None, message, ", in a row that has not changed")

    def _find_vanished(self, journal: LoadLog) -> Iterable[Vanished]:
        if self.profile.load.policy != "full" or self.refused:
            return
        known = {id(rows): rows for several in self.known.values() for rows in several}
        gone = [place for rows in known.values() for place in rows.gone()] if known else None
        by_type: dict[type[Record], list[Stage]] = {}
        for stage in self.stages.values():
            by_type.setdefault(stage.record_type, []).append(stage)
        for record_type, stages in by_type.items():
            found = vanished.find(journal, record_type, stages, gone, self.now)
            if found is not None:
                yield found

    def _brake(self, gone: Vanished, number: int) -> None:
        """Refuse the load when too many records have vanished for it to be true."""
        brake = self.profile.load.brake
        if not number or self.allow_vanished or number * 100 <= gone.live * brake:
            return
        self.files[0].error(
            None,
            None,
            f"{number} of the {gone.live} records ({TABLES[gone.record_type].name}) of this source are in no "
            f"row any more: {100 * number / gone.live:.3g} percent, and the brake of the profile is at "
            f"{brake}; if the file is complete, load it with --allow-vanished",
        )

    def _fault(
        self,
        stage: Stage,
        section: ProfileSection,
        places: Iterable[Place],
        name: str | None,
        message: str,
        detail: str = "",
    ) -> None:
        """Tell what is wrong with rows and take them out."""
        found = list(places)
        column = section.column_of(name) if name is not None else None
        for place in found:
            self.files[place.file].error(place.line, column, message, detail=detail)
        stage.drop(found)

    def _count(self, record_type: type[Record], counts: RecordCounts) -> None:
        name = next(stage.target.name for stage in self.stages.values() if stage.record_type is record_type)
        self.records[name] = self.records.get(name, RecordCounts()).plus(counts)

    def _count_updated(self, section: ProfileSection, stage: Stage) -> None:
        for file, number in stage.rows_by_file().items():
            self.files[file].updated += number
        if section.current:
            for place in stage.places():
                report = self.files[place.file]
                if place.line in report.unit_of:  # not where the profile names the unit, or it is a query
                    report.updated_of[report.unit_of[place.line]] += 1


def _covering(section: ProfileSection, name: str) -> str | None:
    """Return the message of the check that an unknown record fails, whose words are told instead."""
    check = section.checks.listed if name == "person_id" else section.checks.employed
    return check if isinstance(check, str) and name in ("person_id", "staff", "unit") else None


def _told(message: str | bool, usual: str) -> str:
    return usual if message is True else str(message)
