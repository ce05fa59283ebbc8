"""A month of nights: calls and staff by day, sources by night, upkeep, undos, and who follows the feed.

What must hold is said by a model (`nights_model`): no load is refused for what a call did, no acknowledged
change is lost, and who follows the feed holds what the register has.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contacts import appointing
from contacts import staff as staff_rules
from contacts.contact_log import NotAllowed, StaffEdit
from contracts.codes import DOCTOR_CONTACT, PV, ResultCode
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.statements import IS_WAITING
from listings.upkeep import settle
from mapping.loads.report import LoadReport
from mapping.sources import feeds
from mapping.sources.report import LoadState
from register.columns import columns, record
from register.database import Register
from register.ids import new_id
from register.model import Employment, FixedContact, UnitListingType
from register.tables import employment, listing_request
from tests.databases import empty, keep
from tests.feed_consumer import Consumer, agrees
from tests.integration.nights import (
    DAY,
    DOCTORS,
    FULL,
    NIGHTS,
    PEOPLE,
    PROMPT,
    SAYS,
    UNITS,
    Call,
    Chore,
    Echo,
    Night,
)
from tests.integration.nights_model import Known, ListingSystem, Model, Population
from tests.integration.nights_register import at_the_same_time, held, notes, of_sources
from tests.integration.nights_seen import ENDED_BY_CALL, ENDED_BY_STAFF, ENDED_BY_THE_SOURCE_TOO, TO_COME
from tests.integration.shipped import told
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import make_producer
from tests.records import COUNTY, PROVIDER, TODAY, doctor, hsa, residents, unit
from tests.sources import FIELDS, Dump, Source, dump, section, undo
from tests.strength import sized
from tests.wsgi import post

HEADERS = {
    "employment": ("staff", "unit", "selectable_as_doctor", "max_patients"),
    "listing": ("person_id", "unit", "valid_from", "valid_to"),
    "queue_place": ("person_id", "unit", "queued_at", "left_at"),
    "fixed_contact": ("person_id", "type_code", "staff", "unit", "valid_from", "valid_to"),
}
RESIDENT = ("person_id", "home_county", "deceased_on")
KNOWLEDGE = "changed_record"
ENDS = ("valid_to", "left_at")
LIMITS = {COUNTY: 1000}
REGIONS = {COUNTY: {"max_changes_per_year": 1000, "home_region": "later"}}


class Month:
    """The register, its callers, its staff, its sources, and who follows its feed."""

    def __init__(
        self, register: Register, folder: Path, monkeypatch: pytest.MonkeyPatch, says: str = "ends"
    ) -> None:
        self.register, self.monkeypatch = register, monkeypatch
        self.system, self.population, self.model = ListingSystem(says), Population(), Model()
        self.day, self.version = TODAY, 1
        headers = {
            sort: tuple(name for name in header if says == "ends" or name not in ENDS)
            for sort, header in HEADERS.items()
        }
        sections = [section(name, header) for name, header in headers.items()]
        self.source = Source(register, folder, sections=sections, fields={**FIELDS, **headers})
        self.people = Source(
            register,
            folder / "population",
            sections=[section("resident", RESIDENT)],
            fields={"resident": RESIDENT},
            name="population",
            policy="full",
        )
        empty(register)
        units = [unit(one, offers_choice_of_personnel=True) for one in UNITS if one != FULL]
        units.append(unit(FULL, offers_choice_of_personnel=True, max_listings=1, offers_queue=True))
        offered = [UnitListingType(one.hsa_id, PV.code, PV.system) for one in units]
        keep(register, PROVIDER, *units, *offered, *map(doctor, DOCTORS.values()), *residents(*PEOPLE))
        now = datetime.combine(TODAY - DAY, time(23))
        for source, files in ((self.source, self.system.files()), (self.people, self.population.files())):
            assert source.load(files, now=now, today=now.date()).state is LoadState.LOADED
        self.system.withdraws()  # nothing yet: from now on these rows are known
        self.consumer = Consumer(register, now)

    def live(self, night: Night) -> None:
        """Let a day pass, and its night; at the next morning whoever follows the feed has what is there."""
        self.day += (1 + night.skipped) * DAY
        now = datetime.combine(self.day, time(6))
        agrees(self.consumer, now)
        self.keep_up(now, night.hears)
        for call in night.calls:
            now += timedelta(minutes=70)
            self.call(call, now)
        for chore in night.chores:
            now += timedelta(minutes=70)
            with self.changing(now, PROMPT if chore.what == "answer" else None, chore):
                self.do(chore, now)
        self.system.catch_up(self.day)
        self.version += night.new_version
        self.monkeypatch.setattr(feeds, "version", lambda _: f"{self.version}")
        for event in night.events:
            self.population.happen(*event, self.day)
        self.load(night, self.people, self.population.files, datetime.combine(self.day, time(22)))
        if night.policy is not None:
            self.system.tell_more(of_sources(self.register))
            policy = "delta" if self.system.says == "ever" else night.policy
            source = self.source.with_(policy="full" if self.system.withdraws() else policy)
            self.load(night, source, self.system.files, datetime.combine(self.day, time(23)))
            self.check(datetime.combine(self.day, time(23)))
        now = datetime.combine(self.day, time(23, 30))
        self.keep_up(now, night.hears)
        agrees(self.consumer, now, now + DAY, now + 3 * DAY)

    def keep_up(self, now: datetime, hears: Echo) -> None:
        """Do what follows from the loads: of who has died nothing is left."""
        before, known = held(self.register, now), dict(self.model.known)
        rows = {of: [one for one in self.system.told(of) if one.ends is None] for of in before}
        with self.changing(now, hears):
            settle(self.register, now, LIMITS)
        for of, units in before.items():
            one, left = self.model.known.get(of), self.population.left(of[1])
            if one is not None and one != known.get(of) and one.unit is None and left is not None:
                own = rows[of] if of not in known else []
                of_source = len(own) == 1 and [hsa(own[0].unit).key] == units
                self.model.known[of] = replace(one, left=left, row=own[0] if of_source else None)
        self.population.were = dict(self.population.counties)
        for (sort, person), units in held(self.register, now).items():
            if person in self.population.dead and sort != "fixed_contact":
                assert units == []

    @contextmanager
    def changing(self, now: datetime, echo: Echo | None, chore: Chore | None = None) -> Iterator[None]:
        """Note what becomes of residents' listings, places and doctors; the listing system may hear of it."""
        before = held(self.register, now)
        yield
        for (sort, person), units in held(self.register, now).items():
            if units != before[sort, person]:
                at = next((one for one in UNITS if hsa(one).key in units), None)
                known = self.model.known.pop((sort, person), None)
                if known is None or at is not None or known.moment.date() < now.date():
                    self.model.known[sort, person] = Known((sort, person), at, now)
                # otherwise it was taken back on the day that it was made, and never counted
                if echo is not None and (sort != "fixed_contact" or chore is None):
                    self.system.hear(now.date(), sort, person, at, echo)

    def call(self, call: Call, now: datetime) -> None:
        """Send a CreateListing or UpdateListing; what it answers OK is so."""
        home = self.population.counties[call.person]
        if call.claims:
            home = self.population.other(call.person)
        contract = "UpdateListing" if call.what == "notice" else "CreateListing"
        if call.what == "notice":
            other = self.population.other(call.person) if home == COUNTY else home
            content = update_listing(call.person, "01" if home == COUNTY else other, home)
        else:
            content = create_listing(
                call.person,
                hsa(call.unit),
                doctor=hsa(DOCTORS[call.unit]) if call.with_doctor and call.what == "list" else None,
                add_to_queue=call.what == "list",
                home=home,
                new=COUNTY,
            )
        app = make_producer(self.register, now=now, regions=REGIONS)
        with self.changing(now, call.echo):
            answer = post(app, path(contract), envelope(content, COUNTY))
        done, has = answer.result[0] in ("OK", "INFO"), held(self.register, now)
        if done and call.what == "notice" and not call.claims:
            assert has["listing", call.person] == []
        if done and call.what == "list" and home == COUNTY:
            at = [hsa(call.unit).key]
            assert at in (has["listing", call.person], has["queue_place", call.person])

    def do(self, chore: Chore, now: datetime) -> None:
        """Change something as staff, or let the listing system say something."""
        if chore.what == "say":
            at = chore.unit if chore.sort != "queue_place" else FULL if chore.unit < "c" else None
            self.system.say(chore.sort, chore.person, at, self.day + chore.days * DAY)
        elif chore.what == "answer":
            self.answer(now)
        elif chore.what in ("pause", "cap"):
            self.set_up(chore, now)
        else:
            with suppress(NotAllowed), self.register.writing() as connection:
                self.care_for(chore, StaffEdit(connection, now, "somebody"))

    def answer(self, now: datetime) -> None:
        """Let the home regions agree to what they have been asked."""
        with self.register.writing() as connection:
            changes = ListingChanges(connection, now, LIMITS, Cause(source="UpdateListing"))
            for one in connection.scalars(select(listing_request.c.id).where(IS_WAITING)).all():
                changes.settle_request(one, ResultCode.OK, None)
            changes.finish()

    def set_up(self, chore: Chore, now: datetime) -> None:
        """Pause a doctor, or set a cap."""
        with self.register.writing() as connection:
            at = employment.c.unit_key == hsa(chore.unit)
            job = record(Employment, iter(connection.execute(select(*columns(Employment)).where(at)).one()))
            values: dict[str, Any] = (
                {"paused": not job.paused} if chore.what == "pause" else {"max_patients": 50 + now.day}
            )
            staff_rules.set_up(StaffEdit(connection, now, "somebody"), job, **values)
        self.model.jobs.setdefault(chore.unit, {}).update(values)

    def care_for(self, chore: Chore, edit: StaffEdit) -> None:
        """Do something about the doctor of a resident."""
        today, person = edit.today, chore.person
        if chore.what == "appoint":
            staff, place = hsa(DOCTORS[chore.unit]), hsa(chore.unit)
            new = FixedContact(new_id(), person, DOCTOR_CONTACT, staff, place, today, documented_at=edit.now)
            appointing.appoint(edit, new)
            return
        for one in appointing.of_type(edit, person, DOCTOR_CONTACT, ending_from=today):
            at = next(name for name in UNITS if hsa(name) == one.unit)
            if chore.what == "hear":
                self.system.hear_of_doctor(person, at, one.valid_from)
            elif chore.what == "end":
                appointing.end_on(edit, one, today - DAY)
            elif chore.what == "note":
                appointing.change(edit, one, internal_notes=f"{edit.now}")
            else:
                appointing.change(edit, one, valid_to=today + 5 * DAY)
                if one.valid_from <= today:
                    of = ("fixed_contact", person)
                    self.model.known[of] = Known(of, at, edit.now, today + 5 * DAY)

    def load(self, night: Night, source: Source, files: Callable[[], Any], now: datetime) -> None:
        """Load the files of the night; see that nothing is lost, and that it can be taken back."""
        options: dict[str, Any] = {"now": now, "today": now.date(), "all_rows": night.all_rows}
        before, written = dump(self.register, origins=False), notes(self.register, now)
        report = self.loaded(source, files, options)
        kept = notes(self.register, now)
        assert {one: kept[one] for one in written if one in kept} == {
            one: written[one] for one in written if one in kept
        }
        after = self.contents()
        if night.undone:
            assert report.batch is not None
            undo(self.register, report.batch)
            assert dump(self.register, origins=False) == before
            agrees(self.consumer, now, now + DAY)
            self.loaded(source, files, options)
            assert self.contents() == after
        self.loaded(source, files, options)
        assert self.contents() == after

    def loaded(self, source: Source, files: Callable[[], Any], options: dict[str, Any]) -> LoadReport:
        """Load files that nothing keeps out."""
        report = source.load(files(), **options)
        assert report.state is LoadState.LOADED, told(report)
        return report

    def contents(self) -> Dump:
        """Return the records: what is known of a change that has been taken back goes when a row is read."""
        return {name: rows for name, rows in dump(self.register, origins=False).items() if name != KNOWLEDGE}

    def check(self, now: datetime) -> None:
        """See that nobody has two of anything, and that what was done stands."""
        assert at_the_same_time(self.register) == []
        for of, units in held(self.register, now).items():
            assert len(units) <= 1
            if of not in self.model.known:
                continue
            rows, known = self.system.told(of), self.model.known[of]
            why = (of, known, rows)
            if known.left is not None and self.population.is_back(of[1], known.left):
                goes_on = self.model.goes_on(of, rows, now.date())
                assert goes_on is None or units == goes_on, why
                del self.model.known[of]  # what is so from now on is between the source and itself
            elif self.model.may_differ(of, rows, now):
                del self.model.known[of]
            else:
                assert units == self.model.expected(of, now.date()), why
        with self.register.reading() as connection:
            for at, values in self.model.jobs.items():
                own = select(employment).where(employment.c.unit_key == hsa(at))
                row = connection.execute(own).mappings().one()
                assert {name: row[name] for name in values} == values


def test_no_change_is_lost_and_no_load_refused(
    register: Register, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sqlite = register.engine.dialect.name == "sqlite"
    examples = sized(quick=3, full=60) if on_sqlite else sized(quick=2, full=20)

    @settings(max_examples=examples)
    @example(says="ends", nights=ENDED_BY_STAFF)
    @example(says="ends", nights=ENDED_BY_THE_SOURCE_TOO)
    @example(says="ever", nights=ENDED_BY_CALL)
    @example(says="present", nights=TO_COME)
    @given(says=st.sampled_from(SAYS), nights=st.lists(NIGHTS, min_size=3, max_size=sized(quick=10, full=30)))
    def months(says: str, nights: list[Night]) -> None:
        month = Month(register, tmp_path_factory.mktemp("source"), monkeypatch, says)
        for night in nights:
            month.live(night)

    months()
