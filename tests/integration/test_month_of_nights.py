"""A month of nights: calls and staff by day, the listing system's files by night, and a model of them.

The model knows what residents were answered and what the rows of the listing system say, by the days they
name; it knows nothing of how the loader weighs them (docs/adr/0018, docs/loads.md, "Two hands").
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contacts import appointing
from contacts import staff as staff_rules
from contacts.contact_log import NotAllowed, StaffEdit
from contracts.codes import DOCTOR_CONTACT, PV
from mapping.sources.report import LoadState
from register.columns import columns, record
from register.database import Register
from register.ids import new_id
from register.model import Employment, FixedContact, UnitListingType
from register.tables import employment, fixed_contact, listing
from tests.databases import empty, keep
from tests.integration.shipped import told
from tests.messages import create_listing, envelope, path
from tests.producers import make_producer
from tests.records import ANNA, BO, COUNTY, DAN, PROVIDER, TODAY, doctor, hsa, residents, unit
from tests.sources import FIELDS, Dump, Source, dump, section, undo
from tests.strength import QUICK, sized
from tests.wsgi import post

SQLITE_ALONE = QUICK

PEOPLE = (ANNA, BO, DAN)
UNITS = ("a", "b", "c")
DOCTORS = {"a": "dora", "b": "dina", "c": "dag"}
"""The one doctor of each unit."""
DAY = timedelta(days=1)
STAND_DAYS = 14
ADOPT_DAYS = 7
HEADERS = {
    "employment": ("staff", "unit", "selectable_as_doctor", "max_patients"),
    "listing": ("person_id", "unit", "valid_from", "valid_to"),
    "fixed_contact": ("person_id", "type_code", "staff", "unit", "valid_from", "valid_to"),
}

KNOWLEDGE = "changed_record"

ECHOES = ("both", "both", "end", "new", "replace", "none", "same day", "later day")
"""What the listing system does about a call: takes it in, takes in one half of it, lets the old row go, does
nothing, or says another unit from the same day or from a later one."""


@dataclass(frozen=True)
class Call:
    """A CreateListing, and what the listing system makes of it.

    Attributes:
        late: Days until the system has it.
        shift: Whether its row then begins that day, rather than that of the call.
    """

    person: str
    unit: str
    with_doctor: bool
    echo: str
    late: int
    shift: bool


@dataclass(frozen=True)
class Chore:
    """What staff do: appoint or end the doctor of a resident, pause a doctor, or set a cap.

    ``hear`` is the listing system taking in whom the resident has.
    """

    what: str
    person: str
    unit: str


@dataclass(frozen=True)
class Night:
    """A day and the load after it; no load when ``policy`` is None."""

    calls: tuple[Call, ...]
    chores: tuple[Chore, ...]
    policy: str | None
    all_rows: bool
    undone: bool
    skipped: int


CALLS = st.builds(
    Call,
    st.sampled_from(PEOPLE),
    st.sampled_from(UNITS),
    st.booleans(),
    st.sampled_from(ECHOES),
    st.sampled_from((0, 0, 1, 3)),
    st.booleans(),
)
CHORES = st.builds(
    Chore,
    st.sampled_from(("appoint", "end", "hear", "hear", "pause", "cap")),
    st.sampled_from(PEOPLE),
    st.sampled_from(UNITS),
)
NIGHTS = st.builds(
    Night,
    st.lists(CALLS, max_size=3).map(tuple),
    st.lists(CHORES, max_size=2).map(tuple),
    st.sampled_from(("full", "full", "delta", None)),
    st.booleans(),
    st.booleans(),
    st.sampled_from((0, 0, 0, 1, STAND_DAYS + 1)),
)


@dataclass(frozen=True)
class Row:
    """A row of the listing system about a listing; its last day."""

    unit: str
    begins: date
    ends: date | None = None


@dataclass
class ListingSystem:
    """The rows of a listing system, and what it is about to hear of."""

    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {one: [Row("a", date(2024, 1, 1))] for one in PEOPLE}
    )
    doctors: dict[str, list[Row]] = field(
        default_factory=lambda: {one: [Row("a", date(2024, 1, 1))] for one in PEOPLE}
    )
    heard: list[tuple[date, date, Call]] = field(default_factory=list)

    def hear(self, today: date, call: Call) -> None:
        """Be told of a call: of a resident, only the last is of interest."""
        self.heard = [one for one in self.heard if one[2].person != call.person]
        if call.echo != "none":
            self.heard.append((today + call.late * DAY, today, call))

    def catch_up(self, today: date) -> None:
        """Do what is to be done about calls by now."""
        due = [one for one in self.heard if one[0] <= today]
        self.heard = [one for one in self.heard if one[0] > today]
        for at, called, call in due:
            begins, at_unit = (at if call.shift else called), call.unit
            if call.echo in ("same day", "later day"):
                at_unit = UNITS[UNITS.index(call.unit) - 1]
                begins = called if call.echo == "same day" else called + 2 * DAY
            rows = self.rows[call.person]
            if call.echo != "new":
                starts = sorted({one.begins for one in rows} | {begins})
                ended = [self._ended(one, starts) for one in rows]
                if call.echo == "replace":
                    ended = [one for one, old in zip(ended, rows, strict=True) if one == old]
                rows = [one for one in ended if one is not None]
            if call.echo != "end":
                rows = [one for one in rows if (one.unit, one.begins) != (at_unit, begins)]
                rows.append(Row(at_unit, begins))
            self.rows[call.person] = rows

    @staticmethod
    def _ended(row: Row, starts: list[date]) -> Row | None:
        """End a row before the next one; None for one that would be of no day."""
        begins = starts[-1]
        later = [one for one in starts if one > row.begins]
        if not later:
            return None if row.begins == begins else row
        return replace(row, ends=min(later[0] - DAY, row.ends or date.max))

    def hear_of_doctor(self, person: str, at_unit: str, begins: date) -> None:
        """Take in whom a resident has as a doctor."""
        rows = [self._ended(one, [begins]) for one in self.doctors[person]]
        kept = [one for one in rows if one is not None and (one.ends is None or one.ends >= one.begins)]
        if not any(one.ends is None and one.unit == at_unit for one in kept):
            kept = [replace(one, ends=one.ends or begins - DAY) for one in kept]
            self.doctors[person] = [one for one in kept if one.begins != begins] + [Row(at_unit, begins)]

    def files(self) -> dict[str, list[tuple[str, ...]]]:
        """Return the rows of the files."""
        listings: list[tuple[str, ...]] = [
            (person, str(hsa(one.unit)), f"{one.begins}", f"{one.ends or ''}")
            for person, rows in self.rows.items()
            for one in rows
        ]
        contacts: list[tuple[str, ...]] = [
            (
                person,
                DOCTOR_CONTACT,
                str(hsa(DOCTORS[one.unit])),
                str(hsa(one.unit)),
                f"{one.begins}",
                f"{one.ends or ''}",
            )
            for person, rows in self.doctors.items()
            for one in rows
        ]
        jobs: list[tuple[str, ...]] = [
            (str(hsa(name)), str(hsa(at)), "true", "100") for at, name in DOCTORS.items()
        ]
        return {"employment": jobs, "listing": listings, "fixed_contact": contacts}


@dataclass
class Model:
    """What residents were answered last, and whether the listing system has said something since.

    Attributes:
        called: Resident -> unit and moment of the last call that was acknowledged.
        jobs: Unit -> pause and cap of its doctor.
    """

    called: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def expected(self, person: str, rows: list[Row], now: datetime) -> str | None:
        """Return where a resident is listed for sure; None where the listing system may be right."""
        if person not in self.called:
            return None
        at_unit, moment = self.called[person]
        for row in rows:
            later = row.begins > moment.date()
            same = row.unit == at_unit and abs(row.begins - moment.date()) <= ADOPT_DAYS * DAY
            if row.ends is not None and row.unit == at_unit:
                return None
            if not same and later:
                return None
            if not same and row.begins == moment.date() and now - moment >= STAND_DAYS * DAY:
                return None
        return at_unit


class Month:
    """The register, its callers, its staff and its source."""

    def __init__(self, register: Register, folder: Path) -> None:
        self.register = register
        self.system = ListingSystem()
        self.model = Model()
        self.day = TODAY
        sections = [section(name, header) for name, header in HEADERS.items()]
        self.source = Source(register, folder, sections=sections, fields={**FIELDS, **HEADERS})
        empty(register)
        units = [unit(one, offers_choice_of_personnel=True) for one in UNITS]
        offered = [UnitListingType(one.hsa_id, PV.code, PV.system) for one in units]
        staff = [doctor(one) for one in DOCTORS.values()]
        keep(register, PROVIDER, *units, *offered, *staff, *residents(*PEOPLE))
        self.source.loaded(self.system.files(), now=datetime.combine(TODAY - DAY, time(23)))

    def live(self, night: Night) -> None:
        """Let a day pass, and its night."""
        self.day += (1 + night.skipped) * DAY
        now = datetime.combine(self.day, time(8))
        for call in night.calls:
            now += timedelta(minutes=70)
            self.call(call, now)
        for chore in night.chores:
            now += timedelta(minutes=70)
            self.do(chore, now)
        self.system.catch_up(self.day)
        if night.policy is not None:
            self.load(night, datetime.combine(self.day, time(23)))

    def call(self, call: Call, now: datetime) -> None:
        """Send a CreateListing."""
        staff = str(hsa(DOCTORS[call.unit])) if call.with_doctor else None
        asked = envelope(create_listing(call.person, hsa(call.unit), doctor=staff), COUNTY)
        region = {COUNTY: {"max_changes_per_year": 1000}}
        answer = post(make_producer(self.register, now=now, regions=region), path("CreateListing"), asked)
        if answer.result[0] not in ("OK", "INFO"):
            return
        if self.made(call.person, now):  # otherwise the resident was listed there before
            assert self.listed(call.person, now) == [hsa(call.unit).key]
            self.model.called[call.person] = (call.unit, now)
            self.system.hear(now.date(), call)

    def made(self, person: str, now: datetime) -> bool:
        """Tell whether a listing of the resident has begun at this very moment."""
        with self.register.reading() as connection:
            own = select(listing.c.id).where(listing.c.person_id == person, listing.c.valid_from == now)
            return connection.execute(own).first() is not None

    def do(self, chore: Chore, now: datetime) -> None:
        """Change something as staff."""
        with self.register.writing() as connection:
            edit = StaffEdit(connection, now, "somebody")
            if chore.what in ("pause", "cap"):
                at = employment.c.unit_key == hsa(chore.unit)
                job = record(
                    Employment, iter(connection.execute(select(*columns(Employment)).where(at)).one())
                )
                values: dict[str, Any] = (
                    {"paused": not job.paused} if chore.what == "pause" else {"max_patients": 50 + now.day}
                )
                staff_rules.set_up(edit, job, **values)
                self.model.jobs.setdefault(chore.unit, {}).update(values)
                return
            current = appointing.of_type(edit, chore.person, DOCTOR_CONTACT, ending_from=now.date())
            if chore.what == "hear":
                for one in current:
                    short = next(name for name in UNITS if hsa(name) == one.unit)
                    self.system.hear_of_doctor(chore.person, short, one.valid_from)
                return
            if chore.what == "end":
                for one in current:
                    appointing.end_on(edit, one, now.date() - DAY)
                return
            staff, place = hsa(DOCTORS[chore.unit]), hsa(chore.unit)
            new = FixedContact(
                new_id(),
                chore.person,
                DOCTOR_CONTACT,
                staff=staff,
                unit=place,
                valid_from=now.date(),
                documented_at=now,
            )
            try:
                with connection.begin_nested():
                    appointing.appoint(edit, new)
            except NotAllowed:
                return

    def load(self, night: Night, now: datetime) -> None:
        """Load the files of the night; see that nothing is lost, and that it can be taken back."""
        source = self.source.with_(policy=night.policy)
        options: dict[str, Any] = {"now": now, "today": now.date(), "all_rows": night.all_rows}
        before = dump(self.register, origins=False)
        had = {person: self.doctors(person, now) for person in PEOPLE}
        report = source.load(self.system.files(), **options)
        assert report.state is LoadState.LOADED, told(report)
        assert {person: self.doctors(person, now) for person in PEOPLE} == had
        self.check(now)
        after = self.contents()
        if night.undone:
            assert report.batch is not None
            undo(self.register, report.batch)
            assert dump(self.register, origins=False) == before
            source.loaded(self.system.files(), **options)
            assert self.contents() == after
        source.loaded(self.system.files(), **options)
        assert self.contents() == after

    def contents(self) -> Dump:
        """Return the records: what is known of a change that has been taken back goes when a row is read."""
        return {name: rows for name, rows in dump(self.register, origins=False).items() if name != KNOWLEDGE}

    def listed(self, person: str, now: datetime) -> list[str]:
        """Return the keys of the units where a resident is listed."""
        with self.register.reading() as connection:
            own = select(listing.c.unit_key, listing.c.valid_from, listing.c.valid_to).where(
                listing.c.person_id == person
            )
            return [
                one.unit_key.key
                for one in connection.execute(own)
                if one.valid_from <= now and (one.valid_to is None or one.valid_to > now)
            ]

    def doctors(self, person: str, now: datetime) -> list[str]:
        """Return the units of the doctors whom a resident has."""
        with self.register.reading() as connection:
            own = select(fixed_contact).where(fixed_contact.c.person_id == person)
            return [
                one.unit_key.key
                for one in connection.execute(own)
                if one.valid_from <= now.date() and (one.valid_to is None or one.valid_to >= now.date())
            ]

    def check(self, now: datetime) -> None:
        """See that nobody has two of anything, and that what was answered stands."""
        for person in PEOPLE:
            listed = self.listed(person, now)
            assert len(listed) <= 1
            assert len(self.doctors(person, now)) <= 1
            expected = self.model.expected(person, self.system.rows[person], now)
            if expected is None:  # what is so from now on is between the source and itself
                self.model.called.pop(person, None)
            else:
                assert listed == [hsa(expected).key]
        with self.register.reading() as connection:
            for at, values in self.model.jobs.items():
                row = (
                    connection.execute(select(employment).where(employment.c.unit_key == hsa(at)))
                    .mappings()
                    .one()
                )
                assert {name: row[name] for name in values} == values


@settings(max_examples=sized(quick=4, full=60))
@given(nights=st.lists(NIGHTS, min_size=3, max_size=sized(quick=10, full=30)))
def test_no_change_is_lost_and_no_load_refused(
    register: Register, tmp_path_factory: pytest.TempPathFactory, nights: list[Night]
) -> None:
    month = Month(register, tmp_path_factory.mktemp("source"))
    for night in nights:
        month.live(night)
